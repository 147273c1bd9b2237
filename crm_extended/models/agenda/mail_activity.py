from odoo import models

# Categories of activities in which one speaks with the customer.
SPOKEN = ("phonecall", "meeting")


class MailActivity(models.Model):
    """Who completes a call, meeting or email is done with its customer, and so are all
    others whose list it is on in the company of the record."""

    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        customers = self._agenda_customers()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        for company, contacted in customers.items():
            self.env["crm.agenda.item"]._contacted(contacted, company)
        return result

    def _agenda_customers(self) -> dict:
        """The customers who are contacted by activities, by company.

        Of a record without a company it is that of the user: Odoo's message about the
        activity belongs to it, and so does the contact.
        """
        agenda = self.env["crm.customer.agenda"]
        documents = agenda._agenda_documents()
        found = {}
        contacts = self.filtered(lambda one: one._is_contact())
        for model, activities in contacts.grouped("res_model").items():
            if model not in documents:
                continue
            # sudo: only to learn whose records these are.
            records = self.env[model].sudo().browse(activities.mapped("res_id"))
            records = records.exists().filtered_domain(
                agenda._agenda_documents_domain(model)
            )
            for company, ones in records.grouped("company_id").items():
                company = (company or self.env.company).sudo(False)
                customers = ones if documents[model] == "id" else ones[documents[model]]
                found[company] = found.get(company, customers.browse()) | customers
        return {company: ones.sudo(False) for company, ones in found.items() if ones}

    def _is_contact(self) -> bool:
        """Whether completing the activity says that the customer has been contacted; a
        to-do or a document does not."""
        kind = self.activity_type_id
        email = self.env.ref("mail.mail_activity_data_email", raise_if_not_found=False)
        return kind.category in SPOKEN or bool(email and kind == email)
