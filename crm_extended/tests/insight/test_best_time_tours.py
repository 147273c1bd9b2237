from odoo.tests import HttpCase, tagged

from .best_time_common import TUESDAY, BestTimeCommon


@tagged("post_install", "-at_install")
class TestBestTimeTours(BestTimeCommon, HttpCase):
    def test_a_call_at_their_best_time(self):
        self.everyone()
        self.calls(self.ada, TUESDAY, 10, 9, 1)
        self.update()
        self.start_tour(
            f"/odoo/contacts/{self.ada.id}",
            "crm_extended_best_time",
            login=self.salesman.login,
        )
        activity = self.ada.activity_ids
        self.assertEqual(activity.date_deadline.weekday(), TUESDAY)
        self.assertEqual(activity.user_id, self.salesman)
