"""Time a daily assessment of all loyalty memberships, and its memory, against a floor.

The floor is that of ``bench_refresh.py``: one bare aggregate over the invoices. On each
day one member in two hundred changes his tier: half of them buy enough to rise, to a
tier with a pricelist; the other half are members at the end of their grace period who
give back what they bought, and fall. Timed is all that the scheduled actions do until
nothing is left to be done: sums, tiers, history, prices and the notes about these on the
customers, in transactions of 500 customers.

Run in the project's environment: ``python benchmarks/bench_loyalty.py``; ``--small``
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
from bench_refresh import _floor, _reset_peak, _status
from harness import Verdict, base, clone, question
from harness import companies as companies_of

# Customers and invoices, growing.
SIZES = ((30_000, 300_000), (300_000, 3_000_000))
SMALL = ((300, 3_000), (3_000, 30_000))
# How often each figure is taken.
RUNS = 3
# Of the members, those who rise and those who fall in a day.
RISING = FALLING = 0.0025
# Months looked back, so that everybody who ever bought is a member.
MONTHS = 37

DAILY_TARGET = 3
MEMORY_TARGET = 100
COUNTS = ("member_count", "added_count", "risen_count", "fallen_count", "removed_count")


# -- In odoo shell


def measure_in_odoo(env, job):
    """Take all figures of one database.

    :param dict job: ``companies``, ``runs``
    :return: seconds by figure, MiB of memory, and what the assessments found
    :rtype: dict
    """
    _prepare(env)
    first, _tiers, _found = _assess(env, generate.LAST_DAY)
    # By the next day autovacuum has been here.
    _vacuum(env)
    _floor(env)
    return {"first": first} | _days(env, job["companies"], 1, job["runs"])


def _days(env, companies, first, count):
    """Take the figures of some days.

    :param int first: the first of them, counted from the last day of the shop
    """
    answer = {name: [] for name in ("floor", "daily", "tiers", "found", "wrong")}
    for after in range(first, first + count):
        day = generate.LAST_DAY + timedelta(days=after)
        _change(env, companies, day)
        # On both sides, because the machine may have other things to do meanwhile.
        floors = [_floor(env)]
        gc.collect()
        idle = _reset_peak()
        seconds, tiers, found = _assess(env, day)
        memory = (_status("VmHWM") - idle) / 1024
        floors.append(_floor(env))
        answer["memory"] = max(memory, answer.get("memory", 0))
        answer["idle"] = idle / 1024
        answer["floor"].append(sum(floors) / 2)
        answer["daily"].append(seconds)
        answer["tiers"].append(tiers)
        answer["found"].append(found)
        answer["wrong"].append(_wrong(env))
    answer["again"] = _assess(env, day)[2]
    answer["rewritten"] = _rewritten(env)
    return answer


def _prepare(env):
    """Settings, and pricelists of the two highest tiers."""
    companies = env["res.company"].search([])
    companies.write({"loyalty_period_months": MONTHS, "loyalty_grace_months": 3})
    tiers = env["crm.loyalty.tier"].search([], order="sequence desc", limit=2)
    for tier in tiers:
        tier.pricelist_id = env["product.pricelist"].create(
            {"name": tier.name, "company_id": False, "sequence": 100}
        )
    env.cr.commit()


def _assess(env, day):
    """Assess all companies on a day as if it were today, and do what follows from it.

    :return: seconds until all is committed, those until tiers are, and what was found
    """
    from odoo import fields

    from odoo.addons.crm_extended.models.loyalty.crm_loyalty_assessment import (
        EFFECTS_LIMIT,
    )

    def today(*_args):
        return day

    runs = env["crm.loyalty.assessment"]
    found = runs
    with patch.object(fields.Date, "context_today", staticmethod(today)):
        started = time.monotonic()
        # As the scheduled actions do it, without their own transactions for progress.
        for company in env["res.company"].search([]):
            found += env["crm.loyalty.membership"]._assess(company)
            env.cr.commit()
        tiers = time.monotonic() - started
        for company in env["res.company"].search([]):
            while runs._process_effects(company, EFFECTS_LIMIT) >= EFFECTS_LIMIT:
                env.cr.commit()
                env.invalidate_all()
        env.cr.commit()
        spent = time.monotonic() - started
    return spent, tiers, {name: sum(found.mapped(name)) for name in COUNTS}


def _change(env, companies, day):
    """Let some buy what the highest tier asks for, and some give back all they bought
    in the grace period's last days."""
    company_ids = [company_id for company_id, *_others in companies]
    with (
        closing(generate.connect(env.cr.dbname, seed=day.toordinal())) as connection,
        connection.cursor() as cr,
    ):
        cr.execute(
            """
            CREATE TEMP TABLE chosen AS
            WITH member AS (
                SELECT m.*, tier.pricelist_id IS NOT NULL AS is_high,
                       row_number() OVER (
                           PARTITION BY tier.pricelist_id IS NOT NULL
                               ORDER BY pg_temp.u(m.id, 1)) AS place,
                       count(*) OVER () AS members
                  FROM crm_loyalty_membership AS m
                  JOIN crm_loyalty_tier AS tier ON tier.id = m.tier_id
            )
            SELECT id, partner_id, company_id, is_high,
                   CASE WHEN is_high THEN -qualifying_amount
                        ELSE (SELECT max(rise_amount) FROM crm_loyalty_tier)
                         END AS amount
              FROM member
             WHERE place <= members * CASE WHEN is_high THEN %(falling)s
                                           ELSE %(rising)s END;
            UPDATE crm_loyalty_membership AS m
               -- Since today, so that it does not count that they met the threshold
               -- until now.
               SET state = 'grace', valid_date = %(day)s::date - 100,
                   date_from = %(day)s
              FROM chosen
             WHERE chosen.id = m.id AND chosen.is_high;
            CREATE TEMP TABLE purchase AS
            SELECT row_number() OVER (ORDER BY id) AS i, %(day)s::date AS day, partner_id,
                   partner_id AS customer_id, company_id = %(second)s AS second,
                   amount::numeric(16, 2) AS amount
              FROM chosen
            """,
            {
                "day": day,
                "second": company_ids[1],
                "rising": RISING,
                "falling": FALLING,
            },
        )
        generate.insert_invoices(cr, companies)


def _wrong(env):
    """Customers who have not the prices of their tier."""
    return sum(
        len(env["crm.loyalty.pricelist"]._get_wrong(company, 10, None))
        for company in env["res.company"].search([])
    )


def _rewritten(env):
    """Memberships written by the last assessment, which found nothing to be changed."""
    env.cr.execute(
        """
        SELECT count(*) FROM crm_loyalty_membership
         WHERE write_date >= (SELECT create_date FROM crm_loyalty_assessment
                            ORDER BY id DESC LIMIT 1 OFFSET 1)
        """
    )
    [[count]] = env.cr.fetchall()
    return count


def _vacuum(env):
    with closing(generate.connect(env.cr.dbname)) as connection:
        for model in ("membership", "change", "pricelist"):
            connection.cursor().execute(f"VACUUM (ANALYZE) crm_loyalty_{model}")


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
    for customers, invoices in sizes:
        print(f"  {customers:,} customers, {invoices:,} invoices …", flush=True)
        with clone(base_name, "loyalty") as name:
            generate.fill(name, companies, customers, invoices)
            answers.append(
                question(
                    name,
                    "import bench_loyalty\n"
                    "answer = bench_loyalty.measure_in_odoo(env, job)",
                    {"companies": companies, "runs": runs},
                )
            )
    return answers


def report(sizes, answers):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    for (customers, invoices), answer in zip(sizes, answers, strict=True):
        floor, daily = median(answer["floor"]), median(answer["daily"])
        found = answer["found"][-1]
        moved = found["risen_count"] + found["fallen_count"]
        print(
            f"\n{customers:,} customers, {invoices:,} invoices: floor {floor:.3f} s, "
            f"first assessment {answer['first']:.3f} s, daily {daily:.3f} s, of which "
            f"tiers {median(answer['tiers']):.3f} s (members {found['member_count']:,}, "
            f"risen {found['risen_count']:,}, fallen {found['fallen_count']:,}: "
            f"{100 * moved / found['member_count']:.2f} %); "
            f"memory {answer['memory']:+.1f} MiB above {answer['idle']:.0f}"
        )
        verdict.none("customers without the prices of their tier", sum(answer["wrong"]))
        verdict.none("memberships written once more", answer["rewritten"])
        verdict.most("memory above idle", answer["memory"], MEMORY_TARGET, " MiB", 1)
    print()
    ratios = [
        daily / floor
        for daily, floor in zip(answer["daily"], answer["floor"], strict=True)
    ]
    verdict.most("daily assessment / floor", median(ratios), DAILY_TARGET)
    return verdict.exit_code


def main(sizes):
    with base() as name:
        answers = measure(name, sizes)
    return report(sizes, answers)


if __name__ == "__main__":
    sys.exit(main(SMALL if "--small" in sys.argv[1:] else SIZES))
