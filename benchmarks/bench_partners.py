"""Time what people ask of a million customers by their standing.

The standing is joined to the partners when it is asked for. Grouping partners by segment
is therefore held against the same grouping of the bare scores, in turns in the same run;
the first page of a segment against a fixed time in SQL, as a salesperson with his rules.

Run in the project's environment: ``python benchmarks/bench_partners.py``; ``--small`` is
the variant of the tests.
"""

import sys
import time
from contextlib import closing
from statistics import median
from unittest.mock import patch

import generate
from harness import Verdict, base, clone, question

CUSTOMERS = 1_000_000
SMALL = 5_000
RUNS = 5

GROUP_TARGET = 12
PAGE_TARGET = 50
PAGE = 80

SCORES = """
    INSERT INTO crm_rfm_score (
                partner_id, company_id, first_date, last_date, frequency, monetary,
                revenue, recency_score, frequency_score, monetary_score, code,
                segment_id, segment_date, create_date, write_date)
         SELECT id, %(company)s, day, day, f * f, money, money, r, f, m,
                concat(r, f, m),
                (SELECT segment.id
                   FROM crm_rfm_segment AS segment
                  WHERE r BETWEEN segment.r_min AND segment.r_max
                    AND f BETWEEN segment.f_min AND segment.f_max
               ORDER BY segment.sequence
                  LIMIT 1),
                day, now(), now()
           FROM (
                SELECT id,
                       1 + floor(pg_temp.u(id, 1) * 5)::int AS r,
                       1 + floor(pg_temp.u(id, 2) * 5)::int AS f,
                       1 + floor(pg_temp.u(id, 3) * 5)::int AS m,
                       exp(5 + pg_temp.z(id, 4))::numeric(16, 2) AS money,
                       %(last_day)s::date - floor(pg_temp.u(id, 6) * 1000)::int AS day
                  FROM generate_series(%(first)s, %(last)s) AS id
                ) AS drawn
"""


def fill(name, customers):
    """Make customers with a score each in the main company.

    :param str name: database
    :param int customers: how many
    """
    with closing(generate.connect(name)) as connection, connection.cursor() as cr:
        first = generate.add_partners(cr, customers, contacts=False)
        with generate.bulk(cr, "crm_rfm_score"):
            cr.execute(
                SCORES,
                {
                    "company": 1,
                    "first": first,
                    "last": first + customers - 1,
                    "last_day": generate.LAST_DAY,
                },
            )


# -- In odoo shell


def measure_in_odoo(env, job):
    """Take all figures.

    :param dict job: ``runs``
    :return: milliseconds by question, and what was found
    :rtype: dict
    """
    from odoo.tests import new_test_user

    seller = new_test_user(
        env, "bench_seller", "sales_team.group_sale_salesman_all_leads"
    )
    env.cr.commit()
    env = env(user=seller, su=False)
    Partner, Score = env["res.partner"], env["crm.rfm.score"]
    segments = env["crm.rfm.segment"].search([])
    one = segments.filtered(lambda segment: segment.name == "At Risk")
    mine = [("rfm_segment_id", "=", one.id)]

    def page(order):
        return Partner.search(mine, limit=PAGE, order=order).ids

    questions = {
        "scores by segment": lambda: _groups(
            Score, "segment_id", ["monetary:sum", "__count"]
        ),
        "scores by segment, as superuser": lambda: _groups(
            Score.sudo(), "segment_id", ["monetary:sum", "__count"]
        ),
        "partners by segment": lambda: _groups(
            Partner, "rfm_segment_id", ["rfm_monetary:sum", "__count"]
        ),
        "partners by segment, count": lambda: _groups(
            Partner, "rfm_segment_id", ["__count"]
        ),
        "page": lambda: page(None),
        "page in no order": lambda: page("id"),
        "page by amount": lambda: page("rfm_monetary desc"),
        "count": lambda: Partner.search_count(mine),
    }
    answer = {"times": {name: [] for name in questions}, "found": {}}
    for run in range(job["runs"] + 1):
        for name, ask in questions.items():
            spent, answer["found"][name] = _in_sql(env, ask)
            # The first round only warms up.
            if run:
                answer["times"][name].append(spent)
    answer["plan"] = _plan(env, questions["page"])
    return answer


def _groups(model, groupby, aggregates):
    groups = model._read_group([], [groupby], aggregates)
    return {group.name or "": values for group, *values in groups}


def _in_sql(env, ask):
    """Milliseconds spent in queries, without what Python adds, and the answer."""
    env.cr.commit()
    env.invalidate_all()
    execute = type(env.cr).execute
    spent = 0

    def timed(cr, *args, **kwargs):
        nonlocal spent
        started = time.monotonic()
        try:
            return execute(cr, *args, **kwargs)
        finally:
            spent += time.monotonic() - started

    with patch.object(type(env.cr), "execute", timed):
        found = ask()
    return spent * 1000, found


def _plan(env, ask):
    """How the database answers the last query of a question."""
    execute = type(env.cr).execute
    asked = []

    def noted(cr, query, params=None, **kwargs):
        asked.append((query, params))
        return execute(cr, query, params, **kwargs)

    with patch.object(type(env.cr), "execute", noted):
        ask()
    query, params = asked[-1]
    if not isinstance(query, str):
        query, params = query.code, query.params
    env.cr.execute("EXPLAIN (ANALYZE, BUFFERS) " + query, params)
    return [row for [row] in env.cr.fetchall()]


# -- Outside


def measure(base_name, customers, runs=RUNS):
    """Make the customers and take all figures.

    :param str base_name: database to start from
    :return: see :func:`measure_in_odoo`
    """
    with clone(base_name, "partners") as name:
        fill(name, customers)
        return question(
            name,
            "import bench_partners\nanswer = bench_partners.measure_in_odoo(env, job)",
            {"runs": runs},
        )


def report(answer):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    times = {name: median(spent) for name, spent in answer["times"].items()}
    for name, spent in times.items():
        print(f"{name:<58}{spent:>10,.1f} ms")
    print()
    # The superuser needs no look at the partners to know which scores he may see.
    bare = times["scores by segment, as superuser"]
    ratio = times["partners by segment"] / bare
    verdict.most(
        "partners by segment with a sum / the same of scores", ratio, GROUP_TARGET
    )
    verdict.most("first 80 of a segment", times["page"], PAGE_TARGET, " ms", 1)
    if verdict.missed:
        print("\n".join(answer["plan"]))
    return verdict.exit_code


def main(customers):
    print(f"{customers:,} customers with a score …", flush=True)
    with base() as name:
        answer = measure(name, customers)
    return report(answer)


if __name__ == "__main__":
    sys.exit(main(SMALL if "--small" in sys.argv[1:] else CUSTOMERS))
