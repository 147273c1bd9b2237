from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.rating.models import rating_data

from ...analytics.care.satisfaction import ratio, verdict

VERDICTS = [
    ("unmet", "Unmet"),
    ("dissatisfied", "Dissatisfied"),
    ("fair", "Fairly Satisfied (0.9-1.1)"),
    ("exceeded", "Exceeded"),
]
NPS_GROUPS = [
    ("promoter", "Promoter (9-10)"),
    ("passive", "Passive (7-8)"),
    ("detractor", "Detractor (0-6)"),
]
FACES = [("top", "Happy"), ("ok", "Neutral"), ("ko", "Unhappy")]

# The forms' scale of what was expected and perceived. 0 in the database: not answered.
LOWEST, HIGHEST = 1, 10


def average_of_given(model, aggregate_spec, query, names):
    """The average over the answers alone, without the zeros of those who gave none.

    :param Collection names: fields in which 0 means that there is no answer
    :return: SQL, or None where the aggregate is another one
    """
    name, _separator, function = aggregate_spec.partition(":")
    if function != "avg" or name not in names:
        return None
    return SQL("AVG(NULLIF(%s, 0))", model._field_to_sql(model._table, name, query))


class CrmCareSatisfaction(models.Model):
    """A customer asked how satisfied he is with a case, and his answer.

    Who answered for what is kept as it was then: agent, team and tier may change.
    Nobody writes here but the customer, by the link or the portal.
    """

    _name = "crm.care.satisfaction"
    _inherit = "crm.care.case.record.mixin"
    _description = "Satisfaction With a Service Case"
    _order = "date desc, id desc"
    _rec_name = "case_id"

    rating_id = fields.Many2one(
        "rating.rating",
        string="Odoo's Rating",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    asked_date = fields.Datetime(string="Asked On", readonly=True)
    date = fields.Datetime(string="Answered On", readonly=True, index="btree_not_null")
    partner_id = fields.Many2one(
        "res.partner", string="Contact", readonly=True, index="btree_not_null"
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Customer"
    )
    email_normalized = fields.Char(
        string="Asked at", readonly=True, index="btree_not_null"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Agent",
        readonly=True,
        index="btree_not_null",
        help="Who was assigned when the customer answered.",
    )
    team_id = fields.Many2one("crm.care.team", readonly=True, index="btree_not_null")
    tier_id = fields.Many2one(
        "crm.loyalty.tier",
        readonly=True,
        index="btree_not_null",
        help="Loyalty tier of the customer when he answered.",
    )

    rating = fields.Integer(
        readonly=True, aggregator="avg", help="1 unhappy, 3 neutral, 5 happy."
    )
    rating_text = fields.Selection(
        FACES, string="Face", compute="_compute_words", store=True
    )
    expected = fields.Integer(
        readonly=True, aggregator="avg", help="What the customer expected, 1 to 10."
    )
    perceived = fields.Integer(
        readonly=True, aggregator="avg", help="What the customer got, 1 to 10."
    )
    ratio = fields.Float(
        string="Satisfaction",
        compute="_compute_words",
        store=True,
        aggregator="avg",
        help="Perceived over expected. 0: unmet. Below 0.9: dissatisfied. About 1, which "
        "is from 0.9 to 1.1: fairly satisfied. Above 1.1: exceeded.",
    )
    verdict = fields.Selection(
        VERDICTS,
        compute="_compute_words",
        store=True,
        help="What the satisfaction means. 0 is unmet, below 0.9 dissatisfied, about 1, "
        "which is from 0.9 to 1.1, fairly satisfied, above 1.1 exceeded.",
    )
    nps_asked = fields.Boolean(
        string="Asked Whether He Would Recommend Us", readonly=True
    )
    nps = fields.Integer(
        string="Would Recommend",
        readonly=True,
        aggregator=None,
        help="0 not at all to 10 most likely.",
    )
    nps_group = fields.Selection(
        NPS_GROUPS, string="Recommends", readonly=True, help="Empty: no answer."
    )
    comment = fields.Text(readonly=True)

    # Measures: their average over any group of answers is the figure itself.
    csat_points = fields.Float(
        string="CSAT (%)",
        compute="_compute_points",
        aggregator="avg",
        help="Happy faces in per cent of all faces.",
    )
    nps_points = fields.Float(
        string="NPS",
        compute="_compute_points",
        aggregator="avg",
        help="Per cent of promoters minus per cent of detractors, of those who answered "
        "whether they would recommend us. From -100 to 100.",
    )
    answered_points = fields.Float(
        string="Answered (%)",
        compute="_compute_points",
        aggregator="avg",
        help="Answers in per cent of all requests.",
    )

    _unique_rating = models.Constraint("UNIQUE (rating_id)", "A rating has one answer.")
    _check_scales = models.Constraint(
        "CHECK (rating BETWEEN 0 AND 5 AND expected BETWEEN 0 AND 10 "
        "AND perceived BETWEEN 0 AND 10 AND nps BETWEEN 0 AND 10)",
        "Answers must be within their scales.",
    )
    _check_both = models.Constraint(
        "CHECK (COALESCE(perceived, 0) = 0 OR COALESCE(expected, 0) > 0)",
        "What was perceived needs what was expected.",
    )

    @api.depends("rating", "expected", "perceived")
    def _compute_words(self):
        for answer in self:
            text = rating_data._rating_to_text(answer.rating)
            answer.rating_text = text if text in dict(FACES) else False
            if answer.expected:
                answer.ratio = ratio(answer.expected, answer.perceived)
                answer.verdict = verdict(answer.ratio)
            else:
                answer.ratio = answer.verdict = False

    @api.depends("rating", "nps_group", "date")
    def _compute_points(self):
        for answer in self:
            is_happy = answer.rating >= rating_data.RATING_LIMIT_SATISFIED
            answer.csat_points = 100.0 if is_happy else 0.0
            answer.nps_points = {"promoter": 100.0, "detractor": -100.0}.get(
                answer.nps_group, 0.0
            )
            answer.answered_points = 100.0 if answer.date else 0.0

    # -- Averages

    def _field_to_sql(self, alias, field_expr, query=None):
        # NULL where the question has no answer, which averages leave out.
        if field_expr == "csat_points":
            return SQL(
                "(CASE WHEN %(rating)s >= %(limit)s THEN 100.0 "
                "WHEN %(rating)s > 0 THEN 0.0 END)",
                rating=self._field_to_sql(alias, "rating", query),
                limit=rating_data.RATING_LIMIT_SATISFIED,
            )
        if field_expr == "nps_points":
            return SQL(
                "(CASE %s WHEN 'promoter' THEN 100.0 WHEN 'detractor' THEN -100.0 "
                "WHEN 'passive' THEN 0.0 END)",
                self._field_to_sql(alias, "nps_group", query),
            )
        if field_expr == "answered_points":
            return SQL(
                "(CASE WHEN %s IS NULL THEN 0.0 ELSE 100.0 END)",
                self._field_to_sql(alias, "date", query),
            )
        return super()._field_to_sql(alias, field_expr, query)

    def _read_group_select(self, aggregate_spec, query):
        given = ("rating", "expected", "perceived", "ratio")
        return average_of_given(
            self, aggregate_spec, query, given
        ) or super()._read_group_select(aggregate_spec, query)

    # -- Opening

    @api.model
    def _action_of(self, domain, name) -> dict:
        """The answers of something, as an action."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_care_satisfaction_action"
        )
        return {
            **action,
            "display_name": self.env._("Satisfaction: %s", name),
            "domain": list(domain),
            "views": [(False, "list"), (False, "pivot"), (False, "graph")]
            + [(False, "form")],
        }
