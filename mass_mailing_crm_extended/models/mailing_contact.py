from odoo import api, models


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
