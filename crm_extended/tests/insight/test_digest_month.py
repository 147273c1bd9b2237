"""Customers and revenue in digests of managers."""

from odoo import Command
from odoo.tests import tagged

from .test_insight_month import MonthCommon


@tagged("post_install", "-at_install")
class TestDigestMonth(MonthCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.digest = cls.env["digest.digest"].create(
            {
                "name": "Month",
                "kpi_insight_customers": True,
                "kpi_insight_revenue": True,
                "user_ids": [Command.set((cls.manager + cls.leader).ids)],
            }
        )

    def kpis(self, user):
        rows = self.digest.with_env(self.env(context={}))._compute_kpis(
            self.company, user
        )
        return {row["kpi_name"]: row for row in rows}

    def test_figures_of_a_manager(self):
        self.history(self.ago(3), 100)
        self.history(self.ago(9), 50, self.other)
        self.history(self.ago(0), 7, self.other)
        self.update()
        found = self.kpis(self.manager)
        customers = found["kpi_insight_customers"]["kpi_col3"]["value"]
        [row] = self.env["digest.digest"].browse(self.digest.id)
        self.assertFalse(row.with_user(self.manager).kpi_insight_revenue_value)
        end = self.ago(1).replace(day=1)
        rows = self.months.search([("date", "=", end)])
        self.assertEqual(int(customers), sum(rows.mapped("after")))
        # Not those of today, which is not over.
        for column, revenue in (
            ("kpi_col1", "0"),
            ("kpi_col2", "100"),
            ("kpi_col3", "150"),
        ):
            value = found["kpi_insight_revenue"][column]["value"]
            self.assertIn(revenue, value)
        self.assertTrue(found["kpi_insight_revenue"]["kpi_action"])

    def test_for_managers_while_analytics_is_on(self):
        self.assertFalse(self.kpis(self.leader))
        self.env["crm.feature"]._switch(insight=False)
        self.assertFalse(self.kpis(self.manager))
