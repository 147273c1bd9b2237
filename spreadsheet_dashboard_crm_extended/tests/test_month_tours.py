from odoo.tests import HttpCase, tagged

from odoo.addons.crm_extended.tests.insight.test_cohort import CohortCommon


@tagged("post_install", "-at_install")
class TestMonthTours(CohortCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.env["res.users"].create(
            {
                "name": "Manager",
                "login": "crm_extended_month_manager",
                "password": "crm_extended_month_manager",
                "group_ids": [
                    (6, 0, cls.env.ref("sales_team.group_sale_manager").ids),
                ],
                "company_ids": [(6, 0, cls.company.ids)],
                "company_id": cls.company.id,
            }
        )

    def test_from_a_month_to_what_is_behind_a_figure(self):
        self.history(self.months_ago(1, 3))
        self.history(self.months_ago(1, 9), partner=self.buyer())
        self.history(self.months_ago(2, 9))
        self.env["crm.insight.run"]._run_now(self.company)
        self.start_tour(
            "/odoo/dashboards", "crm_extended_month", login=self.manager.login
        )

    def test_an_empty_database_has_a_sample(self):
        self.authenticate(self.manager.login, self.manager.login)
        dashboard = self.env.ref(
            "spreadsheet_dashboard_crm_extended.spreadsheet_dashboard_month"
        )
        answer = self.url_open(f"/spreadsheet/dashboard/data/{dashboard.id}").json()
        self.assertTrue(answer["is_sample"])
        self.assertEqual(
            answer["translation_namespace"], "spreadsheet_dashboard_crm_extended"
        )
        self.start_tour(
            "/odoo/dashboards", "crm_extended_month_sample", login=self.manager.login
        )
