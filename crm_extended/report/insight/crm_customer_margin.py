from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...analytics.insight.whale import UNKNOWN_SHARE, curve, peak
from ...models.common.bulk_sql import tune_for_bulk
from ...models.purchase.counted_days import until_domain, until_sql
from ...models.purchase.empty_help import purchases_help

SUMS = (
    "revenue",
    "cost",
    "uncosted",
    "dated",
    "returns",
    "discount",
    "list_amount",
    "service",
)
# Of a customer and a company: more companies than one would have, and below what
# JavaScript can count.
COMPANIES = 2**20


class CrmCustomerMargin(models.Model):
    """What customers earn in the lookback period of their company: revenue, less what it
    cost, less the cost of service.

    A margin is unknown, and empty, where too much of the revenue has no cost: see
    :mod:`~..analytics.insight.whale`, which has the same rules.
    """

    _name = "crm.customer.margin"
    _inherit = [
        "crm.customer.record.mixin",
        "crm.insight.dimension.mixin",
        "crm.lifecycle.dimension.mixin",
        "crm.insight.margin.mixin",
        "crm.insight.discount.mixin",
    ]
    _description = "Customer Margin"
    _auto = False
    _rec_name = "partner_id"
    _order = "profit, id"
    _depends = {
        "crm.customer.purchase.line": [
            "partner_id",
            "company_id",
            "amount",
            "discount",
            "list_amount",
        ],
        "crm.care.case": ["partner_id", "company_id", "opened_date"],
        "crm.interaction": ["partner_id", "company_id", "date"],
        "res.company": [
            "rfm_window_months",
            "margin_case_cost",
            "margin_interaction_cost",
        ],
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    country_id = fields.Many2one(related="partner_id.country_id")
    revenue = fields.Monetary(
        readonly=True, help="Untaxed and net of refunds, in the lookback period."
    )
    discount = fields.Monetary(
        readonly=True, help="What was taken off, in the lookback period."
    )
    list_amount = fields.Monetary(
        string="Before Discount",
        readonly=True,
        help="Revenue and discount together, in the lookback period.",
    )
    uncosted_revenue = fields.Monetary(
        string="Revenue without Cost",
        readonly=True,
        help="Revenue of lines whose cost is not known.",
    )
    today_revenue = fields.Monetary(
        string="Revenue at Today's Cost",
        readonly=True,
        help="Revenue of lines whose cost is that of the product today, not that of the "
        "day of the purchase.",
    )
    cost_state = fields.Selection(
        [("known", "Known"), ("unknown", "Margin Unknown")],
        string="Margin Known",
        readonly=True,
        help="Unknown if more than 20% of the revenue has no cost.",
    )
    cost = fields.Monetary(readonly=True, help="Cost of what was sold, if known.")
    costed_revenue = fields.Monetary(
        string="Revenue with Cost",
        readonly=True,
        help="Revenue whose cost is known; empty if the margin is unknown.",
    )
    margin = fields.Monetary(
        readonly=True,
        help="Revenue with cost, less cost; empty if the margin is unknown.",
    )
    service_cost = fields.Monetary(
        string="Cost of Service",
        readonly=True,
        help="Cases and interactions, times their costs in the settings.",
    )
    profit = fields.Monetary(
        string="Margin after Service",
        readonly=True,
        help="Margin less the cost of service; empty if the margin is unknown.",
    )
    loss_reason = fields.Selection(
        [
            ("price", "Sold below Cost"),
            ("returns", "Returns"),
            ("service", "Cost of Service"),
        ],
        string="Why They Cost Money",
        readonly=True,
        help="Of customers whose margin after service is negative: what leads below zero, "
        "beginning with prices, then returns, then service.",
    )

    @property
    def _table_query(self):
        tune_for_bulk(self.env)
        return SQL(" UNION ALL ").join(
            # sudo: the settings of companies that the user works in.
            self._query_of(company)
            for company in self.env.companies.sudo()
        )

    def _query_of(self, company) -> SQL:
        """The rows of one company."""
        is_known = SQL(
            "abs(total.uncosted) <= %s * abs(total.revenue)", SQL(str(UNKNOWN_SHARE))
        )
        return SQL(
            """
            SELECT partner_id::bigint * %(companies)s + %(company)s AS id, partner_id,
                   %(company)s AS company_id, revenue, uncosted AS uncosted_revenue,
                   revenue - uncosted - dated AS today_revenue, service AS service_cost,
                   discount, list_amount,
                   CASE WHEN is_known THEN 'known' ELSE 'unknown' END AS cost_state,
                   CASE WHEN is_known THEN cost END AS cost,
                   CASE WHEN is_known THEN revenue - uncosted END AS costed_revenue,
                   CASE WHEN is_known THEN margin END AS margin,
                   CASE WHEN is_known THEN margin - service END AS profit,
                   CASE WHEN NOT is_known OR margin - service >= 0 THEN NULL
                        WHEN margin - returns < 0 THEN 'price'
                        WHEN margin < 0 THEN 'returns'
                        ELSE 'service' END AS loss_reason
              FROM (SELECT total.*, revenue - uncosted - cost AS margin,
                           %(is_known)s AS is_known FROM (
                    SELECT COALESCE(contact.commercial_partner_id, part.partner_id)
                               AS partner_id,
                           %(total)s
                      FROM (%(sums)s %(service)s) AS part
                 -- One hash table: PostgreSQL would look each customer up.
                 LEFT JOIN (SELECT id, commercial_partner_id FROM res_partner
                             WHERE parent_id IS NOT NULL AND commercial_partner_id <> id
                            OFFSET 0) AS contact
                        ON contact.id = part.partner_id
                  GROUP BY COALESCE(contact.commercial_partner_id, part.partner_id)
                   ) AS total) AS customer
            """,
            total=SQL(", ").join(
                SQL(
                    "round(COALESCE(sum(%(sum)s), 0), %(digits)s) AS %(sum)s",
                    sum=SQL.identifier(name),
                    digits=company.currency_id.decimal_places,
                )
                for name in SUMS
            ),
            companies=COMPANIES,
            company=company.id,
            is_known=is_known,
            sums=self._sums_query(company),
            service=self._service_query(company),
        )

    def _sums_query(self, company) -> SQL:
        """Sums over the lines of customers."""
        sums = SQL(
            """
            sum(amount) AS revenue, sum(cost) AS cost,
            sum(amount) FILTER (WHERE cost_source = 'none') AS uncosted,
            sum(amount) FILTER (WHERE cost_source NOT IN ('none', 'today')) AS dated,
            -- Without allowances, which are a lower price.
            sum(margin) FILTER (
                WHERE is_refund AND (cost_source <> 'reduction' OR amount > 0)) AS returns,
            sum(discount) AS discount, sum(list_amount) AS list_amount, 0 AS service
            """
        )
        first, last = self._period(company)
        condition = until_sql("line", last)
        if first:
            condition = SQL("%s AND line.date >= %s", condition, first)
        lines = self.env["crm.customer.purchase.line"]
        return lines._sums_of_company(company, condition, sums)

    def _service_query(self, company) -> SQL:
        """What the service of customers cost: cases and interactions. A case that was
        merged into another one is that one."""
        first, _last = self._period(company)
        queries = [
            SQL(
                """
                UNION ALL
                SELECT line.partner_id, 0, 0, 0, 0, 0, 0, 0, count(*) * %s::numeric
                  FROM %s AS line
                 WHERE line.partner_id IS NOT NULL AND line.company_id = %s AND %s
              GROUP BY line.partner_id
                """,
                cost,
                SQL.identifier(self.env[model]._table),
                company.id,
                SQL(" AND ").join(conditions),
            )
            for model, cost, *conditions in (
                (
                    "crm.care.case",
                    company.margin_case_cost,
                    SQL("line.merged_into_id IS NULL"),
                    SQL("line.opened_date >= %s", first) if first else SQL("TRUE"),
                ),
                (
                    "crm.interaction",
                    company.margin_interaction_cost,
                    SQL("line.date >= %s", first) if first else SQL("TRUE"),
                ),
            )
            if cost > 0
        ]
        return SQL(" ").join(queries)

    @api.model
    def _period(self, company) -> tuple[date | None, date]:
        """First and last day of the lookback period; no first day if it has no limit."""
        today = fields.Date.context_today(self)
        if not company.rfm_window_months:
            return None, today
        months = relativedelta(months=company.rfm_window_months)
        return today - months + relativedelta(days=1), today

    def _read_known(self, company) -> list[tuple[float, str]]:
        """Margin after service and reason of the customers that the user may see."""
        domain = [("company_id", "=", company.id), ("cost_state", "=", "known")]
        return [
            (profit, reason)
            for [profit, reason] in self.env.execute_query(
                self._search(domain).select(
                    SQL("%s::float8", self._field_to_sql(self._table, "profit")),
                    self._field_to_sql(self._table, "loss_reason"),
                )
            )
        ]

    @api.model
    @api.readonly
    def get_summary(self) -> dict:
        """What the page shows, of the current company and the customers that the user
        may see.

        :return: shares are fractions of 1, or ``None`` where there is no profit to share
        :raise AccessError: unless the user may see margins
        """
        self.browse().check_access("read")
        company = self.env.company
        this = self.with_context(allowed_company_ids=company.ids)
        known = this._read_known(company)
        profits = [profit for profit, _reason in known]
        [(unknown, unknown_revenue)] = this._read_group(
            [("company_id", "=", company.id), ("cost_state", "=", "unknown")],
            [],
            ["__count", "revenue:sum"],
        )
        highest = peak(profits)
        labels = self._fields["loss_reason"]._description_selection(self.env)
        return {
            "company_id": company.id,
            "company": company.display_name,
            "currency_id": company.currency_id.id,
            "months": company.rfm_window_months,
            "customers": len(profits),
            "profit": sum(profits),
            "curve": [point._asdict() for point in curve(profits)],
            "peak": highest and highest._asdict(),
            "losing": sum(profit < 0 for profit in profits),
            "service": company.margin_case_cost > 0
            or company.margin_interaction_cost > 0,
            "unknown": unknown,
            "unknown_revenue": unknown_revenue or 0,
            "reasons": [
                {
                    "reason": reason,
                    "label": label,
                    "customers": sum(found == reason for _profit, found in known),
                    "profit": sum(profit for profit, found in known if found == reason),
                }
                for reason, label in labels
            ],
        }

    def action_open_lines(self):
        """Open the lines behind a customer's figures."""
        self.ensure_one()
        # Not read, which would sum up all customers once more.
        partner_id, company_id = divmod(self.id, COMPANIES)
        company = self.env["res.company"].browse(company_id)
        action = self._lines_action("crm_customer_purchase_line_margin_lines_action")
        domain = [("partner_id", "=", partner_id), *self._lines_domain(company)]
        return {**action, "domain": domain}

    @api.model
    def action_open_products(self):
        """Open the same revenue and costs as the page, by product."""
        action = self._lines_action("crm_customer_purchase_line_margin_action")
        return {**action, "domain": self._lines_domain(self.env.company)}

    def _lines_action(self, name: str) -> dict:
        return self.env["ir.actions.act_window"]._for_xml_id(f"crm_extended.{name}")

    def _lines_domain(self, company) -> list:
        """The lines that the margins of a company are summed up from."""
        self.browse().check_access("read")
        company.check_access("read")
        # sudo: the lookback period, of a company that the user works in.
        first, last = self._period(company.sudo())
        since = [("date", ">=", first)] if first else []
        return [("company_id", "=", company.id), *since, *until_domain(last)]

    @api.model
    def get_empty_list_help(self, help_message):
        return purchases_help(self.env, super().get_empty_list_help(help_message))
