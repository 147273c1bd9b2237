from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...analytics.rfm.classes import classes
from ...analytics.rfm.pareto import TENTHS, customers_for, share_of_best, tenths
from ...models.common.bulk_sql import tune_for_bulk
from ...models.rfm.empty_help import scores_help

# A year has 365.25 days, as far as expectations go.
DAYS_OF_YEAR = SQL("365.25")


class CrmRfmPareto(models.Model):
    """Each customer's place among the others, by revenue.

    Places, tenths and shares are reckoned within each company, over the customers who
    bought in the months looked back *and whom the reader may see*: nobody learns a sum
    over customers whom he could not open, and his tenths are of equal size. Deciles
    are defined in :mod:`~..analytics.rfm.pareto`, which gives the same figures, the
    classes A, B and C in :mod:`~..analytics.rfm.classes`.
    """

    _name = "crm.rfm.pareto"
    _inherit = "crm.customer.record.mixin"
    _description = "Customers by Revenue"
    _auto = False
    _rec_name = "partner_id"
    _order = "rank, id"
    _depends = {
        "crm.rfm.score": [
            "partner_id",
            "company_id",
            "segment_id",
            "code",
            "first_date",
            "last_date",
            "as_of",
            "frequency",
            "revenue",
        ],
        "res.company": ["rfm_window_months", "rfm_a_percent", "rfm_b_percent"],
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    segment_id = fields.Many2one("crm.rfm.segment", readonly=True)
    segment_color = fields.Integer(related="segment_id.color", aggregator=None)
    code = fields.Char(string="RFM", readonly=True)
    frequency = fields.Integer(string="Purchases", readonly=True)
    last_date = fields.Date(string="Last Purchase", readonly=True)
    rank = fields.Integer(
        readonly=True,
        aggregator=None,
        help="1 is the customer with the highest revenue. Customers with equal revenue "
        "are ranked in the order they were created.",
    )
    decile = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Customers ranked by revenue and divided into ten groups of equal size. 1 "
        "is the top 10%.",
    )
    abc_class = fields.Selection(
        [("a", "A"), ("b", "B"), ("c", "C")],
        string="ABC Class",
        readonly=True,
        help="A: the top customers who together account for the first part of revenue "
        "(80% unless the settings say otherwise). B: the next ones, up to the second "
        "limit (95%). C: all others. A customer who crosses a limit belongs to the class "
        "before it.",
    )
    revenue = fields.Monetary(
        readonly=True,
        help="Customer's revenue in the lookback period, net of refunds.",
    )
    mean_revenue = fields.Monetary(
        string="Average per Customer", readonly=True, aggregator="avg"
    )
    share = fields.Float(
        string="Share of Revenue",
        readonly=True,
        help="Share of the revenue of all customers. Zero if refunds exceed purchases.",
    )
    cumulated_share = fields.Float(
        string="Cumulative Share",
        readonly=True,
        aggregator="max",
        help="Share of revenue of this customer and all customers ranked above them.",
    )
    # Not "Expected Revenue": that is what opportunities say of theirs.
    expected_revenue = fields.Monetary(
        string="Yearly Run Rate",
        readonly=True,
        help="What the customer will spend in the next 12 months if they continue as "
        "in the lookback period: their monthly revenue in that period, times 12. If "
        "all purchases count, their yearly revenue since the first purchase.",
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    country_id = fields.Many2one(related="partner_id.country_id")

    @api.model
    def _population(self):
        """Customers who bought in the months looked back."""
        return Domain("frequency", ">", 0)

    @property
    def _table_query(self):
        tune_for_bulk(self.env)
        # As the reader, not as superuser: see the description of the model.
        seen = self.env["crm.rfm.score"]._search(self._population())
        return SQL(
            """
            SELECT ranked.id, ranked.partner_id, ranked.company_id, ranked.segment_id,
                   ranked.code, ranked.frequency, ranked.last_date,
                   ranked.revenue,
                   ranked.revenue AS mean_revenue,
                   ranked.expected_revenue,
                   ranked.rank,
                   1 + %(tenths)s * (ranked.rank - 1) / ranked.count AS decile,
                   ranked.revenue / ranked.total AS share,
                   ranked.sum / ranked.total AS cumulated_share,
                   %(abc_class)s AS abc_class
              FROM (
                SELECT score.*,
                       round(%(expected)s::numeric, 2) AS expected_revenue,
                       row_number() OVER best AS rank,
                       count(*) OVER everybody AS count,
                       sum(score.revenue) OVER best AS sum,
                       -- No shares of nothing.
                       CASE WHEN sum(score.revenue) OVER everybody > 0
                            THEN sum(score.revenue) OVER everybody END AS total,
                       %(a_percent)s AS a_percent,
                       %(b_percent)s AS b_percent
                  FROM (%(seen)s) AS score
                  JOIN res_company AS company ON company.id = score.company_id
                WINDOW everybody AS (PARTITION BY score.company_id),
                       best AS (PARTITION BY score.company_id
                                    ORDER BY score.revenue DESC, score.partner_id
                                     ROWS UNBOUNDED PRECEDING)
                   ) AS ranked
            """,
            abc_class=self._abc_class_sql(),
            expected=self._expected_revenue_sql(),
            a_percent=self._limit_sql("rfm_a_percent"),
            b_percent=self._limit_sql("rfm_b_percent"),
            tenths=TENTHS,
            seen=seen.select(SQL("crm_rfm_score.*")),
        )

    @api.model
    def _abc_class_sql(self) -> SQL:
        """The class of a customer: the one in which their revenue begins.

        Customers are sorted by revenue, the highest first, those of equal revenue by who
        was entered first, and added up. Class A takes those at whose place less than the
        first limit of the company's total was reached before them, B those before the
        second limit, C all others. So the customer who crosses a limit belongs to the
        class below it, the best customer is an A in any case, and A is the smallest
        group that brings the first limit. Revenue of zero or less is always C. There are
        no classes (NULL) where the total of the company is zero or negative.

        :return: an expression over ``ranked``: see ``_table_query``
        """
        return SQL(
            """
            CASE WHEN ranked.total IS NULL THEN NULL
                 WHEN ranked.revenue <= 0 THEN 'c'
                 WHEN (ranked.sum - ranked.revenue) * 100
                      < ranked.total * ranked.a_percent THEN 'a'
                 WHEN (ranked.sum - ranked.revenue) * 100
                      < ranked.total * ranked.b_percent THEN 'b'
                 ELSE 'c' END
            """
        )

    @api.model
    def _limit_sql(self, name: str) -> SQL:
        """A limit of the company, or the default where it has none."""
        defaults = self.env["res.company"]._get_default_class_limits()
        return SQL(
            "COALESCE(NULLIF(%s, 0), %s)",
            SQL.identifier("company", name),
            defaults[name],
        )

    @api.model
    def _expected_revenue_sql(self) -> SQL:
        """Revenue of the next 12 months: the hook for better models.

        :return: an expression over ``score`` (``crm_rfm_score``) and ``company``
            (``res_company``), in the company's currency, never negative and never NULL
        """
        years = SQL(
            "GREATEST((COALESCE(score.as_of, %s) - score.first_date) / %s, 1)",
            SQL("%s::date", fields.Date.context_today(self)),
            DAYS_OF_YEAR,
        )
        return SQL(
            """
            (GREATEST(score.revenue, 0)
              * COALESCE(12.0 / NULLIF(company.rfm_window_months, 0), 1 / %s))
            """,
            years,
        )

    @api.model
    @api.readonly
    def get_summary(self):
        """Give the tenths of the current company's customers.

        :return: what the page shows; shares are fractions of 1, or ``None`` where
            there is no revenue to share
        :rtype: dict
        :raise AccessError: unless the user is in sales
        """
        self.browse().check_access("read")
        tune_for_bulk(self.env)
        company = self.env.company
        domain = self._population() & Domain("company_id", "=", company.id)
        query = self.env["crm.rfm.score"]._search(domain, order="revenue desc")
        amounts = [
            amount
            for [amount] in self.env.execute_query(
                query.select(SQL("crm_rfm_score.revenue::float8"))
            )
        ]
        return {
            "company_id": company.id,
            "company": company.display_name,
            "currency_id": company.currency_id.id,
            "months": company.rfm_window_months,
            "customers": len(amounts),
            "revenue": sum(amounts),
            "tenths": [row._asdict() for row in tenths(amounts)],
            "customers_for_80": customers_for(amounts, 80),
            "share_of_best_20": share_of_best(amounts, 20),
            "class_limits": company._get_class_limits(),
            "classes": [
                row._asdict() for row in classes(amounts, company._get_class_limits())
            ],
        }

    # -- Views

    @api.model
    def _has_run_rate(self) -> bool:
        """Whether the yearly run rate says something that the revenue does not: with a
        lookback period of 12 months the two are equal."""
        return any(company.rfm_window_months != 12 for company in self.env.companies)

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self._has_run_rate())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if not self._has_run_rate():
            for node in arch.iterfind(".//field[@name='expected_revenue']"):
                node.set("column_invisible", "1")
        return arch, view

    @api.model
    def get_empty_list_help(self, help_message):
        return scores_help(self.env, super().get_empty_list_help(help_message))
