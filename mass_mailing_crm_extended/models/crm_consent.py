from odoo import api, models

from odoo.addons.crm_extended.analytics.consent.answers import REFUSALS


class CrmConsent(models.Model):
    """Answers about a purpose hold for its mailing lists."""

    _inherit = "crm.consent"

    @api.model_create_multi
    def create(self, vals_list):
        consents = super().create(vals_list)
        # sudo: whoever records an answer need not be allowed to use mailings.
        of_lists = consents.sudo().filtered("purpose_id.mailing_list_ids")
        for purpose, answers in of_lists.grouped("purpose_id").items():
            # Of the past, or to be confirmed: what was said before still counts.
            answers = answers.filtered(
                lambda answer: answer.state != "pending" and answer.is_latest
            )
            refused = answers.filtered(lambda answer: answer.state in REFUSALS)
            refused._opt_out_of(purpose.mailing_list_ids)
            # Merging contacts and importing files repeat what was said before: who has
            # opted out since, stays so.
            said = (answers - refused).filtered(
                lambda answer: answer.source not in ("merge", "import")
            )
            said._opt_in_to(purpose.mailing_list_ids)
        return consents

    def _subscriptions(self, lists, **values):
        """The subscriptions to lists of the addresses of those who answered."""
        addresses = set(self.partner_id.mapped("email_normalized")) - {False}
        if not addresses:
            return self.env["mailing.subscription"]
        return self.env["mailing.subscription"].search(
            [
                ("list_id", "in", lists.ids),
                ("contact_id.email_normalized", "in", sorted(addresses)),
                *((name, "=", value) for name, value in values.items()),
            ]
        )

    def _opt_out_of(self, lists):
        self._subscriptions(lists, opt_out=False)._opt_out_by_answer()

    def _opt_in_to(self, lists):
        """Opt in again where there is a subscription, unless another contact with the
        same address refuses or, where an answer opted out, another company is refused:
        its mailings come by the list, too."""
        opted_out = self._subscriptions(lists, opt_out=True)
        for company, answers in self.grouped("company_id").items():
            addresses = answers.partner_id.mapped("email_normalized")
            mine = opted_out.filtered(
                lambda each, own=addresses: each.contact_id.email_normalized in own
            )
            mine -= mine._refused(company)
            mine -= mine.filtered("opted_out_by_answer")._refused()
            mine.write({"opt_out": False})
