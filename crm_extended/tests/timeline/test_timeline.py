"""The stream: what is in it, in which order, and how it is filtered."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import TimelineCommon

# Of messages.
ALL = ["email", "message", "note", "activity", "system"]


@tagged("at_install", "-post_install")
class TestTimeline(TimelineCommon):
    def test_nothing_has_happened(self):
        partner = self.customer("Nobody")
        partner.message_ids.unlink()
        self.assertEqual(
            self.fetch(partner), {"entries": [], "cursor": False, "counts": {}}
        )
        head = self.timeline().head("res.partner", partner.id)
        self.assertEqual((head["name"], head["has_company"]), ("Nobody", False))
        self.assertEqual((head["upcoming"], head["pinned"]), ([], []))

    def test_newest_first_whatever_it_is_and_whatever_its_id(self):
        contact = self.customer("Alone")
        contact.message_ids.unlink()
        new = self.message(contact, 1)
        old = self.message(contact, 90)
        order = self.order(contact, 40)
        call = self.interaction(contact, 30)
        lead = self.lead(contact, 60)
        meeting = self.meeting(contact, 20)
        meeting.message_ids.unlink()
        expected = [
            f"message-{new.id}",
            f"meeting-{meeting.id}",
            f"interaction-{call.id}",
            f"quotation-{order.id}",
            f"lead-{lead.id}",
            f"message-{old.id}",
        ]
        self.assertEqual(self.ids(contact), expected)
        for limit in (1, 2, 5, 6):
            pages = self.all_pages(contact, limit)
            self.assertEqual(sum(pages, []), expected)
            self.assertTrue(all(pages), "no page is empty")
        self.assertEqual(
            self.fetch(contact)["counts"],
            {"message": 2, "meeting": 1, "interaction": 1, "quotation": 1, "lead": 1},
        )
        self.assertEqual(
            self.fetch(contact, limit=2)["counts"],
            self.fetch(contact, limit=2, cursor=self.fetch(contact, limit=2)["cursor"])[
                "counts"
            ],
        )

    def test_equal_moments_come_once_each_over_pages(self):
        contact = self.customer("Imported")
        contact.message_ids.unlink()
        moment = self.ago(3).replace(hour=0, minute=0, second=0)
        expected = {
            f"message-{self.message(contact, 0, date=moment).id}" for _n in "1234"
        }
        expected |= {f"interaction-{self.interaction(contact, date=moment).id}"}
        expected |= {f"quotation-{self.order(contact, date_order=moment).id}"}
        # A day lies at its beginning, where the others are, too.
        change = self.env["crm.loyalty.change"].create(
            {
                "partner_id": contact.id,
                "company_id": self.company_a.id,
                "date": moment.date(),
                "new_tier_id": self.env["crm.loyalty.tier"].search([], limit=1).id,
                "reason": "earned",
            }
        )
        expected |= {f"tier-{change.id}"}
        for limit in (1, 2, 3):
            pages = sum(self.all_pages(contact, limit), [])
            self.assertEqual(len(pages), 7)
            self.assertEqual(set(pages), expected)

    def test_kinds_of_messages(self):
        contact = self.contact
        contact.message_ids.unlink()
        mail = self.message(contact, 1, message_type="email", author_id=contact.id)
        sent = self.message(contact, 2, partner_ids=contact.ids)
        note = self.message(contact, 3, subtype_id=self.note.id)
        logged = self.message(contact, 4, message_type="notification")
        internal = self.message(contact, 5, is_internal=True, message_type="email")
        call = self.env.ref("mail.mail_activity_data_call")
        done = self.message(contact, 6, mail_activity_type_id=call.id)
        self.message(contact, 7, message_type="user_notification")
        entries = self.fetch(contact, kinds=ALL)["entries"]
        self.assertEqual(
            [(entry["id"], entry["kind"], entry["direction"]) for entry in entries],
            [
                (f"message-{mail.id}", "email", "in"),
                (f"message-{sent.id}", "message", "out"),
                (f"message-{note.id}", "note", False),
                (f"message-{logged.id}", "system", False),
                (f"message-{internal.id}", "note", False),
                (f"message-{done.id}", "activity", False),
            ],
        )
        for kind, count in zip(ALL, (1, 1, 2, 1, 1), strict=True):
            page = self.fetch(contact, kinds=[kind])
            self.assertEqual({entry["kind"] for entry in page["entries"]}, {kind})
            self.assertEqual(page["counts"][kind], count)
        self.assertEqual(self.ids(contact, direction="in"), [f"message-{mail.id}"])
        self.assertEqual(self.ids(contact, direction="out"), [f"message-{sent.id}"])

    def test_mails_on_records_of_others_that_the_customer_wrote_or_got(self):
        other = self.stranger
        wrote = self.message(other, 1, author_id=self.contact.id)
        got = self.message(other, 2, partner_ids=self.contact.ids)
        self.message(other, 3)
        self.message(other, 4, partner_ids=self.contact.ids, subtype_id=self.note.id)
        self.assertEqual(
            self.ids(self.contact, scope="contact"),
            [f"message-{wrote.id}", f"message-{got.id}"],
        )
        # A colleague's mails are not what passed with him.
        self.assertNotIn(f"message-{got.id}", self.ids(self.salesman.partner_id))

    def test_messages_on_documents(self):
        lead, order = self.lead(self.contact), self.order(self.contact)
        messages = self.message(lead, 1) + self.message(order, 2)
        self.assertEqual(
            self.ids(self.contact, scope="contact")[:2],
            [f"message-{message.id}" for message in messages],
        )
        entry = self.fetch(self.contact)["entries"][0]
        self.assertEqual(
            entry["record"],
            {"model": "crm.lead", "id": lead.id, "name": "New machines"},
        )
        self.assertEqual(entry["contact"], {"id": self.contact.id, "name": "Ann"})

    def test_a_contact_and_the_whole_company(self):
        one = self.interaction(self.contact)
        other = self.interaction(self.colleague, 4)
        whole = self.interaction(self.company, 3)
        self.interaction(self.stranger, 2)
        kinds = ["interaction"]
        self.assertEqual(
            self.ids(self.contact, scope="contact", kinds=kinds),
            [f"interaction-{one.id}"],
        )
        everything = [f"interaction-{found.id}" for found in whole + other + one]
        for record in (self.contact, self.company):
            self.assertEqual(self.ids(record, kinds=kinds), everything)
            head = self.timeline().head("res.partner", record.id)
            self.assertTrue(head["has_company"])

    def test_the_stream_of_a_lead_is_its_own_with_its_customers(self):
        lead, other = self.lead(self.contact), self.lead(self.stranger)
        call = self.interaction(self.contact, 3, partner_id=False, lead_id=lead.id)
        talk = self.message(lead, 2)
        visit = self.interaction(self.colleague, 1)
        of_lead = [f"message-{talk.id}", f"interaction-{call.id}", f"lead-{lead.id}"]
        self.assertEqual(self.ids(lead, scope="contact"), of_lead)
        self.assertEqual(self.ids(lead), [f"interaction-{visit.id}", *of_lead])
        lead.partner_id = False
        lead.message_ids.filtered(lambda message: message != talk).unlink()
        self.assertEqual(set(self.ids(lead)), {*of_lead})
        head = self.timeline().head("crm.lead", lead.id)
        self.assertEqual((head["partner_id"], head["has_company"]), (False, False))
        self.assertNotIn(f"message-{talk.id}", self.ids(other))

    def test_leads_won_and_lost(self):
        won, lost = self.lead(self.contact), self.lead(self.contact)
        won.action_set_won()
        lost.action_set_lost()
        found = self.ids(self.contact, kinds=["lead"])
        self.assertEqual(
            set(found),
            {
                f"lead-{won.id}",
                f"lead-{lost.id}",
                f"lead_won-{won.id}",
                f"lead_lost-{lost.id}",
            },
        )
        states = {
            entry["id"]: entry["state"]["color"]
            for entry in self.fetch(self.contact, kinds=["lead"])["entries"]
        }
        self.assertEqual(states[f"lead_won-{won.id}"], "success")
        self.assertEqual(states[f"lead_lost-{lost.id}"], "danger")

    def test_amounts_and_states_of_documents(self):
        order = self.order(self.contact)
        [entry] = self.fetch(self.contact, kinds=["quotation"])["entries"]
        self.assertEqual(
            (entry["amount"], entry["currency_id"]), (100.0, order.currency_id.id)
        )
        self.assertEqual(entry["author"]["id"], self.salesman.partner_id.id)
        order.action_confirm()
        [entry] = self.fetch(self.contact, kinds=["order"])["entries"]
        self.assertEqual(entry["state"]["color"], "success")
        self.assertFalse(self.ids(self.contact, kinds=["quotation"]))

    def test_filters(self):
        mine = self.message(self.contact, 10, author_id=self.manager.partner_id.id)
        call = self.interaction(self.contact, 20)
        found = self.ids(self.contact, author_id=self.manager.partner_id.id)
        self.assertEqual(found, [f"message-{mine.id}"])
        found = self.ids(self.contact, author_id=self.salesman.partner_id.id)
        self.assertEqual(found, [f"interaction-{call.id}"])
        day = fields.Date.to_string(self.ago(20))
        found = self.ids(self.contact, date_from=day, date_to=day)
        self.assertEqual(found, [f"interaction-{call.id}"])
        moment = fields.Datetime.to_string(self.ago(20))
        found = self.ids(self.contact, date_from=moment, date_to=moment)
        self.assertEqual(found, [f"interaction-{call.id}"])
        self.assertEqual(self.fetch(self.contact, date_to="2001-01-01")["counts"], {})
        self.assertIn(f"interaction-{call.id}", self.ids(self.contact, direction="in"))

    def test_search_in_title_and_body_as_people_read_them(self):
        talk = self.message(
            self.contact, 1, subject="Offer", body="<p>R&amp;D pays <b>50%</b></p>"
        )
        call = self.interaction(self.contact, summary="Complains about R&D")
        order = self.order(self.contact, note="<p>Asks for <b>credit</b> & time</p>")
        for text, found in (
            ("r&d", [f"message-{talk.id}", f"interaction-{call.id}"]),
            ("offer", [f"message-{talk.id}"]),
            ("50%", [f"message-{talk.id}"]),
            ("5_%", []),
            ("strong", []),
            ("amp;", []),
            ("<b>", []),
            ("credit", [f"quotation-{order.id}"]),
            ("& time", [f"quotation-{order.id}"]),
            ("complains", [f"interaction-{call.id}"]),
        ):
            page = self.fetch(self.contact, search=text)
            self.assertEqual([entry["id"] for entry in page["entries"]], found, text)
            self.assertEqual(sum(page["counts"].values()), len(found), text)

    def test_search_finds_titles_that_are_made_of_other_records(self):
        call = self.interaction(self.contact, 1, channel="visit", outcome="callback")
        lead = self.lead(self.contact, name="Zeppelin")
        note = self.message(lead, 2, subtype_id=self.note.id)
        titled = self.message(lead, 3, subject="Offer")
        moved = self.message(
            lead,
            4,
            message_type="notification",
            subtype_id=self.env["mail.message.subtype"]
            .create({"name": "Moved", "description": "Flew away", "internal": True})
            .id,
        )
        done = self.message(
            self.contact,
            5,
            mail_activity_type_id=self.env["mail.activity.type"]
            .create({"name": "Demonstration"})
            .id,
        )
        own = self.message(self.contact, 6)
        told = {f"message-{message.id}" for message in note + titled + moved + own}
        for text, found in (
            ("face to", {f"interaction-{call.id}"}),
            ("BACK later", {f"interaction-{call.id}"}),
            ("callback", set()),
            ("zeppelin", {f"lead-{lead.id}", f"message-{note.id}"}),
            ("flew", set()),
            ("demonstr", {f"message-{done.id}"}),
            (self.contact.name, set()),
        ):
            page = self.fetch(self.contact, search=text, scope="contact")
            entries = page["entries"]
            self.assertEqual({entry["id"] for entry in entries}, found, text)
            shown = sum(page["counts"].values()) - page["counts"].get("system", 0)
            self.assertEqual(shown, len(found), text)
        # What Odoo has recorded is searched where it is shown.
        found = self.ids(self.contact, search="flew", kinds=["system"])
        self.assertEqual(found, [f"message-{moved.id}"])
        # In the stream of the lead its name is no title of messages, the contact's is.
        self.assertFalse(told & set(self.ids(lead, search="zeppelin")))
        found = self.ids(lead, search=self.contact.name)
        self.assertEqual(told & set(found), {f"message-{own.id}"})

    def test_bodies_are_plain_text_and_not_endless(self):
        hostile = "<p>Hello</p><script>alert(1)</script><img src=x onerror=alert(2)>"
        self.message(self.contact, 1, body=hostile)
        self.message(self.contact, 2, body=f"<p>{'word ' * 3000}</p>")
        first, second = self.fetch(self.contact)["entries"]
        self.assertIn("Hello", first["body"])
        self.assertNotIn("<", first["body"])
        self.assertFalse(first["more"])
        self.assertTrue(second["more"])
        self.assertLessEqual(len(second["body"]), 2000)
        escaped = self.message(self.contact, 0, body="<p>&lt;script&gt;</p>")
        entry = self.fetch(self.contact)["entries"][0]
        self.assertEqual(
            (entry["id"], entry["body"]), (f"message-{escaped.id}", "<script>")
        )

    def test_a_contact_put_into_the_calendar_is_told_once(self):
        meeting = self.meeting(self.contact, 4)
        contact = self.interaction(self.contact, 4, calendar_event_id=meeting.id)
        told = {f"meeting-{meeting.id}", f"interaction-{contact.id}"}
        self.assertEqual(
            told & set(self.ids(self.contact)), {f"interaction-{contact.id}"}
        )
        contact.unlink()
        self.assertEqual(told & set(self.ids(self.contact)), {f"meeting-{meeting.id}"})

    def test_activities_beyond_those_on_top_are_in_the_stream(self):
        activities = self.env["mail.activity"].create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "res_id": self.contact.id,
                    "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                    "summary": "Ask again",
                    "date_deadline": self.today + timedelta(days=number),
                    "user_id": self.salesman.id,
                }
                for number in range(1, 53)
            ]
        )
        head = self.timeline().head("res.partner", self.contact.id)
        top = {entry["id"] for entry in head["upcoming"]}
        self.assertEqual(len(top), 50)
        found = self.ids(self.contact, kinds=["activity"], limit=100)
        self.assertEqual(
            [entry_id for entry_id in found if entry_id not in top],
            [f"activity-{activity.id}" for activity in activities[:-3:-1]],
        )
        # By the name of its type, which is neither in its title nor in its text.
        kind = activities.activity_type_id.name
        page = self.fetch(self.contact, search=kind, limit=100)
        self.assertEqual((len(page["entries"]), page["counts"]["activity"]), (52, 52))

    def test_authors_are_who_wrote_lately_and_who_is_in_charge(self):
        old = self.lead(self.contact, 900, user_id=self.manager.id)
        for days in range(60):
            self.message(self.contact, days, author_id=self.contact.id)
        self.lead(self.stranger, user_id=self.env.uid)
        authors = self.timeline().head("res.partner", self.contact.id)["authors"]
        self.assertEqual(
            authors,
            sorted(
                (
                    {"id": partner.id, "name": partner.name}
                    for partner in self.contact + self.manager.partner_id
                ),
                key=lambda author: author["name"].lower(),
            ),
        )
        found = self.ids(self.contact, author_id=self.manager.partner_id.id)
        self.assertEqual(found, [f"lead-{old.id}"])

    def test_upcoming_first_what_is_overdue(self):
        late = self.contact.activity_schedule(
            "mail.mail_activity_data_call",
            self.today - timedelta(days=2),
            user_id=self.salesman.id,
        )
        soon = self.contact.activity_schedule(
            "mail.mail_activity_data_todo",
            self.today + timedelta(days=9),
            user_id=self.salesman.id,
        )
        meeting = self.meeting(self.contact, -3)
        self.meeting(self.contact, 3)
        upcoming = self.timeline().head("res.partner", self.contact.id)["upcoming"]
        self.assertEqual(
            [entry["id"] for entry in upcoming],
            [f"activity-{late.id}", f"meeting-{meeting.id}", f"activity-{soon.id}"],
        )
        self.assertEqual(
            [(entry["overdue"], entry["upcoming"]) for entry in upcoming],
            [(True, False), (False, True), (False, True)],
        )
        self.assertIn(f"activity-{late.id}", self.ids(self.contact))
        late.action_feedback()
        found = self.ids(self.contact, kinds=["activity"])
        self.assertEqual(found[0], f"activity-{soon.id}")
        self.assertTrue(found[1].startswith("message-"))

    def test_pins_are_the_customers(self):
        call = self.interaction(self.contact)
        entry_id = f"interaction-{call.id}"
        timeline = self.timeline()
        for _twice in "12":
            self.assertTrue(timeline.pin("res.partner", self.contact.id, entry_id))
        manager = self.timeline(self.manager)
        for record in (self.contact, self.company, self.lead(self.colleague)):
            [pinned] = manager.head(record._name, record.id)["pinned"]
            self.assertEqual((pinned["id"], pinned["pinned"]), (entry_id, True))
        self.assertTrue(
            self.fetch(self.contact, kinds=["interaction"])["entries"][0]["pinned"]
        )
        self.assertTrue(manager.unpin("res.partner", self.company.id, entry_id))
        self.assertFalse(timeline.head("res.partner", self.contact.id)["pinned"])
        foreign = self.interaction(self.stranger)
        for bad in (f"interaction-{foreign.id}", "nothing-1", "interaction", 5, None):
            with self.assertRaises(UserError):
                timeline.pin("res.partner", self.contact.id, bad)
        lead = self.lead()
        with self.assertRaises(UserError):
            timeline.pin("crm.lead", lead.id, f"lead-{lead.id}")

    def test_what_makes_no_sense_is_said(self):
        timeline = self.timeline()
        good = ("res.partner", self.contact.id)
        for args, options in (
            (("res.users", self.salesman.id), {}),
            (("no.model", 1), {}),
            ((["res.partner"], 1), {}),
            (("res.partner", "1"), {}),
            (("res.partner", 2**40), {}),
            (("res.partner", -1), {}),
            (("res.partner", True), {}),
            (good, {"limit": "many"}),
            (good, {"scope": "world"}),
            (good, {"kinds": ["nonsense"]}),
            (good, {"kinds": "email"}),
            (good, {"kinds": [["email"]]}),
            (good, {"search": ["x"]}),
            (good, {"direction": "up"}),
            (good, {"author_id": "me"}),
            (good, {"date_from": "yesterday"}),
            (good, {"date_to": 5}),
            (good, {"date_from": "2026-01-01T00:00:00+02:00"}),
            (good, {"sudo": True}),
            (good, {"cursor": "x"}),
            (good, {"cursor": 5}),
            (good, {"cursor": "2026-99-99T00:00:00~message~1"}),
            (good, {"cursor": "2026-01-01T00:00:00~message~99999999999"}),
            (good, {"cursor": "2026-01-01T00:00:00~message~1; DROP TABLE"}),
        ):
            with self.assertRaises(UserError, msg=f"{args} {options}"):
                timeline.fetch(*args, **options)
        for limit in (10**9, 0, -5):
            self.assertIn("entries", timeline.fetch(*good, limit=limit))
        self.assertEqual(timeline.fetch(*good, cursor="")["cursor"], False)
        unknown = "2026-01-01T00:00:00~nowhere~1"
        self.assertIn("entries", timeline.fetch(*good, cursor=unknown))
        for text in ("%", "\\", "'", "\0", "x" * 10_000, "<script>"):
            self.assertIn("entries", timeline.fetch(*good, search=text))

    def test_counts_stop_at_a_hundred(self):
        self.env["crm.interaction"].create(
            [
                {
                    "partner_id": self.contact.id,
                    "date": self.ago(1),
                    "user_id": self.salesman.id,
                    "company_id": self.company_a.id,
                }
                for _n in range(120)
            ]
        )
        self.env["mail.message"].create(
            [
                {
                    "model": "res.partner",
                    "res_id": self.contact.id,
                    "date": self.ago(1),
                    "message_type": "comment",
                    "subtype_id": self.comment.id,
                    "body": str(number),
                }
                for number in range(120)
            ]
        )
        counts = self.fetch(self.contact, limit=200)["counts"]
        self.assertEqual((counts["interaction"], counts["message"]), (100, 100))
        page = self.fetch(self.contact, limit=10**9)
        self.assertEqual(len(page["entries"]), 200)

    def test_queries_do_not_grow_with_entries(self):
        def queries(partner, **options):
            timeline = self.timeline()
            timeline.fetch("res.partner", partner.id, **options)
            timeline = self.timeline()
            before = self.env.cr.sql_log_count
            timeline.fetch("res.partner", partner.id, **options)
            return self.env.cr.sql_log_count - before

        def fill(partner, count):
            for days in range(1, count + 1):
                self.message(partner, days, author_id=partner.id)
                self.interaction(partner, days)
                self.lead(partner, days)

        few, many = self.customers(2)
        fill(few, 2)
        fill(many, 12)
        for limit in (5, 30):
            self.assertLessEqual(
                queries(many, limit=limit), queries(few, limit=limit) + 3
            )
