from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common import CustomerValueCommon

CARE = "crm_extended.onboarding_step_care"


@tagged("post_install", "-at_install")
class TestFirstStepsCare(CustomerValueCommon):
    """The step of the first hour that switches service care on, with its dialog."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.new_company("Newcomer", cls.eur)
        cls.boss = cls.new_user(
            "care_boss", "sales_team.group_sale_manager", cls.company
        )
        # An administrator without any role in care.
        cls.admin = cls.new_user(
            "care_admin", "sales_team.group_sale_manager,base.group_system", cls.company
        )
        cls.care_manager = cls.new_user(
            "care_chief", "crm_extended.group_care_manager", cls.company
        )
        cls.helper = cls.new_user("care_helper", "base.group_user", cls.company)
        cls.env["crm.feature"]._switch(care=False)

    def details(self, user):
        checklist = self.as_user(user, "onboarding.onboarding")
        return checklist.get_first_step_details(self.env.ref(CARE).id)

    def state(self):
        steps = self.as_user(self.boss, "onboarding.onboarding").get_first_steps()
        return next(
            step["state"]
            for step in steps["steps"]
            if step["id"] == self.env.ref(CARE).id
        )

    def wizard(self, user, **values):
        return self.as_user(user, "crm.care.setup.wizard").create(values)

    def teams(self):
        return self.env["crm.care.team"].search([("company_id", "=", self.company.id)])

    def test_an_administrator_sets_up_in_one_step(self):
        self.assertEqual(self.state(), "open")
        [button] = self.details(self.admin)["buttons"]
        action = getattr(
            self.as_user(self.admin, "onboarding.onboarding.step"), button["method"]
        )()
        self.assertEqual(action["res_model"], "crm.care.setup.wizard")
        form = Form(self.as_user(self.admin, action["res_model"]))
        self.assertTrue(form.switches_on)
        self.assertTrue(form.gives_roles)
        form.save().action_set_up()
        self.assertTrue(self.env["crm.feature"]._is_on("care"))
        team = self.teams()
        self.assertTrue(team.alias_name)
        self.assertEqual(team.user_id, self.admin)
        self.assertEqual(team.member_ids, self.admin)
        self.assertEqual(team.resource_calendar_id, self.company.resource_calendar_id)
        target = self.env["crm.care.sla"].search([("team_ids", "in", team.ids)])
        self.assertEqual((target.hours, target.metric), (8, "first_response"))
        self.assertEqual(target.company_id, self.company)
        self.assertEqual(self.state(), "done")
        # They see what they have set up.
        self.assertTrue(self.admin.has_group("crm_extended.group_manage_care"))

    def test_the_target_applies_to_new_cases(self):
        self.wizard(self.admin).action_set_up()
        case = self.env["crm.care.case"].create(
            {"name": "Help", "team_id": self.teams().id}
        )
        self.assertEqual(case.sla_status_ids.sla_id.metric, "first_response")

    def test_members_get_the_role_they_need(self):
        self.wizard(
            self.admin, member_ids=[(6, 0, (self.helper + self.care_manager).ids)]
        ).action_set_up()
        self.assertTrue(self.helper.has_group("crm_extended.group_care_agent"))
        self.assertFalse(self.helper.has_group("crm_extended.group_care_manager"))
        self.assertTrue(self.care_manager.has_group("crm_extended.group_care_manager"))

    def test_a_sales_manager_cannot(self):
        details = self.details(self.boss)
        self.assertIn(self.admin.name, details["refusal"])
        self.assertFalse(details.get("buttons"))
        with self.assertRaises(AccessError):
            self.as_user(
                self.boss, "onboarding.onboarding.step"
            ).action_first_step_care()
        with self.assertRaises(AccessError):
            self.wizard(self.boss)
        self.assertFalse(self.env["crm.feature"]._is_on("care"))

    def test_a_care_manager_makes_a_team_but_switches_nothing(self):
        with self.assertRaises(AccessError):
            self.wizard(self.care_manager).action_set_up()
        self.assertFalse(self.env["crm.feature"]._is_on("care"))
        self.env["crm.feature"]._switch(care=True)
        wizard = self.wizard(
            self.care_manager, member_ids=[(6, 0, self.helper.ids)], alias_name=False
        )
        self.assertFalse(wizard.gives_roles)
        wizard.action_set_up()
        self.assertEqual(self.teams().member_ids, self.helper)
        self.assertFalse(self.helper.has_group("crm_extended.group_care_agent"))

    def test_another_company(self):
        wizard = self.wizard(self.admin, company_id=self.company_b.id)
        with self.assertRaises(AccessError):
            wizard.action_set_up()

    def test_a_target_of_no_time(self):
        for hours in (0, -8):
            with self.assertRaises(UserError):
                self.wizard(self.admin, hours=hours).action_set_up()

    def test_an_address_that_is_free_is_proposed(self):
        self.wizard(self.admin).action_set_up()
        taken = self.teams().alias_name
        self.assertNotEqual(self.wizard(self.admin).alias_name, taken)

    def test_another_company_has_none(self):
        self.wizard(self.admin).action_set_up()
        other = self.new_user(
            "care_other", "sales_team.group_sale_manager", self.company_b
        )
        steps = self.as_user(other, "onboarding.onboarding").get_first_steps()["steps"]
        [step] = [each for each in steps if each["id"] == self.env.ref(CARE).id]
        # Company B may have a team of the tests' world.
        has_team = self.env["crm.care.team"].search_count(
            [("company_id", "=", self.company_b.id)]
        )
        self.assertEqual(step["state"], "done" if has_team else "open")
