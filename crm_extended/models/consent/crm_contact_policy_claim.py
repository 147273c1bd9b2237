from collections import defaultdict
from datetime import datetime

from odoo import api, fields, models
from odoo.tools import SQL

from ...analytics.consent.schedule import first_allowed_in_all
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
        ends = {}
        for contact in allowed:
            touches = dates[contact.commercial_partner_id.id]
            last = nth_latest(limit, touches)
            if last and last + WINDOW > now:
                ends[contact.id] = last + WINDOW
            touches.append(now)
        taken_back = allowed.browse(ends)
        for id_, date in self._first_allowed(taken_back, ends, now).items():
            answers[id_] = {"allowed": False, "date": date, "reason": "limit"}
        return taken_back

    def _first_allowed(self, contacts, starts, now) -> dict[int, datetime | None]:
        """The first moments at which hours and days let contacts be contacted.

        :param dict starts: the earliest moment, by id of the contact
        """
        if not contacts:
            return {}
        hours = self._get_rules(now).hours
        return {
            id_: first_allowed_in_all(starts[id_], zones, *hours)
            for id_, zones in self._zones_of_each(contacts).items()
        }

    def _zones_of_each(self, contacts) -> dict[int, tuple[str, ...]]:
        """The zones that count for contacts."""
        self._flush_what_is_read()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.id, %s FROM res_partner AS p
             LEFT JOIN res_country AS country ON country.id = p.country_id
                 WHERE p.id = ANY(%s)
                """,
                self._zone(),
                contacts.ids,
            )
        )
        fallback = self._company_zone()
        return {id_: self._zones(*zone, fallback) for id_, *zone in rows}

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
    def _forget_touches(self, documents):
        """Remove the touches that were recorded just now for messages that were not sent
        after all.

        :param documents: the records they were about, by id of the contact
        """
        if not documents:
            return
        # sudo: as above.
        touches = self.env["crm.contact.touch"].sudo()
        latest = {}
        for touch in touches.search_fetch(
            [
                ("contact_id", "in", list(documents)),
                ("company_id", "=", self.env.company.id),
                ("res_id", "in", [document.id for document in documents.values()]),
            ],
            ["contact_id", "res_model", "res_id"],
            order="id",
        ):
            document = documents[touch.contact_id.id]
            if (touch.res_model, touch.res_id) == (document._name, document.id):
                latest[touch.contact_id.id] = touch.id
        touches.browse(latest.values()).unlink()
