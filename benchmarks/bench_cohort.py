"""Time the table of cohorts and the flow of customers, against a plain count(distinct).

Three million invoices and credit notes of two companies, as in ``bench_refresh.py``. The
table of the page of one company (customers, purchases and revenue), as a sales manager with
rules, in turns with one plain statement that gives the customers alone of the same cells of
the same invoices: ``count(DISTINCT customer)`` by month of the customer's first invoice and
month. That statement has the same memory, and is not compiled, like the table's. Beside it:
the flow of twelve months, and the changes of all months.

Run in the project's environment: ``python benchmarks/bench_cohort.py``; ``--small`` is the
variant of the tests.
"""

import sys
import time
from datetime import date
from statistics import median
from unittest.mock import patch

import generate
from harness import Verdict, base, clone, question
from harness import companies as companies_of

# Customers, invoices.
SIZE = (300_000, 3_000_000)
SMALL = (300, 3_000)
RUNS = 5

RATIO_TARGET = 1

FLOOR = """
    WITH bought AS (
        SELECT commercial_partner_id AS customer,
               date_trunc('month', invoice_date::timestamp)::date AS month
          FROM account_move
         WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')
           AND company_id = %(company)s AND invoice_date <= %(today)s
    )
    SELECT first.cohort, bought.month, count(DISTINCT customer)
      FROM bought
      JOIN (SELECT customer, min(month) AS cohort FROM bought GROUP BY customer) AS first
     USING (customer)
  GROUP BY first.cohort, bought.month
"""
FIGURES = ("before", "kept", "lost", "gained", "won_back", "after", "taken_back")


# -- In odoo shell


def measure_in_odoo(env, job):
    """Take all figures.

    :param dict job: ``runs``
    :return: seconds by figure, and what was found
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
            "login": "bench_cohort",
            "group_ids": [(4, env.ref("sales_team.group_sale_manager").id)],
        }
    )
    reader = env(user=manager, context={"allowed_company_ids": company.ids})
    year = date(today.year - 1, today.month + 1, 1)
    flow = reader["crm.customer.flow"]
    sums = [f"{name}:sum" for name in FIGURES]

    def floor():
        tune_for_bulk(env)
        env.cr.execute(FLOOR, {"company": company.id, "today": today})
        return env.cr.fetchall()

    asked = {
        "floor": floor,
        "table": lambda: reader["crm.cohort"].get_table(),
        "flow": lambda: flow.with_context(flow_from=str(year))._read_group(
            [("date", ">=", year)], ["date:month"], sums
        ),
        "changes": lambda: flow._read_group(
            [("kind", "!=", "kept")], ["date:month", "kind"], ["change:sum"]
        ),
    }
    answer, found = {name: [] for name in asked}, {}
    with patch.object(fields.Date, "context_today", lambda *args: today):
        for number in range(job["runs"] + 1):
            for name, ask in asked.items():
                env.cr.commit()
                env.invalidate_all()
                started = time.perf_counter()
                found[name] = ask()
                # The first round only warms up.
                if number:
                    answer[name].append(time.perf_counter() - started)
    answer["customers"] = found["table"]["customers"]
    answer["cohorts"] = found["table"]["count"]
    answer["open"] = _open_months(found["flow"])
    return answer


def _open_months(rows):
    """Months that do not go on from the month before: none."""
    after, wrong = None, 0
    for _month, *figures in rows:
        row = dict(zip(FIGURES, figures, strict=True))
        wrong += row["before"] != row["kept"] + row["lost"]
        wrong += row["after"] != row["kept"] + row["gained"] + row["won_back"]
        wrong += after not in (None, row["before"] + row["taken_back"])
        after = row["after"]
    return wrong


# -- Outside


def measure(base_name, size, runs=RUNS):
    """Make the shop and take all figures.

    :param tuple size: as :data:`SIZE`
    """
    script = "import bench_cohort\nanswer = bench_cohort.measure_in_odoo(env, job)"
    with clone(base_name, "cohort") as name:
        generate.fill(name, companies_of(name), *size)
        return question(name, script, {"runs": runs})


def report(answer):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    floor = median(answer["floor"])
    for name, what in (
        ("floor", "plain count(distinct) of the cells"),
        ("table", "table of cohorts"),
        ("flow", "flow of twelve months"),
        ("changes", "changes of all months"),
    ):
        print(f"{what:<58}{median(answer[name]):>10,.2f} s")
    verdict.most(
        "table of cohorts / plain count(distinct)",
        median(answer["table"]) / floor,
        RATIO_TARGET,
    )
    verdict.none("months that do not go on from the month before", answer["open"])
    return verdict.exit_code


def main(size):
    print(f"{size[1]:,} invoices …", flush=True)
    with base() as name:
        return report(measure(name, size))


if __name__ == "__main__":
    sys.exit(main(SMALL if "--small" in sys.argv else SIZE))
