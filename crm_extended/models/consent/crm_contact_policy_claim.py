from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from .crm_contact_policy import WINDOW, nth_latest

# Locks of the touch limit: a customer has one of so many.
LOCKS = 128
LOCK_CLASS = 1_668_247_156


class CrmContactPolicy(models.AbstractModel):
    """A part of the policy: asking in order to send at once, so that the touch limit is
    kept also where several transactions send at the same time."""

    _inherit = "crm.contact.policy"

    @api.model
    def _claim(self, contacts, purpose, channel, documents=None) -> dict[int, dict]:
        """Answer as :meth:`_check` does, and record a touch of those who are allowed.

        Of two transactions that want to contact the same customer at once, one waits for
        the other, and then sees its touches: together they keep the limit.

        :param documents: record the touch is about, by id of the contact
        """
        self._lock(contacts)
        answers = self._check(contacts, purpose, channel)
        allowed = contacts.filtered(lambda contact: answers[contact.id]["allowed"])
        if purpose.basis != "always" and channel in self._counted_channels():
            allowed -= self._keep_limit(allowed, answers)
        self._record_touches(allowed, purpose, channel, documents)
        return answers

    def _keep_limit(self, allowed, answers):
        """Take back the answers for contacts of one customer who together would exceed
        the limit, also with touches that others have recorded meanwhile.

        :return: the contacts whose answers were taken back
        """
        limit = self.env.company.contact_limit
        if not (limit and self.env["crm.feature"]._is_on("consent")):
            return allowed.browse()
        now = fields.Datetime.now()
        dates = self._committed_touches(allowed.commercial_partner_id, now - WINDOW)
        for id_, others in self._touches_of_others(allowed, now - WINDOW).items():
            dates[id_] += others
        taken_back = allowed.browse()
        for contact in allowed:
            touches = dates[contact.commercial_partner_id.id]
            last = nth_latest(limit, touches)
            if last and last + WINDOW > now:
                answers[contact.id] = {
                    "allowed": False,
                    "date": last + WINDOW,
                    "reason": "limit",
                }
                taken_back += contact
            touches.append(now)
        return taken_back

    def _committed_touches(self, customers, since):
        """Touches of customers, also those that were committed after this transaction
        began.

        :return: moments by id of the customer
        """
        query = self._touches_since(customers, since)
        rows = set(self.env.execute_query(query))
        # This transaction sees the database as it was when it began.
        with self.pool.cursor() as cr:
            cr.execute(query)
            rows.update(cr.fetchall())
        dates = defaultdict(list)
        for _id, customer, moment in rows:
            dates[customer].append(moment)
        return dates

    def _touches_since(self, customers, since) -> SQL:
        """A query for the touches of customers that count: id, customer and moment."""
        self.env["crm.contact.touch"].flush_model()
        return SQL(
            """
            SELECT touch.id, touch.partner_id, touch.date
              FROM crm_contact_touch AS touch
             WHERE touch.partner_id = ANY(%s) AND touch.company_id = %s
               AND touch.date > %s AND touch.channel = ANY(%s) AND %s
            """,
            customers.ids,
            self.env.company.id,
            since,
            self._counted_channels(),
            self._counts(),
        )

    def _lock(self, contacts):
        """Wait for other transactions that claim one of these customers."""
        company_id = self.env.company.id
        keys = {
            (company_id * 7919 + customer.id) % LOCKS
            for customer in contacts.commercial_partner_id
        }
        for key in sorted(keys):
            self.env.cr.execute(
                SQL(
                    "SELECT pg_advisory_xact_lock(%s, %s)",
                    LOCK_CLASS,
                    company_id % 1_000_000 * LOCKS + key,
                )
            )

    @api.model
    def _record_touches(self, contacts, purpose, channel, documents=None):
        """Record that contacts are contacted now."""
        documents = documents or {}
        # sudo: touches are recorded by the system, whoever sends.
        self.env["crm.contact.touch"].sudo().create(
            [
                {
                    "partner_id": contact.commercial_partner_id.id,
                    "contact_id": contact.id,
                    "company_id": self.env.company.id,
                    "channel": channel,
                    "purpose_id": purpose.id,
                    "res_model": documents[contact.id]._name
                    if contact.id in documents
                    else False,
                    "res_id": documents[contact.id].id
                    if contact.id in documents
                    else False,
                }
                for contact in contacts
            ]
        )

    @api.model
    def _forget_touches(self, messages):
        """Remove the touches that were recorded just now for messages that were not sent
        after all.

        :param messages: with ``partner_id``, ``res_model`` and ``res_id``
        """
        # sudo: as above.
        touches = self.env["crm.contact.touch"].sudo()
        for message in messages:
            touches |= touches.search(
                [
                    ("contact_id", "=", message.partner_id.id),
                    ("company_id", "=", self.env.company.id),
                    ("res_model", "=", message.res_model),
                    ("res_id", "=", message.res_id),
                ],
                order="id desc",
                limit=1,
            )
        touches.unlink()
