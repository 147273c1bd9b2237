from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .kano_query import class_sql, entries_query


class CrmKanoAnswer(models.Model):
    """What a person's two answers about a feature make of it.

    Counted are completed entries that are no tests, of each person the latest in a survey.
    A pair without exactly one answer on both sides is no row. Rows have no segment: the
    Kano page shows segments, without those who refused profiling and small ones.
    """

    _name = "crm.kano.answer"
    _inherit = "crm.customer.record.mixin"
    _description = "Kano Answer"
    _auto = False
    _rec_name = "feature_id"
    _order = "date desc, id desc"
    _depends = {
        "crm.kano.feature": ["company_id"],
        "res.partner": ["commercial_partner_id"],
        "survey.question": ["kano_feature_id", "kano_side", "survey_id"],
        "survey.question.answer": ["kano_answer", "question_id"],
        "survey.user_input": [
            "email",
            "end_datetime",
            "partner_id",
            "state",
            "survey_id",
            "test_entry",
        ],
        "survey.user_input.line": [
            "question_id",
            "suggested_answer_id",
            "user_input_id",
        ],
    }

    survey_id = fields.Many2one("survey.survey", readonly=True)
    user_input_id = fields.Many2one(
        "survey.user_input", string="Participant", readonly=True
    )
    feature_id = fields.Many2one("crm.kano.feature", readonly=True)
    company_id = fields.Many2one(readonly=True)
    # Empty for those who answered without an invitation.
    partner_id = fields.Many2one(required=False, readonly=True)
    contact_id = fields.Many2one(
        "res.partner",
        readonly=True,
        help="The person who answered; empty if the answer is anonymous.",
    )
    date = fields.Date(readonly=True, help="Day on which the survey was completed.")
    functional = fields.Selection(
        selection="_selection_answers",
        readonly=True,
        help="How they feel if the feature is there.",
    )
    dysfunctional = fields.Selection(
        selection="_selection_answers",
        readonly=True,
        help="How they feel if the feature is not there.",
    )
    kano_class = fields.Selection(
        [
            ("M", "Must-be"),
            ("O", "One-dimensional"),
            ("A", "Attractive"),
            ("I", "Indifferent"),
            ("R", "Reverse"),
            ("Q", "Questionable"),
        ],
        string="Class",
        readonly=True,
    )

    @api.model
    def _selection_answers(self):
        answers = self.env["survey.question.answer"]
        return answers._fields["kano_answer"]._description_selection(self.env)

    @property
    def _table_query(self):
        # What is asked about decides which lines count, not which are looked up: else
        # PostgreSQL may read the lines of an entry once for each question.
        asked = SQL("question.survey_id = entry.survey_id")
        functional = SQL("question.kano_side = 'functional' AND %s", asked)
        dysfunctional = SQL("question.kano_side = 'dysfunctional' AND %s", asked)
        return SQL(
            """
            SELECT pair.id, pair.survey_id, pair.user_input_id, pair.feature_id,
                   pair.company_id, partner.commercial_partner_id AS partner_id,
                   pair.contact_id, pair.date, pair.functional, pair.dysfunctional,
                   %(kano_class)s AS kano_class
              FROM (
                SELECT min(line.id) FILTER (WHERE %(functional)s) AS id,
                       entry.survey_id, entry.id AS user_input_id,
                       feature.id AS feature_id, feature.company_id, entry.contact_id,
                       entry.date,
                       CASE WHEN count(*) FILTER (WHERE %(functional)s) = 1
                            THEN min(answer.kano_answer) FILTER (WHERE %(functional)s)
                             END AS functional,
                       CASE WHEN count(*) FILTER (WHERE %(dysfunctional)s) = 1
                            THEN min(answer.kano_answer) FILTER (WHERE %(dysfunctional)s)
                             END AS dysfunctional
                  FROM (%(entries)s) AS entry
                  JOIN survey_user_input_line AS line ON line.user_input_id = entry.id
                  JOIN survey_question AS question ON question.id = line.question_id
                  JOIN survey_question_answer AS answer
                    ON answer.id = line.suggested_answer_id
                   AND answer.question_id = line.question_id
                   AND answer.kano_answer IS NOT NULL
                  JOIN crm_kano_feature AS feature
                    ON feature.id = question.kano_feature_id
              GROUP BY entry.survey_id, entry.id, feature.id, feature.company_id,
                       entry.contact_id, entry.date
                   ) AS pair
         LEFT JOIN res_partner AS partner ON partner.id = pair.contact_id
             WHERE pair.functional IS NOT NULL AND pair.dysfunctional IS NOT NULL
            """,
            kano_class=class_sql(
                SQL("pair.functional || '/' || pair.dysfunctional"),
                lambda functional, dysfunctional: f"{functional}/{dysfunctional}",
            ),
            functional=functional,
            dysfunctional=dysfunctional,
            entries=entries_query(
                SQL(
                    """
                    entry.survey_id IN (
                        SELECT survey_id FROM survey_question
                         WHERE kano_feature_id IS NOT NULL
                        )
                    """
                ),
                str(self.env.tz),
            ),
        )

    @api.model
    def _readable_domain(self) -> Domain:
        """Anonymous answers, and those of customers whom the user may see."""
        return self._empty_or_readable("partner_id")
