"""What campaigns changed: who was reached when, with which scores, and what they bought
after. The same is computed by pandas, out of what the test itself has entered."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...analytics.insight.campaign import best_score, foretelling, rate
from ..care.common import CareCommon

REACH, PLAN = "crm.campaign.reach", "crm.campaign.plan"


class CampaignCommon(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(insight=True, consent=True, plans=True)
        cls.spring, cls.autumn = cls.env["utm.campaign"].create(
            [{"title": "Spring"}, {"title": "Autumn"}]
        )
        cls.people = cls.customers(20)
        cls.plan = cls.env[PLAN].create(
            {
                "campaign_id": cls.spring.id,
                "company_id": cls.company_a.id,
                "budget": 100,
                "goal_count": 5,
            }
        )

    @classmethod
    def day(cls, ago):
        return cls.today - timedelta(days=ago)

    @classmethod
    def reach(cls, partners, days_ago, plan=None, company=None):
        """Let a snapshot of a list have reached customers."""
        plan = plan or cls.plan
        company = company or plan.company_id
        listed = cls.env["crm.customer.list"].create(
            {"name": f"List {days_ago}", "company_id": company.id, "is_filtered": False}
        )
        snapshot = cls.env["crm.customer.list.snapshot"].create(
            {
                "list_id": listed.id,
                "date": cls.day(days_ago),
                "user_id": cls.env.uid,
                "partner_ids": [Command.set(partners.ids)],
            }
        )
        plan.snapshot_ids += snapshot
        return snapshot

    @classmethod
    def update(cls, company=None):
        return cls.env["crm.insight.run"]._run_now(company or cls.company_a)

    def row(self, partner, campaign=None, company=None):
        return self.env[REACH].search(
            [
                ("partner_id", "=", partner.id),
                ("campaign_id", "=", (campaign or self.spring).id),
                ("company_id", "=", (company or self.company_a).id),
            ]
        )

    def plan_of(self, user, plan=None):
        self.env.invalidate_all()
        return (plan or self.plan).with_user(user)

    def enroll(self, partners, arm, days_ago, campaign=None):
        plan = self.env["crm.care.plan"].create(
            {
                "name": "Welcome",
                "company_id": self.company_a.id,
                "campaign_id": (campaign or self.spring).id,
            }
        )
        version = plan._get_draft()
        return self.env["crm.care.enrollment"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company_a.id,
                    "plan_id": plan.id,
                    "version_id": version.id,
                    "arm": arm,
                    "state": "done",
                    "start_date": fields.Datetime.now() - timedelta(days=days_ago),
                }
                for partner in partners
            ]
        )


@tagged("post_install", "-at_install")
class TestCampaign(CampaignCommon):
    def test_a_response_is_a_purchase_within_the_window(self):
        before, on_the_day, first, last, late = self.people[:5]
        self.reach(self.people[:6], 100)
        for partner, days in (
            (before, 101),
            (on_the_day, 100),
            (first, 99),
            (last, 70),
            (late, 69),
        ):
            self.buy(partner, 50, days_ago=days)
        self.update()
        found = [self.row(partner).responded for partner in self.people[:6]]
        self.assertEqual(found, [0, 0, 1, 1, 0, 0])
        plan = self.plan_of(self.manager)
        self.assertEqual((plan.reached, plan.ended, plan.responded), (6, 6, 2))
        self.assertAlmostEqual(plan.response_rate, 2 / 6)
        self.assertEqual(plan.revenue, 100)
        self.assertEqual(plan.revenue_per_cost, 1)
        # What it cost stands instead of what it should.
        plan.cost = 50
        self.assertEqual(self.plan_of(self.manager).revenue_per_cost, 2)
        # Another window counts with the next update.
        plan.response_days = 31
        plan.action_update()
        self.assertEqual(self.row(late).responded, 1)

    def test_reached_twice_counts_once(self):
        partner = self.people[0]
        self.reach(partner, 100)
        self.reach(partner, 50)
        self.buy(partner, 10, days_ago=45)
        self.update()
        self.assertEqual(self.row(partner).date, self.day(100))
        self.assertEqual(self.row(partner).responded, 0)
        self.assertEqual(self.plan_of(self.manager).reached, 1)

    def test_a_refund_is_no_response(self):
        refunded, partly, alone = self.people[:3]
        self.reach(self.people[:3], 100)
        self.buy(refunded, 50, days_ago=95)
        self.buy(refunded, -50, days_ago=94)
        self.buy(partly, 50, days_ago=95)
        self.buy(partly, -20, days_ago=94)
        self.buy(alone, 80, days_ago=120)
        self.buy(alone, -10, days_ago=90)
        self.update()
        found = [self.row(partner).responded for partner in self.people[:3]]
        self.assertEqual(found, [0, 1, 0])
        self.assertEqual(
            [self.row(partner).revenue for partner in self.people[:3]], [0, 30, -10]
        )

    def test_running_windows_stand_apart(self):
        self.reach(self.people[:5], 10)
        self.reach(self.people[5:10], 31)
        self.reach(self.people[10:11], 30)
        for partner in self.people[:6]:
            self.buy(partner, 10, days_ago=2)
        self.update()
        plan = self.plan_of(self.manager)
        self.assertEqual((plan.running, plan.ended, plan.responded), (6, 5, 1))
        self.assertEqual(plan.response_rate, 0.2)
        self.assertEqual(plan.year_ended, 0)

    def test_twelve_months(self):
        old, young = self.people[:2]
        for partner, day in (
            (old, self.today - relativedelta(months=12) - timedelta(days=1)),
            (young, self.today - relativedelta(months=12)),
        ):
            self.reach(partner, (self.today - day).days)
            self.buy(partner, 10, days_ago=60)
        self.update()
        self.assertEqual(
            (self.row(old).year_ended, self.row(old).year_responded), (1, 1)
        )
        self.assertEqual(self.row(old).responded, 0)
        self.assertEqual(
            (self.row(young).year_ended, self.row(young).year_responded), (0, 0)
        )
        self.assertEqual(self.row(young).year_revenue, 10)

    # -- Scores of the day before

    def test_scores_are_those_before_they_were_reached(self):
        for number, partner in enumerate(self.people):
            self.buy(partner, 10 * (number + 1), days_ago=300 - number)
        for days in (200, 150, 101):
            self.refresh(as_of=self.day(days))
        partner, newcomer, early, refused = self.people[0], *self.people[17:]
        before = self.score(partner)
        values = (
            before.recency_score,
            before.frequency_score,
            before.monetary_score,
            before.segment_id,
        )
        self.assertEqual(before.monetary_score, 1)
        self.reach(partner, 100)
        self.reach(newcomer, 100)
        self.reach(early, 200)
        self.reach(refused, 100)
        for days in (100, 95, 90):
            self.buy(partner, 100_000, days_ago=days)
        self.env["crm.purchase.history"].search(
            [("partner_id", "=", newcomer.id)]
        ).unlink()
        self.env["crm.consent"].create(
            {
                "partner_id": refused.id,
                "company_id": self.company_a.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
            }
        )
        for days in (100, 50, 0):
            self.refresh(as_of=self.day(days) if days else None)
        self.assertEqual(self.score(partner).monetary_score, 5)
        self.update()
        row = self.row(partner)
        self.assertEqual(row.score_state, "known")
        self.assertEqual(
            (
                row.recency_score,
                row.frequency_score,
                row.monetary_score,
                row.segment_id,
            ),
            values,
        )
        # On the first known day nothing is known of the day before.
        self.assertEqual(self.row(early).score_state, "unknown")
        self.assertFalse(self.row(early).segment_id)
        self.assertEqual(self.row(refused).score_state, "refused")
        self.assertEqual(self.row(refused).frequency_score, 0)
        stranger = self.customer("Stranger")
        self.reach(stranger, 60)
        self.update()
        self.assertEqual(self.row(stranger).score_state, "none")

    def test_the_same_as_pandas(self):
        """Scores before, responses, rates and areas, computed by pandas out of the
        documents and the recorded score changes."""
        bought, reached = [], []
        for number, partner in enumerate(self.people):
            for turn in range(number % 5 + 1):
                days = 320 - 3 * number - 11 * turn
                self.buy(partner, 10 + number * turn, days_ago=days)
                bought.append((partner.id, self.day(days), 10 + number * turn))
            if number % 3:
                days = 75 + number % 7
                amount = -5 if number == 4 else 40 + number
                self.buy(partner, amount, days_ago=days)
                bought.append((partner.id, self.day(days), amount))
        for days in (300, 200, 120, 90, 60, 0):
            self.refresh(as_of=self.day(days) if days else None)
        for days, partners in ((80, self.people[:12]), (79, self.people[8:])):
            self.reach(partners, days)
            reached += [(partner.id, self.day(days)) for partner in partners]
        self.update()

        # Odoo runs without it, and loads the files of tests.
        import pandas as pd

        frame = pd.DataFrame(reached, columns=["partner", "day"])
        frame = frame.groupby("partner", as_index=False)["day"].min()
        sales = pd.DataFrame(bought, columns=["partner", "date", "amount"])
        joined = frame.merge(sales, on="partner")
        window = joined[
            (joined["date"] > joined["day"])
            & (joined["date"] <= joined["day"] + timedelta(days=30))
        ]
        revenue = window.groupby("partner")["amount"].sum()
        frame["revenue"] = frame["partner"].map(revenue).fillna(0)
        frame["responded"] = frame["revenue"] > 0
        changes = self.env["crm.rfm.change"].search(
            [("company_id", "=", self.company_a.id)], order="date, id"
        )
        scores = {score.partner_id.id: score for score in self.scores()}
        for name in ("recency", "frequency", "monetary"):
            frame[name] = [
                next(
                    (
                        change[f"old_{name}_score"]
                        for change in changes
                        if change.partner_id.id == partner and change.date >= day
                    ),
                    scores[partner][f"{name}_score"],
                )
                for partner, day in zip(frame["partner"], frame["day"], strict=True)
            ]
        rows = self.env[REACH].search([("campaign_id", "=", self.spring.id)])
        self.assertEqual(len(rows), len(frame))
        for line in frame.itertuples():
            row = rows.filtered(
                lambda one, line=line: one.partner_id.id == line.partner
            )
            self.assertEqual(row.date, line.day)
            self.assertEqual(row.revenue, line.revenue)
            self.assertEqual(bool(row.responded), line.responded)
            self.assertEqual(
                (row.recency_score, row.frequency_score, row.monetary_score),
                (line.recency, line.frequency, line.monetary),
            )
        self.assertTrue(frame["responded"].any() and not frame["responded"].all())
        plan = self.plan_of(self.manager)
        self.assertEqual(plan.responded, frame["responded"].sum())
        for table in plan.score_table[:3]:
            name = table["name"].removesuffix("_score")
            sizes = frame.groupby(name)["responded"].agg(["count", "sum"])
            self.assertEqual(
                {int(row["label"]): row["ended"] for row in table["rows"]},
                sizes["count"].to_dict(),
            )
            for row in table["rows"]:
                count = sizes["count"][int(row["label"])]
                self.assertEqual(row["rate"] is None, count < 5)
            yes = frame[frame["responded"]][name]
            no = frame[~frame["responded"]][name]
            area = sum(
                (one > other) + (one == other) / 2 for one in yes for other in no
            ) / (len(yes) * len(no))
            found = foretelling(
                [(key, row["count"], row["sum"]) for key, row in sizes.iterrows()]
            )
            self.assertAlmostEqual(found.auc, area)

    # -- Care plans and their control groups

    def test_a_control_group_is_the_proof(self):
        reached, control = self.people[:10], self.people[10:]
        self.enroll(reached, "plan", 60)
        self.update()
        self.assertIn("no proof", self.plan_of(self.manager).control_text)
        self.enroll(control, "control", 60)
        for partner in self.people[:9] + self.people[10:13]:
            self.buy(partner, 10, days_ago=50)
        self.update()
        plan = self.plan_of(self.manager)
        self.assertEqual((plan.reached, plan.control), (10, 10))
        self.assertEqual((plan.ended, plan.responded), (10, 9))
        self.assertIn("17.1 to 80.9", plan.control_text)
        self.assertIn("made a difference", plan.control_text)
        # Never shown to salespeople.
        for user in (self.salesman,):
            own = self.plan_of(user)
            self.assertIn("Sales managers see", own.control_text)
            self.assertEqual(own.reached, 0)
        self.people.user_id = self.salesman
        rows = self.as_user(self.salesman, REACH).search([])
        self.assertEqual(rows.partner_id, reached)
        # Who was reached all the same is no control.
        self.reach(self.people[10], 40)
        self.update()
        self.assertEqual(self.row(self.people[10]).arm, "plan")
        self.assertEqual(self.plan_of(self.manager).control, 9)

    # -- Special cases

    def test_a_campaign_without_anything(self):
        plan = self.plan_of(self.manager)
        self.update()
        self.assertEqual((plan.reached, plan.response_rate), (0, 0))
        self.assertIn("too early", plan.score_text)
        self.assertFalse(plan.response_text)
        for table in plan.score_table:
            self.assertFalse(table["rows"])

    def test_one_customer_and_all_equal(self):
        self.reach(self.people[0], 60)
        self.buy(self.people[0], 10, days_ago=50)
        self.update()
        plan = self.plan_of(self.manager)
        self.assertEqual((plan.responded, plan.ended), (1, 1))
        self.assertIs(plan.response_rate, False)
        self.assertFalse(plan.response_text)
        self.reach(self.people, 60)
        for partner in self.people[1:]:
            self.buy(partner, 10, days_ago=50)
        self.update()
        self.assertIn("too early", self.plan_of(self.manager).score_text)

    def test_twice_changes_nothing_and_what_is_gone_goes(self):
        snapshot = self.reach(self.people[:3], 60)
        run = self.update().filtered(lambda one: one.step == "campaign")
        self.assertEqual((run.row_count, run.added_count), (3, 3))
        run = self.update().filtered(lambda one: one.step == "campaign")
        self.assertEqual((run.row_count, run.added_count, run.changed_count), (3, 0, 0))
        snapshot.partner_ids -= self.people[0]
        run = self.update().filtered(lambda one: one.step == "campaign")
        self.assertEqual((run.row_count, run.removed_count), (2, 1))

    def test_rows_of_long_ago_are_final(self):
        self.reach(self.people[:2], 800)
        self.update()
        self.buy(self.people[0], 10, days_ago=790)
        self.update()
        self.assertEqual(self.row(self.people[0]).responded, 0)
        # Reached again: the first time counts.
        self.reach(self.people[0], 20)
        self.update()
        self.assertEqual(self.row(self.people[0]).date, self.day(800))
        self.plan.with_user(self.manager).action_update()
        self.assertEqual(self.row(self.people[0]).responded, 1)

    def test_two_companies_with_two_currencies(self):
        other = self.env[PLAN].create(
            {"campaign_id": self.spring.id, "company_id": self.company_b.id}
        )
        partner = self.people[0]
        self.reach(partner, 60)
        self.reach(partner, 50, plan=other)
        self.buy(partner, 10, days_ago=40)
        self.buy(partner, 77, days_ago=40, company=self.company_b)
        self.update()
        self.update(self.company_b)
        self.assertEqual(self.row(partner).revenue, 10)
        self.assertEqual(self.row(partner, company=self.company_b).revenue, 77)
        self.env.invalidate_all()
        self.assertEqual((self.plan.revenue, other.revenue), (10, 77))
        self.assertEqual(other.currency_id, self.company_b.currency_id)
        self.assertFalse(
            self.as_user(self.manager, PLAN).search([("id", "=", other.id)])
        )

    def test_merged_customers_are_reached_once(self):
        first, second = self.people[:2]
        self.reach(first, 60)
        self.reach(second, 70)
        self.update()
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (first + second).ids, first
        )
        self.update()
        self.assertEqual(self.row(first).date, self.day(70))
        self.assertEqual(self.plan_of(self.manager).reached, 1)

    def test_contacts_belong_to_their_customer(self):
        company = self.customer("Firm", is_company=True)
        people = self.customers(2, parent_id=company.id)
        self.reach(people, 60)
        self.update()
        self.assertEqual(self.plan_of(self.manager).reached, 1)
        self.assertTrue(self.row(company))

    def test_hostile_numbers(self):
        for values in (
            {"response_days": 0},
            {"response_days": 366},
            {"goal_count": -1},
            {"budget": -1},
            {"date_from": "2030-02-01", "date_to": "2030-01-01"},
        ):
            with self.assertRaises(ValidationError):
                self.plan.write(values)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.plan.copy()

    def test_one_company_form(self):
        action = self.autumn.with_user(self.manager).action_campaign_plan()
        form = Form(self.as_user(self.manager, PLAN).with_context(**action["context"]))
        form.goal = "Win back customers"
        form.budget = 10
        plan = form.save()
        self.assertEqual(plan.campaign_id, self.autumn)
        self.assertEqual(
            self.autumn.with_user(self.manager).action_campaign_plan()["res_id"],
            plan.id,
        )


@tagged("post_install", "-at_install")
class TestCampaignAccess(CampaignCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people[:3].user_id = cls.salesman
        cls.reach(cls.people, 60)
        cls.update()

    def test_salespeople_see_their_own_customers(self):
        plan = self.plan_of(self.salesman)
        self.assertEqual(plan.reached, 3)
        for name in ("budget", "cost", "revenue_per_cost", "control"):
            with self.assertRaises(AccessError):
                plan.read([name])
        for attempt in (
            lambda: plan.write({"goal": "x"}),
            lambda: plan.action_update(),
            lambda: plan.create({"campaign_id": self.autumn.id}),
            lambda: self.as_user(self.salesman, REACH).search([], limit=1).unlink(),
        ):
            with self.assertRaises(AccessError):
                attempt()
        action = plan.action_open_customers()
        rows = self.as_user(self.salesman, REACH).search(action["domain"])
        self.assertEqual(rows.partner_id, self.people[:3])
        other = self.row(self.people[5])
        with self.assertRaises(AccessError):
            rows.browse(other.ids).read(["revenue"])
        self.salesman.group_ids += self.env.ref("base.group_allow_export")
        data = rows.export_data(["partner_id/id", "responded"])["datas"]
        self.assertEqual(len(data), 3)

    def test_managers_see_all(self):
        self.assertEqual(self.plan_of(self.manager).reached, 20)
        self.assertFalse(self.as_user(self.manager, REACH).has_access("write"))

    def test_nobody_else(self):
        for user in (self.agent, self.care_manager, self.employee, self.portal):
            for model in (REACH, PLAN):
                with self.assertRaises(AccessError):
                    self.env(user=user)[model].search([])
            with self.assertRaises(AccessError):
                self.plan.with_user(user).action_open_customers()

    def test_off_means_gone(self):
        menu = self.env.ref("crm_extended.menu_crm_campaign_plan")
        seen = self.env["ir.ui.menu"].with_user(self.manager)
        self.assertIn(menu.id, seen._visible_menu_ids())
        self.env["crm.feature"]._switch(insight=False)
        self.assertNotIn(menu.id, seen._visible_menu_ids())
        with self.assertRaises(AccessError):
            self.as_user(self.manager, REACH).search([])

    def test_queries_do_not_grow(self):
        plans = self.as_user(self.manager, PLAN)
        names = ["reached", "responded", "response_rate", "revenue"]

        def ask(domain):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            plans.search(domain).read(names)
            return self.env.cr.sql_log_count - before

        ask([])
        one = ask([("id", "=", self.plan.id)])
        self.env[PLAN].create(
            [
                {"campaign_id": campaign.id, "company_id": self.company_a.id}
                for campaign in self.env["utm.campaign"].create(
                    [{"title": f"Campaign {number}"} for number in range(8)]
                )
            ]
        )
        self.assertLessEqual(ask([]), one + 2)


@tagged("post_install", "-at_install")
class TestCampaignArithmetic(CareCommon):
    def test_areas(self):
        # Everyone who responded has the higher score.
        self.assertEqual(foretelling([(1, 5, 0), (2, 5, 5)]).auc, 1)
        self.assertEqual(foretelling([(2, 5, 0), (1, 5, 5)]).auc, 0)
        self.assertEqual(foretelling([(3, 10, 4)]).auc, 0.5)
        self.assertFalse(foretelling([(3, 10, 4)]).is_clear)
        for groups in ([], [(1, 5, 0)], [(1, 5, 5)]):
            self.assertIsNone(foretelling(groups))
        with self.assertRaises(ValueError):
            foretelling([(1, 5, 6)])
        # Hanley and McNeil (1982), table II: 58 normal and 51 abnormal cases by five
        # ratings; area 0.893, standard error 0.032.
        groups = [(1, 36, 3), (2, 8, 2), (3, 8, 2), (4, 22, 11), (5, 35, 33)]
        found = foretelling(groups)
        self.assertAlmostEqual(found.auc, 0.893, places=3)
        self.assertAlmostEqual((found.high - found.auc) / 1.959964, 0.0325, places=3)

    def test_the_best_score(self):
        strong = foretelling([(1, 500, 0), (2, 500, 500)])
        weak = foretelling([(1, 500, 200), (2, 500, 300)])
        chance = foretelling([(3, 10, 4)])
        self.assertEqual(best_score({"r": weak, "f": strong}), ("f", True))
        self.assertEqual(best_score({"r": weak, "f": weak}), ("r", False))
        self.assertEqual(best_score({"r": chance, "f": None}), (None, False))

    def test_rates_of_few_are_left_out(self):
        self.assertIsNone(rate(1, 4))
        found = rate(0, 20)
        self.assertEqual((found.share, found.low), (0, 0))
        self.assertAlmostEqual(found.high, 0.1611, places=4)
