"""Members about to lose their tier, or to reach the next one."""

from odoo.tests import tagged

from ..agenda.common import AgendaCommon
from .common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestAgendaLoyalty(LoyaltyCommon, AgendaCommon):
    def test_at_risk(self):
        self.buy(self.ada, 600, days_ago=30)
        self.assess()
        self.assertEqual(self.found(), [])
        member = self.member(self.ada)
        member.write({"state": "grace", "amount_to_keep": 100})
        self.assertEqual(self.found(), [(self.ada.id, ["tier_at_risk"])])
        [row] = self.today_of()["rows"]
        self.assertEqual(row["reasons"][0]["text"], member.keep_text)
        self.env["crm.feature"]._switch(loyalty=False)
        self.assertEqual(self.found(), [])

    def test_in_reach(self):
        self.consent(self.ada)
        self.buy(self.ada, 980, days_ago=30)
        self.assess()
        self.assertTrue(self.member(self.ada).close_to_next)
        self.assertEqual(self.found(), [(self.ada.id, ["tier_in_reach"])])
        [row] = self.today_of()["rows"]
        self.assertIn("Gold", row["reasons"][0]["text"])
