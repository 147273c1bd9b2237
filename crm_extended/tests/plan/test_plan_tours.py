from odoo.tests import HttpCase, tagged

from .test_plan_uplift import UpliftCommon


@tagged("post_install", "-at_install")
class TestPlanTours(UpliftCommon, HttpCase):
    def test_a_manager_makes_starts_and_changes_a_plan(self):
        boss = self.new_user("plan_tour", "sales_team.group_sale_manager")
        self.start_tour("/odoo/care-plans", "crm_extended_care_plan", login=boss.login)
        plan = self.env["crm.care.plan"].search(
            [("company_id", "=", self.company_a.id)]
        )
        self.assertEqual(len(plan), 1)
        self.assertEqual(
            (plan.state, plan.trigger, plan.trigger_days, plan.user_id),
            ("running", "inactive", 90, boss),
        )
        self.assertEqual(
            [version.step_ids.mapped("name") for version in plan.version_ids],
            [
                ["Call them", "Note the result", "Tour note"],
                ["Call them", "Note the result"],
            ],
        )
        self.assertEqual(plan.version_id, plan.version_ids[-1])

    def test_a_salesperson_opens_the_customers_of_a_step(self):
        seller = self.new_user("flow_tour", "sales_team.group_sale_salesman")
        plan = self.new_plan(
            self.log(name="Tour note"),
            self.activity(5, name="Tour call"),
            name="Tour Plan",
        )
        customers = self.customers(3)
        customers[:2].user_id = seller
        plan.enroll(customers)
        self.run_due()
        self.start_tour(
            f"/odoo/care-plans/{plan.id}",
            "crm_extended_care_plan_flow",
            login=seller.login,
        )

    def test_a_manager_tries_a_plan(self):
        boss = self.new_user("plan_tour", "sales_team.group_sale_manager")
        boss.email = "tour@example.com"
        people = self.env["res.partner"].create(
            [
                {"name": "Tour customer 1", "email": "one@example.com"},
                {"name": "Tour customer 2"},
            ]
        )
        self.template.body_html = "<p>Hello <t t-out='object.ref'/></p>"
        plan = self.new_plan(
            self.mail(),
            name="Tour greetings",
            domain=repr([("id", "in", people.ids)]),
            start=False,
        )
        last = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.start_tour(
            "/odoo/care-plans", "crm_extended_care_plan_dry_run", login=boss.login
        )
        mail = self.env["mail.mail"].search([("id", ">", last.id)])
        self.assertEqual(mail.recipient_ids, boss.partner_id)
        self.assertEqual(mail.subject, "[Test] Hello Tour customer 1")
        self.assertEqual(plan.state, "draft")
        self.assertFalse(self.of(plan))
        self.assertFalse(people.message_ids.filtered("mail_ids"))

    def test_a_manager_looks_at_what_a_plan_brought(self):
        boss = self.new_user("results_tour", "sales_team.group_sale_manager")
        plan = self.new_plan(
            self.log(), goal="purchase", goal_days=30, name="Tour results"
        )
        customers = self.group(plan, "plan", 20)
        self.group(plan, "control", 20)
        self.buy_all(customers[:10])
        self.start_tour(
            "/odoo/care-plan-results",
            "crm_extended_care_plan_results",
            login=boss.login,
        )
