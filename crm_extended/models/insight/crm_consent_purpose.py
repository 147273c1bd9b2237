from typing import NamedTuple

from odoo import api, models, tools


class Purpose(NamedTuple):
    """What the contact policy asks of a purpose."""

    id: int
    basis: str


class CrmConsentPurpose(models.Model):
    """Analytics ask for each contact whether they refused profiling."""

    _inherit = "crm.consent.purpose"

    @api.model
    @tools.ormcache()
    def _get_profiling(self) -> Purpose:
        """The purpose of profiling, without a query for each contact."""
        # sudo: users need not be allowed to read purposes.
        purpose = self.env.ref("crm_extended.purpose_profiling").sudo()
        return Purpose(purpose.id, purpose.basis)

    def write(self, vals):
        result = super().write(vals)
        if "basis" in vals:
            self.env.registry.clear_cache()
        return result
