"""Customers who are satisfied and do not buy again: who is in the list, and who is not."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...analytics.insight.trap import is_away, is_satisfied
from .satisfaction_common import SatisfactionCommon


@tagged("post_install", "-at_install")
class TestSatisfactionTrap(SatisfactionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trap = cls.env["crm.satisfaction.trap"]
        cls.gone = cls.bought(cls.customer("Gone"), 100)
        cls.said(cls.gone, nps=9, nps_group="promoter")

    @classmethod
    def bought(cls, partner, days_ago, interval=30, company=None):
        """A customer whose last purchase was so long ago, with this interval."""
        last = cls.today - timedelta(days=days_ago)
        cls.env["crm.lifecycle"].create(
            {
                "partner_id": partner.id,
                "company_id": (company or cls.company_a).id,
                "stage": "stable",
                "stage_date": last,
                "first_date": last - timedelta(days=300),
                "last_date": last,
                "purchase_days": 5,
                "median_interval": interval,
            }
        )
        return partner

    def rated(self, partner, rating, **values):
        return self.env["crm.care.satisfaction"].create(
            {
                "case_id": self.case(partner_id=partner.id, stage_id=self.solved.id).id,
                "partner_id": partner.id,
                "date": fields.Datetime.now() - timedelta(days=3),
                "rating": rating,
                **values,
            }
        )

    def found(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        trap = self.as_user(user or self.manager, "crm.satisfaction.trap")
        return trap.search([]).partner_id.with_env(self.env)

    def test_in_the_trap(self):
        [row] = self.trap.search([("company_id", "=", self.company_a.id)])
        self.assertEqual((row.partner_id, row.days_since), (self.gone, 100))
        self.assertEqual(row.median_interval, 30)
        self.assertEqual(row.said_text, "would recommend: 9 of 10")
        self.assertEqual(row.date, row.said_date)

    def test_what_they_said_is_on_a_day_of_the_company(self):
        """As their purchases are. At 20:00 it is the next day in Shanghai."""
        self.company_a.partner_id.tz = "Asia/Shanghai"
        evening = fields.Datetime.now().replace(hour=20, minute=0) - timedelta(days=9)
        self.answers.search([("partner_id", "=", self.gone.id)]).date = evening
        self.env.flush_all()
        [row] = self.trap.search([("company_id", "=", self.company_a.id)])
        self.assertEqual(row.said_date, evening.date() + timedelta(days=1))
        self.assertEqual(row.date, row.said_date)

    def test_who_is_satisfied(self):
        for values, satisfied in (
            ({"nps": 8, "nps_group": "passive"}, False),
            ({"nps": 10, "nps_group": "promoter"}, True),
            ({"expected": 10, "perceived": 9}, True),
            ({"expected": 10, "perceived": 8}, False),
            ({}, False),
        ):
            partner = self.bought(self.customer(), 100)
            self.said(partner, **values)
            self.assertEqual(partner in self.found(), satisfied, values)
            ratio = values["perceived"] / 10 if "perceived" in values else None
            self.assertEqual(is_satisfied(None, values.get("nps"), ratio), satisfied)
        for rating in (1, 3, 4, 5):
            partner = self.bought(self.customer(), 100)
            self.rated(partner, rating)
            self.assertEqual(partner in self.found(), rating >= 4)
            self.assertEqual(is_satisfied(rating, None, None), rating >= 4)

    def test_the_latest_answer_counts(self):
        self.rated(self.gone, 1)
        self.assertFalse(self.found())
        self.said(self.gone, nps=10, nps_group="promoter", days_ago=1)
        self.assertEqual(self.found(), self.gone)
        # Also one that says neither whether they would recommend nor what they expected.
        self.said(self.gone, 1, days_ago=0.5)
        self.assertFalse(self.found())
        self.rated(self.gone, 5, date=fields.Datetime.now())
        self.assertEqual(self.found(), self.gone)

    def test_who_is_away(self):
        for days, interval in ((60, 30), (61, 30), (1, 0.4), (500, 300), (500, 0)):
            partner = self.bought(self.customer(), days, interval)
            self.said(partner, nps=9, nps_group="promoter")
            away = is_away(days, interval, None)
            self.assertEqual(partner in self.found(), away, (days, interval))

    def test_probably_gone(self):
        partner = self.bought(self.customer(), 100, 300)
        self.said(partner, nps=9, nps_group="promoter")
        self.assertNotIn(partner, self.found())
        self.env["crm.forecast.model"].create(
            {
                "company_id": self.company_a.id,
                "as_of": self.today,
                "kind": "bg",
                "r": 0.24,
                "alpha": 4.4,
                "a": 0.79,
                "b": 2.4,
            }
        )
        self.env["crm.forecast"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company_a.id,
                "first_date": self.today - timedelta(days=400),
                "last_date": self.today - timedelta(days=100),
                "purchase_days": 20,
            }
        )
        row = self.trap.search([("partner_id", "=", partner.id)])
        self.assertLess(row.p_active, 0.3)
        self.assertAlmostEqual(
            row.p_active,
            self.env["crm.forecast"].search([("partner_id", "=", partner.id)]).p_active,
        )

    def test_old_answers_and_anonymous_ones(self):
        self.answers.search([]).date = fields.Datetime.now() - timedelta(days=370)
        self.said(None, nps=10, nps_group="promoter")
        self.assertFalse(self.found())

    def test_nothing_open(self):
        person = self.customer("Person", parent_id=self.gone.id)
        lead = self.env["crm.lead"].create(
            {"name": "Open", "type": "opportunity", "partner_id": person.id}
        )
        self.assertFalse(self.found())
        lead.action_set_lost()
        self.assertEqual(self.found(), self.gone)
        order = self.env["sale.order"].create(
            {"partner_id": person.id, "company_id": self.company_a.id}
        )
        self.assertFalse(self.found())
        order.action_cancel()
        self.assertEqual(self.found(), self.gone)
        self.check_orders(person)
        case = self.case(partner_id=person.id)
        self.assertFalse(self.found())
        case.stage_id = self.solved
        self.assertEqual(self.found(), self.gone)

    def check_orders(self, person):
        """A confirmed order is open until all of it is invoiced."""
        product = self.env["product.product"].create(
            {"name": "Tea", "type": "service", "invoice_policy": "order"}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": person.id,
                "company_id": self.company_a.id,
                "order_line": [
                    Command.create(
                        {"product_id": product.id, "price_unit": 9, "tax_ids": False}
                    )
                ],
            }
        )
        order.action_confirm()
        self.assertEqual(order.invoice_status, "to invoice")
        self.assertFalse(self.found())
        # Where orders are the purchases, until it counts: it is newer than the last one.
        self.company_a.rfm_source = "sale"
        self.assertFalse(self.found())
        order.date_order = fields.Datetime.now() - timedelta(days=101)
        self.assertEqual(self.found(), self.gone)
        self.company_a.rfm_source = "invoice"
        self.assertFalse(self.found())
        # As an invoice would leave it, which takes a chart of accounts.
        order.invoice_status = "invoiced"
        self.assertEqual(self.found(), self.gone)

    def test_who_refused_profiling_is_out(self):
        self.env["crm.consent"].with_company(self.company_a)._record(
            self.gone,
            self.env.ref("crm_extended.purpose_profiling"),
            "refused",
            "manual",
            "Said so",
        )
        self.assertFalse(self.found())

    def test_two_companies(self):
        self.bought(self.gone, 5, company=self.company_b)
        self.said(self.gone, nps=9, nps_group="promoter", company=self.company_b)
        self.assertEqual(self.found(), self.gone)
        self.assertFalse(self.found(self.salesman_b))

    def test_each_role(self):
        mine = self.bought(self.customer("Mine", user_id=self.salesman.id), 100)
        self.said(mine, nps=9, nps_group="promoter")
        self.assertEqual(self.found(), mine + self.gone)
        self.assertEqual(self.found(self.salesman), mine)
        for user in (self.agent, self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.env(user=user)["crm.satisfaction.trap"].search([])
        row = self.trap.search([("partner_id", "=", self.gone.id)])
        for operation in ("create", "write", "unlink"):
            self.assertFalse(row.with_user(self.manager).has_access(operation))
        with self.assertRaises(AccessError):
            row.with_user(self.salesman).action_schedule_call()

    def test_no_averages_of_what_few_said(self):
        rows = self.as_user(self.manager, "crm.satisfaction.trap")
        groupby = ["rfm_segment_id"]
        [group] = rows.formatted_read_group([], groupby, ["__count", "days_since:avg"])
        self.assertEqual(group["__count"], 1)
        for aggregate in ("rating:avg", "nps:max", "ratio:sum"):
            with self.assertRaises(AccessError):
                rows.formatted_read_group([], groupby, [aggregate])

    def test_actions(self):
        rows = self.as_user(self.manager, "crm.satisfaction.trap").search([])
        action = rows.action_schedule_call()
        self.assertEqual(action["context"]["active_ids"], self.gone.ids)
        schedule = (
            self.as_user(self.manager, "mail.activity.schedule")
            .with_context(**action["context"])
            .create({})
        )
        schedule.action_schedule_activities()
        [activity] = self.gone.activity_ids
        self.assertEqual(
            activity.activity_type_id, self.env.ref("mail.mail_activity_data_call")
        )
        action = rows.action_add_to_list()
        wizard = (
            self.as_user(self.manager, "crm.customer.list.wizard")
            .with_context(**action["context"])
            .create({"name": "Ask why"})
        )
        wizard.action_apply()
        [chosen] = self.env["crm.customer.list"].search([("name", "=", "Ask why")])
        self.assertEqual(chosen.added_ids, self.gone)

    def test_filter_on_contacts(self):
        person = self.customer("Person", parent_id=self.gone.id)
        partners = self.as_user(self.manager, "res.partner")
        family = [("id", "in", (person + self.gone + self.asker).ids)]
        found = partners.search([*family, ("is_satisfied_away", "=", True)])
        self.assertEqual(found.with_env(self.env), person + self.gone)
        self.assertEqual(set(found.mapped("is_satisfied_away")), {True})
        others = partners.search([*family, ("is_satisfied_away", "=", False)])
        self.assertEqual(others.with_env(self.env), self.asker)
        mine = self.as_user(self.salesman, "res.partner")
        self.assertFalse(mine.search([*family, ("is_satisfied_away", "=", True)]))
        with self.assertRaises(AccessError):
            self.env(user=self.employee)["res.partner"].search(
                [("is_satisfied_away", "=", True)]
            )

    def test_reason_of_the_agenda(self):
        self.gone.write({"user_id": self.salesman.id, "phone": "+32 2 123 45 67"})
        self.env.ref("crm_extended.purpose_marketing").basis = "unless_refused"
        agenda = self.as_user(self.salesman, "crm.customer.agenda")
        text = str(agenda.get_today())
        self.assertIn("would recommend: 9 of 10", text)
        self.assertIn("last purchase 100 days ago", text)

    def test_off_means_gone(self):
        menu = self.env.ref("crm_extended.menu_crm_satisfaction_report")
        links = self.as_user(self.manager, "crm.satisfaction.report").get_page()[
            "links"
        ]
        self.assertIn(
            "crm_extended.crm_satisfaction_trap_action",
            [link["action"] for link in links],
        )
        seen = self.env["ir.ui.menu"].with_user(self.manager)
        self.assertIn(menu.id, seen._visible_menu_ids())
        self.env["crm.feature"]._switch(insight=False)
        self.assertNotIn(menu.id, seen._visible_menu_ids())
        with self.assertRaises(AccessError):
            self.found()
