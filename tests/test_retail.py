"""The scores of real customers, against the same definitions worked out in pandas.

A slice of the retail data (every 20th customer with all his invoices, and whoever got
something free) goes through Odoo's import into a database of its own and is scored with
several settings there. The other side is computed here from the definitions alone, not
from the addon's SQL.
"""

import sys
from decimal import ROUND_HALF_UP, Decimal
from itertools import product

import numpy as np
import pandas as pd
import pytest
from odoo_shell import ROOT, ask, database

sys.path.insert(0, str(ROOT / "scripts"))
import demo_retail  # noqa: E402

EVERY = 20
AS_OF = pd.Timestamp(demo_retail.AS_OF)
# Months looked back (0: everything), number of scores, monetary measure.
SETTINGS = list(product((0, 12, 3), (5, 7), ("total", "average")))
# Of the flow of customers: months looked back, and the figures of a month.
MONTHS = 6
FLOW = ("gained", "kept", "lost", "won_back", "before", "after", "taken_back")
# Segments on scores from 1 to 5: recency, then frequency.
SEGMENTS = {
    "Champions": ({5}, {4, 5}),
    "Loyal Customers": ({3, 4}, {4, 5}),
    "Potential Loyalists": ({4, 5}, {2, 3}),
    "New Customers": ({5}, {1}),
    "Promising": ({4}, {1}),
    "Need Attention": ({3}, {3}),
    "About to Sleep": ({3}, {1, 2}),
    "Can't Lose Them": ({1, 2}, {5}),
    "At Risk": ({1, 2}, {3, 4}),
    "Hibernating": ({1, 2}, {1, 2}),
}

# Runs in ``odoo shell``: loads the slice, scores it with each of the settings, and
# writes one list of standings a setting.
SCORE = """
import sys
sys.path.insert(0, job["scripts"])
import demo_retail

demo_retail.prepare_company(env)
demo_retail.load(env, job["invoices"])
demo_retail.load(env, job["invoices"])
company = env.company
answer = {
    "purchases": env["crm.purchase.history"].search_count([]),
    "partners": env["res.partner"].search_count([("ref", "!=", False)]),
    "standings": [],
}
for months, bins, measure in job["settings"]:
    company.write(
        {
            "rfm_window_months": months,
            "rfm_bins": bins,
            "rfm_monetary_measure": measure,
        }
    )
    env["crm.rfm.score"]._refresh(company, as_of=demo_retail.AS_OF)
    answer["standings"].append(
        [
            {
                "customer": int(score.partner_id.ref),
                "first_date": str(score.first_date),
                "last_date": str(score.last_date),
                "recency": score.recency,
                "frequency": score.frequency,
                "revenue": score.revenue,
                "monetary": score.monetary,
                "r": score.recency_score,
                "f": score.frequency_score,
                "m": score.monetary_score,
                "code": score.code,
                "segment": score.segment_id.name,
            }
            for score in env["crm.rfm.score"].search([])
        ]
    )
company.rfm_window_months = job["months"]
env["crm.feature"]._switch(insight=True)
for step in ("month", "quarter"):
    answer[step] = [
        [str(cohort), age, customers, orders, revenue]
        for cohort, age, customers, orders, revenue in (
            env["crm.cohort"]
            .with_context(cohort_step=step)
            ._read_group(
                [],
                ["cohort_date:day", "age"],
                ["customers:sum", "orders:sum", "revenue:sum"],
            )
        )
    ]
answer["flow"] = [
    [str(month), *figures]
    for month, *figures in env["crm.customer.flow"]._read_group(
        [], ["date:month"], [f"{name}:sum" for name in job["figures"]]
    )
]
"""


# -- The definitions, once more


def pence(amount):
    """An amount in pounds (text) as whole pence: sums of these are exact."""
    return int(Decimal(amount) * 100)


def rounded(amount_in_pence, divisor=1):
    """Pounds, rounded half away from zero to the penny."""
    exact = Decimal(int(amount_in_pence)) / int(divisor)
    return float(exact.quantize(Decimal(1), ROUND_HALF_UP) / 100)


def scores(values, buyers, bins):
    """Score values from 1 (lowest) to ``bins``.

    :param pd.Series values: one a customer
    :param pd.Series buyers: whether a customer bought in the window; the others have
        no part in the cut points
    """
    cuts = np.quantile(values[buyers].astype(float), np.arange(1, bins) / bins)
    return values.map(lambda value: 1 + int((cuts < value).sum()))


def segment_of(r, f, bins):
    """Default segment of two scores; another number of scores than five is read on the
    scale of five, by the middle of each score."""
    r5, f5 = (int(np.ceil((score - 0.5) / bins * 5)) for score in (r, f))
    [name] = [name for name, (rs, fs) in SEGMENTS.items() if r5 in rs and f5 in fs]
    return name


def standings(invoices, months, bins, measure):
    """One row a customer who ever bought, in the columns of ``SCORE``.

    :param pd.DataFrame invoices: customer, date, pence
    :param int months: months looked back, 0 for everything
    :param str measure: ``total`` or ``average``
    """
    purchases = invoices[invoices.pence > 0]
    start = AS_OF - pd.DateOffset(months=months) if months else pd.Timestamp.min
    dates = purchases.groupby("customer").date
    table = pd.DataFrame({"first": dates.min(), "last": dates.max()})
    recent = purchases[purchases.date > start].groupby("customer")
    spent = invoices[invoices.date > start].groupby("customer")
    table["frequency"] = recent.size().reindex(table.index, fill_value=0)
    table["pence"] = spent.pence.sum().reindex(table.index, fill_value=0)
    table["recency"] = (AS_OF - table["last"]).dt.days
    bought = table.frequency > 0
    divisor = table.frequency if measure == "average" else 1
    money = (table.pence / 100 / divisor).where(bought, 0)
    # The fewer days the better: b minus the cut points strictly below the days.
    table["r"] = (bins + 1 - scores(table.recency, bought, bins)).where(bought, 1)
    table["f"] = scores(table.frequency, bought, bins).where(bought, 1)
    table["m"] = scores(money, bought, bins).where(bought, 1)
    return presented(table, bins, measure)


def cohorts(invoices, step):
    """The table of cohorts: first period, age, customers, purchases and revenue.

    :param str step: ``month`` or ``quarter``
    """
    rows = invoices.assign(period=invoices.date.dt.to_period(step[0].upper()))
    bought = rows[rows.pence > 0]
    rows["cohort"] = rows.customer.map(bought.groupby("customer").period.min())
    rows = rows[rows.cohort.notna()]
    rows = rows[rows.period >= rows.cohort]
    rows["age"] = [
        (period - cohort).n
        for period, cohort in zip(rows.period, rows.cohort, strict=True)
    ]
    cells = rows.groupby(["cohort", "age"])
    bought = rows[rows.pence > 0].groupby(["cohort", "age"])
    table = pd.DataFrame({"revenue": cells.pence.sum() / 100})
    for name, figures in (
        ("customers", bought.customer.nunique()),
        ("orders", bought.size()),
    ):
        table[name] = figures.reindex(table.index, fill_value=0)
    return [
        [str(cohort.start_time.date()), age, row.customers, row.orders, row.revenue]
        for (cohort, age), row in table.iterrows()
    ]


def flow(invoices, months):
    """Who was gained, kept, lost and won back, from the month of the first purchase on
    until two years after the last: by month the figures of ``FLOW``."""
    bought = invoices[invoices.pence > 0]
    first = bought.groupby("customer").date.min()

    def lost(day):
        """Whether customers are lost on a day, of those known then."""
        last = bought[bought.date <= day].groupby("customer").date.max()
        return last <= day - pd.DateOffset(months=months)

    start = first.min().to_period("M")
    found = {}
    for month in pd.period_range(start, bought.date.max().to_period("M") + 24):
        now = lost(month.end_time.normalize())
        old = lost(month.start_time - pd.Timedelta(days=1))
        new = first.reindex(now.index) >= month.start_time
        old = old.reindex(now.index, fill_value=False).astype(bool)
        gained = int(new.sum())
        kept = int((~new & ~old & ~now).sum())
        gone = int((~new & ~old & now).sum())
        back = int((~new & old & ~now).sum())
        found[str(month.start_time.date())] = [
            gained,
            kept,
            gone,
            back,
            kept + gone,
            int((~now).sum()),
            0,
        ]
    return found


def presented(table, bins, measure):
    """Dates as text, amounts in pounds, code and segment, by customer."""
    rows = []
    for customer, row in table.sort_index().iterrows():
        lost = row.frequency == 0
        if measure == "average":
            monetary = 0.0 if lost else rounded(row.pence, row.frequency)
        else:
            monetary = rounded(row.pence)
        rows.append(
            {
                "customer": customer,
                "first_date": str(row["first"].date()),
                "last_date": str(row["last"].date()),
                "recency": row.recency,
                "frequency": row.frequency,
                "revenue": rounded(row.pence),
                "monetary": monetary,
                "r": row.r,
                "f": row.f,
                "m": row.m,
                "code": f"{row.r}{row.f}{row.m}",
                "segment": "Lost" if lost else segment_of(row.r, row.f, bins),
            }
        )
    return pd.DataFrame(rows)


# -- The two sides


@pytest.fixture(scope="module")
def invoices():
    """The slice, as the demo reads it."""
    kept, _left_out = demo_retail.usable(
        demo_retail.read_invoices(ROOT / demo_retail.DATA)
    )
    chosen = set(sorted({row["customer_id"] for row in kept})[::EVERY])
    chosen |= {row["customer_id"] for row in kept if float(row["amount"]) == 0}
    return [row for row in kept if row["customer_id"] in chosen]


@pytest.fixture(scope="module")
def table(invoices):
    """The slice with whole days and whole pence."""
    return pd.DataFrame(
        {
            "customer": [int(row["customer_id"]) for row in invoices],
            "date": pd.to_datetime([row["invoice_datetime"][:10] for row in invoices]),
            "pence": [pence(row["amount"]) for row in invoices],
        }
    )


@pytest.fixture(scope="module")
def answer(invoices, tmp_path_factory):
    """What Odoo made of the slice, by setting."""
    job = {"scripts": str(ROOT / "scripts"), "invoices": invoices, "settings": SETTINGS}
    job |= {"months": MONTHS, "figures": FLOW}
    with database("test_retail") as name:
        answer = ask(name, tmp_path_factory.mktemp("retail"), SCORE, job)
    answer["standings"] = {
        setting: pd.DataFrame(rows).sort_values("customer", ignore_index=True)
        for setting, rows in zip(SETTINGS, answer["standings"], strict=True)
    }
    return answer


def test_slice_has_every_kind_of_customer(table):
    largest = table.groupby("customer").pence.max()
    assert len(largest) > 219
    assert (largest < 0).any(), "nobody with refunds only"
    assert (largest == 0).any(), "nobody with free goods only"
    assert (table[table.customer.isin(largest[largest > 0].index)].pence < 0).any()


def test_import_twice_doubles_nothing(answer, table):
    assert answer["purchases"] == len(table)
    assert answer["partners"] == table.customer.nunique()


@pytest.mark.parametrize(
    "setting", SETTINGS, ids=lambda setting: "-".join(map(str, setting))
)
def test_every_customer_as_defined(answer, table, setting):
    expected = standings(table, *setting)
    pd.testing.assert_frame_equal(
        answer["standings"][setting], expected, check_dtype=False, rtol=0, atol=0.001
    )


def test_customers_without_recent_purchase_are_lost(answer):
    everything, quarter = (
        answer["standings"][0, 5, "total"],
        answer["standings"][3, 5, "total"],
    )
    assert "Lost" not in set(everything.segment)
    lost = quarter[quarter.segment == "Lost"]
    assert len(lost) > 50
    assert (lost.code == "111").all() and (lost.frequency == 0).all()
    assert len(quarter) == len(everything)


@pytest.mark.parametrize("months", (0, 12, 3))
def test_parts_add_up(answer, table, months):
    scored = answer["standings"][months, 5, "total"]
    start = AS_OF - pd.DateOffset(months=months) if months else pd.Timestamp.min
    counted = table[(table.date > start) & table.customer.isin(scored.customer)]
    assert round(scored.monetary.sum() * 100) == counted.pence.sum()
    assert scored.frequency.sum() == (counted.pence > 0).sum()
    assert len(scored) == table[table.pence > 0].customer.nunique()


@pytest.mark.parametrize("step", ("month", "quarter"))
def test_cohorts_as_defined(answer, table, step):
    found = [[*row[:4], round(row[4], 2)] for row in sorted(answer[step])]
    expected = [[*row[:4], round(row[4], 2)] for row in sorted(cohorts(table, step))]
    assert found == expected
    assert len(expected) > 12


def test_flow_of_each_month_as_defined(answer, table):
    expected = flow(table, MONTHS)
    found = {month: figures for month, *figures in answer["flow"]}
    for month, figures in expected.items():
        assert found.get(month, [0] * len(FLOW)) == figures, month
    gained, kept, lost, back, _before, after, _taken_back = map(
        sum, zip(*expected.values(), strict=True)
    )
    assert min(gained, kept, lost, back) > 0
    assert gained + kept + back == after
    # Nothing was bought since: everyone is lost.
    assert list(expected.values())[-1][5] == 0
