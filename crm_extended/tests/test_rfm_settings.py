from odoo.exceptions import ValidationError

from .common import CustomerValueCommon


class TestRfmSettings(CustomerValueCommon):
    def test_defaults_of_a_new_company(self):
        self.assertEqual(self.company_a.rfm_source, "invoice")
        self.assertEqual(self.company_a.rfm_window_months, 12)
        self.assertEqual(self.company_a.rfm_bins, 5)
        self.assertEqual(self.company_a.rfm_method, "quantile")
        self.assertEqual(self.company_a.rfm_monetary_measure, "total")

    def test_scores_per_dimension_run_from_3_to_10(self):
        for bins in (2, 11, 0, -5):
            with self.assertRaisesRegex(ValidationError, "from 3 to 10"):
                self.company_a.rfm_bins = bins

    def test_a_window_is_not_negative(self):
        with self.assertRaisesRegex(ValidationError, "cannot be negative"):
            self.company_a.rfm_window_months = -1

    def test_settings_belong_to_one_company(self):
        settings = self.env["res.config.settings"].create({"rfm_window_months": 24})
        settings.execute()
        self.assertEqual(self.company_a.rfm_window_months, 24)
        self.assertEqual(self.company_b.rfm_window_months, 12)

    def test_refresh_from_the_settings(self):
        customer = self.customer()
        self.buy(customer)
        self.env["res.config.settings"].create({}).action_rfm_refresh()
        self.assertTrue(self.score(customer))
