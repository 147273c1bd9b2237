from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ...models.common.bulk_sql import tune_for_bulk
from ...models.common.formats import format_day
from ...models.common.seen_customers import seen_condition
from ...models.insight.crm_insight_period_mixin import FIRST_MONTH
from ...models.purchase.empty_help import purchases_help
from .flow_queries import Flow, flow_query

OUTLOOK = ("customers", "active", "expected_90", "expected_365")


class CrmCustomerFlow(models.Model):
    """Customers gained, kept, lost and won back, month by month.

    A row is a customer of a company in a month, and what became of them in it. The words
    are those of the digest, which has the same figures of a month that is just over; they
    are defined in :mod:`~..analytics.insight.flows`. Any past month is computed when it is
    read, as of its last day, with the lookback period that the company has now. A date in
    the context, ``flow_from``, leaves out earlier months, before they are computed.

    Several months are one period, which closes as a month does:
    :func:`~..analytics.insight.flows.flow_of_period`.
    """

    _name = "crm.customer.flow"
    _inherit = [
        "crm.customer.record.mixin",
        "crm.insight.dimension.mixin",
        "crm.lifecycle.dimension.mixin",
        "crm.insight.origin.mixin",
        "crm.insight.period.mixin",
    ]
    _description = "Customer Flow"
    _auto = False
    _rec_name = "partner_id"
    _order = "date desc, id desc"
    _depends = {
        "crm.customer.transaction": [
            "partner_id",
            "company_id",
            "date",
            "posted_date",
            "purchase_key",
            "amount",
        ],
        "res.company": ["rfm_window_months"],
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    date = fields.Date(
        string="Month", readonly=True, help="First day of the month of the change."
    )
    kind = fields.Selection(
        [
            ("gained", "Gained"),
            ("won_back", "Won Back"),
            ("kept", "Retained"),
            ("lost", "Lost"),
            ("taken_back", "Taken Back"),
        ],
        string="Change",
        readonly=True,
        help="Gained: first purchase ever. Retained, lost and won back: by segment Lost on "
        "the day before the month and on its last day. Taken back: all purchases of the "
        "customer were taken back in full.",
    )
    gained = fields.Integer(
        string="Customers Gained",
        readonly=True,
        help="Customers who made their first purchase.",
    )
    kept = fields.Integer(
        string="Customers Retained",
        readonly=True,
        help="Existing customers who were not Lost at the start or end of the month. For "
        "several months: not Lost at the start of the first one, nor at the end of any.",
    )
    lost = fields.Integer(
        string="Customers Lost",
        readonly=True,
        help="Customers who became Lost during the month.",
    )
    won_back = fields.Integer(
        string="Customers Won Back",
        readonly=True,
        help="Customers who were Lost at the start of the month and no longer are.",
    )
    gained_and_lost = fields.Integer(
        string="Customers Lost Again",
        readonly=True,
        help="For several months: customers gained or won back, and lost or taken back "
        "again by the end of the last one. Zero for a single month.",
    )
    before = fields.Integer(
        string="Not Lost Before",
        readonly=True,
        help="Customers who were not Lost at the start of the month. For several months, "
        "at the start of the first one.",
    )
    after = fields.Integer(
        string="Not Lost After",
        readonly=True,
        help="Customers who are not Lost at the end of the month. For several months, at "
        "the end of the last one: retained, gained and won back, less those lost again.",
    )
    taken_back = fields.Integer(
        string="Customers Taken Back",
        readonly=True,
        help="Customers of the month before who have no purchase any more, because all "
        "was taken back, less those whose purchases count again.",
    )
    change = fields.Integer(
        string="Net Change",
        readonly=True,
        help="Customers gained and won back, less those lost and taken back.",
    )
    retention = fields.Float(
        string="Retention Rate",
        compute="_compute_retention",
        aggregator="avg",
        help="Customers retained, of those not Lost before.",
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    country_id = fields.Many2one(related="partner_id.country_id")

    @api.model
    def _get_shares(self):
        return super()._get_shares() | {"retention": ("kept", "before")}

    @api.depends("kept", "before")
    def _compute_retention(self):
        self._compute_share("retention")

    @property
    def _table_query(self):
        tune_for_bulk(self.env)
        since = fields.Date.to_date(self.env.context.get("flow_from"))
        seen = seen_condition(self.env, SQL("piece.partner_id"), of_all=True)
        return SQL(" UNION ALL ").join(
            SQL("(%s)", self._query_of(company, since, seen))
            # sudo: settings of companies that the user works in.
            for company in self.env.companies.sudo()
        )

    def _query_of(self, company, since, seen: SQL) -> SQL:
        """The rows of one company.

        :param since: a day of the first month; none for all months
        :param seen: whether ``piece.partner_id`` is a customer to count
        """
        today = fields.Date.context_today(self)
        transactions = self.env["crm.customer.transaction"]
        return flow_query(
            Flow(
                *transactions._for_every_day(company, today),
                company_id=company.id,
                today=today,
                months=company.rfm_window_months,
                since=since,
                seen=seen,
            )
        )

    # The rows are already those of customers that the reader may see.
    @api.model
    def _readable_domain(self) -> Domain:
        return Domain.TRUE

    @api.model
    def _get_period_sums(self):
        return super()._get_period_sums() | {
            "before": "first",
            "after": "last",
            "kept": "last",
            "gained_and_lost": "all",
        }

    @api.model
    def _get_known_months(self):
        since = fields.Date.to_date(self.env.context.get("flow_from"))
        today = fields.Date.context_today(self)
        return self._months_between(since or FIRST_MONTH, today)

    def _period_sum(self, name, period, query):
        """Customers who are in the last month are retained if they have been there since
        before the first; those who left and came in the period are lost again."""
        first = SQL.identifier(period, "first")
        since = SQL.identifier(self._table, "since")
        if name == "gained_and_lost":
            return SQL(
                "COALESCE(SUM(%s + %s) FILTER (WHERE %s >= %s), 0)",
                self._field_to_sql(self._table, "lost", query),
                self._field_to_sql(self._table, "taken_back", query),
                since,
                first,
            )
        if name == "kept":
            return SQL(
                "COALESCE(SUM(%s) FILTER (WHERE %s = %s AND %s < %s), 0)",
                self._field_to_sql(self._table, "kept", query),
                self._field_to_sql(self._table, "date", query),
                SQL.identifier(period, "last"),
                since,
                first,
            )
        return super()._period_sum(name, period, query)

    @api.model
    @api.readonly
    def get_outlook(self) -> dict:
        """What the pages say of the current company above its past: what is expected.

        :return: ``summary``, ``note`` and ``lines`` (texts: segment, customers, and as in
            :meth:`_get_outlook`); empty without a model
        :raise AccessError: unless the user may see the flow
        """
        self.browse().check_access("read")
        lines = self._get_outlook(self.env.company)
        if not lines:
            return {}

        def texts(values):
            return {
                name: formatLang(self.env, values[name], digits=0) for name in OUTLOOK
            }

        total = {name: sum(line[name] for line in lines) for name in OUTLOOK}
        return {
            "summary": self.env._(
                "Expected from now on: %(active)s of %(customers)s customers active, "
                "%(expected_90)s purchases in 90 days, %(expected_365)s in 365 days",
                **texts(total),
            ),
            "note": self.env._(
                "Forecasts of %(company)s, by the model of %(date)s. Active: the sum of "
                "the probabilities that customers still buy.",
                company=self.env.company.display_name,
                date=format_day(self.env, lines[0]["as_of"]),
            ),
            "lines": [
                {"segment": line["segment"] or self.env._("No Segment"), **texts(line)}
                for line in lines
            ],
        }

    @api.model
    def _get_outlook(self, company) -> list[dict]:
        """Expected active customers of today, and purchases in 90 and 365 days, by
        segment, of customers that the user sees. Nothing where there is no model.

        :return: ``segment`` (its name, or False), ``customers``, ``active``,
            ``expected_90``, ``expected_365``; ``as_of``, the day of the model
        """
        # sudo: whether there is a model, and its day, for all who see its forecasts.
        model = self.env["crm.forecast.model"].sudo()._get_newest(company)
        forecasts = self.env["crm.forecast"]
        if not model or model.kind == "none" or not forecasts.has_access("read"):
            return []
        rows = forecasts._read_group(
            [("company_id", "=", company.id)],
            ["rfm_segment_id"],
            ["__count", "p_active:sum", "expected_90:sum", "expected_365:sum"],
            order="rfm_segment_id",
        )
        return [
            {
                "segment": segment.display_name,
                "customers": customers,
                "active": active,
                "expected_90": expected_90,
                "expected_365": expected_365,
                "as_of": model.as_of,
            }
            for segment, customers, active, expected_90, expected_365 in rows
        ]

    @api.model
    def get_empty_list_help(self, help_message):
        return purchases_help(self.env, super().get_empty_list_help(help_message))
