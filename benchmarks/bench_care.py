"""Work at the desk of service care with few cases and with many.

The same things are done in a database with 100 cases and again when it has 200,000, of
which a tenth is open: opening a case, reading the kanban and the list as the web client
does, an escalation run with nothing to do, runs that fire, and the pivots of reports
against their bare SQL.

Run in the project's environment: ``python benchmarks/bench_care.py``; ``--small`` is the
variant of the tests.
"""

import sys
import time
from statistics import median
from unittest.mock import patch

from harness import Verdict, base, clone, question

FEW = 100
MANY = 200_000
SMALL = 3_000
FIRINGS = (500, 1_000)
SMALL_FIRINGS = (10, 20)
RUNS = 5

# -- In odoo shell


def measure_in_odoo(env, job):
    """Make cases until there are so many, then do everything.

    :param dict job: ``cases``, and ``firings``: of how many targets in each run
    :return: figures by name
    :rtype: dict
    """
    env = env(context={**env.context, "tracking_disable": False})
    _prepare(env)
    _fill(env, job["cases"])
    _create(env, 5)
    answer = {
        "cases": env["crm.care.case"].search_count([]),
        "create": median(_create(env, 31)),
        "queries": _count_queries(env),
        "idle": median(_run_escalation(env) for _ in range(15)),
        "firings": [],
    }
    for count in job["firings"]:
        _make_due(env, count)
        logs = env["crm.care.escalation.log"]
        before = logs.search_count([])
        seconds = _run_escalation(env)
        answer["firings"].append([logs.search_count([]) - before, seconds])
    answer["pivots"] = _time_pivots(env) if job["firings"] else {}
    return answer


def _prepare(env):
    if env["crm.care.team"].search([("name", "=", "Bench")]):
        return
    team = env["crm.care.team"].create({"name": "Bench", "assignment": "turn"})
    users = env["res.users"].create(
        [{"name": f"Agent {n}", "login": f"bench_agent_{n}"} for n in range(20)]
    )
    agents = env.ref("crm_extended.group_care_agent")
    users.group_ids += agents
    team.member_ids = users
    env["res.partner"].create([{"name": f"Asker {n}"} for n in range(500)])
    for metric, hours in (("first_response", 8), ("resolution", 40)):
        env["crm.care.sla"].create({"name": metric, "metric": metric, "hours": hours})
    env["crm.care.escalation"].create(
        {"name": "Warn", "percent": 75, "notify_assignee": True}
    )
    env.cr.commit()


def _fill(env, count):
    """Put cases into the tables: nine of ten solved, with what was reached."""
    case = env["crm.care.case"].search([], limit=1)
    if not case:
        [_] = _create(env, 1)
    count -= env["crm.care.case"].search_count([])
    # Nothing is checked that is known to be right.
    env.cr.execute("SET session_replication_role = replica")
    env.cr.execute(
        """
        WITH made AS (
            INSERT INTO crm_care_case (
                name, number, company_id, team_id, user_id, partner_id,
                commercial_partner_id, stage_id, open_stage_id, outcome, type, channel,
                priority, active, opened_date, assigned_date, closed_date, sla_deadline,
                sla_result, first_response_date, first_response_hours, resolution_hours,
                reopen_count, create_uid, create_date, write_uid, write_date)
            SELECT 'Bench ' || n, 'B' || n || '-' || %(count)s, team.company_id, team.id,
                   CASE WHEN n %% 20 > 0 THEN agents.ids[1 + n / 10 %% 20] END,
                   askers.ids[1 + n %% 500],
                   askers.ids[1 + n %% 500],
                   CASE WHEN n %% 10 = 0 THEN open.id ELSE solved.id END, open.id,
                   CASE WHEN n %% 10 = 0 THEN 'open' ELSE 'solved' END,
                   ('{request,complaint,suggestion,repair,return}'::text[])[1 + n %% 5],
                   'phone', (n %% 4)::text, TRUE,
                   now() - make_interval(mins => n), now() - make_interval(mins => n),
                   CASE WHEN n %% 10 > 0
                        THEN now() - make_interval(mins => n - n %% 5000) END,
                   CASE WHEN n %% 10 = 0 THEN now() + make_interval(mins => n) END,
                   CASE WHEN n %% 10 = 0 THEN 'ongoing' ELSE 'reached' END,
                   CASE WHEN n %% 10 > 0
                        THEN now() - make_interval(mins => n - n %% 60) END,
                   CASE WHEN n %% 10 > 0 THEN n * 7 %% 997 / 10.0 END,
                   CASE WHEN n %% 10 > 0 THEN n * 11 %% 9973 / 10.0 END,
                   (n %% 40 = 1)::int, 1, now(), 1, now()
              FROM generate_series(1, %(count)s) AS n
        CROSS JOIN (SELECT * FROM crm_care_team WHERE name->>'en_US' = 'Bench') AS team
        CROSS JOIN (SELECT array_agg(id) AS ids FROM res_users
                     WHERE login LIKE 'bench_agent_%%') AS agents
        CROSS JOIN (SELECT array_agg(id) AS ids FROM res_partner
                     WHERE name LIKE 'Asker %%') AS askers
        CROSS JOIN (SELECT id FROM crm_care_stage WHERE outcome = 'open'
                  ORDER BY sequence LIMIT 1) AS open
        CROSS JOIN (SELECT id FROM crm_care_stage WHERE outcome = 'solved'
                     LIMIT 1) AS solved
         RETURNING id, company_id, outcome, opened_date)
        INSERT INTO crm_care_sla_status (
            case_id, company_id, sla_id, metric, hours, deadline,
            reached_date, next_escalation_date, create_uid, create_date)
        SELECT made.id, made.company_id, sla.id, sla.metric,
               sla.hours, now() + interval '1 year',
               CASE WHEN outcome = 'solved' THEN opened_date END,
               CASE WHEN outcome = 'open' THEN now() + interval '11 months' END, 1, now()
          FROM made
    CROSS JOIN crm_care_sla AS sla
        """,
        {"count": max(count, 0)},
    )
    env.cr.execute("SET session_replication_role = DEFAULT")
    env.cr.commit()
    env.invalidate_all()
    env.cr.execute("ANALYZE crm_care_case")
    env.cr.execute("ANALYZE crm_care_sla_status")
    env.cr.commit()


def _create(env, times):
    team = env["crm.care.team"].search([("name", "=", "Bench")])
    asker = env["res.partner"].search([("name", "=", "Asker 7")])
    taken = []
    for number in range(times):
        env.invalidate_all()
        started = time.perf_counter()
        env["crm.care.case"].create(
            {"name": f"New {number}", "team_id": team.id, "partner_id": asker.id}
        )
        env.flush_all()
        taken.append(time.perf_counter() - started)
        env.cr.commit()
    return taken


def _count_queries(env):
    """How many queries the desk takes, for an agent, by view."""
    agent = env["res.users"].search([("login", "=", "bench_agent_3")])
    Case = env(user=agent, su=False)["crm.care.case"]
    counts = {}
    for view_type in ("kanban", "list"):
        spec = Case._get_fields_spec(Case.get_view(view_type=view_type))
        domain = [("outcome", "in", ["open", "waiting"])]

        def desk(view_type=view_type, spec=spec, domain=domain):
            if view_type == "kanban":
                Case.formatted_read_group(domain, ["stage_id"], ["__count"])
                Case.formatted_read_group(domain, ["sla_state"], ["__count"])
            # Fewer than there are in either: a full page is counted, in one query more.
            return Case.web_search_read(domain, spec, limit=3)

        desk()
        env.invalidate_all()
        before = env.cr.sql_log_count
        desk()
        counts[view_type] = env.cr.sql_log_count - before
    return counts


def _make_due(env, count):
    env.cr.execute(
        """
        WITH due AS (
            SELECT id, case_id FROM crm_care_sla_status
             WHERE next_escalation_date > now() AND metric = 'first_response'
          ORDER BY id LIMIT %s
        ), moved AS (
            UPDATE crm_care_case SET opened_date = now() - interval '30 days'
              FROM due WHERE due.case_id = crm_care_case.id)
        UPDATE crm_care_sla_status SET next_escalation_date = now() - interval '1 hour'
          FROM due WHERE due.id = crm_care_sla_status.id
        """,
        [count],
    )
    env.cr.commit()
    env.invalidate_all()


def _run_escalation(env):
    """Seconds that a run takes, with its commits."""

    def commit(self, processed=0, *, remaining=None, deactivate=False):
        self.env.cr.commit()
        return 600.0

    env.invalidate_all()
    started = time.perf_counter()
    with patch.object(type(env["ir.cron"]), "_commit_progress", commit):
        env["crm.care.sla.status"]._cron_escalate()
    env.cr.commit()
    return time.perf_counter() - started


# What the pivots open with, by rows and their totals, and the same written by hand: no
# rights, no rules, no names of teams and agents, no more columns than needed.
BY_AGENT = [[], ["team_id"], ["team_id", "user_id"]]
PIVOTS = {
    "medians by team and agent": (
        "crm.care.case.report",
        BY_AGENT,
        [
            "first_response_median:avg",
            "first_response_p90:avg",
            "resolution_median:avg",
            "resolution_p90:avg",
            "reopened:avg",
            "__count",
        ],
        """
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY answer),
               percentile_cont(0.9) WITHIN GROUP (ORDER BY answer),
               percentile_cont(0.5) WITHIN GROUP (ORDER BY solving),
               percentile_cont(0.9) WITHIN GROUP (ORDER BY solving),
               avg(CASE WHEN reopen_count > 0 THEN 1.0
                        WHEN outcome IN ('solved', 'cancelled') THEN 0.0 END),
               count(*), team_id, user_id
          FROM (SELECT team_id, user_id, reopen_count, outcome,
                       CASE WHEN first_response_date IS NOT NULL
                            THEN first_response_hours END AS answer,
                       CASE WHEN outcome = 'solved' THEN resolution_hours END AS solving
                  FROM crm_care_case) AS care
      GROUP BY GROUPING SETS ((), (team_id), (team_id, user_id))
      ORDER BY grouping(team_id) DESC
        """,
    ),
    "attainment by team and agent": (
        "crm.care.sla.report",
        BY_AGENT,
        ["attainment:avg", "reached_count:sum", "missed_count:sum", "__count"],
        """
        SELECT avg(CASE WHEN reached THEN 1.0 WHEN failed THEN 0.0 END),
               sum(reached::int), sum(failed::int), count(*), team_id, user_id
          FROM (SELECT care.team_id, care.user_id,
                       reached_date <= deadline AS reached,
                       deadline < COALESCE(reached_date, now() AT TIME ZONE 'UTC')
                           AS failed
                  FROM crm_care_sla_status AS status
                  JOIN crm_care_case AS care ON care.id = status.case_id) AS target
      GROUP BY GROUPING SETS ((), (team_id), (team_id, user_id))
      ORDER BY grouping(team_id) DESC
        """,
    ),
    "backlog by month and team": (
        "crm.care.backlog",
        [[], ["team_id"], ["team_id", "date:month"]],
        ["open_cases:sum"],
        """
        WITH change AS (
            SELECT team_id, date, sum(cases) AS cases
              FROM (SELECT team_id, opened_date::date AS date, 1 AS cases
                      FROM crm_care_case
                 UNION ALL
                    SELECT team_id, closed_date::date, -1
                      FROM crm_care_case WHERE closed_date IS NOT NULL) AS side
          GROUP BY team_id, date
        )
        SELECT sum(cases) OVER (ORDER BY date DESC
                   ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING), team_id, date
          FROM change
      ORDER BY date DESC
        """,
    ),
}


def _time_pivots(env):
    """Seconds of each pivot, for a manager, in turns with its bare SQL; and the figures of
    its total."""
    manager = env["res.users"].search([("login", "=", "bench_agent_3")])
    manager.group_ids += env.ref("crm_extended.group_care_manager")
    env.cr.commit()
    answer = {}
    for name, (model, groups, measures, bare) in PIVOTS.items():
        report = env(user=manager, su=False)[model]

        def pivot(report=report, groups=groups, measures=measures):
            [row] = report.formatted_read_grouping_sets([], groups, measures)[0]
            return [row[measure] for measure in measures]

        def by_hand(bare=bare, measures=measures):
            env.cr.execute(bare)
            return env.cr.fetchall()[0][: len(measures)]

        found = {"pivot": [], "bare": []}
        for _ in range(RUNS):
            for way, do in (("bare", by_hand), ("pivot", pivot)):
                env.invalidate_all()
                started = time.perf_counter()
                totals = do()
                found[way].append(time.perf_counter() - started)
                answer.setdefault(name, {})[f"{way}_total"] = [
                    float(total) for total in totals
                ]
                # Settings made for one way do not help the other.
                env.cr.commit()
        answer[name] |= {way: median(taken) for way, taken in found.items()}
    return answer


# -- Here


def measure(source, cases, firings):
    """Figures of few cases and of many.

    :param str source: a database with the addon
    :return: two answers of :func:`measure_in_odoo`
    """
    script = "import bench_care\nanswer = bench_care.measure_in_odoo(env, job)"
    with clone(source, "care") as name:
        few = question(name, script, {"cases": FEW, "firings": []})
        many = question(name, script, {"cases": cases, "firings": firings})
    return few, many


def report(few, many):
    verdict = Verdict()
    print(f"{few['cases']:,} and {many['cases']:,} cases")
    for answer in (few, many):
        print(
            f"  opening a case {answer['create'] * 1000:.1f} ms, "
            f"escalation with nothing to do {answer['idle'] * 1000:.1f} ms"
        )
    verdict.most("opening a case, many to few", many["create"] / few["create"], 1.3)
    for view, count in many["queries"].items():
        verdict.none(
            f"queries of the {view} more than with few",
            max(count - few["queries"][view], 0),
        )
    # Below a millisecond only the clock differs.
    verdict.most(
        "nothing to escalate, many to few",
        max(many["idle"], 0.001) / max(few["idle"], 0.001),
        1.5,
    )
    [[half, first], [whole, second]] = many["firings"]
    print(f"  {half} firings {first:.2f} s, {whole} firings {second:.2f} s")
    verdict.most(
        "seconds of a firing, twice as many", (second / whole) / (first / half), 1.3
    )
    verdict.most("a firing", second / whole * 1000, 30, " ms", 1)
    for name, pivot in many["pivots"].items():
        bare, taken = pivot["bare"], pivot["pivot"]
        print(f"  {name}: bare {bare * 1000:.0f} ms, pivot {taken * 1000:.0f} ms")
        verdict.most(f"{name}, pivot to bare SQL", taken / bare, 5)
    return verdict


def main():
    small = "--small" in sys.argv
    with base() as source:
        few, many = measure(
            source, SMALL if small else MANY, SMALL_FIRINGS if small else FIRINGS
        )
    return report(few, many).exit_code


if __name__ == "__main__":
    sys.exit(main())
