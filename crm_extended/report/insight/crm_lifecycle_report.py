from odoo import api, fields, models
from odoo.tools import SQL

from ...models.common.bulk_sql import tune_for_bulk
from ...models.insight.crm_lifecycle import STAGES
from ...models.insight.empty_help import lifecycle_help
from ...models.insight.groups import SEE_MARGIN


class CrmLifecycleReport(models.Model):
    """What customers of each life-cycle stage bring and cost: the stored stages, beside
    sums of the lookback period. Each sum is joined by customer, and PostgreSQL leaves out
    those that no one asks for."""

    _name = "crm.lifecycle.report"
    _inherit = [
        "crm.customer.record.mixin",
        "crm.insight.dimension.mixin",
        "crm.insight.margin.mixin",
        "crm.insight.discount.mixin",
        "crm.selection.order.mixin",
    ]
    _description = "Life-Cycle Analysis"
    _auto = False
    _rec_name = "partner_id"
    _order = "stage_date desc, id"
    _ordered_selections = ("stage", "previous_stage")
    _depends = {
        "crm.lifecycle": ["partner_id", "company_id", "stage", "revenue_now"],
        "crm.rfm.score": ["partner_id", "company_id", "revenue"],
        "crm.customer.margin": ["partner_id", "company_id", "margin", "service_cost"],
        "crm.customer.purchase.line": [
            "partner_id",
            "company_id",
            "date",
            "discount",
            "list_amount",
        ],
        "crm.referral": ["partner_id", "referred_id", "company_id", "date"],
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    country_id = fields.Many2one(related="partner_id.country_id")
    stage = fields.Selection(STAGES, string="Life-Cycle Stage", readonly=True)
    previous_stage = fields.Selection(STAGES, readonly=True)
    stage_date = fields.Date(string="In Stage Since", readonly=True)
    first_date = fields.Date(string="First Purchase", readonly=True)
    last_date = fields.Date(string="Last Purchase", readonly=True)
    customer_count = fields.Integer(string="Customers", readonly=True)
    purchase_days = fields.Integer(readonly=True, aggregator="avg")
    revenue_now = fields.Monetary(
        string="Revenue, This Period",
        readonly=True,
        help="Of the period that stages are decided by.",
    )
    revenue_before = fields.Monetary(string="Revenue, Period Before", readonly=True)
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
    referral_count = fields.Integer(
        string="Recommended Customers",
        readonly=True,
        help="How many customers they ever recommended.",
    )
    costed_revenue = fields.Monetary(
        string="Revenue with Cost", readonly=True, groups=SEE_MARGIN
    )
    margin = fields.Monetary(
        readonly=True,
        groups=SEE_MARGIN,
        help="Revenue with cost, less cost, in the lookback period; empty if the margin "
        "is unknown.",
    )
    service_cost = fields.Monetary(
        string="Cost of Service",
        readonly=True,
        groups=SEE_MARGIN,
        aggregator="avg",
        help="Cases and interactions in the lookback period, times their costs in the "
        "settings. Of several customers: the average. Expected to fall from exploration "
        "to stable.",
    )
    profit = fields.Monetary(
        string="Margin after Service",
        readonly=True,
        groups=SEE_MARGIN,
        aggregator="avg",
        help="Margin less the cost of service, in the lookback period. Of several "
        "customers: the average of those whose margin is known. Expected to rise from "
        "exploration to stable.",
    )

    @property
    def _table_query(self):
        tune_for_bulk(self.env)
        return SQL(" UNION ALL ").join(
            # sudo: the settings of companies that the user works in.
            self._query_of(company)
            for company in self.env.companies.sudo()
        )

    @api.model
    def _get_sums(self, company) -> dict[str, tuple[SQL, SQL]]:
        """What is known of the customers of a company in the lookback period: the hook
        for further figures, each with a field of this model.

        :return: by the alias of a query, its columns with names, and the query, which has
            one row a customer and its ``partner_id``
        """
        margins = self.env["crm.customer.margin"]
        return {
            "score": (
                SQL("COALESCE(score.revenue, 0) AS revenue"),
                SQL(
                    "SELECT partner_id, revenue FROM crm_rfm_score WHERE company_id = %s",
                    company.id,
                ),
            ),
            "margin": (
                SQL(
                    """
                    margin.costed_revenue, margin.margin,
                    COALESCE(margin.service_cost, 0) AS service_cost, margin.profit,
                    COALESCE(margin.discount, 0) AS discount,
                    COALESCE(margin.list_amount, 0) AS list_amount
                    """
                ),
                margins._query_of(company),
            ),
            "referral": (
                SQL("COALESCE(referral.count, 0)::int AS referral_count"),
                SQL(
                    """
                    SELECT partner_id, count(*) AS count
                      FROM (%s) AS known
                  GROUP BY partner_id
                    """,
                    # sudo: the rules are those of this model.
                    self.env["crm.referral"].sudo()._counted(company),
                ),
            ),
        }

    def _query_of(self, company) -> SQL:
        """The rows of one company."""
        sums = self._get_sums(company)
        joins = [
            SQL(
                "LEFT JOIN (%(query)s) AS %(alias)s"
                " ON %(alias)s.partner_id = lifecycle.partner_id",
                query=query,
                alias=SQL.identifier(alias),
            )
            for alias, (_columns, query) in sums.items()
        ]
        return SQL(
            """
            SELECT lifecycle.id, lifecycle.partner_id, lifecycle.company_id,
                   1 AS customer_count, lifecycle.stage, lifecycle.previous_stage,
                   lifecycle.stage_date,
                   lifecycle.first_date, lifecycle.last_date, lifecycle.purchase_days,
                   lifecycle.revenue_now, lifecycle.revenue_before, %(columns)s
              FROM crm_lifecycle AS lifecycle
                   %(joins)s
             WHERE lifecycle.company_id = %(company_id)s
            """,
            columns=SQL(", ").join(columns for columns, _query in sums.values()),
            joins=SQL(" ").join(joins),
            company_id=company.id,
        )

    def _read_group_select(self, aggregate_spec, query):
        """Averages stay averages over companies with several currencies: there Odoo shows
        the sum in the currency of the current company instead."""
        name, _colon, aggregator = aggregate_spec.partition(":")
        found = super()._read_group_select(aggregate_spec, query)
        if aggregator != "sum_currency" or self._fields[name].aggregator != "avg":
            return found
        return SQL(
            "(%s) / NULLIF(COUNT(%s), 0)",
            found,
            self._field_to_sql(self._table, name, query),
        )

    def action_open_lifecycle(self):
        """Open the stage of the customer, with the figures behind it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Life-Cycle Stage"),
            "res_model": "crm.lifecycle",
            "res_id": self.id,
            "view_mode": "form",
        }

    @api.model
    def get_empty_list_help(self, help_message):
        return lifecycle_help(self.env, super().get_empty_list_help(help_message))
