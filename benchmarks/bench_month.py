"""What the dashboard of the month reads, and what its months take at night.

The same customers with 300,000 and with 3,000,000 invoices and credit notes, as in
``bench_refresh.py``. Buffers: the pages that PostgreSQL touches for each pivot and chart of
the dashboard, as a sales manager, by ``EXPLAIN (ANALYZE, BUFFERS)`` of the statements that
Odoo sends. Times: the months of three years, and a night, beside one plain aggregate of
the invoices by customer and month.

Run in the project's environment: ``python benchmarks/bench_month.py``; ``--small`` is the
variant of the tests.
"""

import json
import sys
import time
from statistics import median
from unittest.mock import patch

import generate
from harness import ROOT, Verdict, base, clone, question
from harness import companies as companies_of

# Customers, invoices.
SIZES = ((30_000, 300_000), (30_000, 3_000_000))
SMALL = ((300, 3_000), (300, 30_000))
RUNS = 3

# Buffers with ten times as many transactions, of those without.
BUFFERS_TARGET = 1.2
FIRST_TARGET, NIGHT_TARGET = 25, 12

DASHBOARD = (
    ROOT / "spreadsheet_dashboard_crm_extended" / "data/files/month_dashboard.json"
)
EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
FLOOR = """
    SELECT commercial_partner_id, date_trunc('month', invoice_date::timestamp),
           count(*), sum(amount_untaxed_signed)
      FROM account_move
     WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')
       AND company_id = %(company)s AND invoice_date <= %(today)s
  GROUP BY 1, 2
"""


# -- In odoo shell


def measure_in_odoo(env, job):
    """Take all figures.

    :param dict job: ``runs``, ``asked``: what the dashboard asks for
    :return: seconds by figure, buffers, rows
    :rtype: dict
    """
    from odoo import fields

    from odoo.addons.crm_extended.models.common.bulk_sql import tune_for_bulk

    # Made until that day, and not until today.
    today = generate.LAST_DAY
    company = env.company
    env["crm.feature"]._switch(insight=True)
    manager = env["res.users"].create(
        {
            "name": "Manager",
            "login": "bench_month",
            "group_ids": [(4, env.ref("sales_team.group_sale_manager").id)],
        }
    )
    reader = env(user=manager, context={"allowed_company_ids": company.ids})
    months = env["crm.insight.month"]
    answer = {"floor": [], "first": [], "night": []}
    with patch.object(fields.Date, "context_today", lambda *args: today):
        env["crm.rfm.score"]._refresh(company, as_of=today)
        env.cr.commit()
        for _number in range(job["runs"]):
            started = time.perf_counter()
            tune_for_bulk(env)
            env.cr.execute(FLOOR, {"company": company.id, "today": today})
            env.cr.fetchall()
            answer["floor"].append(time.perf_counter() - started)
            env.cr.execute("TRUNCATE crm_insight_month")
            env["crm.insight.run"].search([]).unlink()
            for name in ("first", "night"):
                env.cr.commit()
                tune_for_bulk(env)
                started = time.perf_counter()
                found = months._refresh(company)
                answer[name].append(time.perf_counter() - started)
                env["crm.insight.run"].create(
                    {
                        "company_id": company.id,
                        "as_of": today,
                        "step": "month",
                        "fingerprint": found["fingerprint"],
                    }
                )
        env.cr.commit()
        answer["changed"] = sum(found[name] for name in ("added", "changed", "removed"))
        env.cr.connection.autocommit = True
        for table in ("crm_insight_month", "crm_rfm_score", "res_partner"):
            env.cr.execute(f"VACUUM ANALYZE {table}")  # pylint: disable=sql-injection
        env.cr.connection.autocommit = False
        answer["rows"] = months.search_count([])
        answer["buffers"] = _buffers(reader, job["asked"])
    return answer


def _buffers(env, asked):
    """Pages touched by all that the dashboard asks for."""
    sent = []
    execute = type(env.cr).execute

    def listen(cr, query, params=None, log_exceptions=True):
        execute(cr, query, params, log_exceptions)
        text = getattr(query, "code", query)
        if str(text).lstrip().startswith(("SELECT", "WITH")) and "FROM" in text:
            sent.append((text, getattr(query, "params", params)))

    with patch.object(type(env.cr), "execute", listen):
        for each in asked:
            env.invalidate_all()
            env[each["model"]].formatted_read_group(
                each["domain"], each["groups"], each["measures"]
            )
    total = 0
    for query, params in sent:
        env.cr.execute(EXPLAIN + query, params)
        [[[explained]]] = env.cr.fetchall()
        plan = explained["Plan"]
        total += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return total


# -- Outside


def asked_by_dashboard():
    """The groups and measures of all pivots and charts.

    :rtype: list[dict]
    """
    data = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    found = [
        {
            "model": pivot["model"],
            "domain": pivot["domain"],
            "groups": [row["fieldName"] for row in pivot["rows"]],
            "measures": [measure["id"] for measure in pivot["measures"]],
        }
        for pivot in data["pivots"].values()
    ]
    for sheet in data["sheets"]:
        for figure in sheet["figures"]:
            if not figure["data"]["type"].startswith("odoo_"):
                continue
            chart = figure["data"]["metaData"]
            measure = chart["measure"]
            aggregator = "avg" if measure == "satisfaction" else "sum"
            found.append(
                {
                    "model": chart["resModel"],
                    "domain": figure["data"]["searchParams"]["domain"],
                    "groups": chart["groupBy"],
                    "measures": [
                        measure if measure == "__count" else f"{measure}:{aggregator}"
                    ],
                }
            )
    return found


def measure(base_name, sizes, runs=RUNS):
    """Make the shops and take all figures.

    :param tuple sizes: as :data:`SIZES`
    :rtype: list[dict]
    """
    script = "import bench_month\nanswer = bench_month.measure_in_odoo(env, job)"
    answers = []
    for size in sizes:
        with clone(base_name, "month") as name:
            generate.fill(name, companies_of(name), *size)
            job = {"runs": runs, "asked": asked_by_dashboard()}
            answers.append(question(name, script, job))
    return answers


def report(sizes, answers):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    for (_customers, invoices), answer in zip(sizes, answers, strict=True):
        print(f"{invoices:,} invoices: {answer['rows']:,} rows of months")
        print(f"{'buffers of the dashboard':<58}{answer['buffers']:>10,}")
        for name, what in (
            ("floor", "plain aggregate by customer and month"),
            ("first", "months of three years"),
            ("night", "a night"),
        ):
            print(f"{what:<58}{median(answer[name]):>10,.2f} s")
        verdict.none("rows written by a night without purchases", answer["changed"])
    few, many = answers
    verdict.most(
        "buffers with ten times as many transactions, ratio",
        many["buffers"] / few["buffers"],
        BUFFERS_TARGET,
    )
    floor = median(many["floor"])
    for name, what, target in (
        ("first", "months of three years / plain aggregate", FIRST_TARGET),
        ("night", "a night / plain aggregate", NIGHT_TARGET),
    ):
        verdict.most(what, median(many[name]) / floor, target)
    return verdict.exit_code


def main(sizes):
    with base() as name:
        return report(sizes, measure(name, sizes))


if __name__ == "__main__":
    sys.exit(main(SMALL if "--small" in sys.argv else SIZES))
