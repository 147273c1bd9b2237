"""Enrolling customers by hand: who may, whom, and what they are told before."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import PlanCommon


class TestPlanWizard(PlanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine, cls.theirs = cls.customers(2)
        cls.mine.user_id = cls.salesman
        cls.theirs.user_id = cls.manager

    def wizard(self, records, user=None, plan=None, **values):
        model = self.env["crm.care.plan.enroll.wizard"]
        if user:
            model = self.as_user(user, model._name)
        model = model.with_context(
            active_model=records._name, active_ids=records.ids, **values
        )
        return model.create({"plan_id": plan.id} if plan else {})

    def test_sentences(self):
        group = self.env["crm.care.plan.group"].create(
            {"name": "One at a time", "company_id": self.company_a.id}
        )
        plan = self.new_plan(
            self.log(),
            domain="[('ref', '!=', 'no')]",
            exclusion_group_id=group.id,
            max_per_day=2,
        )
        other = self.new_plan(self.log(), exclusion_group_id=group.id)
        inside, grouped, unmatched, refused, archived, *fine = self.customers(9)
        plan.enroll(inside)
        other.enroll(grouped)
        unmatched.ref = "no"
        archived.active = False
        self.env["crm.consent"].create(
            {
                "partner_id": refused.id,
                "company_id": self.company_a.id,
                "purpose_id": self.purpose.id,
                "state": "refused",
            }
        )
        everyone = inside | grouped | unmatched | refused | archived
        everyone = everyone.union(*fine)
        wizard = self.wizard(everyone, plan=plan)
        self.assertEqual(
            wizard.summary.splitlines(),
            [
                "4 of 9 customers will be enrolled.",
                "Begin on a later day because of the limit: 3",
                "Archived, or of another company: 1",
                "In this plan already, or were before: 1",
                "In another plan of the same group: 1",
                "Do not match the plan: 1",
                "Refused to be contacted: 1",
            ],
        )
        action = wizard.action_enroll()
        self.assertIn(": 4", action["params"]["message"])
        self.assertEqual(len(self.of(plan)), 5)
        self.assertEqual(
            sorted(self.of(plan).mapped("state")),
            ["running"] * 2 + ["waiting"] * 3,
        )
        # Once more: none is left.
        wizard = self.wizard(everyone, plan=plan)
        self.assertEqual(wizard.enrolled_count, 0)
        self.assertEqual(wizard.action_enroll()["params"]["type"], "warning")

    def test_salespeople_enroll_their_own(self):
        plan = self.new_plan(self.log())
        wizard = self.wizard(self.mine | self.theirs, self.salesman, plan)
        self.assertEqual(wizard.enrolled_count, 1)
        self.assertIn("Customers of other salespeople: 1", wizard.summary)
        wizard.action_enroll()
        self.assertEqual(self.of(plan).partner_id, self.mine)
        with self.assertRaises(UserError):
            self.wizard(self.theirs, self.salesman, plan).action_enroll()
        self.wizard(self.theirs, self.manager, plan).action_enroll()
        self.assertEqual(self.of(plan).partner_id, self.mine | self.theirs)
        with self.assertRaises(AccessError):
            self.wizard(self.mine, self.employee, plan)
        with self.assertRaises(AccessError):
            self.wizard(self.mine, self.portal, plan)

    def test_of_another_company(self):
        plan = self.new_plan(self.log(), company=self.company_b)
        with self.assertRaises(AccessError):
            self.wizard(self.mine, self.salesman, plan).action_enroll()
        own = self.new_plan(self.log())
        theirs = self.customer("B", company_id=self.company_b.id)
        # A customer that the user may not read is none that they chose.
        wizard = self.wizard(theirs | self.mine, self.manager, own)
        self.assertEqual(wizard.customer_count, 1)
        wizard.action_enroll()
        self.assertEqual(self.of(own).partner_id, self.mine)

    def test_one_running_plan_is_chosen(self):
        draft = self.new_plan(self.log(), start=False)
        plan = self.new_plan(self.log())
        plan_b = self.new_plan(self.log(), company=self.company_b)
        wizard = self.as_user(self.manager, "crm.care.plan.enroll.wizard")
        running = wizard.env["crm.care.plan"].search([("state", "=", "running")])
        (running.sudo() - plan - plan_b).action_end()
        wizard = wizard.with_context(
            active_model="res.partner", active_ids=self.mine.ids
        )
        with Form(wizard) as form:
            self.assertEqual(form.plan_id, plan)
            self.assertEqual(form.customer_count, 1)
            self.assertIn("1 of 1", form.summary)
        # A draft enrolls no one, whatever is sent.
        with self.assertRaises(UserError):
            self.wizard(self.mine, self.manager, draft).action_enroll()

    def test_of_scores_lists_and_persons(self):
        plan = self.new_plan(self.log())
        self.buy(self.mine, 10)
        self.refresh()
        self.wizard(self.score(self.mine), plan=plan).action_enroll()
        self.assertEqual(self.of(plan).partner_id, self.mine)
        chosen = self.env["crm.customer.list"].create(
            {
                "name": "List",
                "company_id": self.company_a.id,
                "is_filtered": False,
                "added_ids": [Command.set(self.theirs.ids)],
            }
        )
        action = chosen.action_enroll()
        self.assertEqual(action["res_model"], "crm.care.plan.enroll.wizard")
        self.wizard(chosen, plan=plan).action_enroll()
        self.assertEqual(self.of(plan).partner_id, self.mine | self.theirs)
        firm = self.customer("Firm")
        person = self.customer("Person", parent_id=firm.id)
        self.wizard(person, plan=plan).action_enroll()
        self.assertIn(firm, self.of(plan).partner_id)

    def test_nothing_chosen(self):
        wizard = self.wizard(self.env["res.partner"], plan=self.new_plan(self.log()))
        self.assertFalse(wizard.summary)
        with self.assertRaises(UserError):
            wizard.action_enroll()

    def test_gone_while_off(self):
        actions = self.env["ir.actions.actions"].with_user(self.salesman)

        def offered():
            self.env.registry.clear_cache()
            found = actions.get_bindings("res.partner").get("action", [])
            return any(
                each.get("res_model") == "crm.care.plan.enroll.wizard"
                or each["name"] == "Enroll in a Care Plan"
                for each in found
            )

        self.assertTrue(offered())
        self.env["crm.feature"]._switch(plans=False)
        self.assertFalse(offered())

    def test_plan_form(self):
        """A manager of one company makes a plan with a list."""
        plans = self.as_user(self.manager, "crm.care.plan")
        chosen = self.as_user(self.manager, "crm.customer.list").create(
            {"name": "List", "is_filtered": False}
        )
        with Form(plans) as form:
            form.name = "Signed a year ago"
            form.trigger = "field"
            form.date_field = "create_date"
            form.date_yearly = True
            form.list_id = chosen
            form.purpose_id = self.purpose
        plan = form.save()
        self.assertEqual(plan.trigger_when, "before")
        self.assertEqual(plan.list_id, chosen)
