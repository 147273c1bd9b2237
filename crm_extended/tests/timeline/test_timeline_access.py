"""Nobody finds in the timeline what he could not open elsewhere: neither as an entry, nor
in a count, a search, a pin, or a promise of more."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .common import TimelineCommon


class TestTimelineAccess(TimelineCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.customer("Seen by all")
        cls.partner.message_ids.unlink()
        cls.own = cls.new_user("own_documents", "sales_team.group_sale_salesman")

    def assert_nothing(self, user, record=None, **options):
        """The user finds nothing of what there is, wherever he looks."""
        record = record or self.partner
        for search in (None, "Secret"):
            page = self.fetch(record, user, limit=1, search=search, **options)
            self.assertEqual(
                page, {"entries": [], "cursor": False, "counts": {}}, search
            )
        head = self.timeline(user).head(record._name, record.id)
        self.assertEqual(
            (head["upcoming"], head["pinned"], head["authors"]), ([], [], [])
        )

    def assert_only(self, user, found, record=None, **options):
        record = record or self.partner
        page = self.fetch(record, user, limit=1, **options)
        self.assertEqual([entry["id"] for entry in page["entries"]], [found])
        self.assertFalse(page["cursor"])
        self.assertEqual(list(page["counts"].values()), [1])

    def test_records_that_cannot_be_read_have_no_timeline(self):
        hidden = self.customer("Hidden", company_id=self.company_b.id)
        lead = self.lead(self.partner)
        for user, record in (
            (self.salesman, hidden),
            (self.employee, lead),
            (self.portal, self.partner),
            (self.env.ref("base.public_user"), self.partner),
        ):
            timeline = self.timeline(user)
            for method in (timeline.fetch, timeline.get_page, timeline.head):
                with self.assertRaises(AccessError, msg=f"{user.login} {record}"):
                    method(record._name, record.id)
            for method in (timeline.pin, timeline.unpin):
                with self.assertRaises(AccessError):
                    method(record._name, record.id, "message-1")

    def test_leads_and_what_is_on_them(self):
        lead = self.lead(self.partner, name="Secret", user_id=self.manager.id)
        self.message(lead, 1, body="Secret")
        self.interaction(self.partner, lead_id=lead.id, summary="Secret")
        lead.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.manager.id, note="Secret"
        )
        self.timeline(self.manager).pin(
            "res.partner", self.partner.id, f"lead-{lead.id}"
        )
        lead.action_set_won()
        for user in (self.own, self.employee):
            self.assert_nothing(user)
        self.assertGreater(len(self.ids(self.partner, self.manager)), 4)
        # A mail from the customer on a lead that the reader may not open.
        self.message(lead, 1, author_id=self.partner.id, body="Secret")
        self.assert_nothing(self.own)

    def test_orders(self):
        order = self.order(self.partner, user_id=self.manager.id)
        order.action_confirm()
        self.message(order, 1, body="Secret", partner_ids=self.partner.ids)
        for user in (self.own, self.employee, self.salesman_b):
            self.assert_nothing(user)
        self.assertIn(f"order-{order.id}", self.ids(self.partner, self.manager))

    def posted(self, partner):
        """An invoice and a credit note."""
        journal = self.env["account.journal"].search(
            [("company_id", "=", self.company_a.id), ("type", "=", "sale")], limit=1
        ) or self.env["account.journal"].create(
            {
                "name": "Sales",
                "code": "TL",
                "type": "sale",
                "company_id": self.company_a.id,
            }
        )
        account = self.env["account.account"].create(
            {"name": "Income", "code": "TL1", "account_type": "income"}
        )
        receivable = self.env["account.account"].create(
            {
                "name": "Receivable",
                "code": "TL2",
                "account_type": "asset_receivable",
                "reconcile": True,
            }
        )
        partner.property_account_receivable_id = receivable
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": kind,
                    "journal_id": journal.id,
                    "partner_id": partner.id,
                    "invoice_user_id": self.manager.id,
                    "invoice_date": self.ago(3).date(),
                    "ref": "Secret",
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Goods",
                                "price_unit": 70,
                                "account_id": account.id,
                                "tax_ids": False,
                            }
                        )
                    ],
                }
                for kind in ("out_invoice", "out_refund")
            ]
        )
        moves.action_post()
        return moves

    def test_invoices_and_payments(self):
        self.posted(self.partner)
        entries = self.fetch(self.partner, kinds=["invoice", "credit_note"])["entries"]
        self.assertEqual({entry["amount"] for entry in entries}, {70, -70})
        self.assertTrue(all(entry["all_day"] for entry in entries))
        for user in (self.own, self.employee, self.salesman_b):
            self.assert_nothing(user)
        # Payments are for accountants.
        self.assertNotIn(
            "payment", {kind["key"] for kind in self.head(self.own)["kinds"]}
        )
        accountant = self.new_user("accountant", "account.group_account_readonly")
        kinds = {kind["key"] for kind in self.head(accountant)["kinds"]}
        self.assertIn("payment", kinds)
        self.assertNotIn("lead", kinds)

    def head(self, user, partner=None):
        return self.timeline(user).head("res.partner", (partner or self.partner).id)

    def test_who_may_log_and_pin(self):
        agent = self.new_user("logging_agent", "crm_extended.group_care_agent")
        for user, can_log in (
            (self.own, True),
            (agent, True),
            (self.employee, False),
        ):
            head = self.head(user)
            self.assertEqual(head["can_log"], can_log, user.login)
            can_pin = self.env["crm.timeline.pin"].with_user(user).has_access("create")
            self.assertEqual(head["can_pin"], can_pin, user.login)
        self.assertFalse(self.head(self.employee)["can_pin"])

    def test_other_companies(self):
        for company in (self.company_a, self.company_b):
            self.env["crm.loyalty.change"].create(
                {
                    "partner_id": self.partner.id,
                    "company_id": company.id,
                    "date": self.today,
                    "new_tier_id": self.env["crm.loyalty.tier"].search([], limit=1).id,
                    "reason": "earned",
                }
            )
        segment = self.env["crm.rfm.segment"].search([], limit=1)
        self.env["crm.rfm.change"].create(
            {
                "partner_id": self.partner.id,
                "company_id": self.company_b.id,
                "date": self.today,
                "new_segment_id": segment.id,
            }
        )
        self.interaction(
            self.partner, company_id=self.company_b.id, user_id=self.env.uid
        )
        for user in (self.salesman, self.manager):
            page = self.fetch(self.partner, user, limit=1)
            self.assertEqual(page["counts"], {"tier": 1})
            self.assertFalse(page["cursor"])
        counts = self.fetch(self.partner, self.salesman_b)["counts"]
        self.assertEqual(counts, {"tier": 1, "segment": 1, "interaction": 1})
        self.assert_nothing(self.employee)

    def test_contacts_that_may_not_be_seen(self):
        company = self.customer("Whole", is_company=True)
        company.message_ids.unlink()
        hidden = self.customer("Hidden", parent_id=company.id)
        hidden.company_id = self.company_b
        self.message(hidden, 1, body="Secret")
        self.message(company, 1, author_id=hidden.id, model=False, res_id=False)
        self.interaction(hidden, company_id=self.company_b.id, user_id=self.env.uid)
        self.assert_nothing(self.salesman, company)
        self.assertFalse(self.timeline().head("res.partner", company.id)["has_company"])

    def test_private_meetings_of_others(self):
        self.meeting(
            self.partner, 3, name="Secret", privacy="private", user_id=self.manager.id
        )
        self.meeting(
            self.partner, -3, name="Secret", privacy="private", user_id=self.manager.id
        )
        self.assert_nothing(self.salesman)
        self.assertEqual(len(self.ids(self.partner, self.manager)), 2)

    def test_pages_are_full_although_rules_hide_messages(self):
        """Mails on leads of others, between those on the contact's own page."""
        hidden = self.lead(self.stranger, user_id=self.manager.id)
        expected = []
        for days in range(1, 7):
            expected.append(f"message-{self.message(self.partner, days * 10).id}")
            for more in range(1, 6):
                self.message(hidden, days * 10 + more, author_id=self.partner.id)
        pages = self.all_pages(self.partner, 2, self.own)
        self.assertEqual([len(page) for page in pages], [2, 2, 2])
        self.assertEqual(sum(pages, []), expected)
        self.assertEqual(self.fetch(self.partner, self.own)["counts"], {"message": 6})
        counts = self.fetch(self.partner, self.manager)["counts"]
        self.assertEqual(counts["message"], 36)

    def test_portal_users_see_their_own_and_nothing_internal(self):
        portal = new_test_user(self.env, "timeline_portal", groups="base.group_portal")
        partner = portal.partner_id
        partner.message_ids.unlink()
        note = self.message(partner, 1, subtype_id=self.note.id, body="Secret")
        self.message(partner, 2, is_internal=True, body="Secret")
        self.message(partner, 3, subtype_id=False, body="Secret")
        self.message(partner, 4, message_type="notification", body="Secret")
        self.interaction(partner, summary="Secret")
        self.lead(partner, name="Secret")
        partner.activity_schedule("mail.mail_activity_data_call", user_id=self.env.uid)
        self.timeline().pin("res.partner", partner.id, f"message-{note.id}")
        self.assert_nothing(portal, partner)
        talk = self.message(partner, 5, body="Good day")
        self.assert_only(portal, f"message-{talk.id}", partner)
        kinds = self.timeline(portal).head("res.partner", partner.id)["kinds"]
        self.assertFalse({"note", "activity"} & {kind["key"] for kind in kinds})
        with self.assertRaises(AccessError):
            self.timeline(portal).pin("res.partner", partner.id, f"message-{talk.id}")

    def portal_with_case(self):
        """A customer with a case, an order and an invoice of his own."""
        portal = new_test_user(self.env, "timeline_portal", groups="base.group_portal")
        partner = portal.partner_id
        partner.message_ids.unlink()
        case = self.env["crm.care.case"].create(
            {
                "name": "My lamp",
                "partner_id": partner.id,
                "company_id": self.company_a.id,
                "user_id": self.manager.id,
                "team_id": False,
            }
        )
        case.message_subscribe(partner.ids)
        case.message_ids.unlink()
        return portal, case

    def test_portal_users_see_their_cases_but_not_who_is_assigned(self):
        portal, case = self.portal_with_case()
        partner = case.partner_id
        self.assert_only(portal, f"case-{case.id}", partner, search="lamp")
        may = self.head(portal, partner)
        self.assertEqual((may["can_log"], may["can_pin"]), (False, False))
        [entry] = self.fetch(partner, portal)["entries"]
        self.assertEqual((entry["title"], entry["author"]), (case.display_name, False))
        head = self.timeline(portal).head("res.partner", partner.id)
        self.assertEqual(head["authors"], [])
        authors = self.head(self.manager, partner)["authors"]
        self.assertEqual(
            [author["id"] for author in authors], self.manager.partner_id.ids
        )
        # Nor can it be found out by asking for each employee.
        assignee = self.manager.partner_id
        self.assertEqual(self.ids(partner, portal, author_id=assignee.id), [])
        [entry] = self.fetch(partner, self.manager, author_id=assignee.id)["entries"]
        self.assertEqual(entry["author"]["id"], assignee.id)

    def test_notes_on_what_portal_users_may_open_never_reach_them(self):
        portal, case = self.portal_with_case()
        partner = case.partner_id
        order = self.order(partner, state="sent")
        invoice = self.posted(partner)[0]
        invoice.message_ids.unlink()
        order.message_subscribe(partner.ids)
        invoice.message_subscribe(partner.ids)
        for record in (case, order, invoice):
            self.message(record, 1, subtype_id=self.note.id, body="Secret")
            self.message(record, 2, is_internal=True, body="Secret")
            self.message(record, 3, message_type="notification", body="Secret")
            record.activity_schedule(
                "mail.mail_activity_data_call", user_id=self.env.uid, note="Secret"
            )
            self.message(record, 4, body="Said to him")
        page = self.fetch(partner, portal, kinds=["message"])
        self.assertEqual(len(page["entries"]), 3)
        self.assertEqual(
            page["counts"],
            {"case": 1, "quotation": 1, "invoice": 1, "credit_note": 1, "message": 3},
        )
        found = self.fetch(partner, portal, search="Secret")
        self.assertEqual(set(found["counts"]), {"invoice", "credit_note"})
        self.assertEqual(len(found["entries"]), 2)
        self.assertEqual(len(self.ids(partner, portal, search="Said")), 3)
        head = self.timeline(portal).head("res.partner", partner.id)
        self.assertEqual(head["upcoming"], [])

    def test_ratings_of_what_may_not_be_read(self):
        """Employees may read all ratings, but not all that was rated."""
        agent = self.new_user("rated_agent", "crm_extended.group_care_agent")
        case = self.env["crm.care.case"].create(
            {
                "name": "Secret",
                "partner_id": self.partner.id,
                "company_id": self.company_a.id,
                "user_id": self.manager.id,
                "team_id": False,
            }
        )
        case.message_ids.unlink()
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("crm.care.case"),
                "res_id": case.id,
                "partner_id": self.partner.id,
                "rating": 5,
                "consumed": True,
                "feedback": "Secret",
            }
        )
        case.team_id = self.env["crm.care.team"].create(
            {"name": "Others", "company_id": self.company_a.id}
        )
        case.message_ids.unlink()
        for user in (agent, self.employee, self.salesman_b):
            self.assert_nothing(user)
        self.assertIn(f"rating-{rating.id}", self.ids(self.partner, self.manager))

    def test_service_cases(self):
        case = self.env["crm.care.case"].create(
            {
                "name": "Secret",
                "partner_id": self.partner.id,
                "company_id": self.company_a.id,
                "user_id": self.manager.id,
                "team_id": self.env["crm.care.team"]
                .create({"name": "Others", "company_id": self.company_a.id})
                .id,
            }
        )
        case.message_ids.unlink()
        self.message(case, 1, body="Secret")
        self.interaction(self.partner, case_id=case.id, summary="Secret")
        self.timeline(self.manager).pin(
            "res.partner", self.partner.id, f"case-{case.id}"
        )
        agent = self.new_user("other_agent", "crm_extended.group_care_agent")
        for user in (agent, self.employee, self.salesman_b):
            self.assert_nothing(user)
        self.assertEqual(len(self.ids(self.partner, self.manager)), 3)

    def test_a_pin_shows_nothing_to_who_may_not_see_the_entry(self):
        lead = self.lead(self.partner, user_id=self.manager.id)
        self.timeline(self.manager).pin(
            "res.partner", self.partner.id, f"lead-{lead.id}"
        )
        self.assertEqual(len(self.head(self.manager)["pinned"]), 1)
        self.assertEqual(self.head(self.own)["pinned"], [])
        self.assertEqual(self.head(self.salesman_b)["pinned"], [])
        self.assertEqual(self.head(self.employee)["pinned"], [])
