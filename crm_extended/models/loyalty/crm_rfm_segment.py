from odoo import api, models
from odoo.exceptions import UserError


class CrmRfmSegment(models.Model):
    """Segments that a tier is restricted to are not deleted."""

    _inherit = "crm.rfm.segment"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_tiers(self):
        # Without its last segment a tier would be open to all customers.
        # sudo: tiers that the user does not see count, too.
        tiers = self.env["crm.loyalty.tier"].sudo().with_context(active_test=False)
        tier = tiers.search([("segment_ids", "in", self.ids)], limit=1)
        if tier:
            segment = self & tier.segment_ids
            raise UserError(
                self.env._(
                    "“%(segment)s” cannot be deleted: the tier “%(tier)s” is limited "
                    "to it. Choose other segments there first, or archive it.",
                    segment=segment[:1].name,
                    tier=tier.name,
                )
            )
