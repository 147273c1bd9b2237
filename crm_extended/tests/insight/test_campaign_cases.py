"""Campaigns, case by case: merged customers, days of the company, rates of few."""

from datetime import datetime, timedelta

from odoo.tests import tagged

from .test_campaign import PLAN, REACH, CampaignCommon


@tagged("post_install", "-at_install")
class TestCampaignCases(CampaignCommon):
    # -- Merging

    def test_merging_keeps_what_else_reached_them(self):
        """Also where it is final: Odoo deletes all rows of a customer because of one that
        both have."""
        first, second = self.people[:2]
        autumn = self.env[PLAN].create(
            {"campaign_id": self.autumn.id, "company_id": self.company_a.id}
        )
        self.reach(first, 800)
        self.reach(second, 810)
        snapshot = self.reach(second, 900, plan=autumn)
        self.buy(second, 40, days_ago=890)
        self.update()
        snapshot.unlink()
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (first + second).ids, first
        )
        self.update()
        self.assertEqual(self.row(first).date, self.day(810))
        row = self.row(first, self.autumn)
        self.assertEqual((row.date, row.responded), (self.day(900), 1))

    def test_whom_a_plan_left_alone_was_reached_all_the_same(self):
        first, second = self.people[:2]
        self.reach(first, 60)
        self.enroll(second, "control", 70)
        self.update()
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (first + second).ids, second
        )
        row = self.row(second)
        self.assertEqual((row.arm, row.date), ("plan", self.day(60)))
        self.update()
        self.assertEqual(self.row(second).arm, "plan")

    # -- Days

    def test_care_plans_reach_on_a_day_of_the_company(self):
        self.company_a.partner_id.tz = "Asia/Shanghai"
        partner = self.people[0]
        day = self.day(60)
        enrollment = self.enroll(partner, "plan", 60)
        # It is the next day in Shanghai.
        evening = datetime(day.year, day.month, day.day, 20) - timedelta(days=1)
        enrollment.start_date = evening
        self.buy(partner, 10, days_ago=60)
        self.buy(partner, 5, days_ago=59)
        self.update()
        self.assertEqual(self.row(partner).date, day)
        self.assertEqual(self.row(partner).revenue, 5)

    def test_snapshots_are_of_a_day_of_the_company(self):
        listed = self.env["crm.customer.list"].create(
            {"name": "Zone", "company_id": self.company_a.id, "is_filtered": False}
        )
        days = []
        # A whole day apart, at any time.
        for zone in ("Pacific/Kiritimati", "Pacific/Honolulu"):
            self.company_a.partner_id.tz = zone
            days.append(self.env["crm.customer.list.snapshot"]._take(listed).date)
        self.assertEqual(days[0] - days[1], timedelta(days=1))

    # -- Rates of few

    def test_fewer_than_five_have_no_rate(self):
        self.manager.group_ids += self.env.ref("base.group_allow_export")
        self.reach(self.people[:4], 60)
        self.buy(self.people[0], 10, days_ago=50)
        self.update()
        plan = self.plan_of(self.manager)
        self.assertEqual((plan.ended, plan.responded), (4, 1))
        self.assertEqual(plan.read(["response_rate"])[0]["response_rate"], False)
        self.assertEqual(plan.export_data(["response_rate"])["datas"], [[""]])
        rows = self.as_user(self.manager, REACH)
        names = ["response_rate:avg", "year_rate:avg", "ended:sum"]
        [found] = rows.formatted_read_group([], ["campaign_id"], names)
        self.assertEqual(found["ended:sum"], 4)
        self.assertIs(found["response_rate:avg"], False)
        self.assertIs(found["year_rate:avg"], False)
        one = rows.search([], limit=1)
        self.assertEqual(one.read(["response_rate"])[0]["response_rate"], False)
        self.assertEqual(one.export_data(["response_rate"])["datas"], [[""]])
        # Five have one, also of nothing.
        self.reach(self.people[:5], 60)
        self.update()
        plan = self.plan_of(self.manager)
        self.assertEqual(plan.response_rate, 0.2)
        self.assertEqual(plan.export_data(["response_rate"])["datas"], [[0.2]])
        [found] = rows.formatted_read_group([], ["campaign_id"], names)
        self.assertEqual(found["response_rate:avg"], 0.2)
        # Groups of the same customers have none.
        for found in rows.formatted_read_group([], ["partner_id"], names):
            self.assertIs(found["response_rate:avg"], False)

    def test_no_rate_while_the_window_is_open(self):
        self.reach(self.people[:6], 10)
        self.update()
        plan = self.plan_of(self.manager)
        self.assertEqual((plan.reached, plan.ended), (6, 0))
        self.assertIs(plan.response_rate, False)

    def test_pivots_show_no_rate_as_empty(self):
        arch = self.as_user(self.manager, REACH).get_view(view_type="pivot")["arch"]
        self.assertIn(
            'name="response_rate" type="measure" widget="crm_extended_share"', arch
        )
