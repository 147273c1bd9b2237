"""The dashboard of the month asks for what there is, answers managers, and goes with
analytics."""

import json

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.crm_extended.tests.insight.test_cohort import CohortCommon
from odoo.addons.spreadsheet.utils.validate_data import (
    fields_in_spreadsheet,
    menus_xml_ids_in_spreadsheet,
    odoo_charts,
    odoo_view_links,
)

# What only some managers may see.
SECRET = {"margin", "margin_share", "costed_revenue"}


@tagged("post_install", "-at_install")
class TestMonthDashboard(CohortCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboard = cls.env.ref(
            "spreadsheet_dashboard_crm_extended.spreadsheet_dashboard_month"
        )
        cls.data = json.loads(cls.dashboard.sudo().spreadsheet_data)
        cls.charts = odoo_charts(cls.data)
        cls.manager, cls.leader = cls.env["res.users"].create(
            [
                {
                    "name": name,
                    "login": f"dashboard {name}",
                    "group_ids": [(6, 0, cls.env.ref(f"sales_team.{group}").ids)],
                    "company_ids": [(6, 0, cls.company.ids)],
                    "company_id": cls.company.id,
                }
                for name, group in (
                    ("Manager", "group_sale_manager"),
                    ("Leader", "group_sale_salesman_all_leads"),
                )
            ]
        )

    def ask(self, model, domain, groups, measures):
        reader = self.env[model].with_user(self.manager)
        return reader.formatted_read_group(domain, groups, measures)

    def measures_of(self, chart):
        measure = chart["metaData"]["measure"]
        if measure == "__count":
            return ["__count"]
        return [f"{measure}:sum"]

    def filters(self, matchings, model):
        """The domain that all filters give, each with some value, after looking at the
        fields they ask for."""
        types = {each["id"]: each for each in self.data["globalFilters"]}
        domain = []
        for name, matching in matchings.items():
            target = self.env[model]
            *path, last = matching["chain"].split(".")
            for step in path:
                target = target[step]
            field = target._fields[last]
            self.assertEqual(field.type, matching["type"])
            if types[name]["type"] == "date":
                domain += [(matching["chain"], ">=", str(self.month))]
            else:
                self.assertEqual(field.comodel_name, types[name]["modelName"])
                domain += [(matching["chain"], "in", [1])]
        return domain

    def test_fields_menus_and_actions_exist(self):
        asked = fields_in_spreadsheet(self.data)
        self.assertEqual(
            set(asked),
            {
                "crm.insight.month",
                "crm.rfm.score",
                "crm.care.case",
                "crm.care.enrollment",
            },
        )
        for model, names in asked.items():
            for name in names:
                first = name.partition(":")[0].partition(".")[0]
                self.assertIn(first, self.env[model]._fields)
        for xml_id in menus_xml_ids_in_spreadsheet(self.data):
            self.assertEqual(self.env.ref(xml_id)._name, "ir.ui.menu")
        links = odoo_view_links(self.data)
        # Figures and tables; charts are clicked themselves.
        self.assertEqual(len(links), 1 + 2)
        for link in links:
            action = self.env.ref(link["action"]["xmlId"])
            self.assertEqual(action.res_model, link["action"]["modelName"])
        for source in (*self.charts, *self.data["pivots"].values()):
            action = self.env.ref(source["actionXmlId"])
            model = source.get("model") or source["metaData"]["resModel"]
            self.assertEqual(action.res_model, model)

    def test_it_reads_no_purchases(self):
        """All figures are stored rows: months, scores, cases, enrollments."""
        for model in fields_in_spreadsheet(self.data):
            self.assertTrue(self.env[model]._auto)
            self.assertFalse(self.env[model]._table_query)

    def test_a_manager_is_answered(self):
        self.history(self.month, 10)
        self.env["crm.insight.run"]._run_now(self.company)
        self.env["crm.insight.month"].sudo().search([], limit=1).ratings = 1
        for pivot in self.data["pivots"].values():
            rows = [row["fieldName"] for row in pivot["rows"]]
            measures = [measure["id"] for measure in pivot["measures"]]
            model = pivot["model"]
            self.assertTrue(self.ask(model, pivot["domain"], rows, measures))
            self.ask(model, self.filters(pivot["fieldMatching"], model), rows, measures)
        for chart in self.charts:
            model = chart["metaData"]["resModel"]
            groups = chart["metaData"]["groupBy"]
            measures = self.measures_of(chart)
            domain = chart["searchParams"]["domain"]
            found = self.ask(model, domain, groups, measures)
            if model == "crm.insight.month":
                self.assertTrue(found)
            domain = domain + self.filters(chart["fieldMatching"], model)
            self.ask(model, domain, groups, measures)

    def test_companies_with_two_currencies(self):
        """One of the other's money is two of ours."""
        other = self.env["res.company"].create({"name": "Month Ltd"})
        other.currency_id = self.env["res.currency"].create(
            {"name": "MTH", "symbol": "M", "rounding": 0.01}
        )
        self.env["res.currency.rate"].create(
            {
                "currency_id": other.currency_id.id,
                "company_id": self.company.id,
                "name": "2020-01-01",
                "rate": 0.5,
            }
        )
        partner = self.buyer()
        for company, amount in ((self.company, 100), (other, 1000)):
            self.history(self.month, amount, partner=partner, company=company)
            self.env["crm.insight.run"]._run_now(company)
        self.manager.company_ids += other
        months = (
            self.env["crm.insight.month"]
            .with_user(self.manager)
            .with_context(allowed_company_ids=(self.company + other).ids)
        )
        asked = set()
        for pivot in self.data["pivots"].values():
            measures = [measure["id"] for measure in pivot["measures"]]
            found = months.formatted_read_group(pivot["domain"], [], measures)
            for measure in pivot["measures"]:
                if months._fields[measure["fieldName"]].type == "monetary":
                    asked.add(measure["fieldName"])
                    self.assertEqual(measure["aggregator"], "sum_currency")
                if measure["fieldName"] == "revenue":
                    self.assertEqual(found[0][measure["id"]], 100 + 2 * 1000)
        self.assertEqual(asked, {"revenue", "margin"})
        # Charts convert money by themselves where a field says its currency.
        fields = months.fields_get(["revenue", "margin"], ["currency_field"])
        self.assertEqual(
            {field["currency_field"] for field in fields.values()}, {"currency_id"}
        )

    def test_months_without_ratings_are_left_out(self):
        """They would be drawn as 0%."""
        [chart] = [
            chart
            for chart in self.charts
            if chart["metaData"]["measure"] == "satisfaction"
        ]
        values = {"company_id": self.company.id, "next_year_date": self.month}
        self.env["crm.insight.month"].sudo().create(
            [
                {**values, "date": self.months_ago(ago), "ratings": n, "happy": n // 2}
                for ago, n in ((5, 4), (4, 0), (2, 8))
            ]
        )
        # As Odoo's charts ask, which fill in months unless they are told.
        reader = self.env["crm.insight.month"].with_user(self.manager)
        search = chart["searchParams"]
        context = {"fill_temporal": True, **search["context"]}
        found = reader.with_context(**context).formatted_read_group(
            search["domain"], chart["metaData"]["groupBy"], ["satisfaction:avg"]
        )
        self.assertEqual([group["satisfaction:avg"] for group in found], [0.5, 0.5])
        for other in self.charts:
            if other != chart:
                self.assertFalse(other["searchParams"]["context"])

    def test_headers_of_tables_fit_their_columns(self):
        """No word is broken, in English, in a wide font: 0.72 of its size a letter."""
        [sheet] = self.data["sheets"]
        style = self.data["styles"]["3"]
        self.assertEqual(style["wrapping"], "wrap")
        room = sheet["cols"]["1"]["size"] - 2 * 4
        fields = self.env["crm.insight.month"]._fields
        for pivot in self.data["pivots"].values():
            if pivot["rows"]:
                for measure in pivot["measures"]:
                    for word in fields[measure["fieldName"]].string.split():
                        width = len(word) * style["fontSize"] * 96 / 72 * 0.72
                        self.assertLessEqual(width, room, word)

    def test_margins_are_asked_for_apart(self):
        """Where they may not be seen, all the rest is."""
        self.env.ref("crm_extended.group_see_margin").sudo().implied_by_ids = False
        self.assertFalse(self.manager.has_group("crm_extended.group_see_margin"))
        for pivot in self.data["pivots"].values():
            names = {measure["fieldName"] for measure in pivot["measures"]}
            measures = [measure["id"] for measure in pivot["measures"]]
            if names & SECRET:
                self.assertLessEqual(names, SECRET)
                with self.assertRaises(AccessError):
                    self.ask(pivot["model"], [], [], measures)
            else:
                self.ask(pivot["model"], [], [], measures)

    def test_for_managers_while_analytics_is_on(self):
        def found(user):
            dashboards = self.dashboard.with_user(user)
            return dashboards.search_count([("id", "=", self.dashboard.id)])

        self.assertEqual(found(self.manager), 1)
        self.assertEqual(found(self.leader), 0)
        self.env["crm.feature"]._switch(insight=False)
        self.assertEqual(found(self.manager), 0)

    def test_a_printed_page_is_wide_enough(self):
        [sheet] = self.data["sheets"]
        width = sum(column["size"] for column in sheet["cols"].values())
        for figure in sheet["figures"]:
            self.assertLessEqual(figure["offset"]["x"] + figure["width"], width)
        # None covers another.
        places = [
            (
                figure["row"],
                figure["offset"]["y"],
                figure["offset"]["x"],
                figure["offset"]["x"] + figure["width"],
            )
            for figure in sheet["figures"]
        ]
        for number, (row, top, left, _right) in enumerate(places):
            for other in places[:number]:
                if other[:2] == (row, top):
                    self.assertLessEqual(other[3], left)

    def test_print_has_our_style(self):
        """Odoo loads these files when it prints a dashboard."""
        paths = self.env["ir.asset"]._get_asset_paths("spreadsheet.assets_print", {})
        ours = [path for path, *_other in paths if "crm_extended" in path]
        self.assertEqual(len(ours), 1)
        self.assertIn("print_dashboard.scss", ours[0])

    def test_cards_show_the_figures_with_their_names(self):
        [sheet] = self.data["sheets"]
        cards = [f for f in sheet["figures"] if f["data"]["type"] == "scorecard"]
        self.assertEqual(len(cards), 12)
        for card in cards:
            line = card["data"]["keyValue"].removeprefix("B")
            label = card["data"]["title"]["text"]
            self.assertEqual(sheet["cells"][f"A{line}"], f'=_t("{label}")')
            self.assertEqual(card["data"]["baseline"], f"C{line}")
            self.assertIn(card["id"], self.data["chartOdooMenusReferences"])

    def test_charts_have_titles_of_their_own(self):
        """A phone shows charts without the cells around them."""
        for chart in self.charts:
            self.assertTrue(chart["title"]["text"])

    def test_names_of_pivots_are_translated(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        dashboard = self.dashboard.with_user(self.manager).with_context(lang="zh_CN")
        data = json.loads(dashboard._get_serialized_readonly_dashboard())
        names = {pivot["name"] for pivot in data["snapshot"]["pivots"].values()}
        self.assertLessEqual({"会员等级", "客户分群"}, names)

    def test_an_example_as_long_as_there_is_nothing(self):
        sample = self.dashboard.sudo()._get_sample_dashboard()
        self.assertFalse(sample["pivots"])
        self.assertFalse(odoo_charts(sample))
        real, example = self.data["sheets"][0], sample["sheets"][0]
        self.assertEqual(
            [figure["data"]["title"] for figure in real["figures"]],
            [figure["data"]["title"] for figure in example["figures"]],
        )
        manager = self.dashboard.with_user(self.manager)
        self.assertTrue(manager._dashboard_is_empty())
        self.history(self.month, 10)
        self.env["crm.insight.run"]._run_now(self.company)
        self.assertFalse(manager._dashboard_is_empty())

    def test_digests_link_to_it(self):
        digest = self.env["digest.digest"].create({"name": "Month"})
        actions = digest._compute_kpis_actions(self.company, self.manager)
        name, _mark, menu = actions["kpi_insight_customers"].partition("?menu_id=")
        action = self.env.ref(name)
        self.assertTrue(self.env["ir.ui.menu"].browse(int(menu)).exists())
        self.assertEqual(action.tag, "action_spreadsheet_dashboard")
        self.assertEqual(action.params["dashboard_id"], self.dashboard.id)
