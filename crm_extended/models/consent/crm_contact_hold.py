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

REASONS = [
    ("archived", "Contact archived"),
    ("no_address", "No address"),
    ("blacklisted", "Blacklisted"),
    ("refused", "Refused"),
    ("no_consent", "No consent"),
    ("limit", "Touch limit"),
    ("quiet", "Quiet hours"),
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
        applies is left out. Packages add their own."""
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
        """
        # sudo: messages are held by the system, whoever sends.
        self = self.sudo()
        answers = self.env["crm.contact.policy"]._claim(
            contacts, purpose, channel, documents
        )
        now = fields.Datetime.now()
        wait = timedelta(days=self.env.company.contact_wait_days)
        values, send = [], []
        for contact in contacts:
            answer = answers[contact.id]
            if answer["allowed"]:
                send.append(documents[contact.id].id)
                continue
            waits = answer["date"] and answer["date"] <= now + wait
            values.append(
                {
                    "partner_id": contact.id,
                    "company_id": self.env.company.id,
                    "purpose_id": purpose.id,
                    "channel": channel,
                    "sender": sender,
                    "template_id": template.id,
                    "res_model": documents[contact.id]._name,
                    "res_id": documents[contact.id].id,
                    "state": "waiting" if waits else "skipped",
                    "reason": answer["reason"],
                    "next_date": answer["date"] if waits else False,
                    "skip_date": now + wait,
                }
            )
        self._supersede(sender, documents)
        self.create(values)._wake()
        if not send:
            return 0
        records = self.env[next(iter(documents.values()))._name].browse(send)
        return len(self._senders()[sender](records, template))

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
            holds = holds.with_company(company)._still_apply()
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
        send = self.browse()
        for hold in self:
            answer = answers[hold.partner_id.id]
            if answer["allowed"]:
                send += hold
            elif answer["date"] and answer["date"] <= hold.skip_date:
                by_answer["waiting", answer["reason"], answer["date"]] += hold
            else:
                by_answer["skipped", answer["reason"], False] += hold
        for (state, reason, date), holds in by_answer.items():
            holds.write({"state": state, "reason": reason, "next_date": date})
            holds._wake()
        if send:
            send._send(sender, template)

    def _send(self, sender, template):
        records = self.env[self[0].res_model].browse(self.mapped("res_id"))
        try:
            # A message that cannot be made must not keep the others back.
            with self.env.cr.savepoint():
                sent = self._senders()[sender](records, template)
        except UserError:
            if len(self) > 1:
                for hold in self:
                    hold._send(sender, template)
                return
            _logger.warning("Message %s could not be sent.", self.id, exc_info=True)
            self._skip("failed")
        else:
            were_sent = self.filtered(lambda hold: hold.res_id in sent.ids)
            were_sent.write({"state": "sent", "reason": False, "next_date": False})
            (self - were_sent)._skip("gone")

    def _skip(self, reason):
        """Skip messages that were allowed, but not sent: they touched no one."""
        self.write({"state": "skipped", "reason": reason, "next_date": False})
        for company, holds in self.grouped("company_id").items():
            policy = self.env["crm.contact.policy"].with_company(company)
            policy._forget_touches(holds)
