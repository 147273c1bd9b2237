"""Months of all customers: figures as the reports behind them, by segment and tier of then."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...models.insight.crm_insight_month import KNOWN_MONTHS
from .test_cohort import CohortCommon

FLOW = ("gained", "won_back", "kept", "lost", "before", "after", "taken_back")


class MonthCommon(CohortCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.buyer()
        cls.manager = cls._user("Manager", "sales_team.group_sale_manager")
        cls.leader = cls._user("Leader", "sales_team.group_sale_salesman_all_leads")
        cls.months = cls.env["crm.insight.month"].sudo()

    @classmethod
    def _user(cls, name, group):
        return cls.env["res.users"].create(
            {
                "name": name,
                "login": f"month {name}",
                "group_ids": [(6, 0, cls.env.ref(group).ids)],
                "company_ids": [(6, 0, cls.company.ids)],
                "company_id": cls.company.id,
            }
        )

    def update(self, company=None):
        self.env.flush_all()
        found = self.months._refresh(company or self.company)
        self.env["crm.insight.run"].sudo().create(
            {
                "company_id": (company or self.company).id,
                "as_of": self.today,
                "step": "month",
                "fingerprint": found["fingerprint"],
            }
        )
        return found


@tagged("post_install", "-at_install")
class TestInsightMonth(MonthCommon):
    def figures(self, names, *domain, by="date:month", model="crm.insight.month"):
        rows = (
            self.env[model]
            .sudo()
            ._read_group(
                [("company_id", "=", self.company.id), *domain],
                [by],
                [f"{name}:sum" for name in names],
            )
        )
        return {
            key: values
            for key, *values in rows
            if any(round(value or 0, 2) for value in values)
        }

    def shop(self):
        for months in (30, 14, 3, 1):
            self.history(self.months_ago(months, 10), 100)
        for months in (20, 5, 4, 0):
            self.history(self.months_ago(months), 50, self.other)
        self.history(self.months_ago(2), 70, self.buyer("Third"))
        self.credit(self.invoice(40, 70), 5)
        self.invoice(60, 70)

    def test_the_flow_is_that_of_the_report(self):
        self.shop()
        self.update()
        expected = self.figures(FLOW, model="crm.customer.flow")
        first = self.month - relativedelta(months=KNOWN_MONTHS - 1)
        self.assertEqual(
            self.figures(FLOW),
            {month: row for month, row in expected.items() if month >= first},
        )

    def test_purchases_and_buyers_are_those_of_the_cohorts(self):
        self.shop()
        self.update()
        rows = self.env["crm.cohort"]._read_group(
            [("orders", ">", 0)], ["date:month"], ["customers:sum", "orders:sum"]
        )
        self.assertEqual(
            self.figures(("buyers", "purchases")),
            {month: row for month, *row in rows},
        )

    def test_revenue_is_that_of_the_lines_by_document_date(self):
        self.shop()
        self.update()
        names = ("revenue", "costed_revenue", "margin")
        lines = self.figures(
            ("amount", "costed_revenue", "margin"),
            by="posted_date:month",
            model="crm.customer.purchase.line",
        )
        found = self.figures(names)
        self.assertEqual(found.keys(), lines.keys())
        for month, row in found.items():
            for value, expected in zip(row, lines[month], strict=True):
                self.assertAlmostEqual(value, expected or 0, 2)
        self.assertTrue(found)

    def test_of_several_months_groups_add_up(self):
        """A group of customers may have rows in some of the months alone."""
        self.history(self.months_ago(2), 10)
        self.history(self.months_ago(1), 900, self.other)
        self.history(self.months_ago(2), 10, self.buyer("Third"))
        self.env["crm.rfm.score"]._refresh(self.company)
        self.update()
        names = ["after:sum", "before:sum", "kept:sum", "buyers:sum", "gained:sum"]
        domain = [("company_id", "=", self.company.id), ("date", "<", self.month)]
        domain += [("date", ">=", self.months_ago(4))]
        [total], months, segments = self.months._read_grouping_sets(
            domain, [[], ["date:month"], ["segment_id"]], names
        )
        # The end of the last month, averages of the two that are known, and a sum.
        self.assertEqual(total, (3, 1, 1, 1.5, 3))
        self.assertEqual(
            {month: row for month, *row in months if any(row)},
            {
                self.months_ago(2): [2, 0, 0, 2, 2],
                self.months_ago(1): [3, 2, 2, 1, 1],
            },
        )
        values = [row for _segment, *row in segments]
        self.assertEqual(sorted(values), [[1, 0, 0, 0.5, 1], [2, 1, 1, 1, 2]])
        self.assertEqual(tuple(map(sum, zip(*values, strict=True))), total)
        [(after, buyers)] = self.months._read_group(
            [("next_year_date", "=", self.months_ago(-11)), *domain],
            [],
            ["after:sum", "buyers:sum"],
        )
        self.assertEqual((after, buyers), (3, 1))
        [(retention,)] = self.months._read_group(
            [("date", ">", self.months_ago(2))], [], ["retention:avg"]
        )
        self.assertEqual(retention, 1)

    def test_segment_and_tier_are_those_at_the_end_of_the_month(self):
        first, second, third = self.env["crm.rfm.segment"].search([], limit=3)
        bronze, silver = self.env["crm.loyalty.tier"].create(
            [
                {"name": name, "company_id": self.company.id, "sequence": number}
                for number, name in ((901, "Wood"), (902, "Iron"))
            ]
        )
        self.history(self.months_ago(4), 10)
        customer = {"partner_id": self.customer.id, "company_id": self.company.id}
        self.env["crm.rfm.score"].sudo().create({**customer, "segment_id": third.id})
        self.env["crm.rfm.change"].sudo().create(
            [
                {
                    **customer,
                    "date": day,
                    "old_segment_id": old.id,
                    "new_segment_id": new.id,
                }
                for day, old, new in (
                    # On the last day of a month: that month has the new one.
                    (self.months_ago(2) - timedelta(days=1), first, second),
                    (self.months_ago(1), second, first),
                    (self.months_ago(1), first, third),
                )
            ]
        )
        self.env["crm.loyalty.membership"].sudo().create(
            {**customer, "tier_id": silver.id, "date_from": self.months_ago(4)}
        )
        self.env["crm.loyalty.change"].sudo().create(
            {
                **customer,
                "date": self.months_ago(1, 5),
                "old_tier_id": bronze.id,
                "new_tier_id": silver.id,
                "reason": "earned",
            }
        )
        self.update()
        rows = {
            row.date: (row.segment_id, row.tier_id)
            for row in self.months.search([("company_id", "=", self.company.id)])
        }
        self.assertEqual(
            rows,
            {
                self.months_ago(4): (first, bronze),
                self.months_ago(3): (second, bronze),
                self.months_ago(2): (second, bronze),
                self.months_ago(1): (third, silver),
                self.month: (third, silver),
            },
        )
        # What was deleted since leaves rows alike, which become one.
        (bronze + silver).unlink()
        self.update()
        self.assertEqual(len(self.months.search([("date", "=", self.month)])), 1)

    def test_the_team_is_the_salespersons(self):
        team = self.env["crm.team"].create(
            {"name": "North", "company_id": self.company.id}
        )
        self.env["crm.team.member"].create(
            {"crm_team_id": team.id, "user_id": self.leader.id}
        )
        self.customer.user_id = self.leader
        self.history(self.months_ago(0), 10)
        self.history(self.months_ago(0), 20, self.other)
        self.update()
        found = self.figures(("revenue",), by="team_id")
        self.assertEqual(found, {team: [10], self.env["crm.team"]: [20]})

    def test_customers_in_decline(self):
        self.history(self.months_ago(4), 10)
        self.history(self.months_ago(4), 10, self.other)
        customers = self.customer + self.other
        for customer in customers:
            self.env["crm.lifecycle"].sudo().create(
                {
                    "partner_id": customer.id,
                    "company_id": self.company.id,
                    "stage": "decline",
                }
            )
        self.env["crm.lifecycle.change"].sudo().create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": self.company.id,
                    "date": self.months_ago(months),
                    "old_stage": old,
                    "new_stage": "decline",
                }
                for customer, months, old in (
                    (self.customer, 1, "stable"),
                    # The first one says nothing about the time before.
                    (self.other, 2, False),
                )
            ]
        )
        self.update()
        self.assertEqual(
            self.figures(("at_risk",)),
            {self.months_ago(2): [1], self.months_ago(1): [2], self.month: [2]},
        )

    def test_what_else_happened(self):
        contact = self.buyer("Contact", parent_id=self.customer.id)
        cases = self.env["crm.care.case"].sudo()
        first, second = cases.create(
            [
                {
                    "name": "Help",
                    "partner_id": contact.id,
                    "company_id": self.company.id,
                    "opened_date": self.months_ago(months, 10),
                }
                for months in (1, 2)
            ]
        )
        cases.create(
            {
                "name": "Again",
                "company_id": self.company.id,
                "opened_date": self.months_ago(1, 12),
                "merged_into_id": first.id,
            }
        )
        self.env["crm.care.satisfaction"].sudo().create(
            [
                {
                    "case_id": case.id,
                    "partner_id": contact.id,
                    "date": self.months_ago(1, 15),
                    "rating": rating,
                }
                for case, rating in ((first, 5), (second, 1), (second, 0))
            ]
        )
        bronze, silver = self.env["crm.loyalty.tier"].create(
            [
                {"name": name, "company_id": self.company.id, "sequence": number}
                for number, name in ((901, "Wood"), (902, "Iron"))
            ]
        )
        self.env["crm.loyalty.change"].sudo().create(
            [
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "date": self.months_ago(1, day),
                    "old_tier_id": old.id,
                    "new_tier_id": new.id,
                    "reason": "earned",
                }
                for day, old, new in (
                    (2, self.env["crm.loyalty.tier"], bronze),
                    (3, bronze, silver),
                    (4, silver, silver),
                    (5, silver, bronze),
                )
            ]
        )
        self.update()
        names = ("cases", "ratings", "happy", "upgraded", "downgraded")
        self.assertEqual(
            self.figures(names),
            {self.months_ago(2): [1, 0, 0, 0, 0], self.months_ago(1): [1, 2, 1, 2, 1]},
        )
        [(satisfaction,)] = self.months._read_group([], [], ["satisfaction:avg"])
        self.assertEqual(satisfaction, 0.5)

    def test_closed_months_are_summed_up_once(self):
        self.shop()
        found = self.update()
        self.assertEqual(found["added"], self.months.search_count([]))
        months = {row[0] for row in self.months._read_group([], ["date:month"])}
        open_months = {self.month, self.months_ago(1)} & months
        found = self.update()
        self.assertEqual(
            {name: found[name] for name in ("added", "changed", "removed")},
            dict.fromkeys(("added", "changed", "removed"), 0),
        )
        self.assertLessEqual(found["rows"], 3 * len(open_months))
        # A purchase of today is one of the current month.
        self.history(self.today, 5, self.other)
        self.assertEqual(self.update()["changed"], 1)

    def test_old_documents_that_come_later(self):
        self.update()
        self.assertFalse(self.months.search([]))
        self.history(self.months_ago(12), 33)
        self.update()
        self.assertEqual(self.figures(("revenue",)), {self.months_ago(12): [33]})
        self.company.rfm_window_months = 2
        self.update()
        self.assertEqual(self.figures(("lost",)), {self.months_ago(10): [1]})

    def test_the_year_before(self):
        self.history(self.months_ago(12), 33)
        self.update()
        [row] = self.months.search([("revenue", ">", 0)])
        self.assertEqual(row.next_year_date, self.month)

    def test_two_companies(self):
        other = self.env["res.company"].create({"name": "Month Ltd"})
        self.history(self.month, 10)
        self.history(self.month, 20, company=other)
        self.update()
        self.update(other)
        months = self.env["crm.insight.month"].with_user(self.manager)
        self.assertEqual(
            months.sudo(False)._read_group([], [], ["revenue:sum"]),
            [(10.0,)],
        )
        self.assertEqual(sum(self.months.sudo().search([]).mapped("revenue")), 30)
        # Both, where one of the other's money is four of ours.
        other.currency_id = self.env["res.currency"].create(
            {"name": "MTH", "symbol": "M", "rounding": 0.01}
        )
        self.env["res.currency.rate"].create(
            {
                "currency_id": other.currency_id.id,
                "company_id": self.company.id,
                "name": "2020-01-01",
                "rate": 0.25,
            }
        )
        self.manager.company_ids += other
        both = months.with_context(allowed_company_ids=(self.company + other).ids)
        [[revenue]] = both._read_group([], [], ["revenue:sum_currency"])
        self.assertEqual(revenue, 10 + 4 * 20)

    def test_for_managers(self):
        self.history(self.month, 10)
        self.update()
        self.assertTrue(
            self.env["crm.insight.month"].with_user(self.manager).search([])
        )
        with self.assertRaises(AccessError):
            self.env["crm.insight.month"].with_user(self.leader).search([])
        self.env.ref("crm_extended.group_see_margin").implied_by_ids = False
        self.manager.group_ids -= self.env.ref("crm_extended.group_see_margin")
        [row] = self.env["crm.insight.month"].with_user(self.manager).search([])
        self.assertEqual(row.revenue, 10)
        for name in ("margin", "costed_revenue", "margin_share"):
            with self.assertRaises(AccessError):
                row.read([name])

    def test_a_row_opens_its_customers(self):
        self.history(self.month, 10)
        self.update()
        row = self.env["crm.insight.month"].with_user(self.manager).search([])
        action = row.action_open_customers()
        flow = self.env[action["res_model"]].with_user(self.manager)
        flow = flow.with_context(**action["context"])
        self.assertEqual(flow.search(action["domain"]).partner_id, self.customer)

    def test_a_night(self):
        """All steps of a run; a second one changes nothing."""
        self.shop()
        runs = self.env["crm.insight.run"]._run_now(self.company)
        run = runs.filtered(lambda run: run.step == "month")
        self.assertTrue(run.added_count and run.fingerprint and not run.error)
        runs = self.env["crm.insight.run"]._run_now(self.company)
        run = runs.filtered(lambda run: run.step == "month")
        self.assertFalse(run.added_count + run.changed_count + run.removed_count)
