from odoo.tests import HttpCase, tagged

from .forecast_common import ForecastCommon


@tagged("post_install", "-at_install")
class TestForecastTours(ForecastCommon, HttpCase):
    def test_from_the_test_of_the_model_to_a_customer(self):
        self.shop()
        model = self.fit()
        self.assertFalse(model.reason)
        self.start_tour(
            "/odoo/forecasts", "crm_extended_forecasts", login=self.manager.login
        )
