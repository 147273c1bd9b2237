from odoo import api, models
from odoo.tools import SQL

from .answer_query import COLUMNS, KEY, answers_query


class CrmSatisfactionAnswer(models.Model):
    """Answers come from surveys with questions that have a role."""

    _inherit = "crm.satisfaction.answer"

    @api.model
    def _of_inputs(self, inputs):
        return self.search([("res_model", "=", KEY), ("res_id", "in", inputs.ids)])

    @api.model
    def _refresh(self, company) -> dict:
        """Bring the answers of a company in line with the surveys.

        :return: ``rows``, ``added``, ``changed``, ``removed``
        """
        added, changed, removed = self._sync_surveys(company=company)
        changed += self._follow_customers(SQL("answer.company_id = %s", company.id))
        rows = self.search_count([("company_id", "=", company.id)])
        return {"rows": rows, "added": added, "changed": changed, "removed": removed}

    @api.model
    def _sync_surveys(self, inputs=None, company=None) -> tuple[int, int, int]:
        """Keep answers as they are in surveys: given, edited, withdrawn, or read in another
        way since the survey was edited. Only what differs is written.

        :param inputs: ``survey.user_input``; all where it is left out
        :param company: those of one company alone
        :return: how many were added, changed and removed
        """
        for name in (
            "survey.user_input",
            "survey.user_input.line",
            "survey.question",
            "survey.question.answer",
            "survey.survey",
            "res.partner",
            "res.users",
            "res.company",
        ):
            self.env[name].flush_model()
        self.flush_model()
        chosen = (
            SQL("TRUE") if inputs is None else SQL("input.id = ANY(%s)", inputs.ids)
        )
        ours = SQL("answer.res_model = %s", KEY)
        if inputs is not None:
            ours = SQL("%s AND answer.res_id = ANY(%s)", ours, inputs.ids)
        if company is not None:
            ours = SQL("%s AND answer.company_id = %s", ours, company.id)
        names = SQL(", ").join(SQL.identifier(name) for name in COLUMNS)
        [[added, changed, removed]] = self.env.execute_query(
            SQL(
                """
                WITH said AS MATERIALIZED (SELECT * FROM (%(query)s) AS said WHERE %(of)s),
                removed AS (
                    DELETE FROM crm_satisfaction_answer AS answer
                     WHERE %(ours)s
                       AND NOT EXISTS (SELECT FROM said WHERE said.res_id = answer.res_id)
                 RETURNING answer.id
                ),
                written AS (
                    INSERT INTO crm_satisfaction_answer AS answer
                           (res_model, source, create_uid, create_date, write_uid,
                            write_date, res_id, %(names)s)
                    SELECT %(key)s, 'survey', %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s,
                           now() AT TIME ZONE 'UTC', res_id, %(names)s
                      FROM said
               ON CONFLICT (res_id, res_model) DO UPDATE
                       SET (write_date, %(names)s) = (EXCLUDED.write_date, %(new)s)
                     WHERE (%(old)s) IS DISTINCT FROM (%(new)s)
                 RETURNING xmax = 0 AS is_new
                )
                SELECT (SELECT count(*) FROM written WHERE is_new),
                       (SELECT count(*) FROM written WHERE NOT is_new),
                       (SELECT count(*) FROM removed)
                """,
                query=answers_query(chosen),
                of=SQL("TRUE")
                if company is None
                else SQL("said.company_id = %s", company.id),
                ours=ours,
                names=names,
                old=_of("answer"),
                new=_of("excluded"),
                key=KEY,
                uid=self.env.uid,
            )
        )
        self.invalidate_model()
        return added, changed, removed


def _of(table: str) -> SQL:
    return SQL(", ").join(SQL.identifier(table, name) for name in COLUMNS)
