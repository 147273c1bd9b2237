"""Time care plans: enrolling, each kind of step, and a look when nothing is due.

Enrolling 20,000 customers from one update of scores is held against one bare ``INSERT …
SELECT`` of the same rows; notes, tags, activities and mails of 2,000 customers against the
one batched call of Odoo's that makes the same records, in turns. A look with nothing due is
counted in buffers, with 500 enrollments and with 500,000.

Run in the project's environment: ``python benchmarks/bench_plan.py``; ``--small`` takes a
tenth.
"""

import gc
import sys
import time
from statistics import median

from harness import Verdict, base, clone, question

ENROLLED = 20_000
STEPPED = 2_000
FEW, MANY = 500, 500_000
RUNS = 5
SMALL = {
    "enrolled": ENROLLED // 20,
    "stepped": STEPPED // 10,
    "sizes": [FEW, MANY // 10],
    "runs": 1,
}

TARGETS = {"enroll": 4, "log": 1.5, "tag": 2, "activity": 1.5, "mail": 1.3}
BUFFERS_TARGET = 3
# A batch of tags for ten times as many customers: Odoo writes contacts by the hundred.
QUERIES_TARGET = 10

BARE = """
    INSERT INTO crm_care_enrollment (
                partner_id, company_id, plan_id, version_id, arm, state, start_date,
                event_date, event_count, revenue, depth, step_id, planned_date, next_date,
                attempts, create_uid, create_date, write_uid, write_date)
    SELECT change.partner_id, change.company_id, %s, %s, 'plan', 'running', now(),
           change.date, 1, 5, 0, %s, now(), now(), 0, 1, now(), 1, now()
      FROM crm_rfm_change AS change WHERE id BETWEEN %s AND %s
"""
WAITING = """
    INSERT INTO crm_care_enrollment (
                partner_id, company_id, plan_id, version_id, arm, state, next_date)
    SELECT %s, %s, %s, %s, 'plan',
           CASE WHEN n %% 2 = 0 THEN 'running' ELSE 'done' END,
           now() AT TIME ZONE 'UTC' + interval '1 day' * (1 + n %% 90)
      FROM generate_series(1, %s) AS n
"""
EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "


def measure_in_odoo(env, job):
    """All figures. The database is no use for anything else afterwards.

    :return: medians of ours and of the floor in seconds by what; ``enrolled``,
        ``queries`` and ``buffers``
    """
    env["crm.feature"]._switch(plans=True)
    env.company.write(
        {"contact_limit": 0, "contact_quiet_from": 0, "contact_quiet_to": 0}
    )
    customers = env["res.partner"].create(
        [
            {"name": f"Customer {number}", "email": f"c{number}@example.com"}
            for number in range(job["enrolled"])
        ]
    )
    answer = time_enrolling(env, customers, job["runs"])
    answer |= time_steps(env, customers[: job["stepped"]], job["runs"])
    answer["queries"] = [count_queries(env, customers[:number]) for number in (20, 200)]
    answer["buffers"] = [count_buffers(env, customers[0], n) for n in job["sizes"]]
    return answer


def new_plan(env, **step):
    plan = env["crm.care.plan"].create(
        {
            "name": "Plan",
            "max_per_day": 1_000_000,
            "contact_rule": "customer",
            "purpose_id": env.ref("crm_extended.purpose_loyalty").id,
        }
    )
    env["crm.care.plan.step"].create(
        {"version_id": plan._get_draft().id, "name": "Step", **step}
    )
    plan.action_start()
    return plan


def undone(env, function):
    """The seconds that something takes, and undo it. What Odoo leaves to the end of the
    transaction, as comparing tracked values, belongs to it: a step does it with each
    batch."""
    env.cr.flush()
    env.invalidate_all()
    gc.collect()
    env.cr.execute("SAVEPOINT bench")
    begin = time.perf_counter()
    function()
    env.cr.flush()
    seconds = time.perf_counter() - begin
    env.invalidate_all(flush=False)
    env.cr.execute("ROLLBACK TO SAVEPOINT bench")
    return seconds


def in_turns(env, runs, ours, floor):
    both = [(undone(env, ours), undone(env, floor)) for _run in range(runs)]
    return [median(each) for each in zip(*both, strict=True)]


def time_enrolling(env, customers, runs):
    plan = new_plan(env, kind="log", note="Noted", delay=30)
    plan.trigger = "first_purchase"
    company, today = env.company, plan._today()
    refreshes = [
        env["crm.rfm.refresh"].create({"company_id": company.id, "as_of": today})
        for _each in range(2)
    ]
    env.flush_all()
    env.cr.execute(
        """
        INSERT INTO crm_rfm_score (partner_id, company_id, first_date, last_date, monetary)
             SELECT unnest(%s), %s, %s, %s, 5
        """,
        [customers.ids, company.id, today, today],
    )
    env.cr.execute(
        """
        INSERT INTO crm_rfm_change (partner_id, company_id, date, new_code)
             SELECT unnest(%s), %s, %s, '555' RETURNING id
        """,
        [customers.ids, company.id, today],
    )
    ids = [id_ for [id_] in env.cr.fetchall()]
    refreshes[-1].write({"first_change_id": ids[0], "last_change_id": ids[-1]})
    env.flush_all()
    env.cr.execute("ANALYZE crm_rfm_score, crm_rfm_change, res_partner")
    # As they are dispatched: the first batch enrolls for all.
    changes = env["crm.rfm.change"].browse(ids[:200])
    step = plan.version_id.step_ids
    bare = [plan.id, plan.version_id.id, step.id, ids[0], ids[-1]]
    times = in_turns(
        env, runs, changes._start_plans, lambda: env.cr.execute(BARE, bare)
    )
    changes._start_plans()
    mine = [("plan_id", "=", plan.id)]
    return {"enroll": times, "enrolled": env["crm.care.enrollment"].search_count(mine)}


def time_steps(env, customers, runs):
    tag = env["res.partner.category"].create({"name": "Tag"})
    todo = env.ref("mail.mail_activity_data_todo")
    model_id = env["ir.model"]._get_id("res.partner")
    template = env["mail.template"].create(
        {
            "name": "Hello",
            "model_id": model_id,
            "subject": "Hello",
            "body_html": "<p>Hello <t t-out='object.name'/></p>",
            "email_from": "shop@example.com",
            "partner_to": "{{ object.id }}",
        }
    )
    activity = {"activity_type_id": todo.id, "summary": "Call"}
    floors = {
        "log": lambda: customers._message_log_batch(
            dict.fromkeys(customers.ids, "Noted")
        ),
        "tag": lambda: customers.write({"category_id": [(4, tag.id)]}),
        "activity": lambda: env["mail.activity"].create(
            [
                {
                    **activity,
                    "res_model_id": model_id,
                    "res_id": id_,
                    "user_id": env.uid,
                    "automated": True,
                }
                for id_ in customers.ids
            ]
        ),
        "mail": lambda: template.send_mail_batch(customers.ids),
    }
    steps = {
        "log": {"note": "Noted"},
        "tag": {"tag_ids": tag.ids},
        "activity": activity,
        "mail": {"template_id": template.id},
    }
    answer = {}
    for kind, values in steps.items():
        plan = new_plan(env, kind=kind, **values)
        plan.enroll(customers)
        # PostgreSQL checks the references of rows of its own transaction at each update.
        env.cr.commit()
        answer[kind] = in_turns(env, runs, lambda: run_due(env), floors[kind])
        plan.action_end()
    return answer


def run_due(env):
    while env["crm.care.enrollment"]._run_next():
        # As the scheduled action does between two batches.
        env.invalidate_all()


def count_queries(env, customers):
    """Queries of one batch of tags."""
    tag = env["res.partner.category"].create({"name": "Counted"})
    plan = new_plan(env, kind="tag", tag_ids=tag.ids)
    plan.enroll(customers)
    env.cr.flush()
    env.invalidate_all()
    before = env.cr.sql_log_count
    run_due(env)
    env.cr.flush()
    queries = env.cr.sql_log_count - before
    plan.action_end()
    return queries


def count_buffers(env, customer, count):
    """What a look costs when nothing is due."""
    plan = env["crm.care.plan"].search([], limit=1, order="id desc")
    env.cr.execute("TRUNCATE crm_care_enrollment CASCADE")
    # The same customer many times: for the look it makes no difference.
    env.cr.execute("DROP INDEX IF EXISTS crm_care_enrollment_one_open")
    values = [customer.id, env.company.id, plan.id, plan.version_id.id, count]
    env.cr.execute(WAITING, values)
    env.cr.execute("ANALYZE crm_care_enrollment")
    query = env["crm.care.enrollment"]._due_query()
    for _run in range(2):
        env.cr.execute(EXPLAIN + query.code, query.params)
        top = env.cr.fetchone()[0][0]["Plan"]
    return top["Shared Hit Blocks"] + top["Shared Read Blocks"]


def report(answer):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    print(f"{answer['enrolled']:,} enrolled")
    for what, target in TARGETS.items():
        ours, floor = answer[what]
        print(f"{what:<20}{ours * 1000:>10,.0f} ms, floor {floor * 1000:,.0f} ms")
        verdict.most(f"{what} / floor", ours / floor, target)
    few, many = answer["queries"]
    print(f"queries of a batch for 20 and for 200: {few} and {many}")
    verdict.most("queries more", many - few, QUERIES_TARGET, "", 0)
    few, many = answer["buffers"]
    print(f"buffers of a look with nothing due: {few} and {many}")
    verdict.most("buffers more", many - few, BUFFERS_TARGET, "", 0)
    return verdict.exit_code


def measure(name, job):
    """Measure in a copy of a database, which is no use afterwards."""
    with clone(name, "plan") as copy:
        script = "import bench_plan\nanswer = bench_plan.measure_in_odoo(env, job)"
        return question(copy, script, job)


def main(share):
    job = {
        "enrolled": ENROLLED // share,
        "stepped": STEPPED // share,
        "sizes": [FEW, MANY // share],
        "runs": RUNS,
    }
    with base() as name:
        return report(measure(name, job))


if __name__ == "__main__":
    sys.exit(main(10 if "--small" in sys.argv[1:] else 1))
