"""Time the list of today of salespeople with few customers and with many.

300,000 customers, of whom one salesperson has 200 and another 20,000, with scores and
their changes, memberships, interactions, orders, opportunities, activities, dates and
consents: customers of both have reasons of the same kinds, in the same shares. The list
is asked for as its user, in turns with the first 80 of the same salesperson's contacts
sorted by name, as the client reads them. Measured are the list that is made when a day
begins, and the one that is opened again later in the day.

Run in the project's environment: ``python benchmarks/bench_agenda.py``; ``--small`` is the
variant of the tests.
"""

import sys
import time
from contextlib import closing
from statistics import median

import generate
from harness import Verdict, base, clone, question

CUSTOMERS = 300_000
SMALL = 6_000
RUNS = 9
PAGE = 80

# Of the two salespeople, out of all customers.
FEW, MANY = 200, 20_000
LEAST = 60
LIST_TARGET = 4
QUERY_TARGET = 25

# Customers in turn: those of the two salespeople lie scattered among the others, who
# belong to eight more.
OWNERS = """
    UPDATE res_partner
       SET user_id = (%(sellers)s::int[])[CASE
               WHEN (id - %(first)s) %% %(every)s = 0 THEN 2
               WHEN (id - %(first)s) %% %(rare)s = 1 THEN 1
               ELSE 3 + (id %% 8) END],
           email_normalized = email, phone_sanitized = phone,
           city = 'City', zip = '1000', street = 'Street 1'
     WHERE id >= %(first)s
"""
ROWS = {
    "crm_rfm_score": """
        INSERT INTO crm_rfm_score (
                    partner_id, company_id, first_date, last_date, frequency, monetary,
                    revenue, recency_score, frequency_score, monetary_score, code)
             SELECT id, 1, %(day)s - 600, %(day)s - (pg_temp.u(id, 1) * 500)::int,
                    1 + (pg_temp.u(id, 2) * 10)::int, exp(6 + pg_temp.z(id, 3)),
                    exp(6 + pg_temp.z(id, 3)), 1 + (id %% 5), 1 + (id / 5 %% 5),
                    1 + (id / 25 %% 5), 'x'
               FROM res_partner WHERE id >= %(first)s
    """,
    "crm_rfm_change": """
        INSERT INTO crm_rfm_change (
                    partner_id, company_id, date, old_recency_score,
                    old_frequency_score, old_monetary_score, new_recency_score,
                    new_frequency_score, new_monetary_score, old_code, new_code)
             SELECT id, 1, %(day)s - (pg_temp.u(id * 3 + n, 4) * 365)::int,
                    1 + ((id + 1) %% 5), 1 + (id / 5 %% 5), 1 + (id / 25 %% 5),
                    1 + (id %% 5), 1 + (id / 5 %% 5), 1 + (id / 25 %% 5), 'x', 'y'
               FROM res_partner, generate_series(1, 3) AS n WHERE id >= %(first)s
    """,
    "crm_interaction": """
        INSERT INTO crm_interaction (
                    partner_id, company_id, date, channel, direction, outcome, user_id)
             SELECT id, 1, (%(day)s - (pg_temp.u(id * 3 + n, 5) * 700)::int)::timestamp,
                    'phone', 'out', 'reached', user_id
               FROM res_partner, generate_series(1, 3) AS n WHERE id >= %(first)s
    """,
    "crm_last_contact": """
        INSERT INTO crm_last_contact (partner_id, company_id, date, source, source_id)
             SELECT DISTINCT ON (partner_id) partner_id, 1, date, 'interaction', id
               FROM crm_interaction WHERE partner_id >= %(first)s
           ORDER BY partner_id, date DESC
    """,
    "crm_loyalty_membership": """
        INSERT INTO crm_loyalty_membership (
                    partner_id, company_id, tier_id, next_tier_id, date_from, valid_date,
                    state, qualifying_amount, qualifying_orders, amount_to_keep,
                    orders_to_keep, amount_to_next, orders_to_next, next_progress)
             SELECT id, 1, %(tier)s, %(next_tier)s, %(day)s - 200,
                    %(day)s + (pg_temp.u(id, 6) * 180)::int, 'active', 500, 3,
                    CASE WHEN pg_temp.u(id, 13) < 0.5 THEN 100 ELSE 0 END, 0,
                    pg_temp.u(id, 7) * 500, 0, 100 - pg_temp.u(id, 7) * 50
               FROM res_partner WHERE id >= %(first)s
    """,
    "sale_order": """
        INSERT INTO sale_order (
                    name, company_id, partner_id, partner_invoice_id,
                    partner_shipping_id, date_order, state, user_id, currency_id,
                    currency_rate, amount_untaxed, amount_total, validity_date)
             SELECT 'S' || id || '-' || n, 1, id, id, id,
                    (%(day)s - (pg_temp.u(id * 2 + n, 8) * 700)::int)::timestamp,
                    CASE WHEN pg_temp.u(id * 2 + n, 9) < 0.05 THEN 'sent'
                         ELSE 'sale' END,
                    user_id, %(currency)s, 1, exp(6 + pg_temp.z(id, 3)),
                    exp(6 + pg_temp.z(id, 3)),
                    %(day)s + 30 - (pg_temp.u(id * 2 + n, 8) * 700)::int
               FROM res_partner, generate_series(1, 2) AS n WHERE id >= %(first)s
    """,
    "crm_lead": """
        INSERT INTO crm_lead (
                    name, type, active, company_id, partner_id, user_id, stage_id,
                    won_status, probability, expected_revenue, date_last_stage_update,
                    priority)
             SELECT 'Lead ' || id, 'opportunity', TRUE, 1, id, user_id, %(stage)s,
                    CASE WHEN pg_temp.u(id, 14) < 0.1 THEN 'pending' ELSE 'won' END, 50,
                    exp(6 + pg_temp.z(id, 3)),
                    (%(day)s - (pg_temp.u(id, 10) * 400)::int)::timestamp, '0'
               FROM res_partner WHERE id >= %(first)s
    """,
    "mail_activity": """
        INSERT INTO mail_activity (
                    res_model, res_model_id, res_id, user_id, date_deadline,
                    activity_type_id, active, summary)
             SELECT 'res.partner', %(partner_model)s, id, user_id,
                    %(day)s + 60 - (pg_temp.u(id, 11) * 90)::int, %(call)s, TRUE, 'Call'
               FROM res_partner WHERE id >= %(first)s AND pg_temp.u(id, 15) < 0.02
    """,
    "crm_customer_date": """
        INSERT INTO crm_customer_date (partner_id, company_id, kind_id, date, yearly)
             SELECT id, 1, %(kind)s, '1960-01-01'::date + (pg_temp.u(id, 12) * 15000)::int,
                    TRUE
               FROM res_partner WHERE id >= %(first)s AND pg_temp.u(id, 16) < 0.3
    """,
    "crm_consent": """
        INSERT INTO crm_consent (partner_id, company_id, purpose_id, state, date, source)
             SELECT id, 1, %(purpose)s, 'given', %(day)s - 100, 'import'
               FROM res_partner WHERE id >= %(first)s AND pg_temp.u(id, 17) < 0.5
    """,
}


def prepare_in_odoo(env):
    """Make the salespeople and what customers refer to.

    :return: ids for the statements
    """
    from datetime import timedelta

    from odoo import fields
    from odoo.tests import new_test_user

    features = env["crm.feature"]
    features._switch(
        **{key: True for key in features._features() if not features._is_on(key)}
    )
    env.company.write({"contact_quiet_from": 0, "contact_quiet_to": 0})
    sellers = [
        new_test_user(
            env,
            f"bench_seller_{number}",
            "sales_team.group_sale_salesman_all_leads",
            tz="UTC",
        )
        for number in range(10)
    ]
    tier, next_tier = env["crm.loyalty.tier"].create(
        [
            {
                "name": name,
                "company_id": env.company.id,
                "rise_amount": amount,
                "keep_amount": amount * 0.8,
                "sequence": amount,
            }
            for name, amount in (("Silver", 500), ("Gold", 1000))
        ]
    )
    kind = env["crm.customer.date.kind"].create({"name": "Bench", "yearly": True})
    env.cr.commit()
    return {
        "sellers": [seller.id for seller in sellers],
        "tier": tier.id,
        "next_tier": next_tier.id,
        "kind": kind.id,
        "currency": env.company.currency_id.id,
        "stage": env["crm.stage"].search([("is_won", "=", False)], limit=1).id,
        "partner_model": env["ir.model"]._get_id("res.partner"),
        "call": env.ref("mail.mail_activity_data_call").id,
        "purpose": env.ref("crm_extended.purpose_marketing").id,
        "day": str(fields.Date.today() - timedelta(days=0)),
    }


def fill(name, customers, ids):
    """Make the customers and all that is known of them.

    :param str name: database
    :param int customers: how many
    :param dict ids: of :func:`prepare_in_odoo`
    """
    few, many = shares(customers)
    with closing(generate.connect(name)) as connection, connection.cursor() as cr:
        first = generate.add_partners(cr, customers, contacts=False)
        values = {
            **ids,
            "first": first,
            "every": customers // many,
            "rare": customers // few,
        }
        for statement in [OWNERS, *ROWS.values()]:
            cr.execute(statement.replace("%(day)s", "%(day)s::date"), values)
        cr.execute("VACUUM ANALYZE")


def shares(customers) -> tuple[int, int]:
    """How many customers the two salespeople have, in the given shares."""
    few = customers * FEW // CUSTOMERS
    # In the small variant more than a list has, so that both show reasons of each kind.
    return max(few, LEAST), customers * MANY // CUSTOMERS


def measure_in_odoo(env, job):
    """Ask for the lists and for the contacts in turns.

    :param dict job: ``runs``, ``sellers``
    :return: milliseconds, queries and rows by salesperson and what is asked
    """
    spec = {name: {} for name in ("complete_name", "phone", "email", "city")}
    answer = {}
    for who, uid in zip(("few", "many"), job["sellers"], strict=False):
        as_seller = env(user=uid, su=False, context={"tz": "UTC", "lang": "en_US"})
        partners = as_seller["res.partner"]
        agenda = as_seller["crm.customer.agenda"]

        def contacts(partners=partners, uid=uid):
            return partners.web_search_read(
                [("user_id", "=", uid)], spec, limit=PAGE, order="complete_name"
            )["records"]

        def list_of_day(agenda=agenda):
            return agenda.get_today()["rows"]

        def forget(uid=uid):
            env.cr.execute("DELETE FROM crm_agenda_item WHERE user_id = %s", [uid])

        questions = {
            "contacts": (contacts, lambda: None),
            "first": (list_of_day, forget),
            "again": (list_of_day, lambda: None),
        }
        for what in questions:
            answer[f"{who}: {what}"] = {
                "times": [],
                "queries": 0,
                "rows": 0,
                "kinds": [],
            }
        for run in range(job["runs"] + 1):
            for what, (ask, before) in questions.items():
                before()
                env.cr.commit()
                env.invalidate_all()
                queries, started = env.cr.sql_log_count, time.monotonic()
                rows = ask()
                spent = (time.monotonic() - started) * 1000
                found = answer[f"{who}: {what}"]
                found["rows"] = len(rows)
                found["kinds"] = kinds_of(rows)
                # The first round only warms up.
                if run:
                    found["times"].append(spent)
                    found["queries"] = env.cr.sql_log_count - queries
    return answer


def kinds_of(rows) -> list[str]:
    """The kinds of reasons that a list shows; each may take queries of its own."""
    return sorted({one["key"] for row in rows for one in row.get("reasons", ())})


# -- Outside


def measure(base_name, customers, runs=RUNS):
    """Make the customers and take all figures.

    :param str base_name: database to start from
    """
    start = "import bench_agenda\nanswer = bench_agenda."
    with clone(base_name, "agenda") as name:
        ids = question(name, start + "prepare_in_odoo(env)")
        fill(name, customers, ids)
        return question(
            name,
            start + "measure_in_odoo(env, job)",
            {"runs": runs, "sellers": ids["sellers"][:2]},
        )


def report(answer):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    for name, found in answer.items():
        print(
            f"{name:<30}{median(found['times']):>10,.1f} ms"
            f"{found['queries']:>6} queries{found['rows']:>6} rows"
        )
    print()
    for who in ("few", "many"):
        floor = median(answer[f"{who}: contacts"]["times"])
        for what in ("first", "again"):
            found = answer[f"{who}: {what}"]
            verdict.most(
                f"{who} customers, list {what} / contacts",
                median(found["times"]) / floor,
                LIST_TARGET,
            )
            verdict.most(
                f"{who} customers, list {what}: queries",
                found["queries"],
                QUERY_TARGET,
                "",
                0,
            )
    for what in ("first", "again"):
        few, many = answer[f"few: {what}"], answer[f"many: {what}"]
        if few["kinds"] == many["kinds"]:
            verdict.none(
                f"queries more with many customers, list {what}",
                abs(many["queries"] - few["queries"]),
            )
        else:
            # Sentences of a kind cost the same for one customer and for all.
            only = set(few["kinds"]) ^ set(many["kinds"])
            print(f"List {what}: only one of both shows {', '.join(sorted(only))}.")
    return verdict.exit_code


def main(customers):
    print(f"{customers:,} customers …", flush=True)
    with base() as name:
        answer = measure(name, customers)
    return report(answer)


if __name__ == "__main__":
    sys.exit(main(SMALL if "--small" in sys.argv[1:] else CUSTOMERS))
