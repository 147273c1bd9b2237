"""What counts as a contact with a customer on the list, and whom it settles."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestAgendaContacts(AgendaCommon):
    def items(self, partner, user=None):
        return self.env["crm.agenda.item"].search(
            [
                ("user_id", "=", (user or self.salesman).id),
                ("partner_id", "=", partner.id),
            ]
        )

    def listed(self, name, **values):
        """A customer who is on today's list."""
        customer = self.mine(name, **values)
        self.quotation(customer)
        if self.today_of()["total"]:
            self.today_of(more=True)
        item = self.items(customer)
        self.assertEqual(item.state, "open")
        return customer, item

    # -- Interactions

    def test_interactions(self):
        """We reached them, or they called and someone answered."""
        for direction, channel, outcome, state in (
            ("out", "phone", "reached", "done"),
            ("out", "phone", "left_message", "done"),
            ("out", "phone", "no_answer", "open"),
            ("out", "email", "done", "done"),
            ("in", "phone", "reached", "done"),
            ("in", "visit", "done", "done"),
            ("in", "phone", "no_answer", "open"),
            ("in", "phone", "left_message", "open"),
            ("in", "phone", "callback", "open"),
            ("in", "email", "done", "open"),
        ):
            with self.subTest(direction=direction, channel=channel, outcome=outcome):
                customer, item = self.listed(f"{direction}-{channel}-{outcome}")
                self.interaction(
                    customer, direction=direction, channel=channel, outcome=outcome
                )
                self.assertEqual(item.state, state)
                # Opening the page, which looks at all contacts, says the same.
                item.write(
                    {
                        "state": "open",
                        "state_date": fields.Datetime.now() - timedelta(minutes=1),
                    }
                )
                self.today_of()
                self.assertEqual(item.state, state)

    def test_rest_after_the_customer_called(self):
        self.lead(self.ada)
        for values in ({"channel": "email"}, {"outcome": "left_message"}):
            self.interaction(self.ada, days=3, direction="in", **values)
        self.assertEqual(self.found(), [(self.ada.id, ["lead"])])
        self.interaction(self.ada, days=2, direction="in")
        self.assertEqual(self.found(), [])

    # -- Activities

    def test_activities(self):
        """One speaks with a customer by calls, meetings and emails."""
        for kind, state in (
            ("call", "done"),
            ("meeting", "done"),
            ("email", "done"),
            ("todo", "open"),
            ("upload_document", "open"),
        ):
            with self.subTest(kind=kind):
                customer, item = self.listed(kind)
                activity = customer.activity_schedule(
                    f"mail.mail_activity_data_{kind}", user_id=self.manager.id
                )
                activity.with_user(self.manager).action_done()
                self.assertEqual(item.state, state)

    def test_lists_of_other_companies(self):
        """A contact belongs to the company of the record, and else to the user's."""
        user = self.new_user("both", "sales_team.group_sale_salesman")
        user.company_ids += self.company_b
        customer = self.mine("Shared", user=user)
        companies = self.company_a + self.company_b
        leads = {
            company: self.lead(customer, user=user, company_id=company.id)
            for company in companies
        }

        def settled(record, company):
            for one in companies:
                self.agenda(user, one).get_today()
            activity = self.activity(record, user=user)
            agent = self.env(
                user=user, context={"allowed_company_ids": (company | companies).ids}
            )
            activity.with_env(agent).action_done()
            items = self.items(customer, user)
            done = items.filtered(lambda item: item.state == "done").company_id
            self.assertEqual(items.company_id, companies)
            items.unlink()
            # What was logged about it is a contact, after which reasons would rest.
            self.env["mail.message"].search(
                [("mail_activity_type_id", "!=", False)]
            ).unlink()
            return done

        for record, company, done in (
            (leads[self.company_a], self.company_b, self.company_a),
            (leads[self.company_b], self.company_b, self.company_b),
            (customer, self.company_b, self.company_b),
            (customer, self.company_a, self.company_a),
        ):
            with self.subTest(record=record, company=company.name):
                self.assertEqual(settled(record, company), done)

    def test_vendors_are_no_customers(self):
        for move_type, found in (
            ("in_invoice", []),
            ("entry", []),
            ("out_invoice", ["activity"]),
        ):
            with self.subTest(move_type=move_type):
                journals = {"in_invoice": "purchase", "out_invoice": "sale"}
                journal = self.env["account.journal"].create(
                    {
                        "name": move_type,
                        "code": move_type[:4],
                        "type": journals.get(move_type, "general"),
                        "company_id": self.company_a.id,
                    }
                )
                partner = self.customer("Vendor", email="vendor@example.com")
                move = self.env["account.move"].create(
                    {
                        "move_type": move_type,
                        "partner_id": partner.id,
                        "company_id": self.company_a.id,
                        "journal_id": journal.id,
                    }
                )
                activity = self.activity(move)
                self.assertEqual(dict(self.found()).get(partner.id, []), found)
                self.assertEqual(bool(activity._agenda_customers()), bool(found))

    # -- Customers who become others

    def test_a_snoozed_person_gets_a_company(self):
        person, item = self.listed("Person")
        item.with_user(self.salesman).action_snooze(self.today + timedelta(days=5))
        item.day -= timedelta(days=1)
        self.assertNotIn("Person", self.names())
        firm = self.mine("Firm", is_company=True)
        person.parent_id = firm
        self.assertEqual(self.found(), [])
        item.snoozed_until = self.today
        self.assertEqual(self.found(), [(firm.id, ["quotation"])])

    def test_a_contacted_person_gets_a_company(self):
        person, item = self.listed("Person")
        item.with_user(self.salesman).action_done()
        firm = self.mine("Firm", is_company=True)
        person.parent_id = firm
        item.write(
            {
                "day": self.today - timedelta(days=1),
                "state_date": fields.Datetime.now() - timedelta(days=1),
            }
        )
        # The quotation rests for two days.
        self.assertEqual(self.found(), [])

    def test_a_person_on_the_list_gets_a_company(self):
        person, item = self.listed("Person")
        firm = self.mine("Firm", is_company=True)
        person.parent_id = firm
        self.interaction(firm)
        self.assertEqual(item.state, "done")

    def merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((source + target).ids, target)

    def test_merged_after_a_decision(self):
        """What was decided stays, whichever contact is left."""
        until = self.today + timedelta(days=3)
        for is_source in (True, False):
            for method, args, state in (
                ("action_snooze", [until], "snoozed"),
                ("action_done", [], "done"),
                ("action_skip", [], "skipped"),
            ):
                with self.subTest(method=method, is_source=is_source):
                    source, mine = self.listed("Source")
                    target, other = self.listed("Target")
                    decided = mine if is_source else other
                    getattr(decided.with_user(self.salesman), method)(*args)
                    self.merge(source, target)
                    self.assertEqual(self.items(target).mapped("state"), [state])

    def test_merged_with_other_days(self):
        """A collision on one day leaves the items of other days."""
        source, mine = self.listed("Source")
        target, other = self.listed("Target")
        mine.copy({"day": self.today - timedelta(days=9)})
        long = self.today + timedelta(days=20)
        mine.with_user(self.salesman).action_snooze(long)
        other.with_user(self.salesman).action_snooze(self.today + timedelta(days=2))
        self.merge(source, target)
        items = self.items(target).sorted("day")
        self.assertEqual(
            items.mapped("day"), [self.today - timedelta(days=9), self.today]
        )
        self.assertEqual(items[-1].snoozed_until, long)
