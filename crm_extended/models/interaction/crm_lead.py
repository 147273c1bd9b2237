from odoo import models

from .groups import USE_TIMELINE


class CrmLead(models.Model):
    """Interactions about a lead go with it, or with the lead it is merged into; the form
    shows how many there are."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.customer.figures.mixin"]

    def _get_customer_figures(self):
        figures = super()._get_customer_figures()
        if not self.env.user.has_group(USE_TIMELINE):
            return figures
        return figures | {"interactions": self._interactions_figure}

    def _interactions_figure(self):
        # As the list that the button opens.
        return self.env["crm.interaction"]._count_figure([("lead_id", "=", self.id)])

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
