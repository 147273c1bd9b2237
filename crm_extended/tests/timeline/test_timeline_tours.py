from datetime import timedelta

from odoo.tests import HttpCase, tagged

from .common import TimelineCommon


@tagged("post_install", "-at_install")
class TestTimelineTours(TimelineCommon, HttpCase):
    """Entries are acted on in a browser."""

    def test_salesperson_acts_in_the_timeline(self):
        self.salesman.password = self.salesman.login * 2
        customer = self.customer("Tour Customer", email="tour@example.com")
        mail = self.message(
            customer,
            1,
            message_type="email",
            author_id=customer.id,
            subject="Can you deliver?",
        )
        activity = customer.activity_schedule(
            "mail.mail_activity_data_call",
            self.today - timedelta(days=2),
            summary="Call about lamps",
            user_id=self.salesman.id,
        )
        self.start_tour(
            f"/odoo/contacts/{customer.id}",
            "crm_extended_timeline_actions",
            login=self.salesman.login,
        )
        answer = customer.message_ids.filtered(lambda one: one.parent_id == mail)
        self.assertEqual(answer.partner_ids, customer)
        self.assertFalse(activity.exists() and activity.active)
        self.assertEqual(customer.activity_ids.summary, "Send the invoice")
