"""The reports of the pillars come with favorites: which, for whom, and that each works."""

import ast
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .test_campaign import CampaignCommon

FAVORITES = {
    "crm_lifecycle_report_action": {
        "Stage by Segment",
        "In Decline by Salesperson",
        "Stage, Period on Period",
    },
    "crm_forecast_action": {
        "Expected Purchases by Salesperson",
        "Next Purchase by Month",
        "Overdue by Salesperson",
    },
    "crm_campaign_reach_action": {"Response by Segment", "No Response by Salesperson"},
    "crm_customer_profile_action": {
        "Country by Segment",
        "Industry by Segment",
        "Revenue by Customer Size",
    },
    "crm_customer_margin_action": {"Margin by Salesperson", "Losses by Reason"},
    "crm_customer_purchase_line_margin_action": {"Margin Year on Year"},
    "crm_cohort_action": {"Revenue by Cohort", "Cohorts by Source"},
    "crm_satisfaction_answer_action": {
        "Detractors by Salesperson",
        "Complaints by Month",
    },
}


@tagged("post_install", "-at_install")
class TestReadyFavorites(CampaignCommon):
    def favorites(self, action, user=None):
        filters = self.env["ir.filters"].with_user(user or self.manager)
        return filters.get_filters(action.res_model, action.id)

    def actions(self):
        for name, names in FAVORITES.items():
            yield self.env.ref(f"crm_extended.{name}"), names

    def ask(self, action, favorite, reader):
        """What the pivot of a favorite asks, or the grouped list where there is none."""
        context = ast.literal_eval(favorite["context"])
        rows = reader.env[action.res_model]
        groups = list(context["group_by"])
        measures = ["__count"]
        if "pivot" in action.view_mode:
            self.assertEqual(groups, context["pivot_row_groupby"])
            groups += context["pivot_column_groupby"]
            names = set(context["pivot_measures"]) - {"__count"}
            measures += [f"{name}:{rows._fields[name].aggregator}" for name in names]
        if "graph" in action.view_mode:
            for group in context["graph_groupbys"]:
                self.assertIn(group.partition(":")[0], rows._fields)
            self.assertTrue(rows._fields[context["graph_measure"]].aggregator)
        domain = ast.literal_eval(favorite["domain"])
        return domain, rows.formatted_read_group(domain, groups, measures)

    def test_each_report_has_its_favorites(self):
        for action, names in self.actions():
            with self.subTest(action.name):
                found = self.favorites(action)
                self.assertEqual({each["name"] for each in found}, names)
                for each in found:
                    self.assertFalse(each["user_ids"])
                    self.assertFalse(each["is_default"])

    def test_every_favorite_can_be_opened(self):
        """Also without any row; each cell leads to the rows behind it."""
        people = self.people[:6]
        people.write({"user_id": self.manager.id})
        reader = self.as_user(self.manager, "res.partner")

        def all_asked():
            self.env.flush_all()
            self.env.invalidate_all()
            counts = {}
            for action, _names in self.actions():
                rows = reader.env[action.res_model]
                for favorite in self.favorites(action):
                    with self.subTest(favorite["name"]):
                        domain, found = self.ask(action, favorite, reader)
                        for row in found:
                            led = rows.search_count(domain + row["__extra_domain"])
                            self.assertEqual(led, row["__count"])
                        counts[favorite["name"]] = sum(row["__count"] for row in found)
            return counts

        self.assertFalse(any(all_asked().values()))
        for partner in people:
            for days_ago in (40, 70, 100, 130):
                self.buy(partner, 100, days_ago=days_ago)
        self.refresh()
        self.reach(people, 60)
        self.env["crm.satisfaction.answer"].create(
            [
                {
                    "partner_id": partner.id,
                    "contact_id": partner.id,
                    "company_id": self.company_a.id,
                    "date": fields.Datetime.now() - timedelta(days=3),
                    "source": "survey",
                    "res_model": "res.partner",
                    "res_id": partner.id,
                    "complaint": "yes",
                    "nps": 1,
                    "nps_group": "detractor",
                }
                for partner in people[:2]
            ]
        )
        self.env["crm.lifecycle"]._refresh(self.company_a)
        self.env["crm.forecast"]._refresh(self.company_a)
        self.update()
        counts = all_asked()
        self.assertEqual(counts["Stage by Segment"], 6)
        self.assertEqual(counts["Stage, Period on Period"], 6)
        self.assertEqual(counts["Expected Purchases by Salesperson"], 6)
        self.assertEqual(counts["Response by Segment"], 6)
        # All bought within the window.
        self.assertEqual(counts["No Response by Salesperson"], 0)
        self.assertEqual(counts["Country by Segment"], 6)
        self.assertEqual(counts["Margin by Salesperson"], 6)
        self.assertEqual(counts["Margin Year on Year"], 24)
        self.assertGreaterEqual(counts["Revenue by Cohort"], 6)
        self.assertEqual(counts["Detractors by Salesperson"], 2)
        self.assertEqual(counts["Complaints by Month"], 2)

    def test_margins_stay_secret(self):
        """Only the favorites of reports that are of margins ask for them."""
        for action, _names in self.actions():
            if action.res_model == "crm.customer.margin" or "margin" in action.xml_id:
                continue
            reader = self.as_user(self.salesman, "res.partner")
            for favorite in self.favorites(action, self.salesman):
                with self.subTest(favorite["name"]):
                    self.ask(action, favorite, reader)
