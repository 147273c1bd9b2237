"""Time the timeline of a customer with 100,000 entries among 1,000,000 messages.

Its first page is held against that of a customer with 100 entries, as are those of customers
with messages of one kind alone, or with few mails among lines of the system; its page 1,000
against its first, both against Odoo's own first page of the chatter of that partner, and a
company with 500 contacts against one of them: in turns in the same run, as a salesperson with
their rules, everything from the call to the answer.

Run in the project's environment: ``python benchmarks/bench_timeline.py``; ``--small`` is
the variant of the tests.
"""

import sys
import time
from functools import partial
from statistics import median
from unittest.mock import patch

import generate_timeline
from harness import Verdict, base, clone, companies, question

FULL = {
    "few": 100,
    "many": 100_000,
    "contacts": 500,
    "each": 180,
    "messages": 1_000_000,
    "page": 1000,
    "runs": 15,
}
SMALL = {
    "few": 100,
    "many": 2_000,
    "contacts": 20,
    "each": 40,
    "messages": 5_000,
    "page": 40,
    "runs": 2,
}
PAGE = 30

SIZE_TARGET = 1.5
DEPTH_TARGET = 1.5
CHATTER_TARGET = 2
COMPANY_TARGET = 2


# -- In odoo shell


def measure_in_odoo(env, job):
    """Take all figures.

    :param dict job: ids of the customers, ``page`` and ``runs``
    :return: milliseconds and queries by question, what was found, and plans
    :rtype: dict
    """
    from odoo.tests import new_test_user

    seller = new_test_user(
        env, "bench_seller", "sales_team.group_sale_salesman_all_leads"
    )
    env.cr.commit()
    env = env(user=seller, su=False)

    def page(customer, scope="contact", cursor=None):
        return env["crm.timeline"].fetch(
            "res.partner", job[customer], PAGE, cursor, scope=scope
        )

    deep = _cursor(env, job)
    questions = {
        "few": lambda: page("few"),
        "many": lambda: page("many"),
        **{name: partial(page, name) for name in generate_timeline.ONE_KIND},
        "deep": lambda: page("many", cursor=deep),
        "contact": lambda: page("contact"),
        "company": lambda: page("contact", "company"),
        "chatter": lambda: _chatter(env, job["many"]),
    }
    answer = {"times": {}, "queries": {}, "sizes": {}, "counts": {}}
    for name in questions:
        answer["times"][name] = []
    for run in range(job["runs"] + 1):
        for name, ask in questions.items():
            spent, queries, found = _timed(env, ask)
            # The first round only warms up.
            if run:
                answer["times"][name].append(spent)
                answer["queries"][name] = queries
                answer["sizes"][name] = len(found["entries"])
                answer["counts"][name] = found.get("counts")
    answer["plans"] = [
        line for name in ("many", "many_mails") for line in _plans(env, questions[name])
    ]
    return answer


def _cursor(env, job):
    """The end of the page before the deep one."""
    cursor, left = None, (job["page"] - 1) * PAGE
    while left:
        limit = min(left, 200)
        found = env["crm.timeline"].fetch(
            "res.partner", job["many"], limit, cursor, scope="contact"
        )
        cursor = found["cursor"]
        left -= limit
    return cursor


def _chatter(env, partner_id):
    """What the web client asks for when it opens a partner's chatter."""
    from odoo.addons.mail.tools.discuss import Store

    messages = env["mail.message"]._message_fetch(
        None, thread=env["res.partner"].browse(partner_id), limit=PAGE
    )["messages"]
    return {"entries": messages.ids, "data": Store().add(messages).get_result()}


def _timed(env, ask):
    """Milliseconds, queries and the answer, with a cold cache of records."""
    env.cr.rollback()
    env.invalidate_all()
    queries = env.cr.sql_log_count
    started = time.perf_counter()
    found = ask()
    return (
        (time.perf_counter() - started) * 1000,
        env.cr.sql_log_count - queries,
        found,
    )


def _plans(env, ask):
    """How the database answers the slowest queries of a question."""
    execute = type(env.cr).execute
    asked = []

    def noted(cr, query, params=None, **kwargs):
        started = time.perf_counter()
        result = execute(cr, query, params, **kwargs)
        # Settings have no plan.
        if not isinstance(query, str) or not query.startswith("SET"):
            asked.append((time.perf_counter() - started, query, params))
        return result

    env.invalidate_all()
    with patch.object(type(env.cr), "execute", noted):
        ask()
    plans = []
    for _spent, query, params in sorted(asked, key=lambda row: row[0])[-3:]:
        if not isinstance(query, str):
            query, params = query.code, query.params
        env.cr.execute("EXPLAIN (ANALYZE, BUFFERS) " + query, params)
        plans += [query, *(row for [row] in env.cr.fetchall()), ""]
    return plans


# -- Outside


def measure(base_name, sizes):
    """Make the customers and take all figures.

    :param str base_name: database to start from
    :param dict sizes: as :data:`FULL`
    :return: see :func:`measure_in_odoo`
    """
    sizes = dict(sizes)
    job = {"page": sizes.pop("page"), "runs": sizes.pop("runs")}
    with clone(base_name, "timeline") as name:
        ids = generate_timeline.fill(name, companies(name), **sizes)
        return question(
            name,
            "import bench_timeline\nanswer = bench_timeline.measure_in_odoo(env, job)",
            {**job, **ids},
        )


def report(answer):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    times = {name: median(spent) for name, spent in answer["times"].items()}
    for name, spent in times.items():
        print(f"{name:<30}{spent:>10,.1f} ms{answer['queries'][name]:>8} queries")
    print()
    for what, name, of, target in (
        ("first page of many / of few", "many", "few", SIZE_TARGET),
        ("mails alone: many / few", "many_mails", "few_mails", SIZE_TARGET),
        ("notes alone: many / few", "many_notes", "few_notes", SIZE_TARGET),
        (
            "mails among system lines: many / few",
            "many_system",
            "few_system",
            SIZE_TARGET,
        ),
        ("page far down / first page", "deep", "many", DEPTH_TARGET),
        ("first page / the chatter's", "many", "chatter", CHATTER_TARGET),
        ("page far down / the chatter's", "deep", "chatter", CHATTER_TARGET),
        ("company / one contact", "company", "contact", COMPANY_TARGET),
    ):
        verdict.most(what, times[name] / times[of], target)
    verdict.none(
        "queries more for many entries than for few",
        max(
            0,
            *(
                answer["queries"][f"many{what}"] - answer["queries"][f"few{what}"]
                for what in ("", "_mails", "_notes", "_system")
            ),
        ),
    )
    if verdict.missed:
        print("\n".join(answer["plans"]))
    return verdict.exit_code


def main(sizes):
    print(
        f"{sizes['many']:,} entries among {sizes['messages']:,} messages …", flush=True
    )
    with base() as name:
        answer = measure(name, sizes)
    return report(answer)


if __name__ == "__main__":
    sys.exit(main(SMALL if "--small" in sys.argv[1:] else FULL))
