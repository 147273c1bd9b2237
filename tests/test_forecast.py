"""The forecasts of a real shop in Odoo: CDNOW's customers, through import, update and fit.

The parameters are those that others published of the same customers, without the eight
who only ever got something for nothing: a purchase of zero is none.
"""

import csv
import gzip
import os
import signal
import subprocess
import sys
import time
from contextlib import closing

import numpy as np
import psycopg2
import pytest
from odoo_shell import ODOO, ROOT, ask, database

sys.path.insert(0, str(ROOT / "crm_extended"))
from analytics.insight import lifetime  # noqa: E402
from analytics.insight.forecast import HOLDOUT_DAYS  # noqa: E402

DATA = ROOT / "tests" / "data" / "cdnow_sample_transactions.csv.gz"
AS_OF = "1997-09-30"
WEEK = 7
PARAMETERS = ("r", "alpha", "a", "b")

# Runs in ``odoo shell``: imports customers and purchases, and fits as of the day.
FIT = """
import sys
sys.path.insert(0, job["scripts"])
import demo_retail

env["crm.feature"]._switch(insight=True)
for model, fields, rows in job["files"]:
    demo_retail.import_rows(env, model, fields, rows, model)
as_of = job["as_of"]
env["crm.forecast"]._refresh(env.company, as_of)
env.cr.commit()
runs = env["crm.forecast.model"].sudo()
model = runs.search([])
rows = env["crm.forecast"].search([], order="partner_id")


def told(records, names):
    return [
        {name: value if isinstance(value, (int, float, str)) else str(value)
         for name, value in row.items()}
        for row in records.read(names, load=None)
    ]


answer = {
    "models": told(model, job["model_fields"]),
    "weeks": told(model.week_ids.sorted("date"), ["date", "actual", "expected", "is_holdout"]),
    "rows": told(rows, job["fields"]),
    "likely": env["crm.forecast"].search_count([("p_active", ">=", 0.7)]),
    "by_band": {
        band: count for band, count in env["crm.forecast"]._read_group(
            [], ["active_band"], ["__count"])
    },
    "best": env["crm.forecast"].search([], order="p_active desc, id", limit=20).mapped("p_active"),
}
"""
# Fits for the day before.
FIT_AGAIN = """
env["crm.forecast"]._refresh(env.company, "1997-09-29")
env.cr.commit()
print("DONE", flush=True)
"""
STORED = """
    SELECT (SELECT array_agg(f ORDER BY id) FROM crm_forecast AS f)::text,
           (SELECT array_agg(m ORDER BY id) FROM crm_forecast_model AS m)::text,
           (SELECT count(*) FROM crm_forecast_week)
"""
# Who waits for a lock of this connection.
WAITING = """
    SELECT DISTINCT pid FROM pg_locks
     WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""
FIELDS = [
    "purchase_days",
    "first_date",
    "last_date",
    "p_active",
    "active_band",
    "next_date",
    "expected_date",
    "median_interval",
    "expected_30",
    "expected_90",
    "expected_365",
    "expected_amount",
    "lifetime_revenue",
    "lifetime_value",
    "revenue",
    "valued_date",
    "as_of",
]
MODEL_FIELDS = [
    "kind",
    "reason",
    *PARAMETERS,
    "p",
    "q",
    "v",
    "log_likelihood",
    "other_log_likelihood",
    "spend_log_likelihood",
    "holdout_expected",
    "holdout_actual",
    "holdout_text",
    "correlation",
    "customer_count",
    "repeater_count",
    "discount_rate",
    "value_months",
]


@pytest.fixture(scope="module")
def bought():
    """Customer, day and amount of each purchase, as text."""
    with gzip.open(DATA, "rt", encoding="utf-8") as file:
        return [
            (row["customer_id"], row["date"], row["amount"])
            for row in csv.DictReader(file)
        ]


@pytest.fixture(scope="module")
def shop():
    """The database."""
    with database("test_forecast") as name:
        yield name


@pytest.fixture(scope="module")
def answer(bought, shop, tmp_path_factory):
    """What Odoo made of them."""
    customers = sorted({customer for customer, _day, _amount in bought})
    job = {
        "scripts": str(ROOT / "scripts"),
        "as_of": AS_OF,
        "fields": FIELDS,
        "model_fields": MODEL_FIELDS,
        "files": [
            (
                "res.partner",
                ["id", "name"],
                [[f"cdnow.customer_{key}", f"Customer {key}"] for key in customers],
            ),
            (
                "crm.purchase.history",
                ["id", "partner_id/id", "date", "amount"],
                [
                    [f"cdnow.purchase_{number}", f"cdnow.customer_{key}", day, amount]
                    for number, (key, day, amount) in enumerate(bought)
                ],
            ),
        ],
    }
    return ask(shop, tmp_path_factory.mktemp("forecast"), FIT, job)


@pytest.fixture(scope="module")
def model(answer):
    [model] = answer["models"]
    return model


@pytest.fixture(scope="module")
def histories(answer):
    """x, tx and T of the rows, in days."""
    rows = answer["rows"]
    first, last = (
        np.array([row[name] for row in rows], dtype="datetime64[D]")
        for name in ("first_date", "last_date")
    )
    return (
        np.array([row["purchase_days"] - 1 for row in rows]),
        (last - first).astype(int),
        (np.datetime64(AS_OF) - first).astype(int),
    )


def column(answer, name):
    return np.array([row[name] for row in answer["rows"]])


def test_customers(model):
    assert model["customer_count"] == 2349
    assert model["reason"] is False


def test_the_likelier_model_is_used(model):
    assert model["kind"] == "mbg"
    found = [model["r"], model["alpha"] / WEEK, model["a"], model["b"]]
    expected = [0.5269271, 6.1974720, 0.8946380, 1.6270548]
    assert found == pytest.approx(expected, rel=1e-5)
    # A likelihood in weeks is higher by ln 7 for each repeat purchase; that of the other
    # model in days is published.
    assert model["other_log_likelihood"] == pytest.approx(-14359.2978, abs=1e-3)
    between = model["log_likelihood"] - model["other_log_likelihood"]
    assert between == pytest.approx(-9577.9820 - -9578.1966, abs=1e-3)


def test_both_models_fit_what_was_imported(histories):
    found = lifetime.fit("bg", *histories)
    expected = [0.2439025, 30.957046, 0.7925076, 2.4229376]
    assert [found[name] for name in PARAMETERS] == pytest.approx(expected, rel=1e-5)
    assert found["log_likelihood"] == pytest.approx(-14359.2978, abs=1e-3)
    x, tx, age = histories
    weekly = lifetime.fit("mbg", x, tx / WEEK, age / WEEK)
    assert weekly["log_likelihood"] == pytest.approx(-9577.9820, abs=1e-3)


def test_amounts(model):
    found = [model["p"], model["q"], model["v"]]
    assert found == pytest.approx([6.2495723, 3.7442247, 15.4435210], rel=1e-3)
    assert 0 < abs(model["correlation"]) < 0.3


def test_holdout(model, answer, bought):
    """The last 90 days, predicted by a fit of those before."""
    until = np.datetime64(AS_OF) - HOLDOUT_DAYS
    days = {}
    for customer, day, amount in bought:
        if float(amount) > 0 and day <= AS_OF:
            days.setdefault(customer, set()).add(np.datetime64(day))
    known = [
        (sorted(day for day in each if day <= until), each) for each in days.values()
    ]
    known = [(before, each) for before, each in known if before]
    x = [len(before) - 1 for before, _each in known]
    tx = [(before[-1] - before[0]).astype(int) for before, _each in known]
    age = [(until - before[0]).astype(int) for before, _each in known]
    parameters = lifetime.fit("mbg", x, tx, age)
    expected = lifetime.expected("mbg", parameters, x, tx, age, HOLDOUT_DAYS).sum()
    actual = sum(len(each) - len(before) for before, each in known)
    assert model["holdout_actual"] == actual
    assert model["holdout_expected"] == pytest.approx(expected, rel=1e-6)
    assert f"{actual:,}" in model["holdout_text"]
    weeks = answer["weeks"]
    assert sum(week["is_holdout"] for week in weeks) == HOLDOUT_DAYS // 7
    everything = sum(len(each) - 1 for each in days.values())
    # The file begins on the first of January; a few days are no whole week.
    assert 0.98 * everything < sum(week["actual"] for week in weeks) <= everything


def test_each_customer(model, answer, histories):
    """Of whoever knows the parameters, by the formulas without Odoo."""
    p_active = lifetime.p_active("mbg", model, *histories)
    assert column(answer, "p_active") == pytest.approx(p_active, rel=1e-9)
    for days in (30, 90, 365):
        expected = lifetime.expected("mbg", model, *histories, days)
        assert column(answer, f"expected_{days}") == pytest.approx(expected, abs=0.0051)
    x, _tx, _age = histories
    repeated = column(answer, "expected_amount")
    value = lifetime.discounted_value("mbg", model, *histories, repeated, 1.0)
    revenue = column(answer, "lifetime_revenue")
    # The amount is rounded to the cent.
    assert revenue == pytest.approx(value, rel=1e-3, abs=0.02)
    # No costs are known.
    assert (revenue == column(answer, "lifetime_value")).all()


def test_filter_group_and_order(answer):
    p_active = column(answer, "p_active")
    assert answer["likely"] == (p_active >= 0.7).sum()
    bands = column(answer, "active_band")
    assert answer["by_band"] == {key: (bands == key).sum() for key in set(bands)}
    assert answer["best"] == sorted(p_active, reverse=True)[:20]


def test_next_purchase(answer):
    for row in answer["rows"]:
        if row["purchase_days"] >= 3:
            gap = np.timedelta64(int(row["median_interval"] + 0.5), "D")
            day = np.datetime64(row["last_date"]) + max(gap, np.timedelta64(1, "D"))
            assert row["expected_date"] == str(day)
        is_expected = row["p_active"] >= 0.1
        assert row["next_date"] == (row["expected_date"] if is_expected else False)


def start_fit(name):
    """Begin a fit in a process of its own."""
    shell = subprocess.Popen(
        [
            *(ODOO, "shell", "-d", name, "--no-http", "--log-level=critical"),
            f"--addons-path={os.environ['ODOO_ADDONS']},{ROOT}",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    shell.stdin.write(FIT_AGAIN)
    shell.stdin.close()
    return shell


def test_a_fit_that_is_killed_leaves_what_was(answer, shop):
    """It is killed while it writes, at the last row, which is locked here."""
    assert answer["rows"]
    with (
        closing(psycopg2.connect(dbname=shop)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(STORED)
        before = cursor.fetchone()
        assert all(before)
        connection.rollback()
        cursor.execute(
            "UPDATE crm_forecast SET write_date = write_date"
            " WHERE id = (SELECT max(id) FROM crm_forecast)"
        )
        shell = start_fit(shop)
        deadline = time.monotonic() + 120
        while not (cursor.execute(WAITING) or cursor.fetchall()):
            assert time.monotonic() < deadline, "the fit never came that far"
            assert shell.poll() is None, shell.stdout.read()
            time.sleep(0.05)
        os.killpg(shell.pid, signal.SIGKILL)
        assert "DONE" not in shell.stdout.read()
        shell.wait()
        # The database notices when it would answer.
        cursor.execute(WAITING)
        for [pid] in cursor.fetchall():
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        connection.rollback()
        cursor.execute(STORED)
        assert cursor.fetchone() == before
        connection.rollback()
    again = start_fit(shop)
    assert "DONE" in again.stdout.read()
    again.wait()
