from odoo.exceptions import ValidationError

from ..common import CustomerValueCommon


class TestRfmSettings(CustomerValueCommon):
    def test_defaults_of_a_new_company(self):
        self.assertEqual(self.company_a.rfm_source, "invoice")
        self.assertEqual(self.company_a.rfm_window_months, 12)
        self.assertEqual(self.company_a.rfm_bins, 5)
        self.assertEqual(self.company_a.rfm_method, "quantile")
        self.assertEqual(self.company_a.rfm_monetary_measure, "total")

    def test_scores_per_dimension_run_from_3_to_10(self):
        for bins in (2, 11, 0, -5):
            with self.assertRaisesRegex(ValidationError, "between 3 and 10"):
                self.company_a.rfm_bins = bins

    def test_a_window_has_limits(self):
        for months in (-1, 30000):
            with self.assertRaisesRegex(ValidationError, "between 0 and 1200"):
                self.company_a.rfm_window_months = months

    def test_a_company_from_before_the_addon_has_the_defaults(self):
        """Created by another addon while this one is not loaded yet: all empty."""
        customer = self.customer()
        self.buy(customer)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET rfm_source = NULL, rfm_bins = NULL, "
            "rfm_monetary_measure = NULL, rfm_method = NULL WHERE id = %s",
            [self.company_a.id],
        )
        self.env.invalidate_all()
        self.refresh()
        self.assertEqual(self.score(customer).code, "511")

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
