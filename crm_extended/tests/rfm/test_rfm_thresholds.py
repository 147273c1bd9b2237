from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tests.common import BaseCase

from ...analytics.rfm.thresholds import is_rising, round_to, suggest
from ..common import CustomerValueCommon

THRESHOLDS = {
    "rfm_recency_thresholds": [30, 90, 180, 365],
    "rfm_frequency_thresholds": [1, 2, 4, 8],
    "rfm_monetary_thresholds": [100, 500, 1000, 5000],
}


@tagged("post_install", "-at_install")
class TestThresholdArithmetic(BaseCase):
    def test_rising(self):
        self.assertTrue(is_rising([]))
        self.assertTrue(is_rising([-5, 0, 0.5]))
        self.assertFalse(is_rising([1, 1]))
        self.assertFalse(is_rising([2, 1]))
        self.assertFalse(is_rising([float("nan")]))
        self.assertFalse(is_rising([1, float("inf")]))

    def test_rounding_to_figures(self):
        self.assertEqual(round_to(1234.5, 2), 1200)
        self.assertEqual(round_to(-0.0567, 2), -0.057)
        self.assertEqual(round_to(0, 2), 0)
        with self.assertRaises(ValueError):
            round_to(float("inf"), 2)

    def test_suggestions_rise_where_the_cut_points_do_not(self):
        self.assertEqual(suggest([1, 1, 1, 2]), [1, 2, 3, 4])
        self.assertEqual(suggest([14.6, 30.2, 61.9]), [15, 30, 62])
        self.assertEqual(suggest([1234, 1236, 5555], whole=False), [1200, 1300, 5600])
        for cuts in ([0, 0, 0], [-7, -7, -7], [1e-9, 1e-9], [1e15, 1e15, 1e15]):
            self.assertTrue(is_rising(suggest(cuts, whole=False)), cuts)


@tagged("post_install", "-at_install")
class TestRfmThresholds(CustomerValueCommon):
    def choose(self, **values):
        self.company_a.write({"rfm_method": "threshold", **THRESHOLDS, **values})

    def codes(self):
        return {score.partner_id.name: score.code for score in self.scores()}

    # -- Scoring

    def test_scores_follow_the_thresholds_and_not_the_others(self):
        self.choose()
        # Days, purchases and amount each exactly on a threshold, or just beyond one.
        for name, days, purchases, amount in (
            ("on the first", 30, 1, 100),
            ("beyond the first", 31, 2, 100.01),
            ("on the last", 365, 8, 5000),
            ("beyond the last", 366, 9, 5000.01),
        ):
            customer = self.customer(name)
            self.buy(customer, amount - purchases + 1, days)
            for _number in range(purchases - 1):
                self.buy(customer, 1, days)
        self.company_a.rfm_window_months = 0
        self.refresh()
        self.assertEqual(
            self.codes(),
            {
                "on the first": "511",
                "beyond the first": "422",
                "on the last": "244",
                "beyond the last": "155",
            },
        )

    def test_one_customer_alone_is_scored_by_what_he_did(self):
        self.choose()
        self.buy(self.customer("Only"), 700, 100)
        self.refresh()
        self.assertEqual(self.codes(), {"Only": "313"})
        score = self.scores()
        self.assertEqual(score.recency_ranges[0]["text"], "5: up to 30 days")
        self.assertIn("5,000.00", score.monetary_ranges[-1]["text"])

    def test_lost_customers_stay_lost(self):
        self.choose()
        self.buy(self.customer(), 9999, 800)
        self.refresh()
        self.assertTrue(self.scores().segment_id.is_lost)
        self.assertEqual(self.scores().code, "111")

    def test_average_purchase_is_what_thresholds_compare_too(self):
        self.choose(rfm_monetary_measure="average")
        customer = self.customer("Average")
        self.buy(customer, 600)
        self.buy(customer, 200)
        self.refresh()
        self.assertEqual(self.codes(), {"Average": "522"})

    def test_no_customers(self):
        self.choose()
        self.assertEqual(self.refresh().customer_count, 0)

    def test_companies_score_each_in_its_own_way(self):
        self.choose()
        customer = self.customer()
        self.buy(customer, 700)
        self.buy(customer, 700, company=self.company_b)
        self.refresh(self.company_a + self.company_b)
        self.assertEqual(self.score(customer).code, "513")
        # Equal shares: alone, whoever it is stands on every cut point.
        self.assertEqual(self.score(customer, self.company_b).code, "511")

    # -- What is refused

    def test_thresholds_must_rise(self):
        for name, values in (
            ("rfm_recency_thresholds", [30, 30, 60, 90]),
            ("rfm_frequency_thresholds", [4, 3, 2, 1]),
            ("rfm_monetary_thresholds", [1, 2, 3, float("nan")]),
        ):
            with self.assertRaisesRegex(ValidationError, "must increase"):
                self.company_a[name] = values

    def test_thresholds_must_be_numbers(self):
        for values in (["1; DROP TABLE res_users"], {"a": 1}, [True], "30,60", [[1]]):
            with self.assertRaisesRegex(ValidationError, "list of numbers"):
                self.company_a.rfm_monetary_thresholds = values

    def test_missing_thresholds_stop_the_refresh_and_nothing_is_changed(self):
        self.buy(self.customer(), 10)
        self.refresh()
        before = self.codes()
        self.company_a.rfm_method = "threshold"
        with self.assertRaisesRegex(UserError, "Choose Thresholds"):
            self.refresh()
        self.choose(rfm_bins=6)
        with self.assertRaisesRegex(UserError, "6 levels, which requires 5"):
            self.refresh()
        self.assertEqual(self.codes(), before)

    # -- The settings and the wizard

    def settings(self, **values):
        return self.env["res.config.settings"].create(
            {"company_id": self.company_a.id, **values}
        )

    def test_choosing_the_method_fills_in_what_suits_today(self):
        for number in range(1, 11):
            self.buy(self.customer(), number * 111, number * 10)
        self.refresh()
        self.settings(rfm_method="threshold").execute()
        self.assertEqual(self.company_a.rfm_recency_thresholds, [28, 46, 64, 82])
        self.assertEqual(self.company_a.rfm_frequency_thresholds, [1, 2, 3, 4])
        self.assertEqual(self.company_a.rfm_monetary_thresholds, [310, 510, 710, 910])
        self.refresh()
        self.settings(rfm_bins=3).execute()
        self.assertEqual(len(self.company_a.rfm_monetary_thresholds), 2)
        self.refresh()

    def test_settings_keep_thresholds_that_are_there(self):
        self.choose()
        self.settings().execute()
        self.assertEqual(self.company_a.rfm_recency_thresholds, [30, 90, 180, 365])
        self.assertIn("180", self.settings().rfm_threshold_summary)

    def wizard(self, user=None):
        admin = user or self.new_user("admin", "base.group_system")
        return Form(self.as_user(admin, "crm.rfm.threshold.wizard"))

    def test_the_wizard_counts_customers_while_thresholds_change(self):
        for number in range(1, 11):
            self.buy(self.customer(), number * 100, number * 10)
        self.refresh()
        with self.wizard() as wizard:
            self.assertEqual(wizard.customer_count, 10)
            self.assertEqual(wizard.bins, 5)
            lines = wizard.recency_line_ids
            self.assertEqual([lines.edit(n).score for n in range(5)], [5, 4, 3, 2, 1])
            counts = self.counts(wizard, "monetary")
            self.assertEqual(counts, [2, 2, 2, 2, 2])
            with wizard.monetary_line_ids.edit(0) as line:
                line.up_to = 10
            self.assertEqual(self.counts(wizard, "monetary"), [0, 4, 2, 2, 2])
            # Not rising while being typed: nothing to count, and no error yet.
            with wizard.monetary_line_ids.edit(0) as line:
                line.up_to = 100000
            self.assertEqual(self.counts(wizard, "monetary"), [0, 0, 0, 0, 0])
            with wizard.monetary_line_ids.edit(0) as line:
                line.up_to = 300
        wizard.record.action_save()
        self.assertEqual(self.company_a.rfm_method, "threshold")
        self.assertEqual(self.company_a.rfm_monetary_thresholds[0], 300)
        self.refresh()
        self.assertEqual(self.score(self.lowest_buyer()).monetary_score, 1)

    def lowest_buyer(self):
        return self.scores().sorted("monetary")[0].partner_id

    @staticmethod
    def counts(wizard, dimension):
        lines = getattr(wizard, f"{dimension}_line_ids")
        return [lines.edit(number).customer_count for number in range(5)]

    def test_the_wizard_refuses_thresholds_that_do_not_rise(self):
        with self.wizard() as wizard, wizard.frequency_line_ids.edit(1) as line:
            line.up_to = 1
        with self.assertRaisesRegex(ValidationError, "Frequency: 1 follows 1"):
            wizard.record.action_save()
        self.assertFalse(self.company_a.rfm_frequency_thresholds)
        self.assertEqual(self.company_a.rfm_method, "quantile")

    def test_the_wizard_without_customers_suggests_something(self):
        with self.wizard() as wizard:
            self.assertEqual(wizard.customer_count, 0)
        wizard.record.action_save()
        self.assertEqual(self.company_a.rfm_recency_thresholds, [30, 60, 120, 240])

    def test_only_administrators_choose_thresholds(self):
        for user in (self.manager, self.salesman, self.employee):
            self.assertFalse(
                self.as_user(user, "crm.rfm.threshold.wizard").has_access("create")
            )
