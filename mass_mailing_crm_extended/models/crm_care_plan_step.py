from odoo import fields, models

# What the contact policy says of people who are never reached for a purpose.
NEVER = ("archived", "no_address", "blacklisted", "refused", "no_consent")


class CrmCarePlanStep(models.Model):
    """Steps that put customers on a mailing list, and take them off.

    Its part: ``crm_care_plan_step_opened.py`` (whether an email was opened).
    """

    _inherit = "crm.care.plan.step"

    kind = fields.Selection(
        selection_add=[
            ("mailing_list_add", "Add to a mailing list"),
            ("mailing_list_remove", "Remove from a mailing list"),
        ],
        ondelete={
            "mailing_list_add": lambda steps: steps._forget_kind(),
            "mailing_list_remove": lambda steps: steps._forget_kind(),
        },
    )
    mailing_list_id = fields.Many2one(
        "mailing.list",
        index="btree_not_null",
        ondelete="set null",
        help="Customers without an email address, blacklisted customers, and those who "
        "have opted out of the list, or refused what the plan or the list is for, are "
        "not added.",
    )

    def _get_needed_fields(self):
        needed = super()._get_needed_fields()
        if (self.kind or "").startswith("mailing_list_"):
            needed += ("mailing_list_id",)
        return needed

    def _run_mailing_list_add(self, enrollments):
        if not self.mailing_list_id:
            return self._skipped(enrollments, "definition_gone")
        contacts = enrollments._find_contacts()
        people = self.env["res.partner"].union(*contacts.values())
        hindered = self._hindered(people)
        on_list = self._subscriptions(people).grouped(
            lambda each: each.contact_id.email_normalized
        )
        outcomes, new = {}, {}
        for each in enrollments:
            contact = contacts[each.id]
            email = contact.email_normalized
            if not email:
                outcomes |= self._skipped(each, "no_address")
            elif contact.id in hindered:
                outcomes |= self._skipped(each, hindered[contact.id])
            elif email in on_list:
                opted_out = all(on_list[email].mapped("opt_out"))
                outcomes |= self._skipped(each, "refused" if opted_out else "listed")
            else:
                new.setdefault(email, contact)
                outcomes |= self._done(each)
        added = self.env["mailing.contact"]._of_customers(new)
        self.env["mailing.subscription"].create(
            [
                {"contact_id": contact.id, "list_id": self.mailing_list_id.id}
                for contact in added
            ]
        )
        return outcomes

    def _hindered(self, people) -> dict[int, str]:
        """Why people are not added to the list, by id: what the plan and the list are for
        allows it never."""
        hindered = dict.fromkeys(people.filtered("is_blacklisted").ids, "blacklisted")
        purposes = self.plan_id.purpose_id
        purposes |= self.env["crm.consent.purpose"].search(
            [
                ("mailing_list_ids", "in", self.mailing_list_id.ids),
                ("company_id", "in", (False, self.company_id.id)),
            ]
        )
        for purpose in purposes:
            answers = self.env["crm.contact.policy"]._check(people, purpose, "email")
            for id_, answer in answers.items():
                if answer["reason"] in NEVER:
                    hindered.setdefault(id_, answer["reason"])
        return hindered

    def _subscriptions(self, people):
        """The subscriptions of these people to the list, opted out or not."""
        return self.env["mailing.subscription"].search(
            [
                ("list_id", "=", self.mailing_list_id.id),
                (
                    "contact_id.email_normalized",
                    "in",
                    people.filtered("email_normalized").mapped("email_normalized"),
                ),
            ]
        )

    def _run_mailing_list_remove(self, enrollments):
        """Take customers off the list. Those who have opted out stay there, so that they
        are not added again."""
        if not self.mailing_list_id:
            return self._skipped(enrollments, "definition_gone")
        contacts = enrollments._find_contacts()
        people = self.env["res.partner"].union(*contacts.values())
        leaving = self._subscriptions(people).filtered(lambda each: not each.opt_out)
        emails = set(leaving.contact_id.mapped("email_normalized"))
        there = enrollments.filtered(
            lambda each: contacts[each.id].email_normalized in emails
        )
        leaving.unlink()
        return self._skipped(enrollments - there, "unlisted") | self._done(there)
