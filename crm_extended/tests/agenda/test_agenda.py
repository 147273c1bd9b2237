"""Whom the agenda lists, in which order, and why."""

from datetime import datetime, time, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ...models.agenda import AgendaSource
from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestAgenda(AgendaCommon):
    def test_nothing_to_do(self):
        found = self.today_of()
        self.assertEqual((found["rows"], found["done"], found["total"]), ([], 0, 0))
        self.assertTrue(found["rule"])

    def test_own_customers_and_own_documents(self):
        """Customers of the user for any reason, those of others for what the user is in
        charge of."""
        user = self.new_user("all", "sales_team.group_sale_salesman_all_leads")
        own, other = self.mine("Own", user=user), self.mine("Other", user=self.manager)
        self.quotation(own, user=self.manager)
        self.quotation(other, user=self.manager)
        self.activity(other, user=user)
        self.assertEqual(
            self.found(user), [(own.id, ["quotation"]), (other.id, ["activity"])]
        )

    def test_without_customers(self):
        self.quotation(self.ada)
        self.assertEqual(
            self.found(self.new_user("idle", "sales_team.group_sale_salesman")), []
        )

    def test_of_the_customer_not_the_contact(self):
        firm = self.mine("Firm", is_company=True)
        person = self.customer("Person", parent_id=firm.id, email="p@example.com")
        self.quotation(person)
        self.activity(firm)
        [row] = self.today_of()["rows"]
        self.assertEqual(row["partner_id"], firm.id)
        self.assertEqual(
            [reason["key"] for reason in row["reasons"]], ["activity", "quotation"]
        )

    def test_a_contact_who_cannot_be_reached(self):
        """Archived, or of a company that the user does not see: the reason is the
        customer's all the same."""
        firm = self.mine("Firm", is_company=True, email="firm@example.com")
        person = self.customer("Person", parent_id=firm.id, email="p@example.com")
        self.quotation(person)
        self.quotation(self.ada)
        for values in (
            {"active": False},
            {"active": True, "company_id": self.company_b.id},
        ):
            person.sudo().write(values)
            with self.subTest(values=values):
                rows = {row["partner_id"]: row for row in self.today_of()["rows"]}
                self.assertEqual(set(rows), {firm.id, self.ada.id})
                for channel in rows[firm.id]["channels"]:
                    self.assertEqual(channel["contact_id"], firm.id)

    def test_a_company_is_reached_by_its_contacts(self):
        """A company without a phone, one of whose people has one."""
        firm = self.mine("Firm", is_company=True, phone=False, email=False)
        person = self.customer("Person", parent_id=firm.id, phone="+1 555 0199")
        self.interaction(firm, days=120)
        [row] = self.today_of()["rows"]
        [channel] = row["channels"]
        self.assertEqual(
            (channel["channel"], channel["contact_id"], channel["phone"]),
            ("phone", person.id, "+1 555 0199"),
        )

    def test_order(self):
        """Money times weights, then the oldest due date."""
        bob, eve, joe = self.mine("Bob"), self.mine("Eve"), self.mine("Joe")
        self.quotation(self.ada, 1000)  # 800
        self.lead(bob, expected_revenue=1900)  # 760
        self.quotation(eve, 900)  # with an activity 864
        self.activity(eve)
        self.quotation(joe, 1000, days=2)  # 800, earlier
        self.assertEqual(self.names(), ["Eve", "Joe", "Ada", "Bob"])
        self.assertEqual(self.names(size=2), ["Eve", "Joe"])

    def test_the_revenue_is_at_stake_without_an_amount(self):
        bob = self.mine("Bob")
        self.buy(self.ada, 500, days_ago=10)
        self.refresh()
        self.activity(self.ada)
        self.quotation(bob, 450)
        rows = self.today_of()["rows"]
        self.assertEqual([row["name"] for row in rows], ["Ada", "Bob"])
        self.assertEqual([row["money"] for row in rows], [500, 450])
        self.assertEqual([row["is_revenue"] for row in rows], [True, False])

    def test_a_weight_of_one(self):
        self.env["crm.agenda.reason"]._complete(self.company_a)
        self.env["crm.agenda.reason"].search(
            [("company_id", "=", self.company_a.id), ("key", "=", "quotation")]
        ).weight = 1
        bob = self.mine("Bob")
        self.quotation(self.ada, 1000, days=1)
        self.quotation(bob, 1000, days=2)
        self.quotation(bob, 10, days=2)
        self.activity(bob)
        self.assertEqual(self.names(), ["Bob", "Ada"])  # the activity is due today
        rows = self.today_of()["rows"]
        self.assertEqual([row["pressure"] for row in rows], [1, 1])

    def test_ten_reasons_one_row(self):
        for number in range(4):
            self.quotation(self.ada, 100 + number, days=number)
            self.activity(self.ada, days=number)
        self.lead(self.ada)
        self.lead(self.ada)
        [row] = self.today_of()["rows"]
        self.assertEqual(len(row["reasons"]), 10)
        self.assertEqual(row["money"], 103)

    def test_two_companies(self):
        both = self.new_user("both", "sales_team.group_sale_salesman")
        both.company_ids += self.company_b
        customer = self.mine("Shared", user=both)
        order = self.quotation(customer, user=both)
        lead = self.lead(customer, user=both, company_id=self.company_b.id)
        self.assertEqual(
            self.found(both, company=self.company_a), [(customer.id, ["quotation"])]
        )
        self.assertEqual(
            self.found(both, company=self.company_b), [(customer.id, ["lead"])]
        )
        lead.company_id = False
        self.assertEqual(
            self.found(both, company=self.company_a),
            [(customer.id, ["quotation", "lead"])],
        )
        customer.company_id = self.company_a
        self.assertTrue(order)
        self.assertEqual(self.found(both, company=self.company_b), [])

    def test_archived_and_without_salesperson(self):
        self.quotation(self.ada)
        self.ada.active = False
        self.assertEqual(self.found(), [])
        free = self.customer("Free", email="free@example.com")
        self.quotation(free)
        self.assertEqual(self.found(), [(free.id, ["quotation"])])

    def test_customers_without_a_salesperson(self):
        """Users who see all documents look after those who have bought."""
        everything = self.new_user("all", "sales_team.group_sale_salesman_all_leads")
        free, vendor, ours = (
            self.customer(name, email=f"{name}@example.com", phone="+1 555 0100")
            for name in ("free", "vendor", "ours")
        )
        ours.user_id = self.manager
        for customer in free + ours:
            self.buy(customer, 500)
        self.refresh()
        for customer in free + vendor + ours:
            self.interaction(customer, days=120)
        self.assertEqual(self.found(everything), [(free.id, ["silence"])])
        self.assertEqual(self.found(), [])
        # Documents that another one is in charge of are left to them.
        order = self.quotation(free, user=self.salesman)
        self.assertEqual(self.found(everything), [(free.id, ["silence"])])
        self.assertEqual(self.found(), [(free.id, ["quotation"])])
        order.user_id = False
        self.assertEqual(self.found(everything), [(free.id, ["quotation", "silence"])])
        # The list that is opened again shows the same, and settles for all.
        manager = self.manager
        for user in (everything, everything, manager, manager):
            rows = {row["partner_id"]: row for row in self.today_of(user)["rows"]}
            self.assertEqual(
                [reason["key"] for reason in rows[free.id]["reasons"]],
                ["quotation", "silence"],
            )
        self.interaction(free, user=manager)
        self.assertEqual(self.today_of(everything)["rows"], [])

    def test_every_feature_off(self):
        self.quotation(self.ada)
        self.consent(self.ada)
        self.interaction(self.ada, days=120)
        features = self.env["crm.feature"]
        features._switch(**dict.fromkeys(features._features(), False))
        self.assertEqual(self.found(), [(self.ada.id, ["quotation"])])
        self.assertEqual(len(self.today_of()["rows"]), 1)

    def test_only_for_sales(self):
        for user in (self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.today_of(user)

    def test_others_documents_that_the_user_may_not_read(self):
        """A salesperson of own documents only does not learn of others'."""
        self.quotation(self.ada, user=self.manager)
        self.assertEqual(self.found(), [])
        self.salesman.group_ids += self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        self.assertEqual(self.found(), [(self.ada.id, ["quotation"])])

    # -- Reasons

    def test_quotations(self):
        far = self.quotation(self.ada, days=30)
        self.assertEqual(self.found(), [])
        far.validity_date = self.today - timedelta(days=2)
        [row] = self.today_of()["rows"]
        self.assertIn("expired on", row["reasons"][0]["text"])
        self.assertEqual(row["reasons"][0]["res_id"], far.id)
        far.state = "cancel"
        self.assertEqual(self.today_of()["rows"], [])

    def test_quotation_in_another_currency(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "USD", "currency_id": self.usd.id, "company_id": self.company_a.id}
        )
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.usd.id,
                "rate": 2,
                "company_id": self.company_a.id,
                "name": self.today,
            }
        )
        self.quotation(self.ada, 1000, pricelist_id=pricelist.id)
        [row] = self.today_of()["rows"]
        self.assertEqual(row["money"], 500)

    def test_leads(self):
        lead = self.lead(self.ada, days=29)
        self.assertEqual(self.found(), [])
        lead.date_last_stage_update -= timedelta(days=2)
        self.assertEqual(self.found(), [(self.ada.id, ["lead"])])
        lead.stage_id.rotting_threshold_days = 60
        self.assertEqual(self.found(), [])
        lead.stage_id.rotting_threshold_days = 0
        self.activity(lead, days=-3, user=self.manager)
        self.assertEqual(self.found(), [])

    def test_silence(self):
        self.interaction(self.ada, days=80)
        self.assertEqual(self.found(), [])
        self.company_a.agenda_silence_days = 60
        self.assertEqual(self.found(), [(self.ada.id, ["silence"])])
        # Every 80 days is usual from now on.
        for days in (160, 240, 320):
            self.interaction(self.ada, days=days)
        self.assertEqual(self.found(), [])
        bob = self.mine("Bob")
        for days in (80, 90, 100):
            self.interaction(bob, days=days)
        self.assertEqual(self.found(), [(bob.id, ["silence"])])
        [row] = self.today_of()["rows"]
        self.assertEqual(
            row["reasons"][0]["text"],
            "No interaction for 80 days, usually every 10 days",
        )

    def test_dates(self):
        kind = self.env["crm.customer.date.kind"].create({"name": "Birthday"})
        self.env["crm.customer.date"].create(
            {
                "partner_id": self.ada.id,
                "kind_id": kind.id,
                "company_id": self.company_a.id,
                "date": (self.today + timedelta(days=2)).replace(year=1980),
            }
        )
        # A greeting is marketing: nobody is contacted for it without consent.
        self.assertEqual(self.found(), [])
        self.consent(self.ada)
        self.assertEqual(self.found(), [(self.ada.id, ["date"])])
        [row] = self.today_of()["rows"]
        self.assertIn("Birthday of Ada", row["reasons"][0]["text"])

    # -- The contact policy

    def test_a_reason_rests_after_a_contact(self):
        self.lead(self.ada)
        self.interaction(self.ada, days=3)
        self.assertEqual(self.found(), [])
        self.activity(self.ada)
        self.assertEqual(self.found(), [(self.ada.id, ["activity"])])

    def test_what_the_customer_writes_is_no_contact(self):
        self.lead(self.ada)
        self.interaction(self.ada, days=3, direction="in", channel="email")
        self.assertEqual(self.found(), [(self.ada.id, ["lead"])])

    def test_without_an_address_there_is_no_reason(self):
        self.ada.write({"phone": False, "email": False})
        self.quotation(self.ada)
        self.assertEqual(self.found(), [])
        self.ada.email = "ada@example.com"
        [row] = self.today_of()["rows"]
        self.assertEqual([one["channel"] for one in row["channels"]], ["email"])

    def test_what_is_dropped_lowers_the_rank(self):
        """The best by all reasons is not the best by those that are allowed."""
        purposes = self.env["crm.agenda.reason"]
        purposes._complete(self.company_a)
        purposes.search(
            [("company_id", "=", self.company_a.id), ("key", "=", "lead")]
        ).purpose = "marketing"
        customers = [self.mine(f"C{number}") for number in range(40)]
        for number, customer in enumerate(customers):
            self.quotation(customer, 100 + number)
            # Without consent this is dropped.
            self.lead(customer, expected_revenue=10_000 - 100 * number)
        found = self.names(size=3)
        self.assertEqual(found, ["C39", "C38", "C37"])

    # -- Sources that fail

    def test_a_source_that_fails_does_not_hide_the_others(self):
        def wrong_sql(scope):
            return SQL("SELECT 1 / 0, NULL, NULL, NULL, NULL")

        def wrong_python(scope):
            raise ValueError("wrong")

        def refused(scope):
            raise UserError("refused")

        Agenda = type(self.env["crm.customer.agenda"])
        own = Agenda._agenda_sources
        self.quotation(self.ada)
        admin = self.env.ref("base.user_admin")
        for query in (wrong_sql, wrong_python, refused):
            broken = AgendaSource(
                label="Broken", query=query, sentences=lambda scope, reasons: []
            )

            def sources(agenda, broken=broken):
                return {**own(agenda), "broken": broken}

            with (
                patch.object(Agenda, "_agenda_sources", sources),
                mute_logger("odoo.sql_db"),
                self.assertLogs("odoo.addons.crm_extended.models.agenda", "ERROR"),
            ):
                self.assertEqual(self.found(), [(self.ada.id, ["quotation"])])
        notes = self.env["mail.message"].search(
            [("subject", "=", "My Customers Today: a reason cannot be shown")]
        )
        self.assertEqual(len(notes), 1, "once a day")
        self.assertIn(admin.partner_id, notes.partner_ids)
        self.assertIn("Broken", notes.body)

    def test_sentences_that_fail(self):
        Agenda = type(self.env["crm.customer.agenda"])
        own = Agenda._agenda_sources
        self.quotation(self.ada)
        self.activity(self.ada)

        def sources(agenda):
            found = own(agenda)
            found["activity"].sentences = lambda scope, reasons: 1 / 0
            return found

        with (
            patch.object(Agenda, "_agenda_sources", sources),
            self.assertLogs("odoo.addons.crm_extended.models.agenda", "ERROR"),
        ):
            [row] = self.today_of()["rows"]
        self.assertEqual([reason["key"] for reason in row["reasons"]], ["quotation"])


@tagged("post_install", "-at_install")
class TestAgendaDay(AgendaCommon):
    """The list of a day, and what comes of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.agenda_size = 3
        cls.people = [cls.mine(f"P{number}") for number in range(5)]

    def setUp(self):
        super().setUp()
        for number, partner in enumerate(self.people):
            self.quotation(partner, 1000 - number)
        self.day = self.today_of()

    def items(self):
        return self.env["crm.agenda.item"].search([("user_id", "=", self.salesman.id)])

    def item(self, number):
        """An item as its user."""
        id_ = self.day["rows"][number]["id"]
        return self.as_user(self.salesman, "crm.agenda.item").browse(id_)

    def test_it_ends_and_goes_on(self):
        self.assertEqual([row["name"] for row in self.day["rows"]], ["P0", "P1", "P2"])
        self.assertEqual((self.day["done"], self.day["total"]), (0, 3))
        for number in range(3):
            self.item(number).action_done()
        day = self.today_of()
        self.assertEqual((day["rows"], day["done"], day["total"]), ([], 3, 3))
        more = self.today_of(more=True)
        self.assertEqual([row["name"] for row in more["rows"]], ["P3", "P4"])
        self.assertEqual((more["done"], more["total"]), (3, 5))

    def test_it_stays_as_it_is(self):
        late = self.mine("Late")
        self.quotation(late, 9000)
        day = self.today_of()
        self.assertEqual([row["name"] for row in day["rows"]], ["P0", "P1", "P2"])
        more = self.today_of(more=True)
        self.assertEqual(more["rows"][3]["name"], "Late")

    def test_snooze(self):
        self.item(0).action_snooze(
            fields.Date.to_string(self.today + timedelta(days=2)), "On holiday"
        )
        item = self.items().filtered(lambda item: item.state == "snoozed")
        self.assertEqual(
            (item.partner_id.name, item.snooze_reason), ("P0", "On holiday")
        )
        self.assertEqual(len(self.today_of()["rows"]), 2)
        # As it is on the next day, and on the one after it.
        self.items().write({"day": self.today - timedelta(days=1)})
        for until, listed in (
            (self.today + timedelta(days=1), False),
            (self.today, True),
        ):
            item.snoozed_until = until
            self.assertEqual("P0" in self.names(), listed)

    def test_snooze_only_into_the_future(self):
        for until in (self.today, "yesterday", False, "2999-01-01", [1]):
            with self.assertRaises(UserError):
                self.item(0).action_snooze(until)

    def test_skip_and_reopen(self):
        self.item(0).action_skip()
        day = self.today_of()
        self.assertEqual((len(day["rows"]), day["done"], day["total"]), (2, 1, 3))
        self.item(0).action_reopen()
        self.assertEqual(len(self.today_of()["rows"]), 3)

    def test_done_by_anyones_interaction(self):
        self.interaction(self.people[0], user=self.manager)
        self.interaction(self.people[1], days=2)
        states = {item.partner_id.name: item.state for item in self.items()}
        self.assertEqual(states, {"P0": "done", "P1": "open", "P2": "open"})

    def test_two_with_the_same_customer(self):
        """One is in charge of the customer, the other of an activity: who comes first is
        done for both."""
        other = self.new_user("other", "sales_team.group_sale_salesman")
        self.activity(self.people[0], user=other)
        [row] = self.today_of(other)["rows"]
        self.assertEqual(row["name"], "P0")
        self.item(0).action_done()
        # A click is for oneself: nothing says that there was a contact.
        self.assertEqual(len(self.today_of(other)["rows"]), 1)
        self.interaction(self.people[0], user=self.salesman)
        day = self.today_of(other)
        self.assertEqual((day["rows"], day["done"], day["total"]), ([], 1, 1))

    def test_done_by_an_activity(self):
        activity = self.activity(self.people[1], user=self.manager)
        activity.with_user(self.manager).action_done()
        done = self.items().filtered(lambda item: item.state == "done")
        self.assertEqual(
            (done.partner_id, done.done_by_id), (self.people[1], self.manager)
        )

    def test_what_is_settled_meanwhile(self):
        order = self.env["sale.order"].search([("partner_id", "=", self.people[0].id)])
        order.state = "cancel"
        day = self.today_of()
        self.assertEqual([row["name"] for row in day["rows"]], ["P1", "P2"])
        self.assertEqual(day["total"], 2)
        self.assertEqual(self.items().mapped("state").count("gone"), 1)

    def test_merged(self):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.people[0] + self.people[1]).ids, self.people[1])
        day = self.today_of()
        self.assertEqual([row["name"] for row in day["rows"]], ["P1", "P2"])
        self.assertEqual(len(day["rows"][0]["reasons"]), 2)

    def test_archived(self):
        self.people[0].active = False
        self.assertEqual([row["name"] for row in self.today_of()["rows"]], ["P1", "P2"])

    def test_own_lists_only(self):
        other = self.new_user("other", "sales_team.group_sale_salesman")
        items = self.items()
        self.assertFalse(self.as_user(other, "crm.agenda.item").search([]))
        with self.assertRaises(AccessError):
            items.with_user(other).action_done()
        self.assertEqual(
            self.as_user(self.manager, "crm.agenda.item").search([]), items
        )
        with self.assertRaises(AccessError):
            items.with_user(self.manager).action_skip()
        with self.assertRaises(AccessError):
            items.with_user(self.salesman).write({"state": "done"})
        self.assertFalse(self.as_user(self.salesman_b, "crm.agenda.item").search([]))

    def test_two_windows(self):
        """Both make the list at once."""
        agenda = self.agenda()
        scope = agenda._scope()
        candidates = agenda._find(agenda._scope([p.id for p in self.people[:3]]))
        self.assertEqual(agenda.env["crm.agenda.item"]._add(scope, candidates), [])

    def test_contacted_by_mail(self):
        """Whatever counts as a contact settles it, without a hook."""
        customer = self.people[0].with_user(self.salesman)
        self.items().write({"state_date": fields.Datetime.now() - timedelta(minutes=1)})
        customer.message_post(
            body="Hello",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=customer.ids,
        )
        self.env.flush_all()
        day = self.today_of()
        self.assertEqual([row["name"] for row in day["rows"]], ["P1", "P2"])
        self.assertEqual((day["done"], day["total"]), (1, 3))

    # -- Before the day begins

    def prepare(self, hour=6):
        now = datetime.combine(self.today, time(hour))
        with self.no_commits(), freeze_time(now):
            self.env["crm.agenda.item"]._cron_prepare()
        return self.items().filtered(lambda item: item.day == self.today)

    def test_prepared_at_dawn(self):
        self.salesman.tz = "UTC"
        self.items().write({"day": self.today - timedelta(days=1)})
        self.assertFalse(self.prepare(hour=3))
        items = self.prepare()
        self.assertEqual(items.partner_id.mapped("name"), ["P0", "P1", "P2"])
        self.assertEqual(self.prepare(), items)

    def test_not_prepared_for_who_does_not_come(self):
        self.salesman.tz = "UTC"
        self.items().write({"day": self.today - timedelta(days=20)})
        self.assertFalse(self.prepare())

    def test_not_prepared_for_who_left_sales(self):
        self.salesman.tz = "UTC"
        self.items().write({"day": self.today - timedelta(days=1)})
        self.salesman.group_ids -= self.env.ref("sales_team.group_sale_salesman")
        self.assertFalse(self.prepare())
