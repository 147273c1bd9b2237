from odoo import api, fields, models

from ..interaction.crm_interaction import LIVE_CHANNELS
from .sources import ANSWERED


class CrmInteraction(models.Model):
    """Who logs an interaction of today in which the customer was contacted is done with
    them, and so are all others."""

    _inherit = "crm.interaction"

    @api.model_create_multi
    def create(self, vals_list):
        interactions = super().create(vals_list)
        recent = interactions.filtered(
            lambda one: one.partner_id and one._is_contact() and one._is_recent()
        )
        for company, ones in recent.grouped("company_id").items():
            self.env["crm.agenda.item"]._contacted(ones.partner_id, company)
        return interactions

    def _is_contact(self) -> bool:
        """Whether the customer has been contacted: we reached them, or they called and
        someone answered. ``contact_days`` in ``sources`` says the same of all contacts."""
        if self.direction == "out":
            return self.outcome != "no_answer"
        return self.channel in LIVE_CHANNELS and self.outcome in ANSWERED

    def _is_recent(self) -> bool:
        """Whether it was today, for the user who had it."""
        zoned = self.with_context(tz=self.user_id.tz or "UTC")
        day = fields.Datetime.context_timestamp(zoned, self.date).date()
        return day >= fields.Date.context_today(zoned)
