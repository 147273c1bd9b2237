from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.crm_extended.tests.plan.common import PlanCommon


@tagged("post_install", "-at_install")
class TestCarePlanSms(PlanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.customer("Ada", phone="+32 470 12 34 56")
        cls.ada.country_id = cls.env.ref("base.be")

    def sms(self, delay=0, **values):
        return {"kind": "sms", "sms_text": "We miss you.", "delay": delay, **values}

    def messages(self, partner):
        return self.env["sms.sms"].search([("partner_id", "=", partner.id)])

    def test_queued_once_and_not_sent(self):
        plan = self.new_plan(self.sms())
        plan.enroll(self.ada)
        self.assertEqual(self.of(plan).contact_id, self.ada)
        self.run_due()
        self.run_due(days=3)
        message = self.messages(self.ada)
        self.assertEqual(
            (message.state, message.body, message.number),
            ("outgoing", "We miss you.", "+32470123456"),
        )
        line = self.of(plan).step_ids
        self.assertEqual(line.mail_message_id, message.mail_message_id)
        self.assertEqual(line.touch_id.channel, "sms")
        self.assertIn("We miss you.", self.ada.message_ids[0].body)

    def test_a_template_in_the_language_of_each(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env["sms.template"].create(
            {
                "name": "Hello",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "body": "Hello {{ object.name }}",
            }
        )
        template.with_context(lang="fr_FR").body = "Bonjour {{ object.name }}"
        luc = self.customer("Luc", phone="+33 6 12 34 56 78", lang="fr_FR")
        plan = self.new_plan(self.sms(sms_template_id=template.id))
        plan.enroll(self.ada | luc)
        self.run_due()
        self.assertEqual(self.messages(self.ada).body, "Hello Ada")
        self.assertEqual(self.messages(luc).body, "Bonjour Luc")

    def test_without_number_and_without_consent(self):
        bob, eve = self.customer("Bob"), self.customer("Eve", phone="+32470111111")
        self.env["phone.blacklist"].create({"number": eve.phone_sanitized})
        self.purpose.basis = "unless_refused"
        plan = self.new_plan(self.sms(), self.tagging())
        plan.enroll(bob | eve)
        self.run_due()
        reasons = {
            who: self.of(plan, who).step_ids.filtered("reason").reason
            for who in (bob, eve)
        }
        self.assertEqual(reasons, {bob: "no_address", eve: "blacklisted"})
        self.assertFalse(self.messages(bob) + self.messages(eve))
        self.assertEqual((bob | eve).category_id, self.tag)

    def test_quiet_hours(self):
        self.company_a.write({"contact_quiet_from": 20, "contact_quiet_to": 8})
        plan = self.new_plan(self.sms())
        night = datetime(2026, 11, 23, 22)
        self.ada.tz = "UTC"
        with freeze_time(night):
            plan.enroll(self.ada)
        self.run_due(at=night)
        self.assertEqual(self.of(plan).wait_reason, "quiet")
        self.run_due(at=datetime(2026, 11, 24, 8, 1))
        self.assertEqual(self.of(plan).step_ids.outcome, "done")

    def test_who_refuses_has_a_number_and_no_email(self):
        person = self.customer("Luc", phone="+32470222222", parent_id=self.ada.id)
        self.sell(person)
        plan = self.new_plan(self.sms(1), contact_rule="last_order")
        plan.enroll(self.ada)
        self.assertEqual(self.of(plan).contact_id, person)
        self.env["crm.consent"].with_company(self.company_a)._record(
            person, self.purpose, "refused", "manual", "Said so"
        )
        self.assertEqual(self.of(plan).exit_reason, "opted_out")

    def sell(self, person):
        self.env["sale.order"].create(
            {"partner_id": person.id, "company_id": self.company_a.id}
        ).state = "sale"

    def test_managers_choose_templates(self):
        template = self.env["sms.template"].create(
            {
                "name": "Hello",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "body": "Hello",
            }
        )
        found = template.with_user(self.manager).name_search("Hello")
        self.assertIn((template.id, "Hello"), found)

    def test_text_or_template(self):
        with self.assertRaises(UserError):
            self.new_plan(self.sms(sms_text=False))
        template = self.env["sms.template"].create(
            {
                "name": "Short-lived",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "body": "Hello",
            }
        )
        plan = self.new_plan(self.sms(sms_text=False, sms_template_id=template.id))
        template.unlink()
        plan.enroll(self.ada)
        self.run_due()
        self.assertEqual(self.of(plan).step_ids.reason, "definition_gone")

    def test_steps_stay_when_the_addon_goes(self):
        plan = self.new_plan(self.sms(), self.tagging())
        plan.enroll(self.ada)
        step = plan.version_id.step_ids.filtered(lambda each: each.kind == "sms")
        step._fields["kind"].ondelete["sms"](step)
        self.env.invalidate_all()
        self.run_due()
        self.assertEqual(
            self.of(plan).step_ids.filtered("reason").reason, "definition_gone"
        )
        self.assertEqual(self.ada.category_id, self.tag)

    def test_a_dry_run_looks_at_the_text(self):
        template = self.env["sms.template"].create(
            {
                "name": "Hello",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "body": "Hello {{ object.ref }}",
            }
        )
        without = self.customer("Without")
        plan = self.new_plan(
            self.sms(sms_template_id=template.id),
            domain=repr([("id", "in", [self.ada.id, without.id])]),
            start=False,
        )
        plan = self.as_user(self.manager, plan._name).browse(plan.id)
        run = plan.env["crm.care.plan.dry.run"].browse(plan.action_dry_run()["res_id"])
        self.assertEqual(run.line_ids.reasons, {"no_address": 1})
        self.assertEqual(
            {(one.kind, one.detail, one.count) for one in run.problem_ids},
            {("no_address", False, 1), ("empty", "object.ref", 1)},
        )
        self.assertFalse(run.mail_step_ids)
