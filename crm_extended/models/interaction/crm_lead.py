from odoo import models


class CrmLead(models.Model):
    """Interactions about a lead go with it, or with the lead it is merged into."""

    _inherit = "crm.lead"

    def unlink(self):
        # sudo: contacts logged by anybody, about these leads and no customer, go with
        # them: users could no longer find them.
        self.env["crm.interaction"].sudo().search(
            [("lead_id", "in", self.ids), ("partner_id", "=", False)]
        ).unlink()
        return super().unlink()

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        # sudo: whoever may merge leads takes along what others have logged about them.
        self.env["crm.interaction"].sudo().search(
            [("lead_id", "in", opportunities.ids)]
        ).lead_id = self
        return result

    def action_log_interaction(self):
        """Open the dialog that logs an interaction about the lead."""
        self.ensure_one()
        return self.env["crm.interaction"]._action_log(self)
