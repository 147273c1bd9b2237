"""Time the question whether customers may be contacted.

``crm.contact.policy._check`` for 5,000 contacts is held against one bare SQL statement that
reads address, blacklist, latest consent and the touches of seven days of the same contacts,
in turns in the same run. In one variant touches and answers are spread evenly, in another
one customer has most of them. Beside it: 50,000 contacts at once, and how many queries it
takes.

Run in the project's environment: ``python benchmarks/bench_policy.py``; ``--small`` is the
variant of the tests.
"""

import random
import sys
import time
from contextlib import closing
from datetime import timedelta
from statistics import median

import generate
from harness import Verdict, base, clone, question

CUSTOMERS = 200_000
SMALL = 6_000
ASKED = 5_000
RUNS = 9

RATIO_TARGET = 3
QUERIES_TARGET = 3

# Of ten customers three have no address; one in fifty is on the blacklist.
FILL = (
    """
    UPDATE res_partner
       SET email = 'c' || id || '@example.com',
           email_normalized = 'c' || id || '@example.com'
     WHERE id >= %(first)s AND id %% 10 < 7
    """,
    """
    UPDATE res_partner SET country_id = (
        SELECT id FROM res_country WHERE code = CASE id %% 3 WHEN 0 THEN 'US' ELSE 'DE' END)
     WHERE id >= %(first)s AND id %% 5 > 0
    """,
    """
    INSERT INTO mail_blacklist (email, active)
         SELECT email_normalized, TRUE FROM res_partner
          WHERE id >= %(first)s AND id %% 50 = 0 AND email_normalized IS NOT NULL
    """,
    # Each has answered three times over.
    """
    INSERT INTO crm_consent (partner_id, company_id, purpose_id, state, source, date)
         SELECT id, 1, %(purpose)s,
                (ARRAY['given', 'given', 'refused', 'pending'])[
                    1 + (id * 7919 + n * 104729) %% 1000 %% 4],
                'import', now() AT TIME ZONE 'UTC' - interval '1 day' * (n * 100 + id %% 90)
           FROM res_partner, generate_series(1, 3) AS n
          WHERE res_partner.id >= %(first)s
    """,
    # Two touches in the last two weeks.
    """
    INSERT INTO crm_contact_touch (
                partner_id, contact_id, company_id, channel, purpose_id, date)
         SELECT id, id, 1, 'email', %(purpose)s,
                now() AT TIME ZONE 'UTC' - interval '1 hour' * ((id * 7 + n * 113) %% 336)
           FROM res_partner, generate_series(1, 2) AS n
          WHERE res_partner.id >= %(first)s
    """,
)
# One customer has most of both.
SKEW = (
    # Who can be mailed at all.
    """
    UPDATE res_partner
       SET email = 'most@example.com', email_normalized = 'most@example.com'
     WHERE id = %(first)s
    """,
    """
    INSERT INTO crm_consent (partner_id, company_id, purpose_id, state, source, date)
         SELECT %(first)s, 1, %(purpose)s, 'given', 'import',
                now() AT TIME ZONE 'UTC' - interval '1 minute' * (n + 10)
           FROM generate_series(1, %(many)s) AS n
    """,
    """
    INSERT INTO crm_contact_touch (
                partner_id, contact_id, company_id, channel, purpose_id, date)
         SELECT %(first)s, %(first)s, 1, 'email',
                CASE WHEN n %% 2 = 0 THEN %(service)s ELSE %(purpose)s END,
                now() AT TIME ZONE 'UTC' - interval '1 second' * n
           FROM generate_series(1, %(many)s) AS n
    """,
)
# What has to be read in any case.
BARE = """
    SELECT p.id, p.email_normalized, listed.id, answer.state, answer.valid_until,
           (SELECT count(*) FROM crm_contact_touch AS touch
             WHERE touch.partner_id = p.commercial_partner_id AND touch.company_id = 1
               AND touch.date > %(moment)s - interval '7 days')
      FROM res_partner AS p
 LEFT JOIN mail_blacklist AS listed
        ON listed.email = p.email_normalized AND listed.active
 LEFT JOIN LATERAL (
           SELECT state, valid_until FROM crm_consent
            WHERE partner_id = p.id AND company_id = 1 AND purpose_id = %(purpose)s
         ORDER BY date DESC, id DESC LIMIT 1) AS answer ON TRUE
     WHERE p.id = ANY(%(ids)s)
"""


def fill(name, customers, purposes):
    """Make customers with addresses, answers and touches.

    :param str name: database
    :param int customers: how many
    :param dict purposes: ids of ``purpose`` and ``service``
    :return: id of the first
    """
    with closing(generate.connect(name)) as connection, connection.cursor() as cr:
        first = generate.add_partners(cr, customers, contacts=False)
        run(cr, FILL, first=first, **purposes)
        return first


def run(cr, statements, **values):
    for statement in statements:
        cr.execute(statement, values)
    cr.execute("ANALYZE res_partner")
    cr.execute("ANALYZE mail_blacklist")
    cr.execute("ANALYZE crm_consent")
    cr.execute("ANALYZE crm_contact_touch")


def skew(name, first, many, purposes):
    """Give one customer most answers and touches."""
    with closing(generate.connect(name)) as connection, connection.cursor() as cr:
        run(cr, SKEW, first=first, many=many, **purposes)


# -- In odoo shell


def purposes_in_odoo(env):
    env["crm.feature"]._switch(consent=True)
    env["res.company"].browse(1).write({"contact_limit": 3})
    env.cr.commit()
    return {
        "purpose": env.ref("crm_extended.purpose_marketing").id,
        "service": env.ref("crm_extended.purpose_service").id,
    }


def next_noon(now):
    """The next noon of a working day: some customers may be contacted then, and it is
    night for others, whenever this is run."""
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    while noon < now or noon.weekday() > 4:
        noon += timedelta(days=1)
    return noon


def measure_in_odoo(env, job):
    """Take the times of both.

    :param dict job: ``first``, ``customers``, ``asked``, ``runs``
    :return: milliseconds of both, number of queries, answers by reason, of all at once
    :rtype: dict
    """
    from collections import Counter

    from odoo.fields import Datetime

    moment = next_noon(Datetime.now())
    policy = env["crm.contact.policy"].with_company(1)
    purpose = env.ref("crm_extended.purpose_marketing")
    first, customers = job["first"], job["customers"]
    # The customer who can have most of all is among them.
    others = range(first + 1, first + customers)
    ids = [first, *random.Random(5).sample(others, job["asked"] - 1)]
    contacts = env["res.partner"].browse(ids)
    answer = {"ours": [], "bare": []}

    def ours():
        return policy._check(contacts, purpose, "email", moment)

    def bare():
        values = {"ids": ids, "purpose": purpose.id, "moment": moment}
        env.cr.execute(BARE, values)
        return env.cr.fetchall()

    for number in range(job["runs"] + 1):
        for name, ask in (("bare", bare), ("ours", ours)):
            env.cr.commit()
            env.invalidate_all()
            before, started = env.cr.sql_log_count, time.perf_counter()
            found = ask()
            spent = time.perf_counter() - started
            # The first round only warms up.
            if number:
                answer[name].append(spent * 1000)
    answer["queries"] = env.cr.sql_log_count - before
    answer["asked"] = len(found)
    reasons = Counter(str(each["reason"]) for each in found.values())
    answer["reasons"] = dict(reasons)
    all_ids = range(first, first + min(customers, 50_000))
    contacts = env["res.partner"].browse(list(all_ids))
    env.invalidate_all()
    started = time.perf_counter()
    answer["all"] = len(ours())
    answer["all_seconds"] = time.perf_counter() - started
    return answer


# -- Outside


def measure(base_name, customers, runs=RUNS):
    """Make the customers and take all figures, before and after one customer gets most
    of the answers and touches.

    :return: both answers of :func:`measure_in_odoo`
    """
    start = "import bench_policy\nanswer = bench_policy."
    with clone(base_name, "policy") as name:
        purposes = question(name, start + "purposes_in_odoo(env)")
        first = fill(name, customers, purposes)
        job = {
            "first": first,
            "customers": customers,
            "asked": min(ASKED, customers),
            "runs": runs,
        }
        even = question(name, start + "measure_in_odoo(env, job)", job)
        skew(name, first, customers * 2, purposes)
        skewed = question(name, start + "measure_in_odoo(env, job)", job)
        return [even, skewed]


def report(answers):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    for what, answer in zip(("even", "one has most"), answers, strict=True):
        ours, bare = median(answer["ours"]), median(answer["bare"])
        print(f"{what}: {answer['asked']:,} contacts, {answer['reasons']}")
        print(f"{'_check':<58}{ours:>10,.1f} ms")
        print(f"{'bare SQL':<58}{bare:>10,.1f} ms")
        print(
            f"{answer['all']:,} contacts at once"
            f"{answer['all_seconds'] * 1000:>44,.1f} ms"
        )
        verdict.most(f"{what}: _check / bare SQL", ours / bare, RATIO_TARGET)
        verdict.most(f"{what}: queries", answer["queries"], QUERIES_TARGET, "", 0)
    return verdict.exit_code


def main(customers):
    print(f"{customers:,} customers …", flush=True)
    with base() as name:
        answers = measure(name, customers)
    return report(answers)


if __name__ == "__main__":
    sys.exit(main(SMALL if "--small" in sys.argv[1:] else CUSTOMERS))
