import logging
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..interaction.crm_interaction import CHANNELS
from .channels import KEYS

_logger = logging.getLogger(__name__)

# Messages dealt with in one transaction.
BATCH = 200

# So much later than "Skipped After" a message may still be sent: the job runs every hour.
GRACE = timedelta(days=1)

REASONS = [
    ("archived", "Contact archived"),
    ("no_address", "No address"),
    ("blacklisted", "Blacklisted"),
    ("refused", "Refused"),
    ("no_consent", "No consent"),
    ("limit", "Touch limit"),
    ("quiet", "Quiet hours"),
    ("late", "Waited too long"),
    ("failed", "Could not be sent"),
    ("gone", "No longer applies"),
]
LATER = ("limit", "quiet")


class CrmContactHold(models.Model):
    """A message that the contact policy holds back: it waits for quiet hours to end or
    for the touch limit to allow it, and is skipped where that takes too long."""

    _name = "crm.contact.hold"
    _inherit = "crm.customer.record.mixin"
    _description = "Waiting Message"
    _order = "next_date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(string="Person", index=True, ondelete="cascade")
    company_id = fields.Many2one(
        default=lambda self: self.env.company, index=True, ondelete="cascade"
    )
    purpose_id = fields.Many2one(
        "crm.consent.purpose", required=True, index=True, ondelete="cascade"
    )
    channel = fields.Selection(
        [(key, label) for key, label in CHANNELS if key in KEYS], required=True
    )
    sender = fields.Char(required=True, help="Which part of the addon sends it.")
    template_id = fields.Many2one(
        "mail.template", index="btree_not_null", ondelete="cascade"
    )
    res_model = fields.Char(string="Document Model", required=True)
    res_id = fields.Many2oneReference(
        string="Document", model_field="res_model", required=True
    )
    state = fields.Selection(
        [("waiting", "Waiting"), ("sent", "Sent"), ("skipped", "Skipped")],
        string="Status",
        required=True,
        default="waiting",
    )
    reason = fields.Selection(REASONS)
    next_date = fields.Datetime(
        string="Not Before", help="When the policy is asked again."
    )
    skip_date = fields.Datetime(
        string="Skipped After",
        help="Where it cannot be sent until then, it is skipped.",
    )

    _waiting_index = models.Index("(next_date) WHERE state = 'waiting'")
    _document_index = models.Index("(res_model, res_id) WHERE state = 'waiting'")

    # -- Sending by the policy

    @api.model
    def _senders(self) -> dict:
        """How messages are sent, by key of the sender: a function of the documents and a
        template, which returns the documents whose messages it has sent. What no longer
        applies is left out. Where it raises a ``UserError``, it is called again for each
        document, so that one of them keeps no other back. Packages add their own."""
        return {}

    @api.model
    def _send_by_policy(
        self, contacts, purpose, channel, sender, template, documents
    ) -> int:
        """Send a message to contacts as far as the policy allows it now, and let the
        others wait, or skip them.

        :param contacts: ``res.partner``
        :param str sender: key of :meth:`_senders`
        :param documents: the record that the message is about, by id of the contact
        :return: how many were sent
        :raise UserError: if none of them can be made
        """
        # sudo: messages are held by the system, whoever sends.
        self = self.sudo()
        answers = self.env["crm.contact.policy"]._claim(
            contacts, purpose, channel, documents
        )
        message = {
            "company_id": self.env.company.id,
            "purpose_id": purpose.id,
            "channel": channel,
            "sender": sender,
            "template_id": template.id,
        }
        allowed = contacts.filtered(lambda contact: answers[contact.id]["allowed"])
        self._supersede(sender, documents)
        self._hold_back(contacts - allowed, answers, documents, message)
        sent, errors = self._send_each(sender, template, documents, allowed.ids)
        if errors and not sent:
            raise next(iter(errors.values()))
        # What was allowed, but not sent, touched no one.
        self.env["crm.contact.policy"]._forget_touches(
            {id_: documents[id_] for id_ in allowed.ids if id_ not in sent}
        )
        self._log_failed(errors, template)
        failed = {"allowed": False, "date": None, "reason": "failed"}
        self._hold_back(
            contacts.browse(errors), dict.fromkeys(errors, failed), documents, message
        )
        return len(sent)

    def _hold_back(self, contacts, answers, documents, message):
        """Let messages wait, or skip those that would wait for too long.

        :param dict message: what they have in common
        """
        skip_date = fields.Datetime.now() + timedelta(
            days=self.env.company.contact_wait_days
        )
        values = []
        for contact in contacts:
            answer = answers[contact.id]
            waits = answer["date"] and answer["date"] <= skip_date
            values.append(
                {
                    **message,
                    "partner_id": contact.id,
                    "res_model": documents[contact.id]._name,
                    "res_id": documents[contact.id].id,
                    "state": "waiting" if waits else "skipped",
                    "reason": answer["reason"],
                    "next_date": answer["date"] if waits else False,
                    "skip_date": skip_date,
                }
            )
        self.create(values)._wake()

    @api.model
    def _send_each(self, sender, template, documents, ids) -> tuple[set, dict]:
        """Send messages. One that cannot be made keeps no other back.

        :param documents: the record that the message is about, by id of the contact
        :param ids: contacts
        :return: ids of the contacts whose messages were sent, and errors by id of those
            whose messages could not be made
        """
        if not ids:
            return set(), {}
        model = self.env[documents[ids[0]]._name]
        records = model.browse([documents[id_].id for id_ in ids])
        try:
            with self.env.cr.savepoint():
                sent = self._senders()[sender](records, template)
        except UserError as error:
            if len(ids) == 1:
                return set(), {ids[0]: error}
        else:
            sent_ids = set(sent.ids)
            return {id_ for id_ in ids if documents[id_].id in sent_ids}, {}
        all_sent, errors = set(), {}
        for id_ in ids:
            sent, failed = self._send_each(sender, template, documents, [id_])
            all_sent |= sent
            errors |= failed
        return all_sent, errors

    @api.model
    def _log_failed(self, errors, template):
        for contact_id, error in errors.items():
            _logger.warning(
                "%s: no message to customer %s: %s", template.name, contact_id, error
            )

    @api.model
    def _supersede(self, sender, documents):
        """Skip what waits about these documents: a newer message of the sender replaces
        it."""
        for document in list(documents.values())[:1]:
            self.search(
                [
                    ("state", "=", "waiting"),
                    ("sender", "=", sender),
                    ("res_model", "=", document._name),
                    ("res_id", "in", [each.id for each in documents.values()]),
                    ("company_id", "=", self.env.company.id),
                ]
            ).write({"state": "skipped", "reason": "gone", "next_date": False})

    def _wake(self):
        """Let the job run when the first of these can be sent."""
        dates = [date for date in self.mapped("next_date") if date]
        job = self.env.ref(
            "crm_extended.ir_cron_contact_hold", raise_if_not_found=False
        )
        if dates and job:
            job._trigger(at=min(dates))

    @api.model
    def _release_all(self):
        """Ask again at once about all that waits."""
        # sudo: those of all companies.
        waiting = self.sudo().search([("state", "=", "waiting")])
        waiting.next_date = fields.Datetime.now()
        waiting._wake()

    @api.model
    def _cron_send(self):
        """Send what has waited and may be sent now; skip what waited too long."""
        progress = self.env["ir.cron"]
        # sudo: whichever user the administrator lets the job run as.
        self = self.sudo()
        domain = [("state", "=", "waiting"), ("next_date", "<=", fields.Datetime.now())]
        done = self.browse()
        while due := self.search(
            [*domain, ("id", "not in", done.ids)], order="next_date, id", limit=BATCH
        ):
            # Messages locked by other transactions come with the next run.
            due.try_lock_for_update()._ask_again()
            done += due
            remaining = 0 if len(due) < BATCH else BATCH
            if not progress._commit_progress(len(due), remaining=remaining):
                return

    def _ask_again(self):
        for (company, purpose, channel, sender, template), holds in self.grouped(
            lambda hold: (
                hold.company_id,
                hold.purpose_id,
                hold.channel,
                hold.sender,
                hold.template_id,
            )
        ).items():
            holds = holds.with_company(company)._still_apply()._not_too_late()
            for one_each in holds._one_a_contact():
                one_each._ask_group_again(purpose, channel, sender, template)

    def _still_apply(self):
        """Skip messages about records that are gone, or whose sender is."""
        gone = self.filtered(
            lambda hold: (
                hold.sender not in self._senders()
                or hold.res_model not in self.env
                or not self.env[hold.res_model].browse(hold.res_id).exists()
            )
        )
        gone.write({"state": "skipped", "reason": "gone", "next_date": False})
        return self - gone

    def _not_too_late(self):
        """Skip messages that should have been sent long ago, but the job did not run."""
        oldest = fields.Datetime.now() - GRACE
        late = self.filtered(lambda hold: hold.skip_date and hold.skip_date < oldest)
        late.write({"state": "skipped", "reason": "late", "next_date": False})
        return self - late

    def _one_a_contact(self):
        """These messages in groups in which each contact is there once."""
        groups = []
        for holds in self.grouped("partner_id").values():
            for number, hold in enumerate(holds):
                if number == len(groups):
                    groups.append(self.browse())
                groups[number] += hold
        return groups

    def _ask_group_again(self, purpose, channel, sender, template):
        documents = {
            hold.partner_id.id: self.env[hold.res_model].browse(hold.res_id)
            for hold in self
        }
        answers = self.env["crm.contact.policy"]._claim(
            self.partner_id, purpose, channel, documents
        )
        by_answer = defaultdict(self.browse)
        allowed = self.browse()
        for hold in self:
            answer = answers[hold.partner_id.id]
            if answer["allowed"]:
                allowed += hold
            elif answer["date"] and answer["date"] <= hold.skip_date:
                by_answer["waiting", answer["reason"], answer["date"]] += hold
            else:
                by_answer["skipped", answer["reason"], False] += hold
        for (state, reason, date), holds in by_answer.items():
            holds.write({"state": state, "reason": reason, "next_date": date})
            holds._wake()
        allowed._send_allowed(sender, template, documents)

    def _send_allowed(self, sender, template, documents):
        """Send what the policy has just allowed, one message for each contact."""
        sent, errors = self._send_each(sender, template, documents, self.partner_id.ids)
        self._log_failed(errors, template)
        were_sent = self.filtered(lambda hold: hold.partner_id.id in sent)
        failed = self.filtered(lambda hold: hold.partner_id.id in errors)
        for holds, state, reason in (
            (were_sent, "sent", False),
            (failed, "skipped", "failed"),
            (self - were_sent - failed, "skipped", "gone"),
        ):
            holds.write({"state": state, "reason": reason, "next_date": False})
        # What was allowed, but not sent, touched no one.
        self.env["crm.contact.policy"]._forget_touches(
            {id_: documents[id_] for id_ in self.partner_id.ids if id_ not in sent}
        )
