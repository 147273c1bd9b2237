import logging
from datetime import datetime, timedelta
from typing import NamedTuple

from psycopg2 import OperationalError

from odoo import fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class Outcome(NamedTuple):
    """What became of a step for one customer."""

    #: ``done``, ``skipped``, ``wait`` (asked again at ``date``) or ``error``
    key: str
    #: key of ``crm.care.enrollment.step.reason``, or the sentence of an error
    reason: str | None = None
    #: what was made, as fields of ``crm.care.enrollment.step``
    made: dict = {}
    date: datetime | None = None


DONE = Outcome("done")


class CrmCarePlanStep(models.Model):
    """A part of steps: how a step is done, for all customers at once.

    Each ``_run_<kind>`` takes enrollments of one company and returns an outcome by id of
    the enrollment. Packages add kinds with such a method.
    """

    _inherit = "crm.care.plan.step"

    def _run_for(self, enrollments) -> dict[int, Outcome]:
        """Do the step for customers. Where it fails for all together, it is done for each
        half alone, down to those for whom it fails."""
        self.ensure_one()
        if not enrollments:
            return {}
        try:
            with self.env.cr.savepoint():
                return getattr(self, f"_run_{self.kind}")(enrollments)
        except OperationalError:
            # Another transaction stood in the way: the job tries again.
            raise
        except Exception as error:
            enrollments.invalidate_recordset()
            if len(enrollments) == 1:
                _logger.info(
                    "Care plan step %s, enrollment %s: %s",
                    self.id,
                    enrollments.id,
                    error,
                )
                return {enrollments.id: Outcome("error", self._sentence(error))}
        half = len(enrollments) // 2
        return self._run_for(enrollments[:half]) | self._run_for(enrollments[half:])

    def _sentence(self, error) -> str:
        if isinstance(error, UserError):
            return str(error)
        return f"{type(error).__name__}: {error}"

    def _all(self, enrollments, outcome) -> dict[int, Outcome]:
        return dict.fromkeys(enrollments.ids, outcome)

    # -- For kinds, also of other addons

    def _forget_kind(self):
        """The addon of their kind is uninstalled: they stay, also where they are in force
        and may not be changed, and are skipped, as what they need is gone."""
        self._write({"kind": "activity", "activity_type_id": None})

    def _get_channel(self) -> str:
        """The channel of the contact policy by which the step reaches people."""
        return "email"

    def _done(self, enrollments) -> dict[int, Outcome]:
        return self._all(enrollments, DONE)

    def _skipped(self, enrollments, reason) -> dict[int, Outcome]:
        """
        :param str reason: key of ``crm.care.enrollment.step.reason``
        """
        return self._all(enrollments, Outcome("skipped", reason))

    def _contact(self, enrollments, channel, queue) -> dict[int, Outcome]:
        """Contact the addressee of each customer whom the contact policy allows to be
        contacted now; the others wait, or are skipped with its reason.

        :param str channel: one of the policy's
        :param queue: a function of the contacts who are allowed, and of the enrollments
            by id of the contact; returns what it made, as fields of
            ``crm.care.enrollment.step``, by id of the contact
        """
        contacts = enrollments._find_contacts(channel)
        without = enrollments.filtered(lambda each: not contacts[each.id])
        outcomes = self._skipped(without, "no_address")
        of_contact = {contacts[each.id].id: each for each in enrollments - without}
        people = self.env["res.partner"].browse(of_contact)
        answers = self.env["crm.contact.policy"]._claim(
            people, self.plan_id.purpose_id, channel, of_contact
        )
        allowed = people.filtered(lambda contact: answers[contact.id]["allowed"])
        for contact in people - allowed:
            enrollment = of_contact[contact.id]
            outcomes[enrollment.id] = self._refused(enrollment, answers[contact.id])
        touches = self._touches_of(allowed, of_contact)
        for contact, made in queue(allowed, of_contact).items():
            enrollment = of_contact[contact]
            made = {"touch_id": touches.get(enrollment.id), **made}
            outcomes[enrollment.id] = Outcome("done", made=made)
        # Two customers with the same addressee: one after the other.
        others = enrollments.filtered(lambda each: each.id not in outcomes)
        return outcomes | (self._contact(others, channel, queue) if others else {})

    # -- Kinds

    def _run_log(self, enrollments):
        """A note on the customer. It notifies no one."""
        partners = enrollments.partner_id
        messages = partners._message_log_batch(dict.fromkeys(partners.ids, self.note))
        # In their order; to read whom a message is about would be a query.
        of_customer = dict(zip(partners.ids, messages.ids, strict=True))
        return {
            each.id: Outcome(
                "done", made={"mail_message_id": of_customer[each.partner_id.id]}
            )
            for each in enrollments
        }

    def _run_tag(self, enrollments):
        if not self.tag_ids:
            return self._skipped(enrollments, "definition_gone")
        self._untracked(enrollments.partner_id).write(
            {"category_id": [fields.Command.link(tag.id) for tag in self.tag_ids]}
        )
        return self._done(enrollments)

    def _untracked(self, partners):
        """Customers whose tags are written without comparing all tracked values before
        and after, a sixth of the time of such a step; as they are where tags, or what
        depends on them, are tracked."""
        tags = partners._fields["category_id"]
        changed = [tags, *self.pool.get_dependent_fields(tags)]
        if any(getattr(field, "tracking", None) for field in changed):
            return partners
        return partners.with_context(mail_notrack=True, care_plan_tags=True)

    def _run_activity(self, enrollments):
        """An activity for the salesperson. A customer has one of a plan at a time."""
        if not self.activity_type_id:
            return self._skipped(enrollments, "definition_gone")
        outcomes = self._skipped(enrollments._with_open_activity(), "open_activity")
        wanted = enrollments.filtered(lambda each: each.id not in outcomes)
        users = wanted._responsible_users()
        model_id = self.env["ir.model"]._get_id("res.partner")
        today = fields.Date.context_today(
            self.with_context(tz=self.plan_id._get_zone())
        )
        deadline = today + timedelta(days=self.activity_days)
        best = self._best_days(wanted, deadline)
        activities = self.env["mail.activity"].create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": each.partner_id.id,
                    "activity_type_id": self.activity_type_id.id,
                    "summary": self.summary,
                    "note": self.note,
                    "date_deadline": deadline,
                    "user_id": users[each.id].id,
                    "automated": True,
                    **best.get(each.id, {}),
                }
                for each in wanted
            ]
        )
        for each, activity in zip(wanted, activities, strict=True):
            outcomes[each.id] = Outcome("done", made={"activity_id": activity.id})
        return outcomes

    def _run_case(self, enrollments):
        if not self.env["crm.feature"]._is_on("care"):
            return self._skipped(enrollments, "feature_off")
        contacts = enrollments._find_contacts()
        cases = self.env["crm.care.case"]
        team = self.env["crm.care.team"].search(
            [("company_id", "=", self.company_id.id)], limit=1
        )
        opened = cases.create(
            [
                {
                    "name": self.summary or self.name,
                    "description": self.note,
                    "partner_id": (contacts[each.id] or each.partner_id).id,
                    "company_id": self.company_id.id,
                    "team_id": team.id,
                }
                for each in enrollments
            ]
        )
        return {
            each.id: Outcome("done", made={"case_id": case.id})
            for each, case in zip(enrollments, opened, strict=True)
        }

    def _run_server_action(self, enrollments):
        # sudo: administrators chose it, see `_check_may_run_actions`.
        action = self.sudo().server_action_id
        if not action:
            return self._skipped(enrollments, "definition_gone")
        partners = enrollments.partner_id
        action.with_context(
            active_model="res.partner",
            active_ids=partners.ids,
            active_id=partners[:1].id,
        ).run()
        return self._all(enrollments, DONE)

    # -- Mail

    def _run_mail(self, enrollments):
        """Queue a mail to each addressee whom the contact policy allows to be mailed now;
        the others wait, or are skipped with its reason."""
        if self.template_id.model != "res.partner":
            # Deleted, or changed to one of other records.
            return self._skipped(enrollments, "definition_gone")
        outcomes = self._contact(enrollments, "email", self._queue_mails)
        if self.plan_id.trigger == "recommended":
            mailed = enrollments.filtered(lambda one: outcomes[one.id].key == "done")
            # sudo: of all customers, also those that their responsible does not see.
            referrals = self.env["crm.referral"].sudo()
            referrals._thanked(mailed.partner_id, self.company_id)
        return outcomes

    def _refused(self, enrollment, answer) -> Outcome:
        """A mail that the policy does not allow now: it waits as long as other messages
        of the company do, counted in full days from its planned moment. To the minute, a
        week would end just before the limit of a week lets it go."""
        days = enrollment.company_id.contact_wait_days
        wait = answer["date"] and (answer["date"] - enrollment.planned_date).days
        if answer["date"] and days and wait <= days:
            return Outcome("wait", answer["reason"], date=answer["date"])
        return Outcome("skipped", "late" if answer["date"] else answer["reason"])

    def _touches_of(self, contacts, of_contact) -> dict[int, int]:
        """The touches just recorded, by id of the enrollment."""
        ids = [of_contact[contact.id].id for contact in contacts]
        touches = self.env["crm.contact.touch"]
        return dict(
            touches._read_group(
                [
                    ("partner_id", "in", contacts.commercial_partner_id.ids),
                    ("company_id", "=", self.company_id.id),
                    ("res_model", "=", "crm.care.enrollment"),
                    ("res_id", "in", ids),
                ],
                ["res_id"],
                ["id:max"],
            )
        )

    def _queue_mails(self, contacts, of_contact) -> dict[int, dict]:
        """Queue one mail for each contact, in their language, in the name of their
        salesperson. Odoo sends them, and tries again where its mail server is down. A
        placeholder without a value is empty."""
        template = self.template_id.with_company(self.company_id)
        queued = {}
        for lang, people in contacts.grouped("lang").items():
            mails = template.with_context(lang=lang or self.env.lang).send_mail_batch(
                people.ids, force_send=False
            )
            for contact, mail in zip(people, mails, strict=True):
                queued[contact.id] = mail
                if not (mail.recipient_ids or mail.email_to):
                    # A template that names no one is for whom it is rendered.
                    mail.recipient_ids = contact
        senders = {}
        for contact in contacts:
            user = of_contact[contact.id].partner_id.user_id
            user = user if user.active and user.email else user.browse()
            senders.setdefault(user, []).append(queued[contact.id].id)
        for user, ids in senders.items():
            values = self._sender_values(user)
            if values:
                self.env["mail.mail"].browse(ids).write(values)
        policy = self.env["crm.contact.policy"].with_company(self.company_id)
        mails = self.env["mail.mail"].concat(*queued.values())
        policy._sign_mails(mails, self.plan_id.purpose_id)
        return {
            id_: {"mail_message_id": mail.mail_message_id.id}
            for id_, mail in queued.items()
        }

    def _sender_values(self, user) -> dict:
        if user:
            return {"email_from": user.email_formatted, "author_id": user.partner_id.id}
        address = self.plan_id.email_from
        return {"email_from": address} if address else {}
