"""Entries as people read them: what the system wrote, requests, summaries, purchases."""

from datetime import timedelta
from unittest.mock import patch

from odoo.tools import SQL

from ...models.interaction.crm_interaction import CHANNEL_ICONS, CHANNELS
from ...models.timeline.entry import TITLE_LENGTH, split_title
from .common import TimelineCommon


class TestTimelineEntries(TimelineCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.care.team"].create(
            {"name": "Help", "company_id": cls.company_a.id}
        )

    def request(self, partner=None, text="<p>It does not turn on</p>", **values):
        """What a form in the portal does: a case, its text, an acknowledgement."""
        partner = partner or self.contact
        case = self.env["crm.care.case"].create(
            {
                "name": "My lamp",
                "partner_id": partner.id,
                "company_id": self.company_a.id,
                "team_id": self.team.id,
                "channel": "portal",
                **values,
            }
        )
        asked = self.post(case, author_id=partner.id, body=text)
        told = self.post(case, message_type="auto_comment", subtype_id=self.note.id)
        self.env.flush_all()
        return case, asked, told

    def post(self, record, after=0, **values):
        moment = record.opened_date + timedelta(seconds=after)
        return self.message(record, 0, date=moment, **values)

    def entry(self, record, entry_id, user=None, **options):
        entries = self.fetch(record, user or self.manager, **options)["entries"]
        [entry] = [entry for entry in entries if entry["id"] == entry_id]
        return entry

    # -- System

    def test_what_odoo_wrote_is_left_out_until_it_is_asked_for(self):
        contact = self.env["res.partner"].create({"name": "New"})
        created = contact.message_ids
        contact.write({"email": "new@example.com"})
        note = self.message(contact, 1, subtype_id=self.note.id, body="Likes tea")
        self.assertTrue(created)
        page = self.fetch(contact, scope="contact")
        self.assertEqual(
            [entry["id"] for entry in page["entries"]], [f"message-{note.id}"]
        )
        self.assertEqual(page["counts"]["system"], len(contact.message_ids) - 1)
        found = self.fetch(contact, kinds=["note", "system"])["entries"]
        self.assertEqual(len(found), len(contact.message_ids))
        kinds = self.timeline().head("res.partner", contact.id)["kinds"]
        on_demand = [kind["key"] for kind in kinds if kind.get("on_demand")]
        self.assertEqual(on_demand, ["system"])

    def test_notes_of_colleagues_stand_alone(self):
        case, asked, told = self.request()
        note = self.post(case, 5, subtype_id=self.note.id, body="Bought it in May")
        entry = self.entry(self.contact, f"message-{note.id}")
        self.assertEqual((entry["kind"], entry["body"]), ("note", "Bought it in May"))
        parts = self.entry(self.contact, f"case-{case.id}")["parts"]
        self.assertNotIn(f"message-{note.id}", [part["id"] for part in parts])
        # Nor are lines of the system called notes.
        kinds = {entry["kind"] for entry in self.fetch(self.contact)["entries"]}
        self.assertNotIn("system", kinds)

    def test_a_text_message_is_no_note(self):
        sent = self.message(
            self.contact, 1, message_type="sms", subtype_id=self.note.id
        )
        page = self.fetch(self.contact, scope="contact")
        [entry] = page["entries"]
        self.assertEqual(
            (entry["id"], entry["kind"], entry["direction"], entry["channel"]["key"]),
            (f"message-{sent.id}", "message", "out", "sms"),
        )
        self.assertEqual(page["counts"], {"message": 1})

    def test_what_a_program_notes_is_a_note_and_where_a_record_came_from_is_not(self):
        order = self.order(self.contact)
        noted = order.message_post(body="Asked by telephone for Friday")
        mail = order.message_post(body="Sent", subtype_xmlid="mail.mt_comment")
        origin = order.message_post_with_source(
            "mail.message_origin_link",
            render_values={"self": order, "origin": self.lead(self.contact)},
            subtype_xmlid="mail.mt_note",
        )
        tracked = order._message_log(body="Changed")
        self.assertEqual(noted.message_type, origin.message_type)
        every = [kind["key"] for kind in self.head_kinds()]
        entries = self.fetch(order.partner_id, self.manager, kinds=every)["entries"]
        kinds = {entry["id"]: entry["kind"] for entry in entries}
        self.assertEqual(
            [kinds[f"message-{one.id}"] for one in (noted, mail, origin, tracked)],
            ["note", "system", "system", "system"],
        )
        first = self.fetch(order.partner_id, self.manager)
        self.assertEqual(
            [one["id"] for one in first["entries"] if one["id"].startswith("message")],
            [f"message-{noted.id}"],
        )
        self.assertEqual((first["counts"]["note"], first["counts"]["system"]), (1, 3))

    # -- Requests

    def test_a_request_is_one_entry_that_unfolds(self):
        case, asked, told = self.request()
        created = case.message_ids - asked - told
        page = self.fetch(self.contact, self.manager)
        [entry] = page["entries"]
        self.assertEqual(entry["id"], f"case-{case.id}")
        self.assertEqual(entry["body"], "It does not turn on")
        self.assertEqual(
            {part["id"] for part in entry["parts"]},
            {f"message-{message.id}" for message in created + asked + told},
        )
        self.assertEqual(
            {part["kind"] for part in entry["parts"]}, {"message", "system"}
        )
        # With the system's lines switched on it is still one.
        every = [kind["key"] for kind in self.head_kinds()]
        self.assertEqual(
            self.ids(self.contact, self.manager, kinds=every), [entry["id"]]
        )
        # Messages alone are still messages, and counted as what choosing them shows.
        self.assertEqual(page["counts"]["message"], 1)
        self.assertEqual(
            self.ids(self.contact, self.manager, kinds=["message"]),
            [f"message-{asked.id}"],
        )

    def head_kinds(self):
        return self.timeline(self.manager).head("res.partner", self.contact.id)["kinds"]

    def test_later_messages_are_entries_of_their_own(self):
        case, asked, _told = self.request(opened_date=self.ago(1))
        answer = self.post(case, 20, author_id=self.manager.partner_id.id)
        again = self.post(case, 3600, author_id=self.contact.id)
        self.assertEqual(
            self.ids(self.contact, self.manager),
            [f"message-{again.id}", f"message-{answer.id}", f"case-{case.id}"],
        )
        # The same in the timeline of the case.
        found = self.ids(case, self.manager)
        self.assertNotIn(f"message-{asked.id}", found)
        self.assertIn(f"message-{answer.id}", found)

    def test_a_request_by_mail_is_one_entry_whoever_wrote_it(self):
        case, asked, told = self.request(opened_date=self.ago(2))
        # A second mail of the same minute, from an address that nobody knows.
        more = self.post(
            case,
            30,
            message_type="email",
            author_id=False,
            email_from="ann@home.example.com",
        )
        [entry] = self.fetch(self.contact, self.manager)["entries"]
        self.assertEqual(
            [part["id"] for part in entry["parts"]],
            [f"message-{message.id}" for message in asked + told + more],
        )

    # -- Leads

    def lead_by_mail(self, address="ann@fabrikam.example.com"):
        """A lead that the mail gateway makes."""
        lines = (
            f"From: Ann <{address}>",
            "To: sales@example.org",
            "Subject: New machines",
            f"Message-Id: <1-{address}>",
            "",
            "We need two of them",
        )
        thread = self.env["mail.thread"].with_context(mail_channel_nolog=True)
        lead_id = thread.message_process("crm.lead", "\n".join(lines))
        lead = self.env["crm.lead"].browse(lead_id)
        lead.partner_id = self.contact
        lead.company_id = self.company_a
        self.env.flush_all()
        return lead

    def test_a_lead_by_mail_is_one_entry_that_unfolds(self):
        self.contact.email = "ann@fabrikam.example.com"
        lead = self.lead_by_mail()
        [asked] = lead.message_ids.filtered(lambda m: m.message_type == "email")
        # As Odoo dates mails that were on their way for long.
        asked.date -= timedelta(hours=5)
        [entry] = self.fetch(self.contact, self.manager)["entries"]
        self.assertEqual(entry["id"], f"lead-{lead.id}")
        self.assertIn("We need two of them", entry["body"])
        self.assertIn(f"message-{asked.id}", [part["id"] for part in entry["parts"]])
        self.assertIn("reply", entry["actions"])
        # In the lead's own stream, too.
        self.assertEqual(self.ids(lead, self.manager), [entry["id"]])
        # Messages alone, and what came in, are still the mail.
        for options in ({"kinds": ["email"]}, {"direction": "in"}):
            self.assertEqual(
                self.ids(self.contact, self.manager, **options),
                [f"message-{asked.id}"],
            )

    def test_a_lead_by_mail_from_who_nobody_knows(self):
        lead = self.lead_by_mail("someone@nowhere.example.com")
        [entry] = self.fetch(lead, self.manager)["entries"]
        self.assertEqual(entry["id"], f"lead-{lead.id}")
        self.assertIn("We need two of them", entry["body"])

    def test_later_mails_of_a_lead_stand_alone(self):
        lead = self.lead_by_mail()
        answer = self.message(lead, 0, message_type="email", author_id=self.contact.id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_message SET create_date = create_date + interval '1 hour'"
            " WHERE id = %s",
            [answer.id],
        )
        note = self.message(lead, 0, subtype_id=self.note.id)
        self.assertEqual(
            set(self.ids(lead, self.manager)),
            {f"lead-{lead.id}", f"message-{answer.id}", f"message-{note.id}"},
        )

    def test_what_odoo_wrote_alone_does_not_unfold(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "By hand",
                "partner_id": self.contact.id,
                "company_id": self.company_a.id,
            }
        )
        self.assertTrue(lead.message_ids)
        [entry] = self.fetch(lead, self.manager)["entries"]
        self.assertNotIn("parts", entry)
        kinds = [kind["key"] for kind in self.head_kinds()]
        [entry] = self.fetch(lead, self.manager, kinds=kinds)["entries"]
        self.assertEqual(len(entry["parts"]), len(lead.message_ids))

    def test_a_request_is_found_by_the_customers_words(self):
        case, asked, _told = self.request()
        by_title = self.ids(self.contact, self.manager, search="lamp")
        self.assertEqual(by_title, [f"case-{case.id}"])
        by_text = self.ids(self.contact, self.manager, search="turn on")
        self.assertEqual(by_text, [f"message-{asked.id}"])
        by_author = self.ids(
            self.contact, self.manager, author_id=self.contact.id, scope="contact"
        )
        self.assertEqual(by_author, [f"message-{asked.id}"])
        day = str(self.today)
        found = self.ids(self.contact, self.manager, date_from=day)
        self.assertEqual(found, [f"case-{case.id}"])
        incoming = self.ids(self.contact, self.manager, direction="in")
        self.assertEqual(incoming, [f"message-{asked.id}"])

    def test_who_may_not_read_the_case_loses_nothing(self):
        case, asked, _told = self.request()
        self.message(self.contact, 3)
        for user in (self.employee, self.salesman_b):
            self.assertFalse(
                [one for one in self.ids(self.contact, user) if one.startswith("case")]
            )
        # A colleague that the mail was sent to reads it, though not the case.
        asked.partner_ids = self.employee.partner_id
        self.assertIn(f"message-{asked.id}", self.ids(self.contact, self.employee))
        # The customer sees their request, and nothing of what Odoo noted.
        portal = self.new_user("asks_in_portal", "base.group_portal")
        portal.partner_id.message_ids.unlink()
        own, text, _told = self.request(portal.partner_id)
        own.message_subscribe(portal.partner_id.ids)
        [entry] = self.fetch(portal.partner_id, portal)["entries"]
        self.assertEqual(entry["id"], f"case-{own.id}")
        self.assertEqual(
            [part["id"] for part in entry["parts"]], [f"message-{text.id}"]
        )
        self.assertEqual(entry["actions"], [])

    def test_pages_of_requests_are_full_and_cost_the_same(self):
        few, many = self.customers(2)
        for _n in range(2):
            self.request(few)
        for _n in range(12):
            self.request(many)

        def queries(partner):
            self.fetch(partner, self.manager, limit=5)
            timeline = self.timeline(self.manager)
            before = self.env.cr.sql_log_count
            page = timeline.fetch("res.partner", partner.id, limit=5)
            return self.env.cr.sql_log_count - before, page

        cost, page = queries(few)
        self.assertEqual(len(page["entries"]), 2)
        cost_of_many, page = queries(many)
        self.assertEqual(len(page["entries"]), 5)
        self.assertLessEqual(cost_of_many, cost + 3)
        pages = self.all_pages(many, 5, self.manager)
        self.assertEqual([len(page) for page in pages], [5, 5, 2])
        self.assertEqual(len(set(sum(pages, []))), 12)

    def test_what_odoo_wrote_is_not_gone_through(self):
        """Few messages of people among thousands of lines of the system, by an index."""
        talk = self.message(self.contact, 400)
        case, _asked, _told = self.request()
        self.env.cr.execute(
            """
            INSERT INTO mail_message
                        (model, res_id, message_type, subtype_id, is_internal, date)
                 SELECT 'res.partner', %s, 'notification', %s, TRUE,
                        NOW() - number * interval '1 minute'
                   FROM GENERATE_SERIES(1, 20000) number
            """,
            [self.contact.id, self.note.id],
        )
        self.env.cr.execute("ANALYZE mail_message")
        stream = self.timeline(self.manager)._scope(
            "res.partner", self.contact.id, "contact"
        )
        source, plans = stream.sources["message"], []
        source._prepare(stream)
        execute_query = type(self.env).execute_query

        def explained(env, query):
            if "document.part" in query.code:
                rows = execute_query(env, SQL("EXPLAIN (ANALYZE) %s", query))
                plans.append("\n".join(row for [row] in rows))
            return execute_query(env, query)

        kinds = sorted(set(source.kinds) - {"system"})
        with patch.object(type(self.env), "execute_query", explained):
            found = source._candidates(stream, kinds, 31)
        self.assertEqual([record_id for _date, record_id in found], talk.ids)
        self.assertTrue(plans)
        for plan in plans:
            self.assertNotIn("Seq Scan on mail_message ", plan)
            self.assertIn("mail_message_timeline_index", plan)
            self.assertNotRegex(plan, r"Rows Removed by Filter: \d{3}")

    # -- Titles

    def test_the_summary_is_the_title(self):
        call = self.interaction(self.contact, summary="Wants an offer\nFor ten lamps")
        entry = self.entry(self.contact, f"interaction-{call.id}")
        self.assertEqual(
            (entry["title"], entry["body"]), ("Wants an offer", "For ten lamps")
        )
        self.assertEqual(entry["channel"]["label"], "Phone")
        call.summary = False
        entry = self.entry(self.contact, f"interaction-{call.id}")
        self.assertEqual((entry["title"], entry["body"]), ("Phone", ""))
        todo = self.contact.activity_schedule(
            "mail.mail_activity_data_call",
            summary="Ask about lamps",
            user_id=self.manager.id,
        )
        entry = self.entry(self.contact, f"activity-{todo.id}")
        self.assertEqual(entry["title"], "Ask about lamps")
        todo.action_feedback(feedback="They want ten")
        [entry] = self.fetch(self.contact, self.manager, kinds=["activity"])["entries"]
        self.assertIn("Ask about lamps", entry["title"])
        self.assertIn("They want ten", entry["body"])
        mail = self.message(self.contact, 1, subject="Offer", message_type="email")
        self.assertEqual(
            self.entry(self.contact, f"message-{mail.id}")["title"], "Offer"
        )

    def test_a_title_is_one_line(self):
        self.assertEqual(split_title(None), ("", ""))
        self.assertEqual(split_title(" One \n\n two\nthree "), ("One", "two\nthree"))
        for text in ("word " * 60, "字" * 300):
            title, rest = split_title(text)
            self.assertLessEqual(len(title), TITLE_LENGTH)
            self.assertTrue(title.endswith("…"))
            self.assertEqual(rest, text.strip())

    # -- Purchases and channels

    def test_imported_purchases_are_entries(self):
        values = {"partner_id": self.contact.id, "company_id": self.company_a.id}
        history = self.env["crm.purchase.history"]
        bought = history.create(
            {**values, "reference": "OLD-1", "amount": 80, "channel": "Shop"}
        )
        given_back = history.create({**values, "amount": -20})
        elsewhere = history.create(
            {**values, "company_id": self.company_b.id, "amount": 5}
        )
        entry = self.entry(self.contact, f"purchase-{bought.id}", self.salesman)
        self.assertEqual(
            (entry["title"], entry["body"], entry["amount"], entry["all_day"]),
            ("OLD-1", "Shop", 80, True),
        )
        entry = self.entry(self.contact, f"purchase-{given_back.id}", self.salesman)
        self.assertEqual(entry["state"]["label"], "Refund")
        for text in ("old-1", "shop"):
            self.assertEqual(
                self.ids(self.contact, search=text), [f"purchase-{bought.id}"]
            )
        self.assertNotIn(f"purchase-{elsewhere.id}", self.ids(self.contact))
        # Employees without sales have no right to them.
        page = self.fetch(self.contact, self.employee)
        self.assertNotIn("purchase", page["counts"])

    def test_a_page_of_purchases_is_read_from_an_index(self):
        self.env.cr.execute(
            """
            INSERT INTO crm_purchase_history
                        (partner_id, company_id, currency_id, date, amount)
                 SELECT %s, %s, %s, DATE '2020-01-01' + number %% 2000, number
                   FROM GENERATE_SERIES(1, 5000) number
            """,
            [self.contact.id, self.company_a.id, self.company_a.currency_id.id],
        )
        self.env.cr.execute("ANALYZE crm_purchase_history")
        stream = self.timeline()._scope("res.partner", self.contact.id, "contact")
        [[query, _is_date]] = (
            stream.sources["purchase"].page_queries(stream, "purchase", 30).queries
        )
        plan = "\n".join(
            row for [row] in self.env.execute_query(SQL("EXPLAIN (ANALYZE) %s", query))
        )
        self.assertIn("crm_purchase_history_partner_date_index", plan)
        self.assertEqual(len(self.ids(self.contact, kinds=["purchase"])), 30)

    def test_social_media_is_a_channel_everywhere(self):
        self.assertEqual(set(CHANNEL_ICONS), {key for key, _label in CHANNELS})
        chat = self.interaction(self.contact, channel="social", summary=False)
        entry = self.entry(self.contact, f"interaction-{chat.id}")
        self.assertEqual(entry["title"], "Social media")
        self.assertEqual(self.ids(self.contact, search="social"), [entry["id"]])
        for model, name in (
            ("crm.interaction.wizard", "channel"),
            ("crm.preferred.channel", "channel"),
            ("crm.care.case", "channel"),
        ):
            field = self.env[model]._fields[name]
            keys = [key for key, _label in field._description_selection(self.env)]
            self.assertIn("social", keys, model)
