"""Mailings to a customer list wait for those who may not be mailed yet, by real rules."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import MailingToListCommon

# A Wednesday in summer: nine o'clock in Berlin, three o'clock in New York.
MORNING = datetime(2026, 6, 10, 7, 0)
DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestMailingToListWaits(MailingToListCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bert.country_id = cls.berlin
        cls.cleo.tz = "America/New_York"
        cls.company_a.contact_limit_channels = "email"

    def launch(self):
        self.mailing.action_launch()
        self.run_queue()

    def test_quiet_hours(self):
        """Who sleeps is mailed when they have risen, and nobody twice."""
        self.company_a.write({"contact_quiet_from": 20, "contact_quiet_to": 8})
        with freeze_time(MORNING):
            self.launch()
        self.assertEqual(self.mailed(), self.bert.ids)
        self.assertEqual(self.mailing.state, "in_queue")
        rises = datetime(2026, 6, 10, 12, 0)
        self.assertEqual(self.mailing.schedule_date, rises)
        for moment in (MORNING + timedelta(hours=1), rises - timedelta(minutes=1)):
            with freeze_time(moment):
                self.run_queue()
            self.assertEqual(self.mailed(), self.bert.ids)
            self.assertEqual(self.mailing.state, "in_queue")
        for moment in (rises + timedelta(minutes=1), rises + DAY):
            with freeze_time(moment):
                self.run_queue()
            self.assertEqual(self.mailed(), sorted((self.bert + self.cleo).ids))
            self.assertEqual(self.mailing.state, "done")

    def test_touch_limit(self):
        self.company_a.contact_limit = 1
        self.touch(self.cleo, moment=MORNING - 3 * DAY)
        with freeze_time(MORNING):
            self.launch()
        self.assertEqual(self.mailed(), self.bert.ids)
        self.assertEqual(self.mailing.schedule_date, MORNING + 4 * DAY)
        with freeze_time(MORNING + 4 * DAY + timedelta(minutes=1)):
            self.run_queue()
        # Bert was mailed four days ago, and is on no new mailing.
        self.assertEqual(self.mailed(), sorted((self.bert + self.cleo).ids))
        self.assertEqual(self.mailing.state, "done")

    def test_it_waits_no_longer_than_a_week(self):
        """From when it was to be sent first, whatever is sent in between."""
        self.company_a.contact_limit = 1
        dora = self.customer("Dora", email="dora@example.com", city="Bench City")
        self.given(dora)
        self.touch(dora, moment=MORNING - DAY)
        self.touch(self.cleo, moment=MORNING - DAY)
        with freeze_time(MORNING):
            self.launch()
        self.assertEqual(self.mailing.waiting_since, MORNING)
        self.touch(self.cleo, moment=MORNING + 5 * DAY)
        with freeze_time(MORNING + 6 * DAY + timedelta(minutes=1)):
            self.run_queue()
        self.assertEqual(self.mailed(), sorted((self.bert + dora).ids))
        # Cleo could be mailed six days later.
        self.assertEqual(self.mailing.state, "done")
        # Planned anew, it waits for a week again.
        with freeze_time(MORNING + 7 * DAY):
            self.launch()
        self.assertEqual(self.mailing.state, "in_queue")
        self.assertEqual(self.mailing.schedule_date, MORNING + 12 * DAY)

    def test_held_back_and_never_sent(self):
        self.company_a.contact_limit = 1
        self.list.domain = "[('name', '=', 'Cleo')]"
        self.touch(self.cleo, moment=MORNING - DAY)
        with freeze_time(MORNING):
            self.launch()
        self.assertEqual(self.mailing.schedule_date, MORNING + 6 * DAY)
        self.touch(self.cleo, moment=MORNING + 5 * DAY)
        with freeze_time(MORNING + 6 * DAY + timedelta(minutes=1)):
            self.run_queue()
        self.assertEqual((self.mailed(), self.mailing.state), ([], "done"))

    # -- Users of Email Marketing

    def test_without_rights_in_sales(self):
        """They learn how many there are, and send the mailing; not who is on lists."""
        marketer = self.new_user(
            "marketer", "base.group_user,mass_mailing.group_mass_mailing_user"
        )
        mailing = self.mailing.with_user(marketer)
        self.assertEqual(mailing.total, 2)
        self.assertEqual(set(mailing._get_recipients()), {self.bert.id, self.cleo.id})
        # What the filter says beside the list is asked as the user.
        self.mailing.mailing_domain = repr(
            [("customer_list_id", "=", self.list.id), ("name", "=", "Cleo")]
        )
        mailing.invalidate_recordset()
        self.assertEqual(mailing.total, 1)
        partners = self.env["res.partner"].with_user(marketer)
        with self.assertRaises(AccessError):
            partners.search([("customer_list_id", "=", self.list.id)])
        other = self.list.copy({"name": "Other"})
        self.mailing.mailing_domain = repr([("customer_list_id", "=", other.id)])
        mailing.invalidate_recordset()
        with self.assertRaises(AccessError):
            _count = mailing.total
        self.mailing.mailing_domain = "[]"
        self.answer("refused", self.cleo)
        mailing.action_send_mail()
        self.assertEqual(self.mailed(), self.bert.ids)
