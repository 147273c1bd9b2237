from odoo import api, fields, models


class CrmInteraction(models.Model):
    """Who logs an interaction of today is done with the customer, and so are all others."""

    _inherit = "crm.interaction"

    @api.model_create_multi
    def create(self, vals_list):
        interactions = super().create(vals_list)
        recent = interactions.filtered(lambda one: one.partner_id and one._is_recent())
        for company, ones in recent.grouped("company_id").items():
            self.env["crm.agenda.item"]._contacted(ones.partner_id, company)
        return interactions

    def _is_recent(self) -> bool:
        """Whether it was today, for the user who had it."""
        zoned = self.with_context(tz=self.user_id.tz or self.env.tz.zone)
        day = fields.Datetime.context_timestamp(zoned, self.date).date()
        return day >= fields.Date.context_today(zoned)
