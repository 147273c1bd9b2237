"""What a new user of each role sees and does on the first day, in an otherwise empty
database: one company, in which nothing was done yet."""

from odoo import Command
from odoo.tests import HttpCase, tagged

from .common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestFirstDay(CustomerValueCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # As in a new database.
        cls.env["crm.feature"]._switch(loyalty=False, care=False)
        cls.company = cls.new_company("Newcomer", cls.usd)
        cls.admin = cls.new_user("day_admin", "base.group_system", cls.company)
        cls.admin.name = "Ada Administrator"

    def start_day(self, role, group):
        user = self.new_user(f"day_{role}", group, self.company)
        user.password = user.login * 2
        self.start_tour("/odoo", f"crm_extended_first_day_{role}", login=user.login)
        return user

    def test_salesperson(self):
        customer = self.customer("First Day Customer")
        user = self.start_day("salesperson", "sales_team.group_sale_salesman")
        logged = self.env["crm.interaction"].search([("partner_id", "=", customer.id)])
        self.assertEqual(logged.user_id, user)

    def test_sales_manager(self):
        day = self.today.replace(day=1)
        for months, amount in ((13, 100.0), (1, 4000.0)):
            year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
            self.buy(
                self.customer(f"Customer of {months}"),
                amount,
                company=self.company,
                date=day.replace(year=year, month=month + 1),
            )
        self.start_day("sales_manager", "sales_team.group_sale_manager")
        mine = [("company_id", "=", self.company.id)]
        self.assertEqual(self.env["crm.rfm.score"].search_count(mine), 2)
        self.assertEqual(self.env["crm.rfm.rebuild"].search(mine).state, "running")
        self.assertFalse(self.env["crm.feature"]._is_on("loyalty"))
        self.assertFalse(self.env["crm.feature"]._is_on("care"))

    def test_care_manager(self):
        # An administrator has switched it on.
        self.env["crm.feature"]._switch(care=True)
        user = self.start_day("care_manager", "crm_extended.group_care_manager")
        team = self.env["crm.care.team"].search([("company_id", "=", self.company.id)])
        self.assertEqual((team.name, team.user_id), ("First Day Team", user))

    def test_care_agent(self):
        self.env["crm.feature"]._switch(care=True)
        team = self.env["crm.care.team"].create(
            {"name": "First Day Team", "company_id": self.company.id}
        )
        agent = self.new_user(
            "day_care_agent", "crm_extended.group_care_agent_team", self.company
        )
        team.member_ids = [Command.set(agent.ids)]
        agent.password = agent.login * 2
        self.start_tour("/odoo", "crm_extended_first_day_care_agent", login=agent.login)
        case = self.env["crm.care.case"].search([("name", "=", "First Day Case")])
        self.assertEqual(case.company_id, self.company)
