"""What surveys say about satisfaction, as one query with the columns of
``crm.satisfaction.answer``."""

from odoo.tools import SQL

# Where such answers come from.
KEY = "survey.user_input"
# Questions with a scale from 1 to 10.
SCALES = (
    "satisfaction",
    "expectation",
    "ideal",
    "quality",
    "value",
    "loyalty",
    "expected",
    "perceived",
)
# What a row has beside the key of its document.
COLUMNS = (
    "partner_id",
    "contact_id",
    "company_id",
    "date",
    *SCALES,
    "complaint",
    "nps",
    "nps_group",
)


def answers_query(chosen: SQL) -> SQL:
    """Answers to surveys that count: finished, no tests, not by our own employees.

    The company is that of the invitation; else that of the contact; else the one company
    that uses the survey; else that of the user responsible for it. Once an answer has a
    company, it keeps it.

    A person is known by the invitation or by their login, which is when Odoo writes the
    contact into the answer. An email address proves nothing and is not looked at.

    :param chosen: condition on ``input``
    """
    return SQL(
        """
        SELECT input.id AS res_id, contact.commercial_partner_id AS partner_id,
               contact.id AS contact_id,
               COALESCE(former.company_id, input.crm_company_id, contact.company_id,
                        of_company.id, responsible.company_id) AS company_id,
               COALESCE(input.end_datetime, input.write_date, input.create_date) AS date,
               %(scales)s, given.complaint,
               COALESCE(given.nps, 0) AS nps,
               CASE WHEN given.nps >= 9 THEN 'promoter' WHEN given.nps >= 7 THEN 'passive'
                    WHEN given.nps >= 0 THEN 'detractor' END AS nps_group
          FROM survey_user_input AS input
          JOIN survey_survey AS survey ON survey.id = input.survey_id
          JOIN LATERAL (%(given)s) AS given ON given.count > 0
     LEFT JOIN res_partner AS contact ON contact.id = input.partner_id
     LEFT JOIN res_users AS responsible ON responsible.id = survey.user_id
     LEFT JOIN crm_satisfaction_answer AS former
            ON former.res_id = input.id AND former.res_model = %(key)s
     LEFT JOIN LATERAL (
               SELECT min(company.id) AS id FROM res_company AS company
                WHERE company.satisfaction_survey_id = survey.id
               HAVING count(*) = 1
               ) AS of_company ON TRUE
         WHERE input.state = 'done' AND input.test_entry IS NOT TRUE AND %(chosen)s
           AND EXISTS (SELECT FROM survey_question AS question
                        WHERE question.survey_id = survey.id
                          AND question.crm_role IS NOT NULL)
           AND NOT EXISTS (SELECT FROM res_users AS employee
                            WHERE employee.partner_id = input.partner_id
                              AND employee.active AND employee.share IS NOT TRUE)
           AND COALESCE(former.company_id, input.crm_company_id, contact.company_id,
                        of_company.id, responsible.company_id) IS NOT NULL
        """,
        scales=SQL(", ").join(
            SQL("COALESCE(given.%s, 0) AS %s", *([SQL.identifier(name)] * 2))
            for name in SCALES
        ),
        given=_given(),
        key=KEY,
        chosen=chosen,
    )


def _given() -> SQL:
    """What an ``input`` says, by role: of two questions with the same role the first that
    has an answer."""
    return SQL(
        """
        SELECT count(*) AS count, %(scales)s,
               min(line.value) FILTER (WHERE line.crm_role = 'nps'
                                         AND line.value BETWEEN 0 AND 10) AS nps,
               min(line.choice) FILTER (WHERE line.crm_role = 'complaint') AS complaint
          FROM (SELECT DISTINCT ON (question.crm_role) question.crm_role,
                       CASE answer.answer_type WHEN 'scale' THEN answer.value_scale
                            END AS value,
                       CASE WHEN choice.crm_is_yes THEN 'yes'
                            WHEN choice.id IS NOT NULL THEN 'no' END AS choice
                  FROM survey_user_input_line AS answer
                  JOIN survey_question AS question ON question.id = answer.question_id
             LEFT JOIN survey_question_answer AS choice
                    ON choice.id = answer.suggested_answer_id
                 WHERE answer.user_input_id = input.id AND answer.skipped IS NOT TRUE
                   AND question.crm_role IS NOT NULL
              ORDER BY question.crm_role, question.sequence, question.id, answer.id
               ) AS line
        """,
        scales=SQL(", ").join(
            SQL(
                "min(line.value) FILTER (WHERE line.crm_role = %s "
                "AND line.value BETWEEN 1 AND 10) AS %s",
                name,
                SQL.identifier(name),
            )
            for name in SCALES
        ),
    )
