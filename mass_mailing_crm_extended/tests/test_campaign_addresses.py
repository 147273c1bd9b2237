"""Whom a mailing reached stays reached, whatever becomes of contacts and addresses."""

from datetime import datetime, timedelta

from odoo import fields
from odoo.tests import tagged

from .common import MailingToListCommon


@tagged("post_install", "-at_install")
class TestCampaignAddresses(MailingToListCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(insight=True)
        cls.campaign = cls.env["utm.campaign"].create({"title": "Spring"})
        cls.mailing.write({"campaign_id": cls.campaign.id, "user_id": cls.manager.id})

    @classmethod
    def mail(cls, partner, listed=False, **values):
        """A mailing to a contact, or to its address on a mailing list, 60 days ago; they
        bought for 900 after it."""
        if listed:
            listed = cls.env["mailing.contact"].create(
                {"name": partner.name, "email": partner.email}
            )
        cls.buy(partner, 900, days_ago=50)
        return cls.env["mailing.trace"].create(
            {
                "mass_mailing_id": cls.mailing.id,
                "model": "mailing.contact" if listed else "res.partner",
                "res_id": (listed or partner).id,
                "email": partner.email_normalized,
                "trace_status": "sent",
                "sent_datetime": fields.Datetime.now() - timedelta(days=60),
                **values,
            }
        )

    def reached(self):
        """What each customer's row says."""
        self.env["crm.insight.run"]._run_now(self.company_a)
        rows = self.env["crm.campaign.reach"].search(
            [("campaign_id", "=", self.campaign.id)]
        )
        return {
            row.partner_id: (row.reached, row.responded, row.revenue) for row in rows
        }

    def merge(self, gone, left):
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (gone + left).ids, left
        )

    def test_merging(self):
        for listed in (False, True):
            with self.subTest(listed=listed):
                gone = self.customer("Gone", email="gone@example.com")
                left = self.customer("Left", email="left@example.com")
                trace = self.mail(gone, listed)
                self.assertEqual(self.reached()[gone], (1, 1, 900))
                self.merge(gone, left)
                self.assertEqual(self.reached()[left], (1, 1, 900))
                self.assertEqual(left, trace.recipient_id or left.browse(trace.res_id))
                self.assertEqual(self.reached()[left], (1, 1, 900))

    def test_both_were_reached(self):
        self.mail(self.bert)
        self.mail(self.cleo, listed=True)
        self.assertEqual(len(self.reached()), 2)
        self.merge(self.bert, self.cleo)
        self.assertEqual(self.reached(), {self.cleo: (1, 1, 1800)})

    def test_the_address_changes(self):
        trace = self.mail(self.bert, listed=True)
        self.assertEqual(self.reached(), {self.bert: (1, 1, 900)})
        self.bert.email = "other@example.com"
        self.assertEqual(self.reached(), {self.bert: (1, 1, 900)})
        # Nobody else is reached by it.
        self.customer("New", email="bert@example.com")
        self.assertEqual(self.reached(), {self.bert: (1, 1, 900)})
        self.assertEqual(trace.recipient_id, self.bert)
        trace.unlink()
        self.assertEqual(self.reached(), {})

    def test_an_address_of_several_customers(self):
        second = self.customer("Second", email=self.bert.email)
        former = self.customer("Former", email="bert@example.com", active=False)
        trace = self.mail(self.bert, listed=True)
        self.assertEqual(self.reached(), {self.bert: (1, 1, 900)})
        trace.recipient_id = False
        self.bert.active = False
        self.assertEqual(list(self.reached()), [second])
        self.assertNotIn(former, self.reached())

    def test_an_address_that_becomes_known(self):
        trace = self.mail(self.bert, listed=True, email="later@example.com")
        self.assertEqual(self.reached(), {})
        later = self.customer("Later", email="later@example.com")
        self.assertEqual(self.reached(), {later: (1, 0, 0)})
        self.assertEqual(trace.recipient_id, later)

    def test_the_campaign_is_changed(self):
        self.mail(self.bert, listed=True)
        self.assertTrue(self.reached())
        self.mailing.campaign_id = False
        self.assertEqual(self.reached(), {})

    def test_days_are_those_of_the_company(self):
        """On October 11, 4:00 in Shanghai it is October 10 elsewhere."""
        self.company_a.partner_id.tz = "Asia/Shanghai"
        day = self.today.replace(month=10, day=11, year=self.today.year - 1)
        self.mail(
            self.bert,
            sent_datetime=datetime(day.year, 10, 10, 20, 0),
        )
        for ago in (0, -1):
            self.buy(self.bert, 100, days_ago=(self.today - day).days + ago)
        self.env["crm.insight.run"]._run_now(self.company_a)
        [row] = self.env["crm.campaign.reach"].search(
            [("campaign_id", "=", self.campaign.id)]
        )
        self.assertEqual(row.date, day)
        # The day itself does not count.
        self.assertEqual(row.revenue, 100)
