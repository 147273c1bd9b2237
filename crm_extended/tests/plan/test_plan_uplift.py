"""What a plan brought, out of enrollments and purchases."""

import random
from datetime import timedelta
from statistics import fmean

from odoo import Command, fields
from odoo.tests import tagged
from odoo.tools import SQL

from ...analytics.common.intervals import newcombe, welch
from ...analytics.plan.uplift import mean_revenue
from ..purchase.test_taken_back import TakenBackCommon
from .common import PlanCommon


def quantile(values, share):
    """By linear interpolation, as PostgreSQL's percentile_cont."""
    values = sorted(values)
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


class UpliftCommon(PlanCommon):
    @classmethod
    def group(cls, plan, arm, count, days_ago=60, **values):
        """Customers who began a plan so many days ago, at noon."""
        customers = cls.customers(count)
        cls.enroll_past(plan, arm, customers, days_ago, **values)
        return customers

    @classmethod
    def enroll_past(cls, plan, arm, customers, days_ago=60, **values):
        start = fields.Datetime.to_datetime(plan._today()) + timedelta(hours=12)
        return cls.enrollments.create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": plan.company_id.id,
                    "plan_id": plan.id,
                    "version_id": plan.version_id.id,
                    "arm": arm,
                    "state": "done",
                    "start_date": start - timedelta(days=days_ago),
                    **values,
                }
                for customer in customers
            ]
        )

    def buy_all(self, customers, amount=100.0, days_ago=50, **values):
        for customer in customers:
            self.buy(customer, amount, days_ago, **values)

    def outcome(self, plan):
        return plan._get_outcomes()[plan.id]

    def uplift(self, plan):
        return self.outcome(plan).uplift

    def counts(self, plan):
        """Customers and goals of both groups."""
        found = self.uplift(plan)
        return [(arm.customers, arm.goals) for arm in (found.plan, found.control)]


@tagged("post_install", "-at_install")
class TestPlanUpliftTakenBack(TakenBackCommon):
    """What was bought and taken back in full was not bought."""

    def test_by_both_kinds_of_documents(self):
        self.env["crm.feature"]._switch(plans=True, consent=True)
        plan = self.env["crm.care.plan"].create(
            {"name": "Plan", "company_id": self.company.id, "goal": "purchase"}
        )
        start = fields.Datetime.now() - timedelta(days=60)
        kept, gone, part = self.env["res.partner"].create(
            [{"name": name} for name in ("Kept", "Gone", "Part")]
        )
        for source in ("invoice", "sale"):
            self.company.rfm_source = source
            enrollments = (
                self.env["crm.care.enrollment"]
                .sudo()
                .create(
                    [
                        {
                            "partner_id": customer.id,
                            "company_id": self.company.id,
                            "plan_id": plan.id,
                            "version_id": plan._get_draft().id,
                            "state": "running",
                            "start_date": start,
                        }
                        for customer in (kept, gone, part)
                    ]
                )
            )
            for customer, back in ((kept, 0), (gone, 100), (part, 40)):
                if source == "invoice":
                    move = self.invoice(100, 50, customer)
                else:
                    move = self.bill(self.order(100, 50, customer), 50)
                if back:
                    # Long after the goal's days.
                    self.credit(move, 2, back if back < 100 else None)
            found = plan._get_outcomes()[plan.id].uplift.plan
            with self.subTest(source=source):
                self.assertEqual((found.customers, found.goals), (3, 2))
                self.assertEqual(enrollments._leaving_goal().partner_id, kept | part)
                self.assertEqual(found.revenue, 160)
            enrollments.unlink()


class TestPlanUplift(UpliftCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.new_plan(cls.log(), goal="purchase", goal_days=30)

    # -- As from single customers

    def test_as_from_single_customers(self):
        chance = random.Random(5)
        data, rows = [], []
        for arm, count in (("plan", 70), ("control", 25)):
            for customer in self.group(self.plan, arm, count):
                size = chance.lognormvariate(4, 1.3)
                before = [
                    (round(size * chance.random(), 2), chance.randint(61, 120))
                    for _each in range(chance.randint(0, 3))
                ]
                after = [
                    (
                        round(size * chance.random() + (arm == "plan") * 20, 2),
                        chance.randint(30, 59),
                    )
                    for _each in range(chance.randint(0, 2))
                ]
                # Outside of both windows.
                other = [(1000, 29), (1000, 121), (1000, 60)]
                rows += [
                    {
                        "partner_id": customer.id,
                        "company_id": self.company_a.id,
                        "date": self.plan._today() - timedelta(days=ago),
                        "amount": amount,
                    }
                    for amount, ago in before + after + other
                ]
                data.append(
                    (arm, sum(a for a, _d in before), sum(a for a, _d in after))
                )
        self.env["crm.purchase.history"].create(rows)
        self.check(self.uplift(self.plan), data)

    def check(self, found, data):
        cap_x, cap_y = (quantile([each[i] for each in data], 0.99) for i in (1, 2))
        cut = [(arm, min(x, cap_x), min(y, cap_y)) for arm, x, y in data]
        mean_x, mean_y = fmean(x for _a, x, _y in cut), fmean(y for _a, _x, y in cut)
        theta = sum((x - mean_x) * (y - mean_y) for _a, x, y in cut) / sum(
            (x - mean_x) ** 2 for _a, x, _y in cut
        )
        left = {
            arm: [y - theta * x for one, x, y in cut if one == arm]
            for arm in ("plan", "control")
        }
        sums = [
            figure
            for values in left.values()
            for figure in (len(values), sum(values), sum(one * one for one in values))
        ]
        self.assertAlmostEqual(found.theta, theta, delta=1e-6)
        for one, other in zip(found.revenue_interval, welch(*sums), strict=True):
            self.assertAlmostEqual(one, other, delta=1e-6)
        for arm, sums in (("plan", found.plan), ("control", found.control)):
            raw = [y for one, _x, y in data if one == arm]
            self.assertAlmostEqual(mean_revenue(sums), fmean(raw), delta=1e-6)
            self.assertEqual(sums.goals, sum(y > 0 for y in raw))
        goals = [found.plan.goals, 70, found.control.goals, 25]
        self.assertEqual(found.goal_interval, newcombe(*goals))

    # -- Who counts

    def test_nobody_began(self):
        self.assertEqual(self.uplift(self.plan).state, "empty")
        self.group(self.plan, "plan", 2, state="waiting", start_date=False)
        found = self.outcome(self.plan)
        self.assertEqual((found.uplift.state, found.pending), ("empty", 0))

    def test_nobody_is_over_yet(self):
        self.group(self.plan, "plan", 3, days_ago=30)
        self.group(self.plan, "control", 1, days_ago=10)
        found = self.outcome(self.plan)
        self.assertEqual((found.uplift.state, found.pending), ("empty", 4))
        tomorrow = self.plan._today() + timedelta(days=1)
        self.assertEqual(found.first_over, tomorrow)

    def test_a_control_group_none_of_which_is_over_yet(self):
        self.group(self.plan, "plan", 30, days_ago=31)
        self.assertEqual(self.uplift(self.plan).state, "no_control")
        self.group(self.plan, "control", 3, days_ago=30)
        self.assertEqual(self.uplift(self.plan).state, "few")
        other = self.new_plan(self.log(), goal="purchase", control_percent=10)
        self.group(other, "plan", 30, days_ago=31)
        self.assertEqual(self.uplift(other).state, "few")

    def test_the_first_results_are_of_the_plan(self):
        self.group(self.plan, "control", 3, days_ago=29)
        self.group(self.plan, "plan", 3, days_ago=10)
        mixed = self.group(self.plan, "plan", 1, days_ago=20)
        self.enroll_past(self.plan, "control", mixed, days_ago=20)
        expected = self.plan._today() + timedelta(days=21)
        self.assertEqual(self.outcome(self.plan).first_over, expected)

    def test_both_groups_wait_for_the_same_time(self):
        for arm in ("plan", "control"):
            self.group(self.plan, arm, 2, days_ago=31)
            self.group(self.plan, arm, 5, days_ago=30)
        self.assertEqual(self.counts(self.plan), [(2, 0), (2, 0)])

    def test_however_they_left(self):
        for arm in ("plan", "control"):
            for state, reason in (
                ("running", False),
                ("held", False),
                ("failed", False),
                ("exited", "goal"),
                ("exited", "opted_out"),
                ("exited", "merged"),
                ("exited", "archived"),
            ):
                self.group(self.plan, arm, 1, state=state, exit_reason=reason)
        self.assertEqual(self.counts(self.plan), [(7, 0), (7, 0)])

    def test_each_customer_counts_once_from_when_they_first_began(self):
        customers = self.group(self.plan, "plan", 3, days_ago=200)
        self.enroll_past(self.plan, "plan", customers, days_ago=100)
        self.enroll_past(self.plan, "plan", customers, days_ago=5, state="running")
        self.buy_all(customers[:1], days_ago=190)
        self.buy_all(customers[1:2], days_ago=90)
        self.assertEqual(self.counts(self.plan), [(3, 1), (0, 0)])
        self.assertEqual(self.outcome(self.plan).pending, 0)

    def test_customers_of_both_groups_are_left_out(self):
        one, other = self.group(self.plan, "plan", 2)
        [control] = self.group(self.plan, "control", 1)
        self.env["base.partner.merge.automatic.wizard"]._merge((one | control).ids, one)
        self.env.invalidate_all()
        self.buy(other, days_ago=50)
        self.assertEqual(self.counts(self.plan), [(1, 1), (0, 0)])
        self.assertEqual(self.outcome(self.plan).mixed, 1)

    def test_customers_of_one_group_who_are_merged_count_once(self):
        one, other = self.group(self.plan, "plan", 2)
        self.buy_all(one | other)
        self.env["base.partner.merge.automatic.wizard"]._merge((one | other).ids, one)
        self.env.invalidate_all()
        self.assertEqual(self.counts(self.plan), [(1, 1), (0, 0)])
        self.assertEqual(mean_revenue(self.uplift(self.plan).plan), 200)

    def test_a_plan_that_was_paused_for_a_month(self):
        """The time of the goal does not stand still, in neither group."""
        for arm in ("plan", "control"):
            customers = self.group(self.plan, arm, 2, state="held")
            self.buy_all(customers[:1], days_ago=31)
            self.buy_all(customers[1:], days_ago=29)
        self.assertEqual(self.counts(self.plan), [(2, 1), (2, 1)])

    # -- What counts

    def test_the_last_day_counts_and_the_next_does_not(self):
        customers = self.group(self.plan, "plan", 2)
        self.buy_all(customers[:1], 10, days_ago=30)
        self.buy_all(customers[1:], 10, days_ago=29)
        self.assertEqual(self.counts(self.plan)[0], (2, 1))
        self.assertEqual(mean_revenue(self.uplift(self.plan).plan), 5)

    def test_the_first_day_is_in_neither_window(self):
        """A document without a time may have been before."""
        customers = self.group(self.plan, "plan", 2)
        self.buy_all(customers, days_ago=60)
        found = self.uplift(self.plan).plan
        self.assertEqual((found.goals, found.revenue, found.before), (0, 0, 0))

    def test_twice_the_time_before(self):
        first, second, third = self.group(self.plan, "plan", 3)
        for customer, ago in ((first, 61), (second, 120), (third, 121)):
            self.buy(customer, 10, ago)
        found = self.uplift(self.plan).plan
        self.assertEqual((found.before, found.x), (2, 20))

    def order(self, customer, days_ago, hour=15, amount=100):
        product = self.env["product.product"].create(
            {"name": "Thing", "list_price": amount, "taxes_id": False}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "company_id": self.company_a.id,
                "order_line": [
                    Command.create({"product_id": product.id, "price_unit": amount})
                ],
            }
        )
        order.action_confirm()
        order.date_order = fields.Datetime.to_datetime(
            self.plan._today() - timedelta(days=days_ago)
        ) + timedelta(hours=hour)
        return order

    def test_the_first_day_where_the_time_is_known(self):
        self.company_a.rfm_source = "sale"
        for arm in ("plan", "control"):
            earlier, later = self.group(self.plan, arm, 2)
            self.order(earlier, 60, hour=11)
            self.order(later, 60, hour=13)
        self.assertEqual(self.counts(self.plan), [(2, 1), (2, 1)])

    def test_as_customers_leave_by_the_goal(self):
        """The rule of the goal is that of the engine."""
        self.company_a.rfm_source = "sale"
        self.plan.goal_amount = 50
        customers = self.group(self.plan, "plan", 6)
        for customer, days_ago, hour, amount in (
            (customers[0], 60, 11, 100),
            (customers[1], 60, 13, 100),
            (customers[2], 60, 13, 49),
            (customers[3], 30, 23, 50),
            (customers[4], 29, 1, 100),
        ):
            self.order(customer, days_ago, hour, amount)
        enrolled = self.of(self.plan)
        self.assertEqual(
            self.uplift(self.plan).plan.goals, len(enrolled._leaving_goal())
        )

    def test_a_minimum_amount_and_products(self):
        self.company_a.rfm_source = "sale"
        customers = self.group(self.plan, "plan", 3)
        orders = [self.order(customer, 50) for customer in customers]
        self.plan.goal_product_tmpl_ids = orders[0].order_line.product_template_id
        other = self.new_plan(self.log(), goal="purchase", goal_amount=101)
        self.enroll_past(other, "plan", customers)
        both = (self.plan | other)._get_outcomes()
        self.assertEqual(both[self.plan.id].uplift.plan.goals, 1)
        self.assertEqual(both[other.id].uplift.plan.goals, 0)
        # All of their revenue counts.
        self.assertEqual(mean_revenue(both[other.id].uplift.plan), 100)

    def test_a_plan_without_a_goal(self):
        plan = self.new_plan(self.log(), goal_days=10, goal_amount=1000)
        customers = self.group(plan, "plan", 2)
        self.buy_all(customers[:1], 60, days_ago=55)
        self.assertEqual(self.counts(plan)[0], (2, 1))
        self.assertEqual(mean_revenue(self.uplift(plan).plan), 30)

    # -- Shops that are not like others

    def fill(self, buyers, others=()):
        """20 customers in the control group and 40 in the plan, all of whom bought before,
        and who bought afterwards."""
        groups = self.group(self.plan, "plan", 40), self.group(self.plan, "control", 20)
        for group in groups:
            self.buy_all(group, 50, days_ago=80)
        self.buy_all(groups[0][:buyers])
        self.buy_all(groups[1][: others or 0])
        return groups

    def test_all_goals_in_one_group(self):
        self.fill(8)
        found = self.uplift(self.plan)
        self.assertEqual(found.state, "compared")
        self.assertEqual(found.goal_interval, newcombe(8, 40, 0, 20))
        # All spent the same before.
        self.assertEqual(found.theta, 0)

    def test_all_goals_in_the_control_group(self):
        self.fill(0, 5)
        found = self.uplift(self.plan)
        self.assertEqual(found.goal_interval, newcombe(0, 40, 5, 20))
        self.assertLess(found.revenue, 0)

    def test_revenue_is_all_zero(self):
        groups = self.fill(5)
        for customer in groups[0][:5]:
            self.buy(customer, -100, 45)
        found = self.uplift(self.plan)
        self.assertEqual(found.plan.goals, 5)
        self.assertEqual((found.revenue, found.revenue_interval), (0, (0, 0)))

    def test_one_customer_worth_half_of_all_revenue(self):
        groups = self.fill(20, 10)
        before = self.uplift(self.plan)
        self.buy(groups[1][0], 3000, 40)
        found = self.uplift(self.plan)
        # The plain mean of the control group is far above that of the plan now ...
        self.assertGreater(mean_revenue(found.control), 3 * mean_revenue(found.plan))
        # ... and the comparison says that it does not know.
        self.assertTrue(found.revenue_interval[0] < 0 < found.revenue_interval[1])
        self.assertLess(found.control.y, found.control.revenue)
        self.assertEqual(found.goal, before.goal)

    def test_the_cap_leaves_nothing(self):
        """So few bought that nothing is left to compare: then nothing is said."""
        for arm in ("plan", "control"):
            customers = self.group(self.plan, arm, 300)
            self.env["crm.purchase.history"].create(
                [
                    {
                        "partner_id": each.id,
                        "company_id": self.company_a.id,
                        "date": self.plan._today() - timedelta(days=50),
                        "amount": 10,
                    }
                    for each in customers[: 5 if arm == "plan" else 0]
                ]
            )
        found = self.uplift(self.plan)
        self.assertEqual((found.state, found.plan.goals), ("compared", 5))
        self.assertIsNone(found.revenue)

    # -- Companies

    def test_money_of_the_company(self):
        """In its currency, and without what was bought elsewhere."""
        self.env["res.currency.rate"].create(
            [
                {
                    "currency_id": self.usd.id,
                    "company_id": company.id,
                    "rate": rate,
                    "name": "2000-01-01",
                }
                for company, rate in ((self.company_a, 2), (self.company_b, 1))
            ]
        )
        other = self.new_plan(self.log(), company=self.company_b, goal="purchase")
        customers = self.group(self.plan, "plan", 2)
        self.enroll_past(other, "plan", customers)
        self.buy(customers[0], 100, 50, currency_id=self.usd.id)
        self.buy(customers[1], 70, 50, company=self.company_b)
        both = (self.plan | other)._get_outcomes()
        self.assertEqual(both[self.plan.id].uplift.plan.revenue, 50)
        self.assertEqual(both[self.plan.id].uplift.plan.goals, 1)
        self.assertEqual(both[other.id].uplift.plan.revenue, 70)

    def test_the_day_is_that_of_the_company(self):
        self.company_a.partner_id.tz = "Asia/Tokyo"
        start = fields.Datetime.to_datetime(self.plan._today()) - timedelta(
            days=60, hours=3
        )
        customer, day = self.customer(), self.plan._today() - timedelta(days=60)
        self.enroll_past(self.plan, "plan", customer, start_date=start)
        # In Tokyo they began a day later than in UTC.
        self.buy(customer, 10, date=day)
        self.assertEqual(self.uplift(self.plan).plan.revenue, 0)
        self.buy(customer, 10, date=day + timedelta(days=1))
        self.assertEqual(self.uplift(self.plan).plan.revenue, 10)

    # -- Cost

    def test_one_statement_for_all_plans_of_a_company(self):
        plans = self.plan
        for number in range(4):
            plans |= self.new_plan(self.log(), goal="purchase", name=str(number))
        for plan in plans:
            self.buy_all(self.group(plan, "plan", 2))
        self.env.flush_all()
        statements = []
        execute = self.env.cr.execute

        def spy(query, *args, **kwargs):
            code = query.code if isinstance(query, SQL) else str(query)
            if "percentile_cont" in code:
                statements.append(code)
            return execute(query, *args, **kwargs)

        self.patch(self.env.cr, "execute", spy)
        self.plan._get_outcomes()
        [one] = statements
        statements.clear()
        found = plans._get_outcomes()
        self.assertEqual(len(statements), 1)
        self.assertEqual({each.uplift.plan.goals for each in found.values()}, {2})
        self.assertTrue(one)

    def test_no_plans(self):
        self.assertEqual(self.plans._get_outcomes(), {})
