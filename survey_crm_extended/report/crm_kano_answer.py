from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.crm_extended.analytics.insight.kano import ANSWERS, CLASSES, class_of


class CrmKanoAnswer(models.Model):
    """What a person's two answers about a feature make of it.

    Counted are completed entries that are no tests, of each person the latest in a survey.
    A pair without exactly one answer on both sides is no row.
    """

    _name = "crm.kano.answer"
    _inherit = ["crm.customer.record.mixin", "crm.rfm.dimension.mixin"]
    _description = "Kano Answer"
    _auto = False
    _rec_name = "feature_id"
    _order = "date desc, id desc"
    _customer_field = "partner_id"
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
        return SQL(
            """
            SELECT pair.id, pair.survey_id, pair.user_input_id, pair.feature_id,
                   pair.company_id, partner.commercial_partner_id AS partner_id,
                   pair.contact_id, pair.date, pair.functional, pair.dysfunctional,
                   CASE %(cases)s END AS kano_class
              FROM (
                SELECT min(line.id) FILTER (WHERE %(functional)s) AS id,
                       entry.survey_id, entry.id AS user_input_id,
                       feature.id AS feature_id, feature.company_id, entry.contact_id,
                       entry.date,
                       min(answer.kano_answer) FILTER (WHERE %(functional)s)
                           AS functional,
                       min(answer.kano_answer) FILTER (WHERE %(dysfunctional)s)
                           AS dysfunctional
                  FROM (%(entries)s) AS entry
                  JOIN survey_user_input_line AS line ON line.user_input_id = entry.id
                  JOIN survey_question AS question
                    ON question.id = line.question_id
                   AND question.survey_id = entry.survey_id
                  JOIN survey_question_answer AS answer
                    ON answer.id = line.suggested_answer_id
                   AND answer.kano_answer IS NOT NULL
                  JOIN crm_kano_feature AS feature
                    ON feature.id = question.kano_feature_id
                 WHERE entry.rank = 1
              GROUP BY entry.survey_id, entry.id, feature.id, feature.company_id,
                       entry.contact_id, entry.date
                HAVING count(*) FILTER (WHERE %(functional)s) = 1
                   AND count(*) FILTER (WHERE %(dysfunctional)s) = 1
                   ) AS pair
         LEFT JOIN res_partner AS partner ON partner.id = pair.contact_id
            """,
            cases=self._cases(),
            functional=SQL("question.kano_side = 'functional'"),
            dysfunctional=SQL("question.kano_side = 'dysfunctional'"),
            entries=self._entries(),
        )

    @api.model
    def _entries(self) -> SQL:
        """Completed entries of surveys with features; the latest of each person is the
        first. Those without contact and email are a person each."""
        return SQL(
            """
            SELECT entry.id, entry.survey_id, entry.partner_id AS contact_id,
                   COALESCE(entry.end_datetime, entry.create_date)::date AS date,
                   row_number() OVER (
                       PARTITION BY entry.survey_id, COALESCE(
                           entry.partner_id::text,
                           NULLIF(lower(trim(entry.email)), ''),
                           '#' || entry.id
                       )
                       ORDER BY COALESCE(entry.end_datetime, entry.create_date) DESC,
                                entry.id DESC
                   ) AS rank
              FROM survey_user_input AS entry
             WHERE entry.state = 'done' AND entry.test_entry IS NOT TRUE
               AND entry.survey_id IN (
                   SELECT survey_id FROM survey_question
                    WHERE kano_feature_id IS NOT NULL
                   )
            """
        )

    @api.model
    def _cases(self) -> SQL:
        """The table of two answers, as the arithmetic has it."""
        cells = {letter: [] for letter in CLASSES}
        for functional in ANSWERS:
            for dysfunctional in ANSWERS:
                letter = class_of(functional, dysfunctional)
                cells[letter].append(f"{functional}/{dysfunctional}")
        return SQL(" ").join(
            SQL(
                "WHEN pair.functional || '/' || pair.dysfunctional = ANY(%s) THEN %s",
                found,
                letter,
            )
            for letter, found in cells.items()
            if found
        )

    @api.model
    def _readable_domain(self) -> Domain:
        """Anonymous answers, and those of customers whom the user may see."""
        return self._empty_or_readable("partner_id")
