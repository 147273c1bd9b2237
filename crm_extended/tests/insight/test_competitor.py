"""Competitors: tags on leads, interactions and customers, and what is won and lost."""

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...analytics.common.intervals import wilson
from ..care.common import CareCommon


@tagged("post_install", "-at_install")
class TestCompetitor(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north, cls.south = cls.env["crm.competitor"].create(
            [{"name": "North"}, {"name": "South"}]
        )
        cls.firm = cls.customer("Firm", is_company=True, user_id=cls.salesman.id)
        cls.person = cls.customer("Person", parent_id=cls.firm.id)
        cls.reason = cls.env["crm.lost.reason"].create({"name": "Price"})

    def lead(self, revenue=100, competitors=None, won=None, **values):
        lead = self.env["crm.lead"].create(
            {
                "name": "Chance",
                "type": "opportunity",
                "company_id": self.company_a.id,
                "user_id": self.salesman.id,
                "expected_revenue": revenue,
                "competitor_ids": [Command.set((competitors or self.north).ids)],
                **values,
            }
        )
        if won:
            lead.action_set_won()
        elif won is False:
            lead.action_set_lost()
        return lead

    def seen(self, user=None, model="crm.competitor.report"):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.as_user(user or self.manager, model).search(
            [("competitor_id", "in", (self.north | self.south).ids)]
        )

    # -- Entering

    def test_in_the_dialog_for_lost_leads(self):
        leads = self.lead(competitors=self.south) | self.lead(competitors=self.south)
        wizard = Form(
            self.env["crm.lead.lost"]
            .with_user(self.salesman)
            .with_context(default_lead_ids=leads.ids)
        )
        wizard.lost_reason_id = self.reason
        wizard.competitor_ids.add(self.north)
        wizard.save().action_lost_reason_apply()
        for lead in leads:
            self.assertEqual(lead.competitor_ids, self.north | self.south)
            self.assertEqual(lead.won_status, "lost")
            self.assertEqual(lead.lost_reason_id, self.reason)

    def test_on_an_interaction(self):
        wizard = Form(
            self.as_user(self.salesman, "crm.interaction.wizard").with_context(
                active_model="res.partner", active_id=self.person.id
            )
        )
        wizard.competitor_ids.add(self.north)
        wizard.save().action_log()
        [interaction] = self.env["crm.interaction"].search(
            [("partner_id", "=", self.person.id)]
        )
        self.assertEqual(interaction.competitor_ids, self.north)
        # Those who do not see analytics log as before.
        wizard = Form(
            self.as_user(self.agent, "crm.interaction.wizard").with_context(
                active_model="res.partner", active_id=self.person.id
            )
        )
        wizard.save().action_log()

    def test_names_are_unique(self):
        for values in ({"name": "north"}, {"name": "NORTH"}):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
                self.env["crm.competitor"].create(values)
        self.env["crm.competitor"].create(
            [
                {"name": "North", "company_id": company.id}
                for company in (self.company_a, self.company_b)
            ]
        )

    # -- Wins and losses

    def test_wins_and_losses(self):
        for revenue, won in ((100, True), (50, True), (70, False), (10, None)):
            self.lead(revenue, won=won)
        self.lead(5, self.north | self.south, won=False)
        north = self.north.with_user(self.manager).with_company(self.company_a)
        self.assertEqual(
            (north.won_count, north.lost_count, north.open_count), (2, 2, 1)
        )
        self.assertEqual((north.won_amount, north.lost_amount), (150, 75))
        self.assertEqual(north.win_rate, 0.5)
        low, high = wilson(2, 4)
        self.assertEqual(
            north.win_rate_text, f"{round(100 * low)}% to {round(100 * high)}%"
        )
        south = self.south.with_env(north.env)
        self.assertEqual((south.won_count, south.lost_count), (0, 1))
        self.assertEqual(south.win_rate, 0)
        rows = self.seen()
        self.assertEqual(len(rows), 6)
        found = {
            competitor: (rate, won, lost)
            for competitor, rate, won, lost in rows._read_group(
                [("id", "in", rows.ids)],
                ["competitor_id"],
                ["win_rate:avg", "won_amount:sum", "lost_amount:sum"],
            )
        }
        self.assertEqual(found[north], (0.5, 150, 75))
        lost = rows.filtered(lambda row: row.won_status == "lost")
        self.assertEqual(lost[0].action_open_lead()["res_model"], "crm.lead")

    def test_a_new_competitor_has_no_rate(self):
        new = self.env["crm.competitor"].create({"name": "New"})
        self.assertEqual((new.win_rate, new.win_rate_text), (0, False))
        self.assertEqual((new.won_count, new.customer_count), (0, 0))
        with Form(self.env["crm.competitor"].with_user(self.manager)) as form:
            form.name = "By form"

    def test_merged_leads_have_the_competitors_of_all(self):
        one, other = self.lead(), self.lead(competitors=self.south)
        merged = (one | other).merge_opportunity()
        self.assertEqual(merged.competitor_ids, self.north | self.south)

    def test_lists_are_read_in_as_many_queries(self):
        some = self.env["crm.competitor"].create(
            [{"name": f"C {number}"} for number in range(12)]
        )
        for one in some:
            self.lead(competitors=one, won=True)
        counts = []
        names = ["won_count", "win_rate_text", "customer_count"]
        for records in (some[:1], some[:1], some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.with_user(self.manager).read(names)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    # -- Customers

    def test_customers_in_contact_with_a_competitor(self):
        self.person.competitor_ids = self.north
        self.lead(partner_id=self.firm.id, won=False)
        self.env["crm.interaction"].create(
            {
                "partner_id": self.person.id,
                "company_id": self.company_a.id,
                "competitor_ids": [Command.set((self.north | self.south).ids)],
            }
        )
        self.buy(self.firm, 90)
        self.refresh()
        rows = self.seen(self.salesman, "crm.competitor.customer")
        north = rows.filtered(lambda row: row.competitor_id == self.north)
        south = rows - north
        self.assertEqual(rows.partner_id, self.firm)
        self.assertEqual(
            (north.on_contact, north.lead_count, north.interaction_count), (True, 1, 1)
        )
        self.assertEqual(
            (south.on_contact, south.lead_count, south.interaction_count), (False, 0, 1)
        )
        self.assertEqual(north.revenue, 90)
        self.assertEqual(north.rfm_segment_id, self.score(self.firm).segment_id)
        self.assertTrue(north.rfm_segment_id)
        groups = rows._read_group(
            [("id", "in", rows.ids)], ["rfm_segment_id"], ["__count"]
        )
        self.assertEqual(groups, [(north.rfm_segment_id, 2)])
        self.assertEqual(self.north.with_company(self.company_a).customer_count, 1)
        both, partners = self.firm | self.person, self.env["res.partner"]
        self.assertEqual(both.competitor_ids, self.north)
        for domain, expected in (
            (("competitor_ids", "=", self.north.id), both),
            (("competitor_ids", "ilike", "nor"), both),
            (("competitor_ids", "!=", False), both),
            (("competitor_ids", "=", self.south.id), partners),
            (("competitor_ids", "=", False), partners),
            (("competitor_ids", "!=", self.south.id), both),
        ):
            with self.subTest(domain):
                found = partners.search([("id", "in", both.ids), domain])
                self.assertEqual(found, expected)

    def test_the_last_contact_is_on_a_day_of_the_company(self):
        self.company_a.partner_id.tz = "Asia/Shanghai"
        self.env["crm.interaction"].create(
            {
                "partner_id": self.person.id,
                "company_id": self.company_a.id,
                "date": "2026-03-10 20:00:00",
                "competitor_ids": [Command.set(self.north.ids)],
            }
        )
        [row] = self.seen(model="crm.competitor.customer")
        self.assertEqual(str(row.last_date), "2026-03-11")

    def test_on_a_contact(self):
        with Form(self.person.with_user(self.salesman)) as form:
            form.competitor_ids.add(self.north)
            form.competitor_ids.add(self.south)
        self.assertEqual(self.firm.competitor_ids, self.north | self.south)
        self.assertEqual(self.north.partner_ids, self.firm)
        with Form(self.firm.with_user(self.salesman)) as form:
            form.competitor_ids.remove(self.north.id)
        self.assertEqual(self.person.competitor_ids, self.south)
        # Tags of a time before the contact belonged to the company are the company's.
        self.north.partner_ids = self.person
        self.env.invalidate_all()
        self.assertEqual(self.firm.competitor_ids, self.north | self.south)
        (self.firm | self.asker).competitor_ids = self.south
        self.assertFalse(self.north.partner_ids)
        self.assertEqual(self.south.partner_ids, self.firm | self.asker)
        self.south.active = False
        self.env.invalidate_all()
        self.assertFalse(self.firm.competitor_ids)
        self.assertFalse(self.env["res.partner"].new({}).competitor_ids)

    def test_merged_customers_have_the_competitors_of_both(self):
        other = self.customer("Other", competitor_ids=[Command.set(self.south.ids)])
        self.firm.competitor_ids = self.north
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.firm | other).ids, self.firm
        )
        self.env.invalidate_all()
        self.assertEqual(self.firm.competitor_ids, self.north | self.south)

    # -- Two companies

    def test_each_company_has_its_own(self):
        own = self.env["crm.competitor"].create(
            {"name": "Only B", "company_id": self.company_b.id}
        )
        self.assertNotIn(own, self.as_user(self.salesman, "crm.competitor").search([]))
        with self.assertRaises(UserError):
            self.lead(competitors=own)
        self.lead(
            7, won=True, company_id=self.company_b.id, user_id=False, team_id=False
        )
        self.lead(9, won=True)
        self.lead(11, won=True, company_id=False, user_id=False, team_id=False)
        amounts = {
            company: self.north.with_company(company).won_amount
            for company in (self.company_a, self.company_b)
        }
        self.assertEqual(amounts, {self.company_a: 20, self.company_b: 18})
        both = self.north.with_context(
            allowed_company_ids=(self.company_a | self.company_b).ids
        )
        self.assertEqual(both.won_amount, 20)
        self.assertEqual(both.currency_id, self.eur)
        self.firm.competitor_ids = self.north | own
        rows = self.env["crm.competitor.customer"].with_context(
            allowed_company_ids=(self.company_a | self.company_b).ids
        )
        found = rows.search([("partner_id", "=", self.firm.id)])
        self.assertEqual(
            {(row.competitor_id, row.company_id) for row in found},
            {
                (self.north, self.company_a),
                (self.north, self.company_b),
                (own, self.company_b),
            },
        )

    # -- Access

    def test_who_sees_what(self):
        mine = self.lead(1, partner_id=self.firm.id)
        others = self.lead(2, user_id=self.manager.id)
        foreign = self.lead(
            4, company_id=self.company_b.id, user_id=False, team_id=False
        )
        self.customer("Not mine", competitor_ids=[Command.set(self.north.ids)])
        for user, leads in (
            (self.salesman, mine),
            (self.manager, mine | others),
            (self.salesman_b, foreign),
        ):
            with self.subTest(user.login):
                self.assertEqual(self.seen(user).lead_id, leads)
        customers = self.seen(self.salesman, "crm.competitor.customer")
        self.assertEqual(customers.partner_id, self.firm)
        north = self.north.with_user(self.salesman).with_company(self.company_a)
        self.assertEqual((north.open_count, north.customer_count), (1, 1))
        for user in (
            self.agent,
            self.employee,
            self.portal,
            self.env.ref("base.public_user"),
        ):
            for model in (
                "crm.competitor",
                "crm.competitor.report",
                "crm.competitor.customer",
            ):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    self.env(user=user, context={})[model].search([])
            for record in (mine, self.firm):
                record = record.with_env(self.env(user=user, context={}))
                for method, *args in (
                    (record.read, ["competitor_ids"]),
                    (record.search, [("competitor_ids", "!=", False)]),
                ):
                    with self.assertRaises(AccessError):
                        method(*args)

    def test_salespeople_add_competitors_and_delete_none(self):
        own = self.as_user(self.salesman, "crm.competitor").create({"name": "Found"})
        own.color = 3
        with self.assertRaises(AccessError):
            own.unlink()
        own.with_user(self.manager).unlink()
