from odoo import Command, api, models


class MailingContact(models.Model):
    """People who have refused the purpose of a list come to it opted out, also where Odoo
    writes to the table of subscriptions without their model, as imports of files do."""

    _inherit = "mailing.contact"

    @api.model_create_multi
    def create(self, vals_list):
        contacts = super().create(vals_list)
        if any(vals.get("list_ids") for vals in vals_list):
            self.env["mailing.subscription"]._opted_in(contacts)._opt_out_refused()
        return contacts

    def write(self, vals):
        if "list_ids" not in vals and "email" not in vals:
            return super().write(vals)
        subscriptions = self.env["mailing.subscription"]
        emails = {contact: contact.email_normalized for contact in self}
        before = subscriptions._opted_in(self)
        result = super().write(vals)
        after = subscriptions._opted_in(self)
        # People who were there before may have opted in again.
        come = after.filtered(
            lambda each: (
                each not in before
                or each.contact_id.email_normalized != emails[each.contact_id]
            )
        )
        come._opt_out_refused()
        return result

    @api.model
    def _of_customers(self, by_email):
        """The mailing contact of each address: the one there is, or a new one.

        :param dict by_email: customer by normalized address
        :rtype: mailing.contact
        """
        known = {}
        for contact in self.search_fetch(
            [("email_normalized", "in", list(by_email))],
            ["email_normalized"],
            order="id",
        ):
            known.setdefault(contact.email_normalized, contact)
        new = self.with_context(tracking_disable=True).create(
            [
                {
                    "name": customer.name,
                    "email": customer.email,
                    "company_name": customer.name if customer.is_company else False,
                    "country_id": customer.country_id.id,
                    "tag_ids": [Command.set(customer.category_id.ids)],
                }
                for email, customer in by_email.items()
                if email not in known
            ]
        )
        return self.concat(*known.values(), new)
