"""Flow of customers: gained, kept, lost, won back; the same as in the digest."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields

from ...analytics.insight import flows
from .test_cohort import CohortCommon

FIGURES = (
    "gained",
    "kept",
    "lost",
    "won_back",
    "gained_and_lost",
    "before",
    "after",
    "taken_back",
)
SUMS = [f"{name}:sum" for name in FIGURES]


class TestCustomerFlow(CohortCommon):
    def figures(self, domain=(), **context):
        """Figures by month."""
        self.env.flush_all()
        self.env.invalidate_all()
        rows = (
            self.env["crm.customer.flow"]
            .with_context(**context)
            ._read_group(
                [("company_id", "=", self.company.id), *domain],
                ["date:month"],
                SUMS,
            )
        )
        return {month: dict(zip(FIGURES, row, strict=True)) for month, *row in rows}

    def assertAsDefined(self):
        """The SQL gives what the definition gives, and the months close."""
        documents = [flows.Document(*row) for row in self.documents()]
        months = self.company.rfm_window_months
        expected = {
            flow.month: {name: getattr(flow, name) for name in FIGURES}
            for flow in flows.flows(documents, self.today, months)
        }
        found = self.figures()
        nothing = dict.fromkeys(FIGURES, 0)
        self.assertEqual(
            {month: row for month, row in found.items() if row != nothing},
            {month: row for month, row in expected.items() if row != nothing},
        )
        before, month = 0, min(expected, default=self.month)
        while month <= self.month:
            row = found.get(month, nothing)
            self.assertEqual(before, row["before"] + row["taken_back"], month)
            self.assertEqual(row["before"], row["kept"] + row["lost"])
            self.assertEqual(
                row["after"], row["kept"] + row["gained"] + row["won_back"]
            )
            before = row["after"]
            month += relativedelta(months=1)
        first = min(expected, default=self.month)
        for months, length in ((18, 9), (14, 15)):
            start = max(first, self.months_ago(months))
            self.assertPeriodAsDefined(documents, start, length)
        return found

    def assertPeriodAsDefined(self, documents, first, length):
        """Several months close as one does, and so do their groups, which add up."""
        last = first + relativedelta(months=length - 1)
        period = [("date", ">=", first), ("date", "<=", last)]
        Flow = self.env["crm.customer.flow"]
        total, of_kinds, of_customers, of_quarters = Flow._read_grouping_sets(
            period, [[], ["kind"], ["partner_id"], ["date:quarter"]], SUMS
        )
        flow = flows.flow_of_period(
            documents, first, last, self.today, self.company.rfm_window_months
        )
        expected = tuple(getattr(flow, name) for name in FIGURES)
        self.assertEqual(tuple(value or 0 for value in total[0]), expected)
        self.assertEqual(
            flow.gained + flow.kept + flow.won_back - flow.gained_and_lost, flow.after
        )
        for groups in (of_kinds, of_customers):
            values = [row for _group, *row in groups]
            found = tuple(map(sum, zip(*values, strict=True)))
            self.assertEqual(found or (0,) * len(FIGURES), expected)
        for (
            _customer,
            gained,
            kept,
            _lost,
            back,
            again,
            _before,
            after,
            _taken,
        ) in of_customers:
            self.assertEqual(gained + kept + back - again, after)
        for quarter, *row in of_quarters:
            start = max(quarter, first)
            end = min(quarter + relativedelta(months=3, days=-1), last)
            flow = flows.flow_of_period(
                documents, start, end, self.today, self.company.rfm_window_months
            )
            self.assertEqual(row, [getattr(flow, name) for name in FIGURES], quarter)

    def digest(self, month):
        """What the digest says of a whole month, or of this one until today."""
        end = min(month + relativedelta(months=1), self.today + timedelta(days=1))
        figures = self.env["digest.digest"]._get_rfm_figures(month, end, self.company)
        row = figures.get(self.company.id, [0] * 4)
        return dict(zip(("gained", "kept", "lost", "won_back"), row, strict=True))

    def assertLikeDigest(self, month):
        found = self.figures().get(month, dict.fromkeys(FIGURES, 0))
        self.assertEqual(
            {name: found[name] for name in ("gained", "kept", "lost", "won_back")},
            self.digest(month),
        )

    def test_one_purchase_ever(self):
        self.history(self.months_ago(14, 10))
        found = self.assertAsDefined()
        self.assertEqual(found[self.months_ago(14)]["gained"], 1)
        self.assertEqual(found[self.months_ago(13)]["kept"], 1)
        self.assertEqual(found[self.months_ago(2)]["lost"], 1)
        self.assertNotIn(self.months_ago(1), found)

    def test_won_back(self):
        self.history(self.months_ago(30, 10))
        self.history(self.months_ago(3, 10))
        found = self.assertAsDefined()
        self.assertEqual(found[self.months_ago(18)]["lost"], 1)
        self.assertEqual(found[self.months_ago(3)]["won_back"], 1)
        self.assertEqual(found[self.months_ago(2)]["kept"], 1)
        self.assertEqual(sum(row["gained"] for row in found.values()), 1)

    def test_a_clockwork_customer_is_kept(self):
        for months in range(24):
            self.history(self.months_ago(months))
        found = self.assertAsDefined()
        self.assertEqual(sum(row["kept"] for row in found.values()), 23)
        self.assertEqual(sum(row["lost"] for row in found.values()), 0)

    def test_thirty_years(self):
        for months in (360, 359, 200, 100, 0):
            self.history(self.months_ago(months))
        found = self.assertAsDefined()
        self.assertEqual(sum(row["won_back"] for row in found.values()), 3)

    def test_the_last_days_of_long_months(self):
        """A lookback period that ends in February begins in the middle of other months'
        ends; each day of the year once, as of month ends."""
        for months in (1, 2, 3, 13):
            self.company.rfm_window_months = months
            for days in range(28, 800, 3):
                day = self.today - timedelta(days=days)
                if day.day > 26:
                    partner = self.buyer(f"{months} {day}")
                    self.history(day, 1, partner)
            self.assertAsDefined()

    def test_the_lookback_period_changes(self):
        self.history(self.months_ago(8))
        self.assertEqual(sum(row["lost"] for row in self.figures().values()), 0)
        self.company.rfm_window_months = 6
        self.assertEqual(sum(row["lost"] for row in self.assertAsDefined().values()), 1)
        self.company.rfm_window_months = 0
        self.assertEqual(sum(row["lost"] for row in self.assertAsDefined().values()), 0)

    def test_the_source_changes(self):
        self.invoice(10, 400)
        self.order(10, 100)
        self.company.rfm_source = "sale"
        found = self.assertAsDefined()
        self.assertEqual(sum(row["gained"] for row in found.values()), 1)
        self.assertGreaterEqual(min(found), self.ago(131))

    def test_past_months_stay_when_purchases_are_taken_back(self):
        move = self.invoice(100, 200)
        sold = self.ago(200).replace(day=1)
        self.credit(move, 60)
        found = self.assertAsDefined()
        self.assertEqual(found[sold]["gained"], 1)
        back = self.ago(60).replace(day=1)
        self.assertEqual(found[back]["taken_back"], 1)
        self.assertEqual(found[back]["before"], 0)
        # Bought anew: gained once more, because nothing else is left.
        self.invoice(10, 1)
        self.assertAsDefined()

    def test_taken_back_and_bought_in_one_month(self):
        day = self.months_ago(2, 10)
        days = (self.today - day).days
        move = self.invoice(100, 200)
        self.credit(move, days)
        self.invoice(30, days - 1)
        found = self.assertAsDefined()[self.months_ago(2)]
        self.assertEqual((found["gained"], found["taken_back"]), (1, 1))
        self.assertEqual((found["before"], found["after"]), (0, 1))

    def test_a_credit_note_that_is_taken_back(self):
        move = self.invoice(100, 300)
        back = self.credit(move, 200)
        self.credit(back, 100)
        found = self.assertAsDefined()
        self.assertEqual(sum(row["taken_back"] for row in found.values()), 0)
        self.assertEqual(found[self.ago(200).replace(day=1)]["taken_back"], 1)
        self.assertEqual(found[self.ago(100).replace(day=1)]["taken_back"], -1)

    def test_lost_by_a_credit_note(self):
        self.invoice(100, 500)
        move = self.invoice(50, 200)
        self.credit(move, 90)
        found = self.assertAsDefined()
        self.assertEqual(found[self.ago(90).replace(day=1)]["lost"], 1)

    def test_deposits_partial_refunds_and_matched_credit_notes(self):
        order = self.order(1000, 500)
        self.bill(order, 500, percent=30)
        self.bill(order, 250)
        self.credit(self.invoice(80, 333), 222, amount=30)
        other = self.buyer()
        move = self.invoice(70, 160, other)
        refund = self.invoice(70, 100, other, move_type="out_refund")
        self.reconcile(move, refund)
        self.invoice(5, 450, other)
        self.invoice(20, 90, self.buyer(), move_type="out_refund")
        self.assertAsDefined()
        self.company.rfm_source = "sale"
        self.assertAsDefined()

    def test_of_the_future_merged_archived_and_contacts(self):
        self.history(self.today + timedelta(days=2))
        self.assertEqual(self.figures(), {})
        company = self.buyer("Company", is_company=True)
        contact = self.buyer("Contact", parent_id=company.id)
        self.history(self.months_ago(20), 10, contact)
        self.history(self.months_ago(18), 10, company)
        other = self.buyer()
        self.history(self.months_ago(4), 10, other)
        self.assertEqual(sum(r["gained"] for r in self.assertAsDefined().values()), 2)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((company + other).ids, company, extra_checks=False)
        found = self.assertAsDefined()
        self.assertEqual(sum(row["gained"] for row in found.values()), 1)
        self.assertEqual(found[self.months_ago(4)]["won_back"], 1)
        company.action_archive()
        self.assertEqual(self.figures(), found)

    def test_an_import_changes_the_past(self):
        self.history(self.months_ago(3))
        self.history(self.months_ago(20))
        found = self.assertAsDefined()
        self.assertEqual(found[self.months_ago(20)]["gained"], 1)
        self.assertEqual(found[self.months_ago(3)]["won_back"], 1)

    def test_the_same_figures_as_the_digest(self):
        """With scores updated at the end of each month."""
        self.history(self.months_ago(30, 10))
        self.history(self.months_ago(2, 10))
        for months in (14, 13, 5, 1):
            self.history(self.months_ago(months, 12), 10, self.buyer(f"{months}"))
        move = self.invoice(100, (self.today - self.months_ago(3, 5)).days)
        self.credit(move, (self.today - self.months_ago(2, 20)).days, amount=40)
        lost = self.buyer("Lost by refund")
        self.history(self.months_ago(20), 10, lost)
        move = self.invoice(60, (self.today - self.months_ago(4, 5)).days, lost)
        self.credit(move, (self.today - self.months_ago(2, 5)).days)
        gone = self.invoice(
            10, (self.today - self.months_ago(4, 6)).days, self.buyer("Gone")
        )
        self.credit(gone, (self.today - self.months_ago(3, 6)).days)
        for months in (5, 4, 3, 2, 1):
            end = self.months_ago(months - 1) - timedelta(days=1)
            self.env["crm.rfm.score"]._refresh(self.company, as_of=end)
            self.env.flush_all()
            self.assertLikeDigest(self.months_ago(months))
        self.env["crm.rfm.score"]._refresh(self.company)
        self.assertLikeDigest(self.month)
        for months in (4, 3, 2, 1):
            if months != 4:  # someone of that month is not known any more
                self.assertLikeDigest(self.months_ago(months))
        self.assertAsDefined()

    def test_only_from_a_month_on(self):
        self.history(self.months_ago(30))
        for months in (18, 9, 1):
            self.history(self.months_ago(months))
        since = self.months_ago(11)
        self.assertEqual(
            self.figures(flow_from=fields.Date.to_string(since)),
            {month: row for month, row in self.figures().items() if month >= since},
        )

    def test_totals_of_several_months(self):
        for months in (3, 2, 1):
            self.history(self.months_ago(months), 10, self.buyer(f"{months}"))
        [row] = self.env["crm.customer.flow"]._read_group(
            [], [], [*SUMS, "retention:avg"]
        )
        # None of them was there before all months; all three are now.
        self.assertEqual(row, (3, 0, 0, 0, 0, 0, 3, 0, 0))
        [row] = self.env["crm.customer.flow"]._read_group(
            [("date", ">", self.months_ago(3))], [], [*SUMS, "retention:avg"]
        )
        self.assertEqual(row, (2, 1, 0, 0, 0, 1, 3, 0, 1))

    def test_a_period_closes_where_customers_come_and_go(self):
        """Groups have the months of the request, not those they have rows in."""
        self.company.rfm_window_months = 3
        stays, leaves, returns, passes = map(self.buyer, ("Stays", "Leaves", "R", "P"))
        for months in range(14):
            self.history(self.months_ago(months), 10, stays)
        self.history(self.months_ago(13), 10, leaves)
        self.history(self.months_ago(13), 10, returns)
        self.history(self.months_ago(2), 10, returns)
        self.history(self.months_ago(8), 10, passes)
        self.assertAsDefined()
        Flow = self.env["crm.customer.flow"]
        domain = [("date", ">=", self.months_ago(11))]
        total, groups, months = Flow._read_grouping_sets(
            domain, [[], ["partner_id"], ["date:month"]], [*SUMS, "retention:avg"]
        )
        [row] = total
        # gained, kept, lost, won back, lost again, before, after, taken back, retention
        self.assertEqual(row[:-1], (1, 1, 3, 1, 1, 3, 2, 0))
        self.assertAlmostEqual(row[-1], 1 / 3)
        found = {partner: tuple(values) for partner, *values in groups}
        self.assertEqual(
            found,
            {
                stays: (0, 1, 0, 0, 0, 1, 1, 0, 1),
                leaves: (0, 0, 1, 0, 0, 1, 0, 0, 0),
                returns: (0, 0, 1, 1, 0, 1, 1, 0, 0),
                passes: (1, 0, 1, 0, 1, 0, 0, 0, False),
            },
        )
        counts = []
        for sets in ([[]], [[], ["partner_id"], ["date:month"], ["date:quarter"]]):
            before = self.env.cr.sql_log_count
            Flow._read_grouping_sets(domain, sets, [*SUMS, "retention:avg"])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
        # Months beside the total are as ever.
        self.assertEqual(
            {month: values for month, *values in months},
            {
                month: values
                for month, *values in Flow._read_group(
                    domain, ["date:month"], [*SUMS, "retention:avg"]
                )
            },
        )
        self.assertEqual(months[-1][1:], (0, 2, 0, 0, 0, 2, 2, 0, 1))
        # What is asked of customers does not change the months.
        [row] = Flow._read_group(
            [*domain, "!", ("partner_id", "child_of", (stays + returns).ids)], [], SUMS
        )
        self.assertEqual(row, (1, 0, 2, 0, 1, 1, 0, 0))
        [row] = Flow._read_group([*domain, ("kind", "=", "lost")], [], SUMS)
        self.assertEqual(row, (0, 0, 3, 0, 1, 0, 0, 0))
        # By years, with all months that they have.
        for year, *row in Flow._read_group([], ["date:year"], SUMS):
            end = min(year + relativedelta(years=1, days=-1), self.today)
            [expected] = Flow._read_group(
                [("date", ">=", year), ("date", "<=", end)], [], SUMS
            )
            self.assertEqual(tuple(row), expected, year)

    def test_rows_of_customers_and_what_became_of_them(self):
        source = self.env["utm.source"].create({"name": "Fair"})
        self.invoice(
            50, (self.today - self.months_ago(14, 10)).days, source_id=source.id
        )
        self.env["crm.rfm.score"]._refresh(self.company)
        self.env.invalidate_all()
        Flow = self.env["crm.customer.flow"]
        gained = Flow.search([("kind", "=", "gained")])
        self.assertEqual(gained.partner_id, self.customer)
        self.assertEqual((gained.source_id, gained.change), (source, 1))
        self.assertTrue(gained.rfm_segment_id.is_lost)
        lost = Flow.search([("kind", "=", "lost")])
        self.assertEqual((lost.change, lost.retention), (-1, 0))
        kept = Flow.search([("kind", "=", "kept")], limit=1)
        self.assertEqual((kept.change, kept.retention), (0, 1))
        self.assertEqual(Flow.search_count([("retention", "=", 1)]), 11)
        rows = Flow.search([])
        self.assertEqual(len(rows), len(set(rows.ids)))
        self.assertEqual(lost.action_open_customer()["res_id"], self.customer.id)
        self.assertEqual(Flow._get_outlook(self.company), [])

    def test_nothing_yet(self):
        self.assertEqual(self.figures(), {})
        self.assertFalse(self.env["crm.customer.flow"].search([]))
