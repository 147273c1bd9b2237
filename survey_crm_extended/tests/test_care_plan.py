"""The survey as a step of a care plan."""

from odoo.tests import tagged

from .common import SurveyCommon


@tagged("post_install", "-at_install")
class TestCarePlanSurvey(SurveyCommon):
    def asking(self, delay=0, **values):
        return {"kind": "survey", "delay": delay, **values}

    def inputs(self, contact):
        return self.env["survey.user_input"].search([("partner_id", "=", contact.id)])

    def line(self, plan, partner=None):
        return self.of(plan, partner).step_ids.filtered(
            lambda each: each.step_id.kind == "survey"
        )

    def test_asked_once(self):
        plan = self.new_plan(self.asking(), self.asking(1), self.tagging(1))
        plan.enroll(self.ada)
        self.run_due()
        self.run_due(days=5)
        [asked] = self.inputs(self.ada)
        first, second = self.line(plan).sorted("id")
        self.assertEqual((first.outcome, first.touch_id.channel), ("done", "email"))
        self.assertTrue(first.mail_message_id)
        self.assertEqual((second.outcome, second.reason), ("skipped", "asked"))
        self.assertEqual(self.ada.category_id, self.tag)
        self.assertEqual(asked.crm_company_id, self.company_a)

    def test_who_refuses_surveys_is_not_asked(self):
        eve = self.customer("Eve", email="eve@example.com")
        bob = self.customer("Bob")
        self.env["crm.consent"].with_company(self.company_a)._record(
            eve,
            self.env.ref("crm_extended.purpose_survey"),
            "refused",
            "manual",
            "Said so",
        )
        plan = self.new_plan(self.asking())
        plan.enroll(self.ada + eve + bob)
        self.run_due()
        reasons = {who: self.line(plan, who).reason for who in (self.ada, eve, bob)}
        self.assertEqual(reasons, {self.ada: False, eve: "refused", bob: "no_address"})
        self.assertFalse(self.inputs(eve))

    def test_without_survey(self):
        self.survey.active = False
        plan = self.new_plan(self.asking())
        plan.enroll(self.ada)
        self.run_due()
        self.assertEqual(self.line(plan).reason, "definition_gone")

    def test_switched_off(self):
        plan = self.new_plan(self.asking())
        plan.enroll(self.ada)
        self.env["crm.feature"]._switch(insight=False)
        self.run_due()
        self.assertEqual(self.line(plan).reason, "feature_off")

    def test_steps_stay_when_the_addon_goes(self):
        plan = self.new_plan(self.asking(), self.tagging())
        plan.enroll(self.ada)
        step = plan.version_id.step_ids.filtered(lambda each: each.kind == "survey")
        step._fields["kind"].ondelete["survey"](step)
        self.env.invalidate_all()
        self.run_due()
        self.assertEqual(
            self.of(plan).step_ids.filtered("reason").reason, "definition_gone"
        )
        self.assertEqual(self.ada.category_id, self.tag)
