"""Time what people ask of a million partners by silence, and what keeping it costs.

The last contact is joined to the partners when it is asked for. The first page of silent
customers, filtered and sorted, is therefore held against the same page by a plain stored
date with an index on the partners themselves, in turns in the same run, as a salesperson
with his rules. Beside it: the nightly check of 1,000,000 messages, which after an
installation finds the contacts of the past; what one more message costs; and people who
post to the same customers at once.

Run in the project's environment: ``python benchmarks/bench_silence.py``; ``--small`` is
the variant of the tests.
"""

import sys
import threading
import time
from contextlib import closing
from statistics import median

import generate
from harness import Verdict, base, clone, question

CUSTOMERS = 1_000_000
SMALL = 5_000
RUNS = 9
PAGE = 80

# The plain date beside the field that is measured.
NAMES = ("x_last", "last_contact_date")

PAGE_TARGET = 2
STATEMENT_TARGET = 1

# Nine customers in ten have had contact, over five and a half years; the newest messages
# of one in twenty have overtaken an older contact today and are not yet cleared away.
MESSAGES = """
    INSERT INTO mail_message (
                date, message_type, subtype_id, author_id, model, res_id,
                record_company_id, body, create_uid, write_uid)
         SELECT %(last_day)s::timestamp
                    - interval '1 second' * floor(pg_temp.u(n, 11) * 2000 * 86400),
                'email', %(subtype)s,
                %(first)s + floor(pg_temp.u(n, 12) * %(customers)s * 0.9)::int,
                'res.partner', NULL, CASE WHEN n %% 4 > 0 THEN 1 END, '', 1, 1
           FROM generate_series(1, %(messages)s) AS n
"""
OVERTAKEN = """
    INSERT INTO crm_last_contact (partner_id, company_id, date, source, source_id)
         SELECT partner_id, company_id, date + (now() AT TIME ZONE 'UTC' - date) / 2,
                source, source_id
           FROM crm_last_contact
          WHERE partner_id %% 20 = 0
"""
# The table is written anew in one go: an update of every row would leave twice its size.
PLAIN = """
    CREATE FUNCTION bench_last(customer int) RETURNS date LANGUAGE sql STABLE AS
        'SELECT max(date)::date FROM crm_last_contact
          WHERE partner_id = customer AND (company_id = 1 OR company_id IS NULL)';
    ALTER TABLE res_partner ADD x_last date;
    ALTER TABLE res_partner ALTER x_last TYPE date
        USING bench_last(commercial_partner_id);
    CREATE INDEX bench_x_last ON res_partner (x_last);
    VACUUM ANALYZE res_partner;
    VACUUM ANALYZE crm_last_contact
"""


def fill(name, customers):
    """Make customers and as many mails of theirs.

    :param str name: database
    :param int customers: how many
    """
    with closing(generate.connect(name)) as connection, connection.cursor() as cr:
        first = generate.add_partners(cr, customers, contacts=False)
        cr.execute(
            "SELECT res_id FROM ir_model_data "
            "WHERE module = 'mail' AND name = 'mt_comment'"
        )
        [subtype] = cr.fetchone()
        with generate.bulk(cr, "mail_message"):
            cr.execute(
                MESSAGES,
                {
                    "first": first,
                    "customers": customers,
                    "messages": customers,
                    "subtype": subtype,
                    "last_day": generate.LAST_DAY,
                },
            )
        cr.execute("ANALYZE mail_message")


def add_plain_date(name):
    """Give partners the date as a plain column with an index, too."""
    with closing(generate.connect(name)) as connection, connection.cursor() as cr:
        cr.execute(OVERTAKEN.replace("%%", "%"))
        for statement in PLAIN.split(";\n"):
            cr.execute(statement)


# -- In odoo shell


def check_in_odoo(env):
    """Find the contacts of the past, then check them again.

    :return: seconds and rows added and removed of both, the longest transaction
    """
    Contact = env["crm.last.contact"]
    Contact._set_next_id(0)
    env.cr.commit()
    longest, portion = [], type(Contact)._check_portion
    counts = [0, 0]

    def timed(contact, next_id, last_id, found):
        started = time.monotonic()
        try:
            return portion(contact, next_id, last_id, found)
        finally:
            counts[:] = found
            longest.append(time.monotonic() - started)

    type(Contact)._check_portion = timed
    answer = []
    try:
        for _run in range(2):
            before = len(longest)
            Contact._cron_check()
            answer.append([sum(longest[before:]), *counts])
    finally:
        type(Contact)._check_portion = portion
    return {"checks": answer, "longest": max(longest)}


def measure_in_odoo(env, job):
    """Take the times of all questions.

    :param dict job: ``runs``
    :return: milliseconds by question, and what was found
    :rtype: dict
    """
    from odoo.tests import new_test_user

    env["ir.model.fields"].create(
        {
            "name": "x_last",
            "model_id": env["ir.model"]._get_id("res.partner"),
            "ttype": "date",
            "field_description": "Last",
        }
    )
    seller = new_test_user(
        env, "bench_seller", "sales_team.group_sale_salesman_all_leads"
    )
    env.cr.commit()
    env = env(user=seller, su=False)
    today = generate.LAST_DAY
    Partner = env["res.partner"]

    def page(name, *domain, reverse=False, read=()):
        order = f"{name} desc" if reverse else name
        found = Partner.search_fetch(
            list(domain), read or None, limit=PAGE, order=order
        )
        return found.mapped(name) if read else found.ids

    def pages(name):
        silent, recent = (name, "<", str(today.replace(month=3))), (name, "!=", False)
        return {
            f"{name}: silent": lambda: page(name, silent),
            f"{name}: silent, with columns": lambda: page(
                name, silent, read=["complete_name", "email", "phone", name]
            ),
            f"{name}: latest": lambda: page(name, recent, reverse=True),
            f"{name}: sorted only": lambda: page(name, reverse=True),
            f"{name}: count up to 10,000": lambda: Partner.search_count(
                [silent], limit=10_001
            ),
            f"{name}: count": lambda: Partner.search_count([silent]),
        }

    questions = {
        **pages(NAMES[0]),
        **pages(NAMES[1]),
        "groups by range": lambda: [
            list(group)
            for group in Partner._read_group([], ["silence_range"], ["__count"])
        ],
    }
    answer = {"times": {name: [] for name in questions}, "found": {}}
    for run in range(job["runs"] + 1):
        for name, ask in questions.items():
            env.cr.commit()
            env.invalidate_all()
            started = time.monotonic()
            answer["found"][name] = ask()
            # The first round only warms up.
            if run:
                spent = time.monotonic() - started
                answer["times"][name].append(spent * 1000)
    answer["found"] = {
        name: [str(value) for value in found]
        if name.endswith("with columns")
        else found
        for name, found in answer["found"].items()
    }
    return answer


def post_in_odoo(env, job):
    """Count the statements of a message, and post from several threads at once.

    :param dict job: ``clients``, ``posts`` of each
    :return: additional statements, milliseconds of them, failures, waits
    """
    from odoo.modules.registry import Registry
    from odoo.tests import new_test_user
    from odoo.tools import SQL

    seller = new_test_user(
        env, "bench_poster", "sales_team.group_sale_salesman,base.group_partner_manager"
    )
    customer = env["res.partner"].create({"name": "Busy", "email": "b@example.com"})
    env.cr.commit()
    registry, uid = Registry(env.cr.dbname), seller.id
    Contact = type(env["crm.last.contact"])
    flush, statements, spent = Contact._flush_pending, [], []

    def counted(contact):
        cr = contact.env.cr
        before, started = cr.sql_log_count, time.monotonic()
        flush(contact)
        spent.append((time.monotonic() - started) * 1000)
        statements.append(cr.sql_log_count - before)

    failures = []

    def post(number):
        from odoo.api import Environment

        for turn in range(job["posts"]):
            try:
                with registry.cursor() as cr:
                    Partner = Environment(cr, uid, {"mail_notify_force_send": False})[
                        "res.partner"
                    ]
                    Partner.browse(customer.id).message_post(
                        body=f"Hello {number} {turn}",
                        partner_ids=customer.ids,
                        message_type="comment",
                        subtype_xmlid="mail.mt_comment",
                    )
            except Exception as error:
                failures.append(repr(error))

    Contact._flush_pending = counted
    try:
        post("alone")
        alone, statements[:] = list(statements), []
        threads = [
            threading.Thread(target=post, args=[number])
            for number in range(job["clients"])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        Contact._flush_pending = flush
    env.invalidate_all()
    [[rows]] = env.execute_query(
        SQL("SELECT count(*) FROM crm_last_contact WHERE partner_id = %s", customer.id)
    )
    return {
        "statements": max(alone),
        "milliseconds": median(spent),
        "posts": len(statements),
        "rows": rows,
        "failures": failures,
    }


# -- Outside


def measure(base_name, customers, runs=RUNS, clients=8, posts=20):
    """Make the customers and take all figures.

    :param str base_name: database to start from
    :return: answers of the three questions above
    :rtype: dict
    """
    start = "import bench_silence\nanswer = bench_silence."
    with clone(base_name, "silence") as name:
        fill(name, customers)
        answer = question(name, start + "check_in_odoo(env)")
        answer["post"] = question(
            name,
            start + "post_in_odoo(env, job)",
            {"clients": clients, "posts": posts},
        )
        add_plain_date(name)
        answer.update(
            question(name, start + "measure_in_odoo(env, job)", {"runs": runs})
        )
        return answer


def report(answer):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    times = {name: median(spent) for name, spent in answer["times"].items()}
    for name, spent in times.items():
        print(f"{name:<58}{spent:>10,.1f} ms")
    for what, (spent, added, removed) in zip(
        ("first check", "second check"), answer["checks"], strict=True
    ):
        print(f"{what:<58}{spent:>10,.1f} s, {added:,} added, {removed:,} removed")
    print(f"{'its longest transaction':<58}{answer['longest']:>10,.1f} s")
    post = answer["post"]
    print(f"{'statement of a message, median':<58}{post['milliseconds']:>10,.1f} ms")
    print()
    columns = "silent, with columns"
    ratio = times[f"last_contact_date: {columns}"] / times[f"x_last: {columns}"]
    print(f"{'with four columns read / by a plain date':<58}{ratio:>10,.2f}")
    for what in ("silent", "latest", "sorted only"):
        ratio = times[f"last_contact_date: {what}"] / times[f"x_last: {what}"]
        verdict.most(f"first {PAGE}, {what} / by a plain date", ratio, PAGE_TARGET)
    verdict.most("statements of a message", post["statements"], STATEMENT_TARGET, "", 0)
    verdict.none("posts at once that fail", len(post["failures"]))
    return verdict.exit_code


def main(customers):
    print(f"{customers:,} customers with as many messages …", flush=True)
    with base() as name:
        answer = measure(name, customers)
    return report(answer)


if __name__ == "__main__":
    sys.exit(main(SMALL if "--small" in sys.argv[1:] else CUSTOMERS))
