from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from ...analytics.insight import lifecycle
from ...models.common.formats import format_day
from .lifecycle_common import PERIOD, LifecycleCommon

# Purchases of each stage, as days ago and amounts.
EXPLORING = [(400, 100), (20, 100)]
YOUNG = [(179, 100), (100, 100), (20, 100)]
FORMING = [(300, 50), (200, 50), (100, 70), (20, 60)]
STEADY = [(300, 50), (200, 50), (100, 50), (20, 50)]
FALLING = [(300, 50), (200, 50), (100, 50), (20, 20)]


@tagged("post_install", "-at_install")
class TestLifecycle(LifecycleCommon):
    def test_each_stage(self):
        partners = {
            "exploration": self.buyer(*EXPLORING),
            "formation": self.buyer(*FORMING),
            "stable": self.buyer(*STEADY),
            "decline": self.buyer(*FALLING),
        }
        young = self.buyer(*YOUNG)
        run = self.update_stages()
        for stage, partner in partners.items():
            self.assertEqual(self.stage(partner), stage)
        self.assertEqual(self.stage(young), "exploration")
        self.assertEqual(run.customer_count, 5)
        self.assertEqual(run.added_count, 5)
        row = self.row(partners["decline"])
        self.assertEqual((row.revenue_now, row.revenue_before), (70, 100))
        self.assertEqual(row.stage_date, self.today)
        self.assertFalse(row.previous_stage)
        # No stage changed: they are the first ones.
        self.assertFalse(self.env["crm.lifecycle.change"].search([]).company_id)

    def test_thresholds_are_exact(self):
        for now, stage in (
            (70, "decline"),
            (70.01, "stable"),
            (129.99, "stable"),
            (130, "formation"),
            (0.07, "decline"),
        ):
            before = 0.10 if now < 1 else 100
            partner = self.buyer((300, before / 2), (200, before / 2), (10, now))
            self.buy(partner, now, 5)
            self.buy(partner, -now, 5)
            self.update_stages()
            self.assertEqual(self.stage(partner), stage, now)

    def test_first_purchase_just_one_period_ago(self):
        days = [(PERIOD, 100), (90, 100), (5, 100)]
        old = self.buyer(*days)
        young = self.buyer(*[(ago - 1, amount) for ago, amount in days])
        self.update_stages()
        self.assertEqual(self.stage(old), "formation")
        self.assertEqual(self.stage(young), "exploration")
        row = self.row(young)
        self.assertIn(format_day(self.env, row.first_date), row.reason_text)

    def test_overdue_by_more_than_twice_the_median(self):
        steady = [(400, 100), (350, 100), (300, 100), (250, 100), (150, 500), (100, 90)]
        partner = self.buyer(*steady)
        late = self.buyer(*[(ago + 1, amount) for ago, amount in steady])
        self.update_stages()
        self.assertEqual(self.row(partner).median_interval, 50)
        self.assertEqual(self.stage(partner), "formation")
        self.assertEqual(self.stage(late), "decline")
        self.assertIn("101", self.row(late).reason_text)

    def test_nothing_in_two_periods(self):
        partner = self.buyer((900, 10), (800, 10), (700, 10))
        self.update_stages()
        self.assertEqual(self.stage(partner), "decline")

    def test_refunds_below_zero_count_as_zero(self):
        partner = self.buyer((300, 10), (290, 10), (280, 10), (20, 10))
        self.buy(partner, -500, 10)
        self.update_stages()
        row = self.row(partner)
        self.assertEqual(row.revenue_now, -490)
        self.assertEqual(row.stage, "decline")
        # Below zero before, and zero now: both are nothing.
        other = self.buyer((900, 10), (290, 10), (280, 10))
        self.buy(other, -500, 270)
        self.update_stages()
        self.assertEqual(self.stage(other), "decline")

    def test_a_purchase_taken_back_is_no_purchase_day(self):
        partner = self.buyer((300, 10), (20, 10))
        self.buy(partner, -10, 20)
        self.update_stages()
        self.assertEqual(self.row(partner).purchase_days, 2)

    def test_one_purchase_ever_and_several_on_one_day(self):
        once = self.buyer((4000, 10))
        often = self.buyer((400, 10), (400, 20), (400, 30))
        self.update_stages()
        for partner in (once, often):
            row = self.row(partner)
            self.assertEqual((row.stage, row.purchase_days), ("exploration", 1))
            self.assertFalse(row.median_interval)
            self.assertTrue(row.reason_text)

    def test_clockwork_for_thirty_years(self):
        partner = self.customer("Clockwork")
        day = fields.Date.start_of(self.today, "month")
        months = [fields.Date.subtract(day, months=back) for back in range(360)]
        self.env["crm.purchase.history"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "date": month,
                    "amount": 100,
                }
                for month in months
            ]
        )
        self.update_stages()
        row = self.row(partner)
        self.assertEqual(row.stage, "stable")
        self.assertEqual((row.purchase_days, row.purchase_months), (360, 360))
        self.assertEqual(row.run_days, 360)
        self.assertLess(row.interval_variation, 0.1)
        pattern = self.env["crm.purchase.pattern"].browse(row.id)
        self.assertEqual(pattern.month_share, 1)
        self.assertEqual(pattern.interval_group, "month")

    def test_purchases_in_the_future(self):
        partner = self.buyer((-10, 10))
        self.update_stages()
        self.assertFalse(self.row(partner))
        self.buy(partner, 10, 5)
        self.update_stages()
        self.assertEqual(self.row(partner).purchase_days, 1)

    def test_import_of_an_earlier_first_purchase(self):
        partner = self.buyer((100, 50), (20, 50))
        self.update_stages()
        self.assertEqual(self.stage(partner), "exploration")
        for ago in (300, 250, 200):
            self.buy(partner, 40, ago)
        self.update_stages()
        row = self.row(partner)
        self.assertEqual(row.first_date, self.today - timedelta(days=300))
        self.assertEqual(row.purchase_days, 5)
        self.assertEqual((row.stage, row.candidate_stage), ("exploration", "stable"))
        self.update_stages(1)
        self.assertEqual(self.stage(partner), "stable")

    def test_archived_customers_keep_a_stage(self):
        partner = self.buyer(*STEADY)
        partner.active = False
        self.update_stages()
        self.assertEqual(self.stage(partner), "stable")

    def test_contacts_belong_to_their_company(self):
        parent = self.customer("Parent", is_company=True)
        child = self.customer("Child", parent_id=parent.id)
        for ago, amount in STEADY:
            self.buy(child if ago % 200 else parent, amount, ago)
        self.update_stages()
        self.assertEqual(self.stage(parent), "stable")
        self.assertFalse(self.row(child))
        self.assertEqual(child.lifecycle_stage, "stable")

    def test_merged_customers(self):
        one = self.buyer((300, 50), (200, 50), name="One")
        two = self.buyer((100, 50), (20, 50), name="Two")
        self.update_stages()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (one + two).ids, one, extra_checks=False
        )
        self.update_stages()
        self.update_stages(1)
        self.assertEqual(self.stage(one), "stable")
        self.assertEqual(self.row(one).purchase_days, 4)

    def test_all_taken_back(self):
        partner = self.buyer(*STEADY)
        other = self.buyer(*STEADY)
        self.update_stages()
        self.env["crm.purchase.history"].search(
            [("partner_id", "=", other.id)]
        ).unlink()
        run = self.update_stages()
        self.assertEqual(run.removed_count, 1)
        self.assertFalse(self.row(other))
        self.assertEqual(self.changes(other), [("stable", False, False)])
        self.assertTrue(self.row(partner))

    def test_two_companies_in_two_currencies(self):
        partner = self.buyer(*STEADY)
        for ago, amount in FALLING:
            self.buy(partner, amount, ago, company=self.company_b)
        self.update_stages()
        self.update_stages(company=self.company_b)
        self.assertEqual(self.stage(partner), "stable")
        self.assertEqual(self.stage(partner, self.company_b), "decline")
        self.assertEqual(self.row(partner, self.company_b).currency_id, self.usd)
        both = self.env["res.company"].browse((self.company_a + self.company_b).ids)
        self.assertEqual(
            partner.with_company(both[1]).lifecycle_stage,
            "decline",
        )
        self.assertEqual(partner.with_company(both[0]).lifecycle_stage, "stable")

    def test_empty_company(self):
        run = self.update_stages()
        self.assertEqual(run.customer_count, 0)
        self.assertFalse(run.last_change_id)


@tagged("post_install", "-at_install")
class TestLifecycleDays(LifecycleCommon):
    """A new stage has to hold on two days in a row."""

    def test_it_holds_on_a_second_day(self):
        partner = self.buyer(*STEADY)
        self.update_stages(-1)
        self.buy(partner, 500)
        self.update_stages()
        row = self.row(partner)
        self.assertEqual(row.stage, "stable")
        self.assertEqual(
            (row.candidate_stage, row.candidate_date), ("formation", self.today)
        )
        self.assertIn("Formation", row.candidate_text)
        # As often as one likes: it is the same day.
        self.update_stages()
        self.assertEqual(row.stage, "stable")
        self.update_stages(1)
        self.env.invalidate_all()
        self.assertEqual(row.stage, "formation")
        self.assertEqual(row.previous_stage, "stable")
        self.assertEqual(row.stage_date, self.today + timedelta(days=1))
        self.assertFalse(row.candidate_stage)
        self.assertEqual(self.changes(partner), [("stable", "formation", False)])

    def test_it_does_not_hold(self):
        partner = self.buyer(*STEADY)
        self.update_stages(-1)
        purchase = self.buy(partner, 500)
        self.update_stages()
        purchase.unlink()
        self.update_stages()
        self.assertFalse(self.row(partner).candidate_stage)
        self.buy(partner, 500)
        self.update_stages()
        self.update_stages()
        self.assertEqual(self.stage(partner), "stable")
        self.update_stages(1)
        self.assertEqual(self.stage(partner), "formation")

    def test_after_days_without_an_update_the_day_before_is_looked_at(self):
        partner = self.buyer(*STEADY)
        self.update_stages()
        self.buy(partner, 500, -5)
        # On the day of the purchase itself, the day before had another stage.
        self.update_stages(5)
        self.assertEqual(self.stage(partner), "stable")
        other = self.buyer(*STEADY)
        self.buy(other, 500, -8)
        self.update_stages(10)
        self.assertEqual(self.stage(partner), "formation")
        self.assertEqual(self.changes(partner), [("stable", "formation", False)])

    def test_newcomers_have_a_stage_at_once(self):
        self.buyer(*STEADY)
        self.update_stages()
        partner = self.buyer((0, 10))
        self.update_stages()
        self.assertEqual(self.stage(partner), "exploration")
        self.assertEqual(self.changes(partner), [(False, "exploration", False)])

    def test_an_earlier_day_and_back(self):
        partner = self.buyer(*STEADY)
        self.update_stages()
        run = self.update_stages(-250)
        self.assertTrue(run.is_aside)
        row = self.row(partner)
        self.assertEqual(row.stage, "exploration")
        self.assertEqual(row.as_of, self.today - timedelta(days=250))
        self.assertEqual(row.purchase_days, 1)
        self.update_stages()
        self.assertEqual((row.stage, row.as_of), ("stable", False))
        self.assertEqual((row.stage_date, row.previous_stage), (self.today, False))
        self.assertEqual(
            self.changes(partner),
            [
                ("stable", "exploration", "other_day"),
                ("exploration", "stable", "other_day"),
            ],
        )
        # What follows is ordinary.
        self.buy(partner, 500)
        self.update_stages()
        self.update_stages(1)
        self.assertEqual(self.changes(partner)[-1], ("stable", "formation", False))
        # They have been in their stage since then, wherever one looks in between.
        self.update_stages(-250)
        self.update_stages(3)
        self.assertEqual(row.stage, "formation")
        self.assertEqual(row.stage_date, self.today + timedelta(days=1))
        self.assertEqual(row.previous_stage, "stable")

    def test_changed_settings_start_nothing(self):
        partner = self.buyer((100, 100), (60, 100), (40, 100), (10, 100))
        self.update_stages()
        self.assertEqual(self.stage(partner), "exploration")
        self.company.lifecycle_days = 50
        run = self.update_stages()
        self.assertTrue(run.definition_changed)
        self.assertEqual(self.stage(partner), "formation")
        self.assertEqual(
            self.changes(partner), [("exploration", "formation", "definition_changed")]
        )
        self.assertFalse(run.next_change_id)
        self.assertFalse(self.update_stages().definition_changed)

    def test_another_definition_of_purchases(self):
        partner = self.buyer(*STEADY)
        self.update_stages()
        self.env["res.company"]._expect_other_figures()
        self.assertTrue(self.company.lifecycle_definition_changed)
        self.buy(partner, 500)
        run = self.update_stages()
        self.assertFalse(self.company.lifecycle_definition_changed)
        self.assertEqual(run.moved_count, 1)
        self.assertEqual(
            self.changes(partner), [("stable", "formation", "definition_changed")]
        )

    def test_only_customers_whose_purchases_changed_are_summed_up_again(self):
        partner = self.buyer(*STEADY)
        self.buyer(*FALLING)
        self.assertEqual(self.update_stages().pattern_count, 2)
        self.assertEqual(self.update_stages().pattern_count, 0)
        history = self.env["crm.purchase.history"]
        purchase = history.search([("partner_id", "=", partner.id)], limit=1)
        self.assertEqual(self.update_stages(1).pattern_count, 0)
        # Another day, as many purchases, the same first and last one.
        purchase = history.search(
            [
                ("partner_id", "=", partner.id),
                ("date", "=", self.today - timedelta(days=100)),
            ]
        )
        purchase.date -= timedelta(days=1)
        self.assertEqual(self.update_stages(1).pattern_count, 1)

    def test_rows_that_stay_are_not_written(self):
        partner = self.buyer(*STEADY)
        self.update_stages()
        self.env.cr.execute("SELECT xmin, ctid FROM crm_lifecycle")
        before = self.env.cr.fetchall()
        self.update_stages()
        self.env.cr.execute("SELECT xmin, ctid FROM crm_lifecycle")
        self.assertEqual(self.env.cr.fetchall(), before)
        self.assertTrue(partner)


@tagged("post_install", "-at_install")
class TestLifecycleRule(LifecycleCommon):
    """The statement and the analytics say the same, of whatever happened."""

    def make_purchases(self):
        """Purchases and refunds on days ago, some in the future."""
        step = self.random.choice([3, 20, 60, 150])
        ago, found = self.random.randint(-20, 120), []
        for _number in range(self.random.choice([1, 2, 3, 4, 8, 15])):
            cents = self.random.choice([7, 10, 100, 130, self.random.randint(1, 9999)])
            sign = -1 if self.random.random() < 0.15 else 1
            found.append((ago, sign * cents / 100))
            ago += self.random.choice([0, step, step, self.random.randint(1, 3 * step)])
        return found

    def test_statement_and_analytics_agree(self):
        made = [self.make_purchases() for _number in range(150)]
        partners = self.customers(len(made))
        self.env["crm.purchase.history"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "date": self.today - timedelta(days=ago),
                    "amount": amount,
                }
                for partner, purchases in zip(partners, made, strict=True)
                for ago, amount in purchases
            ]
        )
        self.update_stages()
        seen = set()
        for partner, purchases in zip(partners, made, strict=True):
            stage, bought = self.expected(purchases)
            row = self.row(partner)
            self.assertEqual(row.stage or None, stage, purchases)
            if bought:
                self.assertFigures(row, bought)
                seen.add(row.stage)
                self.assertTrue(row.reason_text.startswith(stage.capitalize()))
        self.assertEqual(seen, set(lifecycle.STAGES))
        # Days later, too: only some are summed up again.
        for later in (1, 2, 40):
            self.update_stages(later)
            for partner, purchases in zip(partners, made, strict=True):
                _stage, bought = self.expected(purchases, later)
                if bought:
                    self.assertFigures(self.row(partner), bought)

    def test_more_money_now_is_never_a_decline(self):
        for _number in range(500):
            days = [
                date(2025, 1, 1) + timedelta(days=self.random.randint(0, 700))
                for _day in range(self.random.randint(1, 9))
            ]
            today = max(days) + timedelta(days=self.random.randint(0, 200))
            bought = lifecycle.pattern(days)
            now, before = (self.random.randint(-50, 200) for _number in range(2))
            first = lifecycle.stage(bought, now, before, today, PERIOD)
            more = now + self.random.randint(1, 300)
            second = lifecycle.stage(bought, more, before, today, PERIOD)
            self.assertIn(first, lifecycle.STAGES)
            if first != "decline":
                self.assertNotEqual(second, "decline")
            # Order does not matter.
            self.random.shuffle(days)
            self.assertEqual(lifecycle.pattern(days), bought)

    def test_days_count_in_the_analytics_as_well(self):
        today, tomorrow = date(2026, 5, 1), date(2026, 5, 2)
        course = lifecycle.follow(None, "stable", today)
        self.assertEqual(course, ("stable", None, None))
        course = lifecycle.follow(course, "decline", today)
        course = lifecycle.follow(course, "decline", today)
        self.assertEqual(course, ("stable", "decline", today))
        other = lifecycle.follow(course, "formation", tomorrow)
        self.assertEqual(other, ("stable", "formation", tomorrow))
        self.assertEqual(
            lifecycle.follow(course, "decline", tomorrow), ("decline", None, None)
        )


@tagged("post_install", "-at_install")
class TestLifecycleSettings(LifecycleCommon):
    def test_form_in_one_company(self):
        user = self.env.ref("base.user_admin")
        user.write(
            {
                "company_id": self.company_b.id,
                "company_ids": [Command.set(self.company_b.ids)],
            }
        )
        settings = self.env(
            user=user, context={"allowed_company_ids": self.company_b.ids}
        )["res.config.settings"]
        with Form(settings) as form:
            self.assertEqual(form.lifecycle_days, 180)
            form.lifecycle_days = 90
        form.record.execute()
        self.assertEqual(self.company_b.lifecycle_days, 90)
        self.assertEqual(self.company_a.lifecycle_days, 180)

    def test_limits(self):
        for days in (-1, 6, 3651):
            with self.assertRaises(ValidationError):
                self.company.lifecycle_days = days
        self.company.lifecycle_days = 0
        self.assertEqual(self.company._get_lifecycle_days(), 180)
