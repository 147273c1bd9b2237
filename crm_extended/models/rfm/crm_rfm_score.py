import operator as py_operator

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.client_actions import RELOAD, notification
from ..common.progress import NO_PROGRESS
from ..purchase.counted_days import until_domain
from .empty_help import scores_help
from .grid_page import filter_domain, grid
from .res_company import DIMENSIONS
from .score_ranges import describe_ranges

COMPARISONS = {
    "<": py_operator.lt,
    "<=": py_operator.le,
    ">": py_operator.gt,
    ">=": py_operator.ge,
}


class CrmRfmScore(models.Model):
    """A customer's RFM score in a company. Only :meth:`_refresh` writes it."""

    _name = "crm.rfm.score"
    _inherit = "crm.customer.record.mixin"
    _description = "Customer Score"
    _rec_name = "partner_id"
    _order = "monetary desc, id"

    partner_id = fields.Many2one(ondelete="cascade", readonly=True)
    company_id = fields.Many2one(ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    first_date = fields.Date(string="First Purchase", readonly=True)
    last_date = fields.Date(string="Last Purchase", readonly=True)
    as_of = fields.Date(
        string="As of",
        readonly=True,
        help="Set if the score was computed for a day other than the day of the "
        "computation: days since the last purchase are counted up to this date.",
    )
    recency = fields.Integer(
        string="Recency (Days)",
        compute="_compute_recency",
        search="_search_recency",
        aggregator="avg",
        help="Days since the last purchase.",
    )
    frequency = fields.Integer(
        string="Purchases",
        readonly=True,
        help="Number of purchases in the lookback period. Refunds do not count.",
    )
    monetary = fields.Monetary(
        string="Amount",
        readonly=True,
        currency_field="currency_id",
        aggregator="avg",
        help="Customer's revenue in the lookback period, net of refunds, or the "
        "average per purchase, depending on the settings.",
    )
    revenue = fields.Monetary(
        readonly=True,
        currency_field="currency_id",
        help="Customer's revenue in the lookback period, net of refunds.",
    )
    recency_score = fields.Integer(string="R", readonly=True, aggregator="avg")
    frequency_score = fields.Integer(string="F", readonly=True, aggregator="avg")
    monetary_score = fields.Integer(string="M", readonly=True, aggregator="avg")
    code = fields.Char(
        string="RFM",
        readonly=True,
        help="Scores for recency, frequency and amount. Higher is better.",
    )
    segment_id = fields.Many2one(
        "crm.rfm.segment",
        readonly=True,
        index=True,
        ondelete="set null",
        group_expand="_group_expand_segment_id",
    )
    bins = fields.Integer(related="company_id.rfm_bins", aggregator=None)
    segment_color = fields.Integer(related="segment_id.color", aggregator=None)
    segment_action = fields.Text(related="segment_id.action")
    previous_segment_id = fields.Many2one(
        "crm.rfm.segment", readonly=True, index="btree_not_null", ondelete="set null"
    )
    segment_date = fields.Date(string="In Segment Since", readonly=True)
    often_but_little = fields.Boolean(
        string="Frequent, Low Spend",
        compute="_compute_questions",
        search="_search_often_but_little",
        help="High frequency score, low monetary score. Raise the order value with "
        "bundles, accessories or free delivery above a minimum amount.",
    )
    much_but_seldom = fields.Boolean(
        string="Rare, High Spend",
        compute="_compute_questions",
        search="_search_much_but_seldom",
        help="High monetary score, low frequency score. Find out what they need and "
        "give them reasons to buy more often.",
    )
    # Lists of ``score``, ``text`` and ``own``: see the widget that shows them.
    recency_ranges = fields.Json(compute="_compute_ranges")
    frequency_ranges = fields.Json(compute="_compute_ranges")
    monetary_ranges = fields.Json(compute="_compute_ranges")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    country_id = fields.Many2one(related="partner_id.country_id")

    # A constraint, not a unique index: Odoo's merge of partners looks for constraints
    # to know where two rows may collide.
    _unique_customer = models.Constraint(
        "UNIQUE (partner_id, company_id)",
        "A customer can have only one score in each company.",
    )
    # A company's best buyers in their order; lists of a day begin with them.
    _revenue_index = models.Index("(company_id, revenue DESC NULLS LAST, partner_id)")

    # -- Days since the last purchase: not stored, they change daily for all customers

    @api.depends("last_date", "as_of")
    @api.depends_context("tz")
    def _compute_recency(self):
        today = fields.Date.context_today(self)
        for score in self:
            days = (score.as_of or today) - (score.last_date or today)
            # Not below 0, in a time zone west of where the purchase was made.
            score.recency = max(days.days, 0)

    def _search_recency(self, operator, value):
        if operator == "in":
            days = [int(day) for day in value if day is not False]

            def matches(score):
                return score.recency in days

            def to_sql(model, alias, query):
                return SQL("%s = ANY(%s)", model._recency_sql(alias), days)
        elif operator in COMPARISONS:

            def matches(score):
                return COMPARISONS[operator](score.recency, value)

            def to_sql(model, alias, query):
                return SQL(
                    "%s %s %s",
                    value,
                    SQL({"<": ">", "<=": ">=", ">": "<", ">=": "<="}[operator]),
                    model._recency_sql(alias),
                )
        else:
            return NotImplemented
        return Domain.custom(to_sql=to_sql, predicate=matches)

    def _recency_sql(self, alias):
        # NULL for a contact without a score: GREATEST alone would say 0.
        return SQL(
            "CASE WHEN %(last_date)s IS NOT NULL "
            "THEN GREATEST(COALESCE(%(as_of)s, %(today)s) - %(last_date)s, 0) END",
            as_of=SQL.identifier(alias, "as_of"),
            last_date=SQL.identifier(alias, "last_date"),
            today=SQL("%s::date", fields.Date.context_today(self)),
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "recency":
            return self._recency_sql(alias)
        return super()._field_to_sql(alias, field_expr, query)

    # -- Two ready questions: customers who are good in one respect only

    @api.depends("frequency_score", "monetary_score")
    def _compute_questions(self):
        often, much = self._often_but_little(), self._much_but_seldom()
        for score in self:
            score.often_but_little = score.filtered_domain(often)
            score.much_but_seldom = score.filtered_domain(much)

    def _search_often_but_little(self, operator, value):
        return self._often_but_little() if operator == "in" else NotImplemented

    def _search_much_but_seldom(self, operator, value):
        return self._much_but_seldom() if operator == "in" else NotImplemented

    @api.model
    def _often_but_little(self):
        return self._high_and_low("frequency_score", "monetary_score")

    @api.model
    def _much_but_seldom(self):
        return self._high_and_low("monetary_score", "frequency_score")

    @api.model
    def _high_and_low(self, high, low):
        """Customers with one score among the upper two fifths of all scores, the other
        among the lower two fifths: with five scores, 4 to 5 and 1 to 2."""
        # sudo: how many scores a company gives is no secret.
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain(high, ">", company._get_rfm_bins() * 3 / 5)
            & Domain(low, "<=", company._get_rfm_bins() * 2 / 5)
            & Domain("frequency", ">", 0)
            for company in self.env["res.company"].sudo().search([])
        )

    # -- What the scores were measured against

    @api.depends("company_id", "frequency", *(f"{name}_score" for name in DIMENSIONS))
    @api.depends_context("lang")
    def _compute_ranges(self):
        # sudo: the cut points of the reader's own company, whose scores they see.
        log = self.env["crm.rfm.refresh"].sudo()
        for company, scores in self.grouped("company_id").items():
            last = log.search([("company_id", "=", company.id)], limit=1)
            ranges = describe_ranges(self.env, last, company.sudo().currency_id)
            for score in scores:
                for name, rows in ranges.items():
                    # Lost customers have the lowest scores, whatever they did before.
                    own = score[f"{name}_score"] if score.frequency else None
                    score[f"{name}_ranges"] = [
                        {**row, "own": row["score"] == own} for row in rows
                    ]

    @api.model
    def _group_expand_segment_id(self, segments, domain):
        return self._in_order(segments._of_company(self.env.company) | segments)

    # -- The grid

    @api.model
    @api.readonly
    def get_grid(
        self,
        monetary_score=None,
        team_ids=(),
        user_ids=(),
        country_ids=(),
        tag_ids=(),
    ):
        """Count the current company's customers, as far as the user sees them.

        :param int monetary_score: only customers with this score, all when left out or
            no score of this company
        :param list team_ids: only customers whose salesperson is in one of these teams
        :param list user_ids: only customers of these salespeople
        :param list country_ids: only customers in these countries
        :param list tag_ids: only customers with one of these tags or one below it
        :return: ``tiles``, one for each recency and frequency; ``segments``; ``lost``
            and ``unassigned`` customers, who are in no tile or in no segment; each
            with ``count``, ``revenue``, ``average`` and its shares of all customers who
            match, whatever their monetary score. ``domain`` finds those that are shown.
            ``is_stale`` says that scores or segments are not those of the present
            settings, ``is_empty`` that no customer has a score.
        :rtype: dict
        :raise AccessError: if the user is not in sales
        """
        self.check_access("read")
        filters = filter_domain(team_ids, user_ids, country_ids, tag_ids)
        return grid(self, filters, monetary_score)

    # -- Buttons

    def action_view_transactions(self):
        """Open the purchases and refunds that the score was computed from."""
        self.ensure_one()
        as_of = self.as_of or fields.Date.context_today(self)
        months = self.company_id.rfm_window_months
        domain = Domain("partner_id", "=", self.partner_id.id)
        domain &= Domain("company_id", "=", self.company_id.id)
        domain &= Domain(until_domain(as_of))
        if months:
            domain &= Domain("date", ">", as_of - relativedelta(months=months))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_customer_transaction_action"
        )
        return {**action, "domain": list(domain), "context": {}}

    def action_refresh(self):
        """Update the current company's scores and show the result."""
        return self._refresh_and_notify()

    @api.model
    def _refresh_and_notify(self, progress=NO_PROGRESS):
        self.env["crm.rfm.segment"].check_access("write")
        refresh = self._refresh(self.env.company, progress=progress)
        return notification(
            refresh._describe(),
            "warning" if refresh.unrated_currency_ids else "success",
            sticky=bool(refresh.unrated_currency_ids),
            title=self.env._("Customers of %s", self.env.company.display_name),
            next=RELOAD,
        )

    # -- Scoring

    @api.model
    def _cron_refresh(self):
        """Refresh company by company, each in a transaction of its own."""
        # sudo: as in _refresh, whichever user the administrator lets the job run as.
        self.env["crm.rfm.refresh"].sudo()._run_all()

    @api.model
    def _refresh(self, companies=None, as_of=None, progress=NO_PROGRESS):
        """Compute the scores of all customers and write what changed.

        :param res.company companies: all companies when left out
        :param as_of: date or its ISO string, today when left out; transactions after
            it are left out of account
        :param Progress progress: of the user who waits
        :return: one record a company, with what was found
        :rtype: crm.rfm.refresh
        :raise UserError: while another refresh of the same company is at work, or where
            its settings do not allow one
        """
        refreshes = self.env["crm.rfm.refresh"]
        return refreshes._run_now(companies, as_of, progress=progress)

    @api.model
    def get_empty_list_help(self, help_message):
        return scores_help(self.env, super().get_empty_list_help(help_message))
