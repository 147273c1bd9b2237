"""Counts by kind, which must not cost more for a longer history."""

from collections import Counter
from itertools import product
from unittest.mock import patch

from odoo.tools import SQL

from ...models.timeline.sources import message_count as crm_timeline_message_count
from ...models.timeline.sources.message_conditions import ALL_KINDS
from .common import TimelineCommon


class TestTimelineCounts(TimelineCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact.message_ids.unlink()
        cls.call = cls.env.ref("mail.mail_activity_data_call")
        cls.internal = cls.env["mail.message.subtype"].create(
            {"name": "Seen by staff", "internal": True}
        )

    def counts(self, record=None, user=None, **options):
        page = self.fetch(record or self.contact, user, scope="contact", **options)
        return page["counts"], page.get("at_least", [])

    def fill(self, number, record=None, **values):
        record = record or self.contact
        return self.env["mail.message"].create(
            [
                {
                    "model": record._name,
                    "res_id": record.id,
                    "date": self.ago(n + 1),
                    "message_type": "comment",
                    "subtype_id": self.comment.id,
                    "author_id": self.salesman.partner_id.id,
                    **values,
                }
                for n in range(number)
            ]
        )

    def test_every_sort_of_message_is_counted_as_what_it_is_shown_as(self):
        lead = self.lead(self.contact)
        sorts = product(
            (
                "email",
                "email_outgoing",
                "comment",
                "notification",
                "auto_comment",
                "user_notification",
                "sms",
                "out_of_office",
            ),
            (self.comment, self.note, self.internal, self.comment.browse()),
            (True, False),
            (self.call, self.call.browse()),
        )
        for number, (of_type, subtype, is_internal, activity_type) in enumerate(sorts):
            self.fill(
                1 + number % 2,
                (self.contact, lead)[number % 3 == 0],
                message_type=of_type,
                subtype_id=subtype.id,
                is_internal=is_internal,
                mail_activity_type_id=activity_type.id,
            )
        for record, options in (
            (self.contact, {}),
            (lead, {}),
            (self.contact, {"date_from": "2000-01-01"}),
            (self.contact, {"search": "", "author_id": self.salesman.partner_id.id}),
        ):
            every = [*ALL_KINDS, "lead"]
            entries = self.fetch(
                record, scope="contact", limit=200, kinds=every, **options
            )
            shown = Counter(entry["kind"] for entry in entries["entries"])
            self.assertGreater(len(ALL_KINDS & shown.keys()), 3)
            self.assertEqual(entries["counts"], dict(shown))
            # What Odoo wrote is counted, and shown when it is asked for.
            first = self.fetch(record, scope="contact", limit=200, **options)
            self.assertEqual(first["counts"], dict(shown))
            usual = {kind: shown[kind] for kind in shown if kind != "system"}
            self.assertEqual(Counter(e["kind"] for e in first["entries"]), usual)
            for kind in ALL_KINDS:
                counts, _more = self.counts(record, kinds=[kind], **options)
                self.assertEqual(counts, dict(shown), kind)

    def test_up_to_a_hundred_are_told_exactly(self):
        self.fill(101, subtype_id=self.note.id)
        self.fill(99, message_type="email")
        self.fill(3, mail_activity_type_id=self.call.id)
        got = self.fill(5, self.stranger, partner_ids=self.contact.ids)
        wrote = self.fill(
            4, self.stranger, author_id=self.contact.id, message_type="email"
        )
        self.assertEqual(
            self.counts(),
            ({"note": 100, "email": 100, "activity": 3, "message": 5}, []),
        )
        wrote[:3].unlink()
        got.subtype_id = self.note
        # Both on a page of theirs and written by them: once.
        self.fill(1, author_id=self.contact.id, partner_ids=self.contact.ids)
        self.env["mail.message"].search(
            [("model", "=", "res.partner"), ("res_id", "=", self.contact.id)]
            + [("message_type", "=", "email")],
            limit=2,
        ).unlink()
        self.assertEqual(
            self.counts(), ({"note": 100, "email": 98, "activity": 3, "message": 1}, [])
        )

    def test_where_not_all_is_looked_through_counts_say_so(self):
        self.fill(3, message_type="email")
        self.fill(9, self.stranger, partner_ids=self.contact.ids)
        self.assertEqual(self.counts(), ({"email": 3, "message": 9}, []))
        for looked_at, some in ((9, True), (10, False)):
            with patch.object(crm_timeline_message_count, "ELSEWHERE", looked_at):
                counts, more = self.counts()
            self.assertEqual(counts, {"email": 3, "message": 9})
            self.assertEqual(more, ["email", "message"] if some else [])
        with patch.object(crm_timeline_message_count, "ELSEWHERE", 4):
            counts, more = self.counts()
            self.assertEqual(counts, {"email": 3, "message": 4})
            # In a short period there are few of all customers.
            counts, more = self.counts(date_from=str(self.ago(5).date()))
            self.assertEqual((counts, more), ({"email": 3, "message": 5}, []))
        # What there are a hundred of is known, however many more.
        self.fill(100)
        with patch.object(crm_timeline_message_count, "ELSEWHERE", 4):
            self.assertEqual(self.counts(), ({"email": 3, "message": 100}, ["email"]))

    def test_messages_that_the_reader_may_not_read_are_not_counted(self):
        secret = self.lead(self.contact, company_id=self.company_b.id, user_id=False)
        self.fill(5, secret)
        hidden = self.fill(40, message_type="email")
        self.fill(2, message_type="email")
        Message = type(self.env["mail.message"])
        search = Message._search

        def some(messages, domain, **options):
            domain = [("id", "not in", hidden.ids), *domain]
            return search(messages, domain, **options)

        with (
            patch.object(Message, "_search", some),
            patch.object(crm_timeline_message_count, "COUNT_LIMIT", 2),
        ):
            self.assertEqual(self.counts(), ({"email": 2}, []))
            # Where nearly all are hidden, an end is made.
            with patch.object(crm_timeline_message_count, "LARGEST_PORTION", 2):
                counts, more = self.counts()
        self.assertLessEqual(counts.get("email", 0), 2)
        self.assertEqual(more, [] if counts.get("email") == 2 else ["email"])

    def test_few_of_a_kind_are_found_by_an_index(self):
        self.fill(30, subtype_id=self.note.id)
        self.fill(2, message_type="email")
        self.env.flush_all()
        # Among few messages all indexes cost the same: 200 each on 100 other documents.
        self.env.cr.execute(
            """
            INSERT INTO mail_message (model, res_id, message_type, subtype_id, date)
                 SELECT 'res.partner', -1 - number %% 100, 'comment', %s, NOW()
                   FROM GENERATE_SERIES(1, 20000) number
            """,
            [self.note.id],
        )
        self.env.cr.execute("ANALYZE mail_message")
        stream = self.timeline(self.manager)._scope(
            "res.partner", self.contact.id, "contact"
        )
        source = stream.sources["message"]
        source._prepare(stream)
        limits = dict.fromkeys(ALL_KINDS, 100)
        query = source._by_sort(stream, limits)
        plans = []
        execute_query = type(self.env).execute_query

        def explained(env, asked):
            if asked is query:
                rows = execute_query(env, SQL("EXPLAIN (ANALYZE) %s", asked))
                plans.append("\n".join(row for [row] in rows))
            return execute_query(env, asked)

        with patch.object(type(self.env), "execute_query", explained):
            found = source._ask_by_index(stream, query)
        self.assertEqual(Counter(row[0] for row in found), {"note": 30, "email": 2})
        [plan] = plans
        self.assertNotIn("Seq Scan on mail_message ", plan)
        self.assertNotIn("mail_message_timeline_index", plan)
        self.assertIn("mail_message_timeline_kind_index", plan)
        [[setting]] = self.env.execute_query(SQL("SHOW enable_seqscan"))
        self.assertEqual(setting, "on")
