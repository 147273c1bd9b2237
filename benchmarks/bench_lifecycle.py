"""Time the computation of all life-cycle stages against a floor.

The floor is that of the update of scores (``bench_refresh.py``): one bare aggregate over
the invoices, with the same settings of the session and everything in memory, run in turns
with what is measured. The first run sums up the days of all purchases, a later night only
those of customers whose purchases changed.

Whether the stages are right is compared with ``analytics/insight/lifecycle.py``, customer
by customer, for a sample.

Run in the project's environment: ``python benchmarks/bench_lifecycle.py``; ``--small`` is
the variant of the tests.
"""

import sys
import time
from contextlib import closing
from datetime import timedelta
from statistics import median
from unittest.mock import patch

import generate
from bench_refresh import DAILY_SHARE, RUNS, _floor
from harness import Verdict, base, clone, question
from harness import companies as companies_of

# Customers and invoices.
SIZE = (300_000, 3_000_000)
SMALL = (3_000, 30_000)
SAMPLE = 1_000

FIRST_TARGET = 16
DAILY_TARGET = 3


# -- In odoo shell


def measure_in_odoo(env, job):
    """Take all figures of one database.

    :param dict job: ``companies``, ``invoices``, ``runs``
    :return: seconds by figure, what the runs found, and how many stages are wrong
    """
    answer = {name: [] for name in ("floor", "first", "daily_floor", "daily", "found")}
    _floor(env)
    for _run in range(job["runs"]):
        env.cr.execute(
            "TRUNCATE crm_lifecycle, crm_lifecycle_change, crm_lifecycle_run"
        )
        env.cr.commit()
        env.invalidate_all()
        answer["floor"].append(_floor(env))
        seconds, found = _update(env, generate.LAST_DAY)
        answer["first"].append(seconds)
        answer["customers"] = found["customer_count"]
    answer["wrong"] = _count_wrong(env, generate.LAST_DAY)
    # By the next day autovacuum has been here.
    _vacuum(env)
    for after in range(1, job["runs"] + 1):
        day = generate.LAST_DAY + timedelta(days=after)
        count = int(job["invoices"] * DAILY_SHARE)
        generate.add_day(env.cr.dbname, job["companies"], day, count)
        answer["daily_floor"].append(_floor(env))
        seconds, found = _update(env, day)
        answer["daily"].append(seconds)
        answer["found"].append(found)
    answer["wrong"] += _count_wrong(env, day, stages=False)
    return answer


def _update(env, day):
    """Compute all companies on a day as if it were today.

    :return: seconds until it is committed, and what was found
    """
    from odoo import fields

    def today(*_args):
        return day

    with patch.object(fields.Date, "context_today", staticmethod(today)):
        started = time.monotonic()
        runs = env["crm.lifecycle"]._refresh()
        env.cr.commit()
        spent = time.monotonic() - started
    counts = ("customer_count", "moved_count", "added_count", "pattern_count")
    return spent, {name: sum(runs.mapped(name)) for name in counts}


def _vacuum(env):
    with closing(generate.connect(env.cr.dbname)) as connection:
        connection.cursor().execute("VACUUM (ANALYZE) crm_lifecycle")


def _count_wrong(env, day, stages=True):
    """Number of customers, out of a sample, whose row is not what the analytics say.

    :param stages: whether stages are compared, too: they are after the first run, later
        ones wait for a second day
    """
    from odoo.addons.crm_extended.analytics.insight.lifecycle import pattern, stage

    rows = env["crm.lifecycle"].search([], order="id")
    rows = rows[:: max(1, len(rows) // SAMPLE)]
    wrong = 0
    for company, theirs in rows.grouped("company_id").items():
        period = company._get_lifecycle_days()
        bought = {}
        for purchase in _purchases(env, company, theirs.partner_id, day):
            bought.setdefault(purchase[0], []).append(purchase[1:])
        for row in theirs:
            days = pattern(
                date for date, _amount, stands in bought[row.partner_id.id] if stands
            )
            now, before = (
                sum(
                    round(amount * 100)
                    for date, amount, _stands in bought[row.partner_id.id]
                    if start <= (day - date).days < start + period
                )
                for start in (0, period)
            )
            same = (days.first, days.last, days.days, days.months, days.run) == (
                row.first_date,
                row.last_date,
                row.purchase_days,
                row.purchase_months,
                row.run_days,
            )
            same &= (now, before) == (
                round(row.revenue_now * 100),
                round(row.revenue_before * 100),
            )
            if stages:
                same &= row.stage == stage(days, now, before, day, period)
            wrong += not same
    return wrong


def _purchases(env, company, partners, day):
    """Customer, day, amount and whether the purchase stands, out of the read model of one
    document a row: another query than that of the sums."""
    from odoo.tools import SQL

    return env.execute_query(
        SQL(
            """
            SELECT partner_id, date, amount,
                   amount > 0 AND sum(amount) OVER (
                       PARTITION BY partner_id, purchase_key) > 0
              FROM %s AS t
             WHERE partner_id = ANY(%s) AND date <= %s AND posted_date <= %s
            """,
            env["crm.customer.transaction"]._of_company(company),
            partners.ids,
            day,
            day,
        )
    )


# -- Outside


def measure(base_name, size, runs=RUNS):
    """Make the shop and take all figures.

    :param tuple size: as :data:`SIZE`
    """
    customers, invoices = size
    companies = companies_of(base_name)
    with clone(base_name, "lifecycle") as name:
        generate.fill(name, companies, customers, invoices)
        return question(
            name,
            "import bench_lifecycle\n"
            "answer = bench_lifecycle.measure_in_odoo(env, job)",
            {"companies": companies, "invoices": invoices, "runs": runs},
        )


def report(answer):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    floor, first = median(answer["floor"]), median(answer["first"])
    night_floor, night = median(answer["daily_floor"]), median(answer["daily"])
    found = answer["found"][-1]
    print(
        f"floor {floor:.3f} s, first run {first:.3f} s, later night {night:.3f} s "
        f"(customers {found['customer_count']:,}, summed up again "
        f"{found['pattern_count']:,}, moved {found['moved_count']:,})"
    )
    verdict.most("first run / floor", first / floor, FIRST_TARGET)
    verdict.most("later night / floor", night / night_floor, DAILY_TARGET)
    verdict.none("customers of the sample who are wrong", answer["wrong"])
    return verdict.exit_code


def main(size):
    print(f"  {size[0]:,} customers, {size[1]:,} invoices …", flush=True)
    with base() as name:
        return report(measure(name, size))


if __name__ == "__main__":
    sys.exit(main(SMALL if "--small" in sys.argv[1:] else SIZE))
