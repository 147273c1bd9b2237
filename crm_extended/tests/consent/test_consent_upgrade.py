from unittest.mock import patch

from odoo.tests import tagged

from ..common import load_migration
from .common import ConsentCommon


@tagged("post_install", "-at_install")
class TestConsentUpgrade(ConsentCommon):
    """Databases that come from a release without the contact policy."""

    def upgrade(self):
        load_migration("19.0.1.9.0/post-contact-policy.py").migrate(
            self.env.cr, "19.0.1.8.0"
        )

    def test_it_is_on_as_in_a_new_database(self):
        self.env["crm.feature"]._switch(plans=False, consent=False)
        self.assertFalse(self.salesman.has_group("crm_extended.group_use_consent"))
        self.upgrade()
        self.assertTrue(self.env["crm.feature"]._is_on("consent"))
        self.assertTrue(self.salesman.has_group("crm_extended.group_use_consent"))
        for company in self.env["res.company"].search([]):
            self.assertTrue(company.contact_weekdays)
            self.assertTrue(company.contact_wait_days)

    def test_mails_about_tiers_that_were_pending_are_sent(self):
        self.env["crm.feature"]._switch(plans=False, consent=False, loyalty=True)
        self.company_a.write({"loyalty_mail_risen": True, "email": "a@example.com"})
        self.env["crm.loyalty.tier"].create(
            {"name": "Gold", "company_id": self.company_a.id, "rise_amount": 100}
        )
        self.buy(self.person, 500)
        notifications = self.env["crm.loyalty.notification"]
        # The release before was stopped before it sent them.
        with patch.object(type(notifications), "_send_notifications", return_value=0):
            self.env["crm.loyalty.membership"]._assess(self.company_a)
        change = self.env["crm.loyalty.change"].search(
            [("partner_id", "=", self.person.id)]
        )
        self.assertTrue(change.notification_pending)
        self.upgrade()
        self.assertEqual(notifications._send_notifications(self.company_a, 10), 1)
        mail = self.env["mail.mail"].search(
            [("recipient_ids", "in", self.person.ids)], limit=1
        )
        self.assertIn("List-Unsubscribe", mail.headers)
