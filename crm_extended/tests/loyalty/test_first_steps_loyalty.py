from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import CustomerValueCommon

TIERS = "crm_extended.onboarding_step_tiers"


@tagged("post_install", "-at_install")
class TestFirstStepsLoyalty(CustomerValueCommon):
    """The step of the first hour that switches tiers on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.new_company("Newcomer", cls.eur)
        cls.boss = cls.new_user(
            "tier_boss", "sales_team.group_sale_manager", cls.company
        )
        cls.admin = cls.new_user(
            "tier_admin", "sales_team.group_sale_manager,base.group_system", cls.company
        )
        cls.env["crm.feature"]._switch(loyalty=False)
        cls.gold = cls.customer("Gold")
        cls.buy(cls.gold, 4000.0, company=cls.company)

    def details(self, user):
        checklist = self.as_user(user, "onboarding.onboarding")
        return checklist.get_first_step_details(self.env.ref(TIERS).id)

    def steps(self, user):
        return self.as_user(user, "onboarding.onboarding.step")

    def state(self):
        steps = self.as_user(self.boss, "onboarding.onboarding").get_first_steps()
        return next(
            step["state"]
            for step in steps["steps"]
            if step["id"] == self.env.ref(TIERS).id
        )

    def test_the_preview_says_how_many_each_tier_takes(self):
        rows = self.details(self.boss)["table"]["rows"]
        self.assertEqual(
            {row["label"]: row["cells"][1] for row in rows},
            {
                "Platinum": "0",
                "Gold": "1",
                "Silver": "0",
                "Bronze": "0",
                "No tier": "0",
            },
        )
        # Nobody was given a tier by looking.
        self.assertFalse(
            self.env["crm.loyalty.membership"].search_count(
                [("company_id", "=", self.company.id)]
            )
        )

    def test_sales_managers_are_told_who_can(self):
        details = self.details(self.boss)
        self.assertIn(self.admin.name, details["refusal"])
        self.assertNotIn(
            "action_first_step_tiers", [each["method"] for each in details["buttons"]]
        )
        with self.assertRaises(AccessError):
            self.steps(self.boss).action_first_step_tiers()
        self.assertFalse(self.env["crm.feature"]._is_on("loyalty"))

    def test_an_administrator_switches_on(self):
        self.assertEqual(self.state(), "open")
        self.assertFalse(self.details(self.admin)["refusal"])
        self.steps(self.admin).action_first_step_tiers()
        self.assertTrue(self.env["crm.feature"]._is_on("loyalty"))
        member = self.env["crm.loyalty.membership"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(member.partner_id, self.gold)
        self.assertEqual(member.tier_id.name, "Gold")
        self.assertEqual(self.state(), "done")

    def test_switched_on_in_the_settings(self):
        self.env["crm.feature"]._switch(loyalty=True)
        self.assertEqual(self.state(), "done")
        action = self.steps(self.boss).action_first_step_tiers()
        self.assertEqual(action["type"], "ir.actions.client")
        self.env["crm.feature"]._switch(loyalty=False)
        self.assertEqual(self.state(), "open")

    def test_thresholds_can_be_changed_before(self):
        action = self.steps(self.boss).action_first_step_thresholds()
        self.assertEqual(action["res_model"], "crm.loyalty.tier")
        with self.assertRaises(AccessError):
            self.as_user(self.salesman, "crm.loyalty.tier").get_program_preview()
