"""Thank for a recommendation: a reason to contact a customer today."""

from datetime import timedelta

from odoo.tests import tagged

from ..agenda.common import AgendaCommon


@tagged("post_install", "-at_install")
class TestReferralAgenda(AgendaCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new = cls.customer("Newcomer")

    def referral(self, days_ago=3, **values):
        return self.env["crm.referral"].create(
            {
                "partner_id": self.ada.id,
                "referred_id": self.new.id,
                "date": self.today - timedelta(days=days_ago),
                **values,
            }
        )

    def text(self):
        [row] = self.today_of()["rows"]
        [reason] = row["reasons"]
        self.assertEqual(reason["key"], "referral")
        return reason["text"]

    def test_entered_then_bought_then_thanked(self):
        referral = self.referral()
        self.assertEqual(self.found(), [(self.ada.id, ["referral"])])
        self.assertIn("Recommended Newcomer on", self.text())
        self.buy(self.new, 10, days_ago=1)
        self.refresh()
        self.assertIn("Newcomer, who bought for the first time", self.text())
        [action] = [
            one for one in self.today_of()["actions"] if one["name"] == "thanked"
        ]
        self.assertEqual(action["reasons"], ["referral"])
        ran = (
            self.env.ref(action["action"])
            .with_user(self.salesman)
            .with_context(
                active_model="res.partner",
                active_id=self.ada.id,
                active_ids=self.ada.ids,
                allowed_company_ids=self.company_a.ids,
            )
        )
        ran.run()
        self.assertTrue(referral.thanked_date)
        self.assertEqual(self.found(), [])

    def test_it_rests_after_a_contact_and_comes_again_with_the_purchase(self):
        self.referral(days_ago=20)
        self.interaction(self.ada, days=5)
        self.assertEqual(self.found(), [])
        self.buy(self.new, 10, days_ago=1)
        self.refresh()
        self.assertEqual(self.found(), [(self.ada.id, ["referral"])])
        self.interaction(self.ada)
        self.assertEqual(self.found(), [])

    def test_what_is_no_reason(self):
        referral = self.referral(days_ago=91)
        self.assertEqual(self.found(), [])
        referral.date = self.today - timedelta(days=90)
        self.assertEqual(self.found(), [(self.ada.id, ["referral"])])
        # The recommended customer joins the one who recommended it.
        self.new.parent_id = self.ada
        self.assertEqual(self.found(), [])
        self.new.parent_id = False
        self.env["crm.feature"]._switch(insight=False)
        self.assertEqual(self.found(), [])
        self.assertNotIn("thanked", [one["name"] for one in self.today_of()["actions"]])

    def test_leads_and_claims(self):
        lead = self.env["crm.lead"].create(
            {"name": "X", "company_id": self.company_a.id}
        )
        referral = self.referral(referred_id=False, lead_id=lead.id, source="link")
        self.assertEqual(self.found(), [])
        # Nor can they be thanked for it, together with another one: it may come true.
        other = self.referral(referred_id=self.customer("Other").id)
        self.ada.with_company(self.company_a).action_referral_thanked()
        self.assertTrue(other.thanked_date)
        self.assertFalse(referral.thanked_date)
        referral.source = "lead"
        self.assertIn("Recommended you on", self.text())
        referral.source = "link"
        lead.partner_id = self.new
        self.assertIn("Recommended Newcomer", self.text())

    def test_of_another_company_and_of_another_salesperson(self):
        self.referral(company_id=self.company_b.id)
        self.assertEqual(self.found(), [])
        self.env["crm.referral"].search([]).unlink()
        self.referral()
        self.ada.user_id = self.manager
        self.assertEqual(self.found(), [])
        self.assertIn((self.ada.id, ["referral"]), self.found(self.manager))
