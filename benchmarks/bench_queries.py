"""Count what the addon adds to the queries of everyday work.

The same things are done in two databases, one with the addon and one without: creating
and writing partners and leads, opening their forms with everything the forms show, as a
salesperson. What differs is ours. No time is taken.

Run in the project's environment: ``python benchmarks/bench_queries.py``.
"""

import sys

from harness import Verdict, base, clone, database, prepare_companies, question

# Additional queries by what is done; 100 records at once cost what one does.
TARGETS = {
    "create a partner": 0,
    "write a partner": 0,
    "create 100 partners": 0,
    "write 100 partners": 0,
    "create a lead": 1,
    "write a lead": 1,
    "open a partner": 3,
    "open a contact of a company": 3,
}

# -- In odoo shell


def count_in_odoo(env):
    """Do everything twice and count the queries of the second time.

    :return: queries by what is done
    :rtype: dict[str, int]
    """
    from odoo.tests import new_test_user

    seller = new_test_user(
        env, "bench_seller", "sales_team.group_sale_salesman_all_leads"
    )
    company = env["res.partner"].create({"name": "Buyer", "is_company": True})
    env["res.partner"].create({"name": "Contact", "parent_id": company.id})
    if "crm.rfm.score" in env:
        env["crm.purchase.history"].create({"partner_id": company.id, "amount": 100})
        env["crm.rfm.score"]._refresh(env.company)
    env.cr.commit()
    _count_all(env(user=seller, su=False))
    return _count_all(env(user=seller, su=False))


def _count_all(env):
    Partner, Lead = env["res.partner"], env["crm.lead"]
    customer = Partner.search([("name", "=", "Buyer")])
    contact = Partner.search([("name", "=", "Contact")])
    values = {"name": "Edited", "phone": "+1 555 123 4567", "email": "e@example.com"}

    def partners(count):
        return Partner.create([{**values, "name": f"P {n}"} for n in range(count)])

    def lead():
        return Lead.create({"name": "Chance", "partner_id": customer.id})

    one, many, chance = partners(1), partners(100), lead()
    what = {
        "create a partner": lambda: partners(1),
        "write a partner": lambda: one.write(values),
        "create 100 partners": lambda: partners(100),
        "write 100 partners": lambda: many.write(values),
        "create a lead": lead,
        "write a lead": lambda: chance.write({"name": "Better", "priority": "2"}),
        "open a partner": _open(customer),
        "open a contact of a company": _open(contact),
        "open a lead": _open(chance),
        "list 80 partners": _open(many[:80], "list"),
    }
    return {name: _count(env, do) for name, do in what.items()}


def _count(env, do):
    env.flush_all()
    env.invalidate_all()
    before = env.cr.sql_log_count
    do()
    env.flush_all()
    return env.cr.sql_log_count - before


def _open(records, kind="form"):
    """Read what a view shows, as the web client does.

    :return: to be called where it is counted: the client has the view already
    """
    spec = records._get_fields_spec(records.get_view(None, kind))
    return lambda: records.web_read(spec)


# -- Outside


def measure(base_name):
    """Count in two databases.

    :param str base_name: database to start from, with the addon
    :return: queries with the addon and without, by what is done
    :rtype: dict[str, tuple[int, int]]
    """
    script = "import bench_queries\nanswer = bench_queries.count_in_odoo(env)"
    with (
        clone(base_name, "queries") as with_addon,
        database("bench_bare", addon=False) as without,
    ):
        prepare_companies(without)
        ours, bare = (question(name, script) for name in (with_addon, without))
    return {name: (ours[name], bare[name]) for name in ours}


def report(counts):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    print(f"{'queries':<36}{'with':>8}{'without':>9}")
    for name, (ours, bare) in counts.items():
        print(f"{name:<36}{ours:>8}{bare:>9}")
    print()
    for name, target in TARGETS.items():
        ours, bare = counts[name]
        verdict.most(f"additional queries to {name}", ours - bare, target, "", 0)
    return verdict.exit_code


def main():
    with base() as name:
        counts = measure(name)
    return report(counts)


if __name__ == "__main__":
    sys.exit(main())
