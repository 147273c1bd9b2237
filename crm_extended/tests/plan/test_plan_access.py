"""Who may see and change care plans: roles, companies, and the control group."""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user

from .common import PlanCommon

MODELS = (
    "crm.care.plan",
    "crm.care.plan.group",
    "crm.care.plan.version",
    "crm.care.plan.step",
    "crm.care.plan.run",
    "crm.care.enrollment",
    "crm.care.enrollment.step",
    "crm.care.plan.enroll.wizard",
    "crm.care.plan.ready.wizard",
    "crm.care.plan.start.wizard",
)
# What managers do with a plan, and with the customers in it.
PLAN_METHODS = (
    "action_start",
    "action_start_dialog",
    "action_pause",
    "action_resume",
    "action_end",
    "action_edit",
    "action_move_to_current",
    "copy",
    "unlink",
)


class TestPlanAccess(PlanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine, cls.theirs = cls.customers(2)
        cls.mine.user_id = cls.salesman
        cls.theirs.user_id = cls.manager
        cls.plan = cls.new_plan(cls.log(), cls.tagging(7), control_percent=90)
        cls.plan.enroll(cls.mine | cls.theirs)
        cls.treated, cls.control = cls.new_plan(cls.log()), cls.of(cls.plan)
        cls.treated.enroll(cls.mine | cls.theirs)
        cls.control.arm = "control"
        cls.env.flush_all()

    def as_user(self, user, model):
        if isinstance(model, str):
            return super().as_user(user, model)
        return super().as_user(user, model._name).browse(model.ids)

    def refused(self, records, method, *args):
        with self.subTest(method=method), self.assertRaises(UserError):
            getattr(records, method)(*args)
            self.env.flush_all()

    # -- Roles

    def test_only_sales_has_to_do_with_plans(self):
        for user in (
            self.employee,
            self.agent,
            self.portal,
            self.env.ref("base.public_user"),
        ):
            for name in MODELS:
                with self.subTest(user=user.login, model=name):
                    model = self.as_user(user, name)
                    for operation in ("read", "write", "create", "unlink"):
                        self.assertFalse(model.has_access(operation))
            partners = self.as_user(user, "res.partner").browse(self.mine.id)
            with self.assertRaises(AccessError):
                partners.search([("care_enrollment_ids.state", "=", "running")])

    def test_salespeople_look_and_enroll_only(self):
        plan = self.as_user(self.salesman, self.treated)
        self.assertTrue(plan.name)
        for method in PLAN_METHODS:
            self.refused(plan, method)
        self.as_user(self.manager, self.treated).action_edit()
        for method in ("action_publish", "action_discard"):
            self.refused(plan, method)
        self.refused(plan, "write", {"name": "x"})
        self.refused(plan.version_id, "action_publish")
        self.refused(plan.version_id, "action_move_here")
        self.refused(plan.version_id.step_ids, "write", {"name": "x"})
        enrolled = self.as_user(self.salesman, self.of(self.treated, self.mine))
        for method in ("action_exit", "action_retry", "unlink"):
            self.refused(enrolled, method)
        for name in ("crm.care.plan.start.wizard", "crm.care.plan.ready.wizard"):
            self.assertFalse(self.as_user(self.salesman, name).has_access("create"))

    def test_how_many_match_is_for_managers(self):
        with self.assertRaises(AccessError):
            self.as_user(self.salesman, self.treated).read(["matching_count"])
        self.as_user(self.manager, self.treated).read(["matching_count"])

    # -- The control group

    def test_salespeople_learn_nothing_of_the_control_group(self):
        everyone = new_test_user(
            self.env,
            "all_leads",
            "sales_team.group_sale_salesman_all_leads",
            company_id=self.company_a.id,
            company_ids=[Command.set(self.company_a.ids)],
        )
        for user in (self.salesman, everyone):
            with self.subTest(user=user.login):
                self.check_control_is_hidden(user)

    def check_control_is_hidden(self, user):
        plan = self.as_user(user, self.plan)
        enrollments = self.as_user(user, "crm.care.enrollment")
        of_plan = [("plan_id", "=", plan.id)]
        self.assertFalse(enrollments.search(of_plan))
        self.assertFalse(enrollments._read_group(of_plan, ["state"], ["__count"]))
        self.assertFalse(plan.enrollment_count)
        partners = self.as_user(user, "res.partner").browse(self.mine.id)
        for forbidden in (
            lambda: enrollments.search([("arm", "=", "control")]),
            lambda: enrollments._read_group([], ["arm"], ["__count"]),
            lambda: enrollments.with_user(user).search([]).read(["arm"]),
            lambda: enrollments.search([], order="arm"),
            lambda: partners.search([("care_enrollment_ids.arm", "=", "control")]),
            lambda: partners.search([("care_enrollment_ids", "!=", False)]),
            lambda: partners.read(["care_enrollment_ids"]),
            lambda: plan.search([("enrollment_ids", "!=", False)]),
            lambda: plan.read(["enrollment_ids"]),
            lambda: plan.read(["salt"]),
            lambda: plan.read(["control_percent"]),
            lambda: plan.search([("salt", "ilike", "a")]),
            lambda: plan.search([("control_percent", ">", 0)]),
            lambda: plan.search([], order="control_percent"),
            lambda: enrollments.browse(self.control.ids).read(["state"]),
            lambda: self.as_user(user, "crm.care.enrollment.step").search(
                [("enrollment_id.arm", "=", "control")]
            ),
        ):
            with self.assertRaises(AccessError):
                forbidden()

    def test_enrolling_does_not_name_the_control_group(self):
        wizard = self.as_user(self.salesman, "crm.care.plan.enroll.wizard")
        values = {"plan_id": self.plan.id, "partner_ids": [Command.set(self.mine.ids)]}
        summary = wizard.create(values).summary
        self.assertIn("Do not match the plan, or were enrolled before: 1", summary)
        self.assertNotIn("In this plan", summary)
        wizard = self.as_user(self.manager, "crm.care.plan.enroll.wizard")
        self.assertIn("In this plan already", wizard.create(values).summary)

    # -- Companies

    def test_plans_of_another_company(self):
        other = self.new_plan(self.log(), company=self.company_b)
        plan = self.as_user(self.manager, other)
        for method in PLAN_METHODS:
            self.refused(plan, method)
        for name in ("crm.care.plan.version", "crm.care.plan.step"):
            found = self.as_user(self.manager, name)
            self.assertFalse(found.search([("plan_id", "=", other.id)]))
        self.refused(self.as_user(self.manager, other.version_id), "action_move_here")
        wizard = self.as_user(self.manager, "crm.care.plan.enroll.wizard")
        wizard = wizard.create(
            {"plan_id": other.id, "partner_ids": [Command.set(self.mine.ids)]}
        )
        self.assertFalse(wizard.summary)
        self.refused(wizard, "action_enroll")
        wizard = self.as_user(self.manager, "crm.care.plan.start.wizard")
        wizard = wizard.create({"plan_id": other.id})
        for name in ("matching_count", "max_per_day"):
            self.refused(wizard, "read", [name])
        self.refused(wizard, "action_start")

    def test_what_is_changed_stays_where_it_is(self):
        other = self.new_plan(self.log(), company=self.company_b, start=False)
        draft = self.as_user(self.manager, self.new_plan(self.log(), start=False))
        step = draft.draft_step_ids
        self.refused(step, "write", {"version_id": other._get_draft().id})
        self.refused(step, "create", {"name": "x", "version_id": other._get_draft().id})
        self.refused(draft._get_draft(), "write", {"plan_id": other.id})
        self.refused(draft, "write", {"company_id": self.company_b.id})
        # Not to another plan of the company, either.
        self.refused(draft, "write", {"version_id": self.plan.version_id.id})
        step.write({"plan_id": self.plan.id})
        self.assertEqual(step.plan_id, draft)

    def test_what_is_published_is_not_changed(self):
        plan = self.as_user(self.manager, self.treated)
        draft = self.new_plan(self.log(), start=False)
        step = self.as_user(self.manager, draft.draft_step_ids)
        self.refused(step, "write", {"version_id": plan.version_id.id})
        self.refused(plan.version_id, "write", {"published_date": False})
        # Customers in it would go with it.
        self.refused(plan.version_id, "unlink")
        self.assertEqual(len(self.of(self.treated)), 2)

    # -- What steps do

    def test_server_actions_are_for_administrators(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "x",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "pass",
            }
        )
        draft = self.new_plan(self.log(), start=False)
        version = self.as_user(self.manager, draft._get_draft())
        values = {"name": "x", "kind": "server_action", "server_action_id": action.id}
        self.refused(version.step_ids, "write", {"server_action_id": action.id})
        self.refused(version.step_ids, "create", {**values, "version_id": version.id})
        self.refused(version, "write", {"step_ids": [Command.create(values)]})
        self.refused(
            version.plan_id, "write", {"draft_step_ids": [Command.create(values)]}
        )
        loaded = version.step_ids.load(
            ["name", "kind", "version_id/.id", "server_action_id/.id"],
            [["x", "server_action", str(version.id), str(action.id)]],
        )
        self.assertFalse(loaded["ids"])
        with self.assertRaises(AccessError):
            version.step_ids.read(["server_action_id"])

    def test_a_template_is_one_for_contacts(self):
        leads = self.template.copy(
            {"model_id": self.env["ir.model"]._get_id("crm.lead")}
        )
        with self.assertRaises(ValidationError):
            self.new_plan(self.mail(template_id=leads.id))
        plan = self.new_plan(self.mail())
        plan.enroll(self.mine)
        self.template.model_id = leads.model_id
        self.run_due()
        self.assertEqual(self.of(plan).step_ids.reason, "definition_gone")

    def test_filters_know_what_their_author_may_read(self):
        draft = self.as_user(self.manager, self.new_plan(self.log(), start=False))
        for name in ("domain", "exit_domain"):
            with self.subTest(name=name), self.assertRaises(ValidationError):
                draft.write({name: "[('user_ids.totp_secret', '!=', False)]"})

    def test_stopped_plans_say_so(self):
        self.company_a.care_plans_stopped = True
        wizard = self.as_user(self.manager, "crm.care.plan.enroll.wizard")
        wizard = wizard.create(
            {"plan_id": self.treated.id, "partner_ids": [Command.set(self.mine.ids)]}
        )
        self.assertIn("stopped", wizard.summary)
        self.assertFalse(wizard.enrolled_count)
