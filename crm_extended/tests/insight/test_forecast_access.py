"""Who sees forecasts, models and margins in them."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..care.common import CareCommon

SECRET = ("lifetime_value", "simple_value")


@tagged("post_install", "-at_install")
class TestForecastAccess(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(insight=True)
        cls.mine = cls.customer("Mine", user_id=cls.salesman.id)
        cls.others = cls.customer("Others")
        cls.foreign = cls.customer("Foreign")
        for ago in (90, 60, 30):
            cls.buy(cls.mine, 10, ago)
            cls.buy(cls.others, 20, ago)
            cls.buy(cls.foreign, 40, ago, company=cls.company_b)
        cls.env["crm.forecast"]._refresh(cls.company_a)
        cls.env["crm.forecast"]._refresh(cls.company_b)

    def seen(self, user):
        return set(
            self.as_user(user, "crm.forecast").search([]).partner_id.mapped("name")
        )

    def test_customers_of_ones_own(self):
        self.assertEqual(self.seen(self.salesman), {"Mine"})
        self.assertEqual(self.seen(self.manager), {"Mine", "Others"})
        group = self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.salesman.group_ids += group
        self.assertEqual(self.seen(self.salesman), {"Mine", "Others"})
        self.assertEqual(self.seen(self.salesman_b), set())

    def test_no_one_else(self):
        for user in (self.employee, self.portal, self.agent):
            for model in ("crm.forecast", "crm.forecast.model", "crm.forecast.week"):
                with self.assertRaises(AccessError):
                    self.as_user(user, model).search([])
        partners = self.as_user(self.agent, "res.partner")
        self.assertNotIn("forecast_p_active", partners.fields_get())
        with self.assertRaises(AccessError):
            partners.search([("forecast_p_active", ">", 0.5)])
        with self.assertRaises(AccessError):
            self.as_user(self.agent, "crm.forecast.model").get_summary()

    def test_models_are_for_managers(self):
        for model in ("crm.forecast.model", "crm.forecast.week"):
            with self.assertRaises(AccessError):
                self.as_user(self.salesman, model).search([])
        self.as_user(self.manager, "crm.forecast.model").search([]).mapped("alpha")
        summary = self.as_user(self.salesman, "crm.forecast.model").get_summary()
        self.assertIn("Not enough data", summary["state"])
        self.assertFalse(summary["id"])
        with self.assertRaises(AccessError):
            self.as_user(self.salesman, "crm.forecast").action_refresh()
        self.as_user(self.manager, "crm.forecast").action_refresh()

    def test_no_one_writes(self):
        row = self.as_user(self.manager, "crm.forecast").search([], limit=1)
        for call in (
            lambda: row.write({"revenue": 1}),
            row.unlink,
            lambda: row.create(
                {"partner_id": self.foreign.id, "company_id": self.company_a.id}
            ),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_margins_are_not_told_by_any_path(self):
        rows = self.as_user(self.salesman, "crm.forecast")
        row = rows.search([], limit=1)
        self.assertTrue(row)
        self.salesman.group_ids += self.env.ref("base.group_allow_export")
        for name in SECRET:
            for method, *args in (
                (row.read, [name]),
                (row.web_read, {name: {}}),
                (rows.search, [(name, ">", 0)]),
                (rows.search, [], 0, None, f"{name} desc"),
                (rows._read_group, [], [], [f"{name}:sum"]),
                (rows.formatted_read_group, [], ["active_band"], [f"{name}:sum"]),
                (row.export_data, [name]),
            ):
                with self.assertRaises(AccessError, msg=f"{name} {method}"):
                    method(*args)
        self.assertFalse(set(SECRET) & rows.fields_get().keys())
        for model in ("res.partner", "crm.lead"):
            records = self.as_user(self.salesman, model)
            self.assertNotIn("forecast_lifetime_value", records.fields_get())
            name = "forecast_lifetime_value"
            for method, *args in (
                (records.search, [(name, ">", 0)]),
                (records.search, [(name, "!=", False)]),
                (records.search, [], 0, None, f"{name} desc"),
                (records._read_group, [], [], [f"{name}:sum"]),
                (records._read_group, [], [name], ["__count"]),
                (records.search([], limit=1).read, [name]),
            ):
                with self.assertRaises(AccessError, msg=f"{model} {args}"):
                    method(*args)
            for path in ("forecast_id.lifetime_value", "forecast_id.simple_value"):
                if model == "crm.lead":
                    path = f"partner_id.{path}"
                with self.assertRaises(AccessError, msg=path):
                    records.search([(path, ">", 0)])
        self.assertTrue(row.simple_revenue)
        self.assertIn("revenue", row.value_text)
        page = self.mine.with_user(self.salesman).get_customer_page(["forecast"])
        self.assertIn("revenue", str(page))
        manager_row = self.as_user(self.manager, "crm.forecast").browse(row.id)
        self.assertIn("Worth", manager_row.value_text)
        self.assertTrue(manager_row.simple_value)

    def test_while_analytics_are_off(self):
        self.env["crm.feature"]._switch(insight=False)
        with self.assertRaises(AccessError):
            self.as_user(self.salesman, "crm.forecast").search([])
        agenda = self.env["crm.customer.agenda"]
        self.assertNotIn("purchase_overdue", agenda._agenda_sources())
        before = self.env["crm.forecast.model"].search_count([])
        self.env["crm.forecast"]._cron_refresh()
        self.assertEqual(self.env["crm.forecast.model"].search_count([]), before)
