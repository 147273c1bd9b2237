"""The Kano page, against one bare aggregate of the same answers.

Three waves that 20,000 people answered, about ten features with two questions each: with
what one in ten answered again 1,320,000 answers, some of them tests, unfinished or skipped;
one person in ten is anonymous. The page of a wave, compared with the one before and by segment,
as a sales manager, in turns with one bare statement that counts the same lines by entry
and feature. The database is asked twice: before PostgreSQL has statistics of the answers,
and afterwards.

Run in the project's environment: ``python benchmarks/bench_kano.py``; ``--small`` is the
variant of the tests.
"""

import sys
import time
from contextlib import closing
from statistics import median

import generate
from harness import Verdict, clone, database, prepare_companies, question
from harness import companies as companies_of

# People, features, waves.
SIZE = (20_000, 10, 3)
SMALL = (200, 3, 2)
RUNS = 5

RATIO_TARGET = 2
TIMES = ("floor", "page", "compared", "segment")

# Of the same lines: what each person said about each feature.
FLOOR = """
    SELECT count(*), count(functional), count(dysfunctional)
      FROM (
        SELECT line.user_input_id, question.kano_feature_id,
               min(line.suggested_answer_id) FILTER (WHERE kano_side = 'functional')
                   AS functional,
               min(line.suggested_answer_id) FILTER (WHERE kano_side = 'dysfunctional')
                   AS dysfunctional
          FROM survey_user_input_line AS line
          JOIN survey_question AS question ON question.id = line.question_id
         WHERE question.kano_feature_id IS NOT NULL
      GROUP BY line.user_input_id, question.kano_feature_id
           ) AS said
"""


# -- In SQL


def fill(name, people):
    """Let people answer the waves of a database that :func:`make_waves` has made.

    :param str name: database
    :param int people: customers who answer each wave
    """
    with closing(generate.connect(name)) as connection, connection.cursor() as cr:
        cr.execute("SELECT min(id) FROM res_partner WHERE name = 'Customer 0'")
        [first] = cr.fetchone()
        # Autovacuum would bring statistics in between.
        for table in ("survey_user_input", "survey_user_input_line"):
            cr.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
        cr.execute("SET session_replication_role = replica")
        cr.execute(
            """
            INSERT INTO survey_user_input (
                        survey_id, partner_id, email, state, test_entry, access_token,
                        start_datetime, end_datetime, create_date)
                 SELECT survey.id,
                        CASE WHEN n %% 10 > 0 THEN %(first)s + n END,
                        CASE WHEN n %% 20 = 0 THEN 'Person' || n || '@example.com' END,
                        CASE WHEN n %% 50 = 7 THEN 'in_progress' ELSE 'done' END,
                        n %% 100 = 13,
                        md5(survey.id || '-' || n || '-' || again),
                        ended - interval '5 minutes', ended, ended
                   FROM survey_survey AS survey
             CROSS JOIN generate_series(0, %(people)s - 1) AS n
             CROSS JOIN generate_series(0, 1) AS again
             CROSS JOIN LATERAL (
                        SELECT survey.create_date + again * interval '1 day'
                               + pg_temp.u(n, 1) * interval '30 days' AS ended) AS day
                  WHERE survey.title ->> 'en_US' LIKE 'Wave %%'
                    -- One in ten answers again.
                    AND (again = 0 OR n %% 20 IN (0, 3))
               ORDER BY survey.id, ended;
            INSERT INTO survey_user_input_line (
                        user_input_id, survey_id, question_id, question_sequence,
                        answer_type, suggested_answer_id, skipped, create_date)
                 SELECT entry.id, entry.survey_id, question.id, question.sequence,
                        CASE WHEN NOT skipped THEN 'suggestion' END,
                        CASE WHEN NOT skipped THEN choices.ids[1 + floor(
                            5 * pg_temp.u(entry.id::bigint * 1000 + question.id, 2))::int]
                             END,
                        skipped, entry.end_datetime
                   FROM survey_user_input AS entry
                   JOIN survey_question AS question
                     ON question.survey_id = entry.survey_id
                    AND question.kano_feature_id IS NOT NULL
                   JOIN (SELECT question_id, array_agg(id ORDER BY sequence, id) AS ids
                           FROM survey_question_answer
                       GROUP BY question_id) AS choices
                     ON choices.question_id = question.id
             CROSS JOIN LATERAL (
                        SELECT pg_temp.u(entry.id::bigint * 1000 + question.id, 3) < 0.02
                               AS skipped) AS chance
               ORDER BY entry.id, question.sequence;
            SET session_replication_role = DEFAULT
            """,
            {"first": first, "people": people},
        )


# -- In odoo shell


def make_waves(env, features, waves):
    """Make surveys about the same features, of the first company.

    :return: ids of the surveys
    """
    from odoo import fields

    env["crm.feature"]._switch(insight=True, consent=True)
    company = env.company
    made = env["crm.kano.feature"].create(
        [
            {"name": f"Feature {number}", "company_id": company.id, "sequence": number}
            for number in range(features)
        ]
    )
    names = ("like", "must_be", "neutral", "live_with", "dislike")
    surveys = env["survey.survey"].create(
        [
            {
                "title": f"Wave {number}",
                "question_and_page_ids": [
                    fields.Command.create(
                        {
                            "title": f"{feature.name} {side}",
                            "question_type": "simple_choice",
                            "kano_feature_id": feature.id,
                            "kano_side": side,
                            "suggested_answer_ids": [
                                fields.Command.create(
                                    {"value": name, "kano_answer": name}
                                )
                                for name in names
                            ],
                        }
                    )
                    for feature in made
                    for side in ("functional", "dysfunctional")
                ],
            }
            for number in range(waves)
        ]
    )
    for number, survey in enumerate(surveys):
        env.cr.execute(
            "UPDATE survey_survey SET create_date = %s::timestamp + %s * interval '90 days'"
            " WHERE id = %s",
            (generate.LAST_DAY, number - waves, survey.id),
        )
    # Segments, and some who refused to be looked at by segment.
    env["crm.rfm.score"]._refresh(company, as_of=generate.LAST_DAY)
    scores = env["crm.rfm.score"].search([], order="id")
    env["crm.consent"].create(
        [
            {
                "partner_id": customer.id,
                "company_id": company.id,
                "purpose_id": env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
            }
            for customer in scores[::50].partner_id
        ]
    )
    env.cr.commit()
    return surveys.ids


def measure_in_odoo(env, job):
    """Take all times, in turns.

    :param dict job: ``runs``, ``surveys``
    :return: seconds and queries by figure, and what was found
    :rtype: dict
    """
    from odoo.addons.crm_extended.models.common.bulk_sql import tune_for_bulk

    company = env.company
    login = "bench_kano"
    manager = env["res.users"].search([("login", "=", login)]) or env[
        "res.users"
    ].create(
        {
            "name": "Manager",
            "login": login,
            "company_id": company.id,
            "company_ids": [(6, 0, company.ids)],
            "group_ids": [(4, env.ref("sales_team.group_sale_manager").id)],
        }
    )
    env.cr.commit()
    reader = env(user=manager, context={"allowed_company_ids": company.ids})
    *_before, before, last = job["surveys"]
    pages = reader["crm.kano.analysis"]
    first = pages.get_page(last, before)
    segment = max(first["segments"], key=lambda one: one["answers"])["id"]

    def floor():
        tune_for_bulk(env)
        env.cr.execute(FLOOR)
        env.cr.fetchall()

    asked = {
        "floor": floor,
        "page": lambda: pages.get_page(last),
        "compared": lambda: pages.get_page(last, before),
        "segment": lambda: pages.get_page(last, before, segment),
    }
    answer = {"queries": {}, **{name: [] for name in TIMES}}
    for ask in asked.values():
        ask()
    for _number in range(job["runs"]):
        for name, ask in asked.items():
            env.cr.commit()
            env.invalidate_all()
            queries = env.cr.sql_log_count
            started = time.perf_counter()
            ask()
            answer[name].append(time.perf_counter() - started)
            answer["queries"][name] = env.cr.sql_log_count - queries
    env.cr.execute("SELECT count(*) FROM survey_user_input_line")
    [answer["lines"]] = env.cr.fetchone()
    answer["found"] = _found(pages.get_page(last, before))
    answer["peer"] = _peer(env, last, before)
    return answer


def _found(page):
    """Counts by survey, feature and class, as the page gives them."""
    return {
        f"{survey_id}/{feature['id']}": feature[key]["counts"]
        for key, survey_id in (
            ("now", page["survey_id"]),
            ("before", page["compare_id"]),
        )
        for feature in page["features"]
    }


def _peer(env, *survey_ids):
    """The same, one answer after the other."""
    from odoo.addons.crm_extended.analytics.insight.kano import CLASSES, class_of

    env.cr.execute(
        """
        SELECT entry.survey_id, entry.id, entry.partner_id, lower(trim(entry.email)),
               question.kano_feature_id, question.kano_side, answer.kano_answer
          FROM survey_user_input AS entry
     LEFT JOIN survey_user_input_line AS line ON line.user_input_id = entry.id
     LEFT JOIN survey_question AS question ON question.id = line.question_id
     LEFT JOIN survey_question_answer AS answer ON answer.id = line.suggested_answer_id
         WHERE entry.survey_id = ANY(%s) AND entry.state = 'done' AND NOT entry.test_entry
      ORDER BY entry.end_datetime, entry.id
        """,
        [list(survey_ids)],
    )
    latest = {}
    for survey_id, id_, partner_id, email, feature_id, side, said in env.cr.fetchall():
        person = (survey_id, partner_id or email or f"#{id_}")
        if latest.get(person, (None,))[0] != id_:
            latest[person] = (id_, {})
        if said:
            latest[person][1].setdefault(feature_id, {})[side] = said
    counts = {}
    for (survey_id, _person), (_id, features) in latest.items():
        for feature_id, pair in features.items():
            of_feature = counts.setdefault(
                f"{survey_id}/{feature_id}", dict.fromkeys(CLASSES, 0)
            )
            if len(pair) == 2:
                of_feature[class_of(pair["functional"], pair["dysfunctional"])] += 1
    return counts


# -- Outside


def measure(base_name, size, runs=RUNS):
    """Make the waves and take all figures, without and with statistics.

    :param str base_name: a database with the bridge
    :param tuple size: as :data:`SIZE`
    :rtype: list[dict]
    """
    people, features, waves = size
    with clone(base_name, "kano") as name:
        generate.fill(name, companies_of(name), people, people)
        surveys = question(
            name,
            "import bench_kano\nanswer = bench_kano.make_waves(env, *job)",
            [features, waves],
        )
        fill(name, people)
        script = "import bench_kano\nanswer = bench_kano.measure_in_odoo(env, job)"
        job = {"runs": runs, "surveys": surveys}
        answers = [question(name, script, job)]
        with closing(generate.connect(name)) as connection:
            connection.cursor().execute("VACUUM ANALYZE")
        answers.append(question(name, script, job))
    return answers


def report(answers):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    for what, answer in zip(
        ("without statistics", "with statistics"), answers, strict=True
    ):
        print(f"{answer['lines']:,} answers, {what}")
        floor = median(answer["floor"])
        print(f"{'plain aggregate by entry and feature':<58}{floor:>10,.2f} s")
        for name in TIMES[1:]:
            print(
                f"{name}, {answer['queries'][name]} queries".ljust(58)
                + f"{median(answer[name]):>10,.2f} s"
            )
            verdict.most(
                f"{name} / plain aggregate", median(answer[name]) / floor, RATIO_TARGET
            )
        verdict.none(
            "features that a peer counts otherwise",
            sum(
                answer["found"][key] != counts for key, counts in answer["peer"].items()
            ),
        )
    return verdict.exit_code


def main(size):
    with database("bench_kano", kind="bridged") as name:
        prepare_companies(name)
        return report(measure(name, size))


if __name__ == "__main__":
    sys.exit(main(SMALL if "--small" in sys.argv else SIZE))
