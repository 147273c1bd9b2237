from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, plaintext2html

from odoo.addons.rating.models import rating_data

from ...analytics.care.satisfaction import NPS_DAYS, nps_group, ratio, verdict
from .empty_help import ratings_help

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
BAD_VERDICTS = ("unmet", "dissatisfied")
FACES = [("top", "Happy"), ("ok", "Neutral"), ("ko", "Unhappy")]

# The scale of the forms for what was expected and perceived. 0 in the database: not
# answered.
LOWEST, HIGHEST = 1, 10


def average_of_given(model, aggregate_spec, query, names):
    """The average over the answers alone, without the zeros of missing answers.

    :param Collection names: fields in which 0 means that there is no answer
    :return: SQL, or None where the aggregate is another one
    """
    name, _separator, function = aggregate_spec.partition(":")
    if function != "avg" or name not in names:
        return None
    return SQL("AVG(NULLIF(%s, 0))", model._field_to_sql(model._table, name, query))


class CrmCareSatisfaction(models.Model):
    """A customer asked how satisfied they are with a case, and their answer.

    Agent, team and tier are kept as they were at the answer, as they may change. Only the
    customer writes here, by the link or the portal.
    """

    _name = "crm.care.satisfaction"
    _inherit = "crm.care.case.record.mixin"
    _description = "Service Case Satisfaction"
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
        string="Email Asked", readonly=True, index="btree_not_null"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Agent",
        readonly=True,
        index="btree_not_null",
        help="The user assigned when the customer answered.",
    )
    team_id = fields.Many2one("crm.care.team", readonly=True, index="btree_not_null")
    tier_id = fields.Many2one(
        "crm.loyalty.tier",
        readonly=True,
        index="btree_not_null",
        help="Loyalty tier of the customer when they answered.",
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
        string="Perceived / Expected",
        compute="_compute_words",
        store=True,
        aggregator="avg",
        help="Perceived divided by expected. 0: unmet. Below 0.9: dissatisfied. 0.9 "
        "to 1.1: fairly satisfied. Above 1.1: exceeded.",
    )
    verdict = fields.Selection(
        VERDICTS,
        compute="_compute_words",
        store=True,
        help="Meaning of perceived divided by expected: 0 is unmet, below 0.9 "
        "dissatisfied, 0.9 to 1.1 fairly satisfied, above 1.1 exceeded.",
    )
    nps_asked = fields.Boolean(string="Asked for a Recommendation", readonly=True)
    nps = fields.Integer(
        string="Would Recommend",
        readonly=True,
        aggregator=None,
        help="0 not at all to 10 most likely.",
    )
    nps_group = fields.Selection(
        NPS_GROUPS, string="Recommendation", readonly=True, help="Empty: no answer."
    )
    comment = fields.Text(readonly=True)

    # While only a face was clicked, the rest of the form can be sent by the link of the
    # mail. Its token is kept here meanwhile, as employees may read given ratings.
    reply_token = fields.Char(
        readonly=True, copy=False, index="btree_not_null", groups=fields.NO_ACCESS
    )
    activity_id = fields.Many2one(
        "mail.activity",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )

    # Measures: their average over a group of answers is the figure itself.
    csat_points = fields.Float(
        string="CSAT",
        compute="_compute_points",
        aggregator="avg",
        help="Percentage of happy faces among all faces.",
    )
    nps_points = fields.Float(
        string="NPS",
        digits=(16, 0),
        compute="_compute_points",
        aggregator="avg",
        help="Percentage of promoters minus percentage of detractors, among customers "
        "who answered the recommendation question. From -100 to 100.",
    )
    answered_points = fields.Float(
        string="Response Rate",
        compute="_compute_points",
        aggregator="avg",
        help="Percentage of requests that were answered.",
    )

    _unique_rating = models.Constraint(
        "UNIQUE (rating_id)", "A rating can only have one answer."
    )
    _check_scales = models.Constraint(
        "CHECK (rating BETWEEN 0 AND 5 AND expected BETWEEN 0 AND 10 "
        "AND perceived BETWEEN 0 AND 10 AND nps BETWEEN 0 AND 10)",
        "Answers must be within their scales.",
    )
    _check_both = models.Constraint(
        "CHECK (COALESCE(perceived, 0) = 0 OR COALESCE(expected, 0) > 0)",
        "A perceived value requires an expected value.",
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
        """The action that opens the answers of a domain."""
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

    # -- Asking

    @api.model
    def _of_rating(self, rating):
        """The request that a rating belongs to, made where there is none yet.

        :param rating.rating rating: of a case, as superuser
        """
        request = self.search([("rating_id", "=", rating.id)])
        if request:
            return request
        case = self.env["crm.care.case"].browse(rating.res_id)
        return self.create(
            {
                "case_id": case.id,
                "rating_id": rating.id,
                "asked_date": fields.Datetime.now(),
                "partner_id": rating.partner_id.id,
                "email_normalized": case._satisfaction_address(),
                "nps_asked": self._may_ask_nps(case),
                **self._who_is_rated(case),
            }
        )

    @api.model
    def _who_is_rated(self, case) -> dict:
        return {
            "user_id": case.user_id.id,
            "team_id": case.team_id.id,
            "tier_id": case.tier_id.id,
        }

    @api.model
    def _may_ask_nps(self, case) -> bool:
        """Whether the customer of a case may be asked to recommend us: where the team
        wants it, and neither the contact nor their address was asked lately."""
        if not case.team_id.ask_nps:
            return False
        since = fields.Datetime.now() - timedelta(days=NPS_DAYS)
        address = case._satisfaction_address()
        whose = Domain("email_normalized", "=", address) if address else Domain.FALSE
        if case.partner_id:
            whose |= Domain("partner_id", "=", case.partner_id.id)
        asked = Domain("nps_asked", "=", True) & (
            Domain("asked_date", ">", since) | Domain("date", ">", since)
        )
        return not self.search_count(
            asked & whose & Domain("company_id", "=", case.company_id.id), limit=1
        )

    # -- Answering

    def _fill(self, expected=0, perceived=0, nps=None):
        """Keep the answers beside the face, within the scales, to the questions that were
        asked.

        :param int expected: 1 to 10; 0 for no answer
        :param int perceived: 1 to 10; 0 for no answer
        :param int nps: 0 to 10; None for no answer
        """
        self.ensure_one()
        values = {}
        if expected and perceived and self.case_id.team_id.ask_expectation:
            values.update(expected=expected, perceived=perceived)
        if nps is not None and self.nps_asked:
            values.update(nps=nps, nps_group=nps_group(nps))
        self.write(values)

    def _rate(self, rating, comment):
        """Keep the face and the comment, and do what follows from the answer.

        :param int rating: 1 to 5
        :param str comment: in plain text
        """
        self.ensure_one()
        values = {"rating": rating, "comment": comment}
        if not self.reply_token:
            # The form sent after a click on a face is the same answer, not a later one.
            values.update(
                date=fields.Datetime.now(), **self._who_is_rated(self.case_id)
            )
        self.write(values)
        if self.ratio:
            self.case_id.satisfaction = self.ratio
        self._update_activity()

    def _keep_form_open(self):
        """Let the customer send the rest of the form by the link that they have.

        The rating is given now: employees may read it, and its token. From now on that
        is a token that opens nothing.
        """
        self.ensure_one()
        rating = self.rating_id
        self.reply_token = rating.access_token
        rating.access_token = rating._default_access_token()

    def _close_form(self):
        """Take no more answers by the link."""
        for answer in self.filtered("reply_token"):
            answer.rating_id.access_token = answer.reply_token
            answer.reply_token = False

    def _is_bad(self) -> bool:
        return self.rating_text == "ko" or self.verdict in BAD_VERDICTS

    def _update_activity(self):
        """Plan an activity about an unhappy customer, or bring the one planned when they
        clicked a face in line with the form they sent after that."""
        planned = self.activity_id.filtered("active")
        if not self._is_bad():
            planned.unlink()
        elif planned:
            planned.write(self._activity_values(planned.user_id))
        else:
            self._open_activity()

    def _activity_values(self, user) -> dict:
        return {
            "summary": self.with_context(lang=user.lang)._in_words(),
            "note": plaintext2html(self.comment or ""),
        }

    def _open_activity(self):
        """Plan an activity about an unhappy customer for the user responsible."""
        case = self.case_id
        type_ref = "crm_extended.mail_activity_type_care_unhappy"
        company = case.company_id
        user = case.user_id._care_of(company) or case.team_id.user_id._care_of(company)
        if not user or case.activity_search([type_ref]):
            return
        self.activity_id = case.with_context(lang=user.lang).activity_schedule(
            type_ref, user_id=user.id, **self._activity_values(user)
        )

    def _in_words(self) -> str:
        labels = dict(self._fields["rating_text"]._description_selection(self.env))
        words = [labels[self.rating_text]] if self.rating_text else []
        if self.expected:
            words.append(
                self.env._(
                    "expected %(expected)s, perceived %(perceived)s",
                    expected=self.expected,
                    perceived=self.perceived,
                )
            )
        return self.env._("Dissatisfied customer: %s", ", ".join(words))

    @api.model
    def get_empty_list_help(self, help_message):
        return ratings_help(self.env, super().get_empty_list_help(help_message))
