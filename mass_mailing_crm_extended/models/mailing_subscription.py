from odoo import api, fields, models

from odoo.addons.crm_extended.analytics.consent.answers import REFUSALS

# Context marker: the person is opted out because of an answer they have given, which is
# no answer of its own. An object, because RPC callers can only send JSON.
BY_ANSWER = object()


class MailingSubscription(models.Model):
    """Opting out of a list refuses the purposes that name the list; opting in gives
    nothing, as it need not be the person's own doing."""

    _inherit = "mailing.subscription"

    opted_out_by_answer = fields.Boolean(
        string="Opted Out by an Answer",
        readonly=True,
        help="The person refused a contact purpose of the list, in one company, and did "
        "not opt out of the list itself.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        subscriptions = super().create(vals_list)
        opted_out = subscriptions.filtered("opt_out")
        opted_out._refuse_purposes()
        (subscriptions - opted_out)._opt_out_refused()
        return subscriptions

    def write(self, vals):
        # Read and compared: Odoo also opts out with a reason or a date alone.
        before = self.filtered("opt_out")
        by_answer = self.env.context.get("crm_opt_out_by") is BY_ANSWER
        if by_answer:
            vals = {**vals, "opted_out_by_answer": True}
        result = super().write(vals)
        after = self.filtered("opt_out")
        opted_in = (before - after).filtered("opted_out_by_answer")
        opted_in.opted_out_by_answer = False
        if not by_answer:
            (after - before)._refuse_purposes()
        if "list_id" in vals or "contact_id" in vals:
            (self - after)._opt_out_refused()
        return result

    def _opt_out_by_answer(self):
        """Opt out because of what was answered in one company: nothing is refused in
        others, nor by other people with the same address."""
        self.with_context(crm_opt_out_by=BY_ANSWER).write({"opt_out": True})

    @api.model
    def _opted_in(self, records):
        """The subscriptions of mailing contacts, or to mailing lists, that have not opted
        out. The table is read, because Odoo also writes to it without this model."""
        name = {"mailing.contact": "contact_id", "mailing.list": "list_id"}
        return self.search(
            [(name[records._name], "in", records.ids), ("opt_out", "=", False)]
        )

    def _purposes_of_lists(self, purposes=None) -> dict:
        """The purposes that name the lists, or those of them that are given, by list."""
        domain = [("mailing_list_ids", "in", self.list_id.ids)]
        if purposes is not None:
            domain.append(("id", "in", purposes.ids))
        # sudo: marketers need not be allowed to see purposes.
        found = self.env["crm.consent.purpose"].sudo().search(domain)
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

    def _refuse_purposes(self, purposes=None):
        """Record that the people with these addresses refuse the purposes of the lists:
        in the purpose's company or, where it is shared, in all of them, as a list is of
        no company.

        :param purposes: only these
        """
        purposes_of = self._purposes_of_lists(purposes)
        if not purposes_of:
            return
        people_of = self._people()
        # sudo: as above.
        companies = self.env["res.company"].sudo().search([("active", "=", True)])
        for mailing_list, subscriptions in self.grouped("list_id").items():
            for purpose in purposes_of[mailing_list]:
                for company in purpose.company_id or companies:
                    subscriptions._record_refusals(people_of, purpose, company)

    def _record_refusals(self, people_of, purpose, company):
        """Record what opting out of these subscriptions to one list says in a company."""
        emails = {each.contact_id.email_normalized: each for each in self}
        # sudo: as above.
        people = self.env["res.partner"].sudo()
        people = people.union(*(people_of.get(each, people) for each in emails))
        people = people.filtered(lambda each: each.company_id.id in (False, company.id))
        # sudo: as above.
        consents = self.env["crm.consent"].sudo().with_company(company)
        answers = consents._latest_of(people, settled=True)
        found = {"refused": [], "withdrawn": []}
        for person in people:
            answer = answers.get((person.id, (company.id, purpose.id)))
            if not answer:
                found["refused"].append(person.id)
            elif answer.state == "given" and not emails[
                person.email_normalized
            ]._was_before(answer):
                found["withdrawn"].append(person.id)
        source = "link" if self.env.user._is_public() else "manual"
        proof = self.env._("Opted out of the mailing list “%s”.", self.list_id.name)
        for state, ids in found.items():
            consents._record(people.browse(ids), purpose, state, source, proof)

    def _was_before(self, answer) -> bool:
        """Whether the person has answered after they opted out."""
        date = self.opt_out_datetime
        # Odoo dates it at the beginning of the transaction. Opting out in the present one
        # comes after all answers.
        return bool(date and date < self.env.cr.now() and date < answer.date)

    def _refused(self, company=None, purposes=None):
        """Of these subscriptions those of people who have refused a purpose of the list,
        or one of the given, in one company or in any."""
        purposes_of = self._purposes_of_lists(purposes)
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

    def _opt_out_refused(self, purposes=None):
        """Opt out people who come to a list, and have refused its purpose."""
        if self:
            self._refused(purposes=purposes)._opt_out_by_answer()
