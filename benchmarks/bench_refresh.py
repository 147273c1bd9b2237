"""Time a refresh of all standings, and its memory, against a floor and a peer.

The floor is the least anybody can do: one bare aggregate over the invoices, with the
same settings of the session and everything in memory, run in turns with what is
measured. PostgreSQL shares its work among several processes, which it cannot do for a
refresh, because that writes: what the floor takes in one process is told as well.

The peer reads the invoices into pandas, groups, cuts, and writes the standings through
the ORM; it also says whether those that were timed are right.

Run in the project's environment: ``python benchmarks/bench_refresh.py``; ``--small``
is the variant of the tests.
"""

import gc
import sys
import time
from contextlib import closing
from datetime import timedelta
from statistics import median
from unittest.mock import patch

import generate
from harness import Verdict, base, clone, question
from harness import companies as companies_of

# Customers and invoices, growing; the peer runs on the one but last.
SIZES = ((3_000, 30_000), (30_000, 300_000), (300_000, 3_000_000))
SMALL = ((300, 3_000), (3_000, 30_000))
# How often each figure is taken.
RUNS = 3
DAILY_SHARE = 0.001

FIRST_TARGET = 5
DAILY_TARGET = 2.5
MEMORY_TARGET = 100
# Time for each invoice, against the size before: what the clock of a machine with two
# cores and other work leaves uncertain is not growth.
GROWTH_TARGET = 1.1

FLOOR = """
    SELECT count(*), max(last_date), sum(times), sum(amount)
      FROM (
        SELECT commercial_partner_id, max(invoice_date) AS last_date,
               count(*) AS times, sum(amount_untaxed_signed) AS amount
          FROM account_move
         WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')
      GROUP BY commercial_partner_id
           ) AS customer
"""
# What peer and refresh have to agree about.
COMPARED = """
    first_date, last_date, frequency, monetary, recency_score, frequency_score,
    monetary_score, code, segment_id
"""


# -- In odoo shell


def measure_in_odoo(env, job):
    """Take all figures of one database.

    :param dict job: ``companies``, ``invoices``, ``runs``, ``peer``
    :return: seconds by figure, MiB of memory, and what the refreshes found
    :rtype: dict
    """
    answer = {name: [] for name in ("floor", "single", "first")}
    answer |= {name: [] for name in ("daily_floor", "daily", "found")}
    _floor(env)
    if job["peer"]:
        answer["peer"] = _peer(env, job["companies"])
        env.cr.execute("CREATE TEMP TABLE peer_score AS SELECT * FROM crm_rfm_score")
    for run in range(job["runs"]):
        _clear(env)
        answer["floor"].append(_floor(env))
        answer["single"].append(_floor(env, processes=0))
        gc.collect()
        idle = _reset_peak()
        seconds, found = _refresh(env, generate.LAST_DAY)
        if not run:
            answer["memory"] = (_status("VmHWM") - idle) / 1024
            answer["idle"] = idle / 1024
            answer["customers"] = found["customer_count"]
        answer["first"].append(seconds)
    if job["peer"]:
        answer["differences"] = _differences(env)
    # By the next day autovacuum has been here.
    _vacuum(env)
    for after in range(1, job["runs"] + 1):
        day = generate.LAST_DAY + timedelta(days=after)
        count = int(job["invoices"] * DAILY_SHARE)
        generate.add_day(env.cr.dbname, job["companies"], day, count)
        answer["daily_floor"].append(_floor(env))
        seconds, found = _refresh(env, day)
        answer["daily"].append(seconds)
        answer["found"].append(found)
    return answer


def _floor(env, processes=None):
    """Seconds of the bare aggregate.

    :param int processes: how many others may help; left out, as PostgreSQL likes
    """
    env.cr.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
    if processes is not None:
        env.cr.execute("SET LOCAL max_parallel_workers_per_gather = %s", [processes])
    started = time.monotonic()
    env.cr.execute(FLOOR)
    env.cr.fetchall()
    spent = time.monotonic() - started
    env.cr.commit()
    return spent


def _refresh(env, day):
    """Refresh all companies on a day as if it were today.

    :return: seconds until it is committed, and what was found
    """
    from odoo import fields

    def today(*_args):
        return day

    with patch.object(fields.Date, "context_today", staticmethod(today)):
        started = time.monotonic()
        refreshes = env["crm.rfm.score"]._refresh()
        env.cr.commit()
        spent = time.monotonic() - started
    counts = ("customer_count", "moved_count", "added_count", "removed_count")
    return spent, {name: sum(refreshes.mapped(name)) for name in counts}


def _clear(env):
    """No standing, as before the first refresh."""
    env.cr.execute("TRUNCATE crm_rfm_score, crm_rfm_change")
    env.cr.commit()
    env.invalidate_all()


def _vacuum(env):
    with closing(generate.connect(env.cr.dbname)) as connection:
        connection.cursor().execute("VACUUM (ANALYZE) crm_rfm_score")


def _peer(env, companies):
    """Seconds of the same by way of pandas and the ORM; its standings stay."""
    import pandas as pd
    from peer import standings, tied

    started = time.monotonic()
    segments = {
        segment.name: segment.id for segment in env["crm.rfm.segment"].search([])
    }
    env.cr.execute(
        """
        SELECT back.move_id, due.move_id
          FROM account_partial_reconcile AS partial
          JOIN account_move_line AS back ON back.id = partial.credit_move_id
          JOIN account_move_line AS due ON due.id = partial.debit_move_id
        """
    )
    matched = dict(env.cr.fetchall())
    env.cr.execute(
        """
        SELECT line.move_id, min(sale_line.order_id)
          FROM sale_order_line AS sale_line
          JOIN sale_order_line_invoice_rel AS rel ON rel.order_line_id = sale_line.id
          JOIN account_move_line AS line ON line.id = rel.invoice_line_id
         WHERE sale_line.is_downpayment
      GROUP BY line.move_id
        """
    )
    orders = dict(env.cr.fetchall())
    for company_id, *_others in companies:
        env.cr.execute(
            """
            SELECT id, commercial_partner_id, invoice_date,
                   amount_untaxed_signed::float8, reversed_entry_id
              FROM account_move
             WHERE company_id = %s AND state = 'posted'
               AND move_type IN ('out_invoice', 'out_refund')
            """,
            [company_id],
        )
        columns = ["id", "customer", "date", "amount", "reversed"]
        invoices = pd.DataFrame(env.cr.fetchall(), columns=columns)
        invoices["date"] = pd.to_datetime(invoices.date)
        invoices = tied(invoices, matched, orders)
        table = standings(invoices, generate.LAST_DAY)
        env["crm.rfm.score"].create(
            [
                {
                    "partner_id": row.Index,
                    "company_id": company_id,
                    "first_date": row.first_date.date(),
                    "last_date": row.last_date.date(),
                    "frequency": row.frequency,
                    "monetary": row.monetary,
                    "revenue": row.monetary,
                    "recency_score": row.r,
                    "frequency_score": row.f,
                    "monetary_score": row.m,
                    "code": f"{row.r}{row.f}{row.m}",
                    "segment_id": segments[row.segment],
                    "segment_date": generate.LAST_DAY,
                }
                for row in table.itertuples()
            ]
        )
    env.cr.commit()
    return time.monotonic() - started


def _differences(env):
    """Number of standings in which refresh and peer differ."""
    env.cr.execute(
        f"""
        SELECT count(*)
          FROM (SELECT partner_id, company_id, ROW({COMPARED}) AS standing
                  FROM peer_score) AS peer
     FULL JOIN (SELECT partner_id, company_id, ROW({COMPARED}) AS standing
                  FROM crm_rfm_score) AS ours USING (partner_id, company_id)
         WHERE peer.standing IS DISTINCT FROM ours.standing
        """
    )
    [[count]] = env.cr.fetchall()
    return count


def _status(name):
    """A figure of this process in KiB."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(row.split()[1]) for row in file if row.startswith(name))


def _reset_peak():
    """Make the kernel count the peak of memory anew, and give what is used now."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")
    return _status("VmRSS")


# -- Outside


def measure(base_name, sizes, runs=RUNS):
    """Take the figures of all sizes.

    :param str base_name: database to start from
    :param sizes: pairs of customers and invoices, growing
    :param int runs: how often each figure is taken
    :return: figures of each size, in turn
    :rtype: list[dict]
    """
    answers = []
    companies = companies_of(base_name)
    for turn, (customers, invoices) in enumerate(sizes):
        print(f"  {customers:,} customers, {invoices:,} invoices …", flush=True)
        with clone(base_name, "refresh") as name:
            generate.fill(name, companies, customers, invoices)
            answers.append(
                question(
                    name,
                    "import bench_refresh\n"
                    "answer = bench_refresh.measure_in_odoo(env, job)",
                    {
                        "companies": companies,
                        "invoices": invoices,
                        "runs": runs,
                        "peer": turn == len(sizes) - 2,
                    },
                )
            )
    return answers


def report(sizes, answers):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    per_invoice = []
    for (customers, invoices), answer in zip(sizes, answers, strict=True):
        floor, first = median(answer["floor"]), median(answer["first"])
        daily = median(answer["daily"])
        found = answer["found"][-1]
        per_invoice.append(first / invoices * 1e6)
        print(
            f"\n{customers:,} customers, {invoices:,} invoices: floor {floor:.3f} s "
            f"({median(answer['single']):.3f} s in one process), "
            f"first refresh {first:.3f} s, daily {daily:.3f} s "
            f"(standings {found['customer_count']:,}, moved {found['moved_count']:,}, "
            f"new {found['added_count']:,}); {per_invoice[-1]:.2f} µs an invoice; "
            f"memory {answer['memory']:+.1f} MiB above {answer['idle']:.0f}"
        )
        if "peer" in answer:
            print(
                f"  peer {answer['peer']:.1f} s: {answer['peer'] / first:.1f} times as "
                f"long as the first refresh, {answer['peer'] / floor:.0f} times the floor"
            )
            verdict.none("standings in which the peer differs", answer["differences"])
        verdict.most("memory above idle", answer["memory"], MEMORY_TARGET, " MiB", 1)
    print()
    verdict.most("first refresh / floor", first / floor, FIRST_TARGET)
    verdict.most(
        "daily refresh / floor", daily / median(answer["daily_floor"]), DAILY_TARGET
    )
    for before, after, (_customers, invoices) in zip(
        per_invoice, per_invoice[1:], sizes[1:], strict=False
    ):
        verdict.most(
            f"time an invoice, {invoices:,} against a tenth",
            after / before,
            GROWTH_TARGET,
        )
    return verdict.exit_code


def main(sizes):
    with base() as name:
        answers = measure(name, sizes)
    return report(sizes, answers)


if __name__ == "__main__":
    sys.exit(main(SMALL if "--small" in sys.argv[1:] else SIZES))
