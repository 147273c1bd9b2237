from odoo import api, models

from odoo.addons.crm_extended.analytics.consent.answers import REFUSALS


class MailingSubscription(models.Model):
    """Opting out of a list refuses the purposes that name the list; opting in gives
    nothing, as it need not be the person's own doing."""

    _inherit = "mailing.subscription"

    @api.model_create_multi
    def create(self, vals_list):
        subscriptions = super().create(vals_list)
        opted_out = subscriptions.filtered("opt_out")
        opted_out._refuse_purposes()
        (subscriptions - opted_out)._opt_out_refused()
        return subscriptions

    def write(self, vals):
        before = self.filtered("opt_out") if "opt_out" in vals else self
        result = super().write(vals)
        (self - before).filtered("opt_out")._refuse_purposes()
        return result

    def _purposes_of_lists(self) -> dict:
        """The purposes that name the lists, by list."""
        # sudo: marketers need not be allowed to see purposes.
        purposes = self.env["crm.consent.purpose"].sudo()
        found = purposes.search([("mailing_list_ids", "in", self.list_id.ids)])
        return {
            each: found.filtered(lambda p, own=each: own in p.mailing_list_ids)
            for each in self.list_id
            if found
        }

    def _people(self) -> dict:
        """The contacts with the addresses of these subscriptions, by address."""
        addresses = set(self.contact_id.mapped("email_normalized")) - {False}
        # sudo: an address that opts out does so for all contacts that have it.
        people = self.env["res.partner"].sudo()
        people = people.search([("email_normalized", "in", sorted(addresses))])
        return people.grouped("email_normalized")

    def _refuse_purposes(self):
        """Record that the people with these addresses refuse the purposes of the lists:
        in the purpose's company or, where it is shared, in all of them, as a list is of
        no company."""
        purposes_of = self._purposes_of_lists()
        if not purposes_of:
            return
        people_of = self._people()
        # sudo: as above.
        companies = self.env["res.company"].sudo().search([("active", "=", True)])
        source = "link" if self.env.user._is_public() else "manual"
        for subscription in self:
            people = people_of.get(subscription.contact_id.email_normalized)
            for purpose in purposes_of[subscription.list_id] if people else ():
                for company in purpose.company_id or companies:
                    here = people.filtered(
                        lambda each, own=company: each.company_id.id in (False, own.id)
                    )
                    subscription._record_refusal(here, purpose, company, source)

    def _record_refusal(self, people, purpose, company, source):
        # sudo: as above.
        consents = self.env["crm.consent"].sudo().with_company(company)
        answers = consents._latest_of(people, settled=True)
        proof = self.env._("Opted out of the mailing list “%s”.", self.list_id.name)
        for state, before in (("withdrawn", ("given",)), ("refused", (None,))):
            those = people.filtered(
                lambda each, wanted=before: (
                    (
                        answers[key].state
                        if (key := (each.id, (company.id, purpose.id))) in answers
                        else None
                    )
                    in wanted
                )
            )
            consents._record(those, purpose, state, source, proof)

    def _refused(self, company=None):
        """Of these subscriptions those of people who have refused a purpose of the list,
        in one company or in any."""
        purposes_of = self._purposes_of_lists()
        people_of = self._people() if purposes_of else {}
        # sudo: as above.
        consents = self.env["crm.consent"].sudo()
        people = self.env["res.partner"].sudo().union(*people_of.values())
        refusing = {
            (contact_id, purpose_id)
            for (contact_id, (company_id, purpose_id)), answer in consents._latest_of(
                people, settled=True
            ).items()
            if answer.state in REFUSALS
            and company_id in (company or answer.company_id).ids
        }
        return self.filtered(
            lambda each: any(
                (person.id, purpose.id) in refusing
                for person in people_of.get(each.contact_id.email_normalized, ())
                for purpose in purposes_of.get(each.list_id, ())
            )
        )

    def _opt_out_refused(self):
        """Opt out people who come to a list, and have refused its purpose."""
        self._refused().write({"opt_out": True})
