from odoo import models


class MailActivity(models.Model):
    """Who completes an activity is done with its customer, and so are all others."""

    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        customers = self._agenda_customers()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        if customers:
            self.env["crm.agenda.item"]._contacted(customers)
        return result

    def _agenda_customers(self):
        """The customers of the records of activities."""
        # sudo: only to learn whose records these are.
        customers = self.env["res.partner"].sudo()
        documents = self.env["crm.customer.agenda"]._agenda_documents()
        for model, activities in self.grouped("res_model").items():
            if model in documents:
                # sudo: as above.
                records = self.env[model].sudo().browse(activities.mapped("res_id"))
                path = documents[model]
                records = records.exists()
                customers |= records if path == "id" else records[path]
        return customers.sudo(False)
