"""Answers about features, as queries: which entries count, what two answers make, and the
sums of the Kano page."""

from typing import NamedTuple

from odoo.tools import SQL

from odoo.addons.crm_extended.analytics.insight.kano import ANSWERS, class_of

# Of the transaction, as the addon has them for sums of millions of rows (bulk_sql.py):
# statements are not compiled, and hash tables stay in memory.
FOR_BULK = SQL(
    "SELECT set_config('jit', 'off', true), set_config('work_mem', '64MB', true)"
)
# Numbers of second answers are multiples of it, so that a sum of two says which both are.
SECOND = 10


class Choice(NamedTuple):
    """A possible answer to one of the two questions about a feature."""

    question_id: int
    choice_id: int
    #: number of the survey and feature, from 0
    pair: int
    #: see :func:`number_of`
    number: int


def number_of(side: str, answer: str) -> int:
    """Give the number of an answer: 1 to 5, and 10 to 50 without the feature.

    :param side: ``functional`` or ``dysfunctional``
    :param answer: one of ANSWERS
    """
    number = 1 + ANSWERS.index(answer)
    return number if side == "functional" else SECOND * number


def class_sql(pair: SQL, value_of) -> SQL:
    """The class of two answers, as the arithmetic has it; NULL unless there are two.

    :param pair: what was answered
    :param value_of: gives the value of ``pair`` for a functional and a dysfunctional answer
    """
    return SQL(
        "CASE %s %s END",
        pair,
        SQL(" ").join(
            SQL(
                "WHEN %s THEN %s",
                value_of(functional, dysfunctional),
                class_of(functional, dysfunctional),
            )
            for functional in ANSWERS
            for dysfunctional in ANSWERS
        ),
    )


def entries_query(chosen: SQL, zone: str) -> SQL:
    """Completed entries that are no tests, of each person the latest in a survey: ``id``,
    ``survey_id``, ``contact_id``, ``date``. Those without contact and email are a person
    each.

    :param chosen: condition on ``entry``
    :param zone: the time zone of the reader, in which the days are
    """
    person = SQL(
        # Only to tell keys apart: in the order of their bytes.
        """
        COALESCE(entry.partner_id::text, NULLIF(lower(trim(entry.email)), ''),
                 '#' || entry.id) COLLATE "C"
        """
    )
    return SQL(
        """
        SELECT DISTINCT ON (entry.survey_id, %(person)s)
               entry.id, entry.survey_id, entry.partner_id AS contact_id,
               (COALESCE(entry.end_datetime, entry.create_date)
                   AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS date
          FROM survey_user_input AS entry
         WHERE entry.state = 'done' AND entry.test_entry IS NOT TRUE AND %(chosen)s
      ORDER BY entry.survey_id, %(person)s,
               COALESCE(entry.end_datetime, entry.create_date) DESC, entry.id DESC
        """,
        person=person,
        chosen=chosen,
        zone=zone,
    )


def sums_query(seen: SQL, choices: list[Choice], survey_ids: list[int]) -> SQL:
    """All that the page says, from one look at the lines: ``survey_id``, ``segment_id``,
    ``pair``, ``kano_class``, how many answers, their first and last day. Without a pair:
    how many people answered about any feature.

    PostgreSQL takes sums and what they are joined with for a few rows, and might compare
    each with each, or the lines once for each question. So the choices come as lists whose
    length it knows, and grouped, so that it looks up choices for lines and not the other
    way round; no pair is left out before it is grouped; and pairs meet entries in a full
    join, which is none of loops.

    :param seen: a query for entries: ``id``, ``survey_id``, ``date``, ``segment_id``
    :param choices: of the questions that are asked about
    :param survey_ids: of each pair
    """
    question_ids, choice_ids, pairs, numbers = (
        [choice[place] for choice in choices] for place in range(4)
    )
    return SQL(
        """
        WITH said AS (
            SELECT line.user_input_id AS id, choice.pair, count(*) AS answers,
                   min(choice.number) AS functional, max(choice.number) AS dysfunctional
              FROM survey_user_input_line AS line
              JOIN (
                   SELECT question_id, id, min(pair) AS pair, min(number) AS number
                     FROM unnest(%(question_ids)s::int[], %(choice_ids)s::int[],
                                 %(pairs)s::int[], %(numbers)s::int[])
                          AS choice (question_id, id, pair, number)
                 GROUP BY question_id, id
                   ) AS choice
                ON choice.question_id = line.question_id
               AND choice.id = line.suggested_answer_id
          GROUP BY line.user_input_id, choice.pair
        ),
        known AS (
            SELECT seen.id, seen.survey_id, seen.date, seen.segment_id, said.pair,
                   said.answers, said.functional, said.dysfunctional
              FROM said
         FULL JOIN (%(seen)s) AS seen ON seen.id = said.id
            OFFSET 0
        ),
        summed AS (
            SELECT survey_id, segment_id, date, pair,
                   functional + dysfunctional AS numbers, count(*) AS answers
              FROM known
             WHERE id IS NOT NULL AND answers = 2
               AND functional < %(second)s AND dysfunctional >= %(second)s
               AND survey_id = (%(survey_ids)s::int[])[pair + 1]
          GROUP BY GROUPING SETS (
                       (survey_id, segment_id, pair, functional + dysfunctional),
                       -- A person has one entry in a survey.
                       (survey_id, segment_id, date, id)
                   )
        )
        SELECT survey_id, segment_id, pair, %(kano_class)s AS kano_class,
               sum(CASE WHEN pair IS NULL THEN 1 ELSE answers END)::int AS answers,
               min(date) AS first, max(date) AS last
          FROM summed
      GROUP BY survey_id, segment_id, pair, kano_class
        """,
        question_ids=question_ids,
        choice_ids=choice_ids,
        pairs=pairs,
        numbers=numbers,
        seen=seen,
        second=SECOND,
        survey_ids=survey_ids,
        kano_class=class_sql(
            SQL("numbers"),
            lambda functional, dysfunctional: (
                number_of("functional", functional)
                + number_of("dysfunctional", dysfunctional)
            ),
        ),
    )
