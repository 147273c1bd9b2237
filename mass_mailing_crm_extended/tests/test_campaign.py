"""Mailings of a campaign reach their recipients."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import MailingToListCommon


@tagged("post_install", "-at_install")
class TestCampaign(MailingToListCommon):
    def test_recipients_are_reached_when_first_mailed(self):
        self.env["crm.feature"]._switch(insight=True)
        campaign = self.env["utm.campaign"].create({"title": "Spring"})
        self.mailing.write({"campaign_id": campaign.id, "user_id": self.manager.id})
        now = fields.Datetime.now()

        def trace(partner, days, status="sent", **values):
            return {
                "mass_mailing_id": self.mailing.id,
                "model": "res.partner",
                "res_id": partner.id,
                "email": partner.email_normalized,
                "trace_status": status,
                "sent_datetime": now - timedelta(days=days),
                **values,
            }

        bounced, tested = self.customers(2)
        listed = self.env["mailing.contact"].create(
            {"name": "Cleo", "email": self.cleo.email}
        )
        self.env["mailing.trace"].create(
            [
                trace(self.bert, 50),
                trace(self.bert, 60, "open"),
                trace(bounced, 50, "bounce"),
                trace(tested, 50, is_test_trace=True),
                # To an address on a mailing list.
                trace(self.cleo, 40, model="mailing.contact", res_id=listed.id),
            ]
        )
        self.env["crm.insight.run"]._run_now(self.company_a + self.company_b)
        rows = self.env["crm.campaign.reach"].search(
            [("campaign_id", "=", campaign.id)]
        )
        self.assertEqual(
            {row.partner_id: row.date for row in rows},
            {
                self.bert: (now - timedelta(days=60)).date(),
                self.cleo: (now - timedelta(days=40)).date(),
            },
        )
        # Whoever sends a mailing does so for their company.
        self.assertEqual(rows.company_id, self.company_a)
        self.assertEqual(set(rows.mapped("source")), {"mailing"})
