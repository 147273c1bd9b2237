"""The dashboard asks for what there is, and is for managers of service care."""

import json

from odoo.tests import tagged

from odoo.addons.crm_extended.tests.care.common import CareCommon
from odoo.addons.spreadsheet.utils.validate_data import (
    fields_in_spreadsheet,
    menus_xml_ids_in_spreadsheet,
    odoo_charts,
    odoo_view_links,
)


@tagged("post_install", "-at_install")
class TestCareDashboard(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboard = cls.env.ref(
            "spreadsheet_dashboard_crm_extended.spreadsheet_dashboard_care"
        )
        cls.data = json.loads(cls.dashboard.spreadsheet_data)

    def test_fields_menus_and_actions_exist(self):
        asked = fields_in_spreadsheet(self.data)
        self.assertEqual(
            set(asked),
            {"crm.care.sla.report", "crm.care.case.report", "crm.care.backlog"},
        )
        for model, names in asked.items():
            names = {name.partition(":")[0] for name in names}
            self.assertLessEqual(names, set(self.env[model]._fields), model)
        for pivot in self.data["pivots"].values():
            for matching in pivot["fieldMatching"].values():
                field = self.env[pivot["model"]]._fields[matching["chain"]]
                self.assertEqual(field.type, matching["type"])
        for xml_id in menus_xml_ids_in_spreadsheet(self.data):
            self.assertEqual(self.env.ref(xml_id)._name, "ir.ui.menu")
        links = odoo_view_links(self.data)
        self.assertEqual(len(links), 7)
        for link in links:
            action = self.env.ref(link["action"]["xmlId"])
            self.assertEqual(action.res_model, link["action"]["modelName"])

    def test_a_manager_is_answered(self):
        """Each pivot and chart as the dashboard asks for it."""
        self.sla(4, metric="first_response")
        with self.at("2026-03-16 08:00"):
            case = self.case()
        with self.at("2026-03-16 10:00"):
            case._note_first_response(self.now())
        for pivot in self.data["pivots"].values():
            rows = [row["fieldName"] for row in pivot["rows"]]
            answer = self.env[pivot["model"]].with_user(self.care_manager)
            answer = answer.formatted_read_grouping_sets(
                pivot["domain"],
                [[], rows] if rows else [[]],
                [measure["id"] for measure in pivot["measures"]],
            )
            self.assertTrue(answer[0], pivot["name"])
        charts = odoo_charts(self.data)
        self.assertEqual(len(charts), 2)
        for chart in charts:
            meta = chart["metaData"]
            report = self.env[meta["resModel"]].with_user(self.care_manager)
            aggregator = report._fields[meta["measure"]].aggregator
            self.assertTrue(
                report.formatted_read_group(
                    [], meta["groupBy"], [f"{meta['measure']}:{aggregator}"]
                )
            )

    def test_names_are_translated(self):
        """Odoo translates neither names of pivots and measures nor titles of axes."""
        self.env["res.lang"]._activate_lang("zh_CN")
        dashboard = self.dashboard.with_user(self.care_manager)
        dashboard = dashboard.with_context(lang="zh_CN")
        data = json.loads(dashboard._get_serialized_readonly_dashboard())["snapshot"]
        measures = {
            measure.get("userDefinedName")
            for pivot in data["pivots"].values()
            for measure in pivot["measures"]
        }
        self.assertLessEqual({"达成率", "工单"}, measures)
        for each in (data, dashboard.sudo()._get_sample_dashboard()):
            axes = [
                axis["title"]["text"]
                for figure in each["sheets"][0]["figures"]
                for axis in figure["data"].get("axesDesign", {}).values()
            ]
            self.assertIn("达成率", axes)

    def test_for_managers_of_care(self):
        groups = self.dashboard.group_ids
        self.assertEqual(groups, self.env.ref("crm_extended.group_manage_care"))
        for user, found in ((self.care_manager, 1), (self.agent, 0), (self.manager, 0)):
            dashboards = self.dashboard.with_user(user)
            self.assertEqual(
                dashboards.search_count([("id", "=", self.dashboard.id)]), found
            )

    def test_an_example_as_long_as_there_is_nothing(self):
        sample = self.dashboard._get_sample_dashboard()
        self.assertEqual(sample["pivots"], {})
        for real, example in zip(self.data["sheets"], sample["sheets"], strict=True):
            self.assertEqual(real["name"], example["name"])
            self.assertEqual(
                [figure["id"] for figure in real["figures"]],
                [figure["id"] for figure in example["figures"]],
            )
        empty = self.dashboard.with_company(self.company_b).with_context(
            allowed_company_ids=self.company_b.ids
        )
        self.care_manager.company_ids += self.company_b
        self.assertTrue(empty.with_user(self.care_manager)._dashboard_is_empty())
        self.case()
        manager = self.dashboard.with_user(self.care_manager)
        self.assertFalse(manager._dashboard_is_empty())
