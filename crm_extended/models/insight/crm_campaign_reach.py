from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...analytics.insight.campaign import LEAST_CUSTOMERS
from ..common.bulk_sql import tune_for_bulk
from ..common.local_time import company_today, local_sql
from ..common.optional_float import OptionalFloat
from .campaign_query import (
    FRESH_TABLE,
    ROW_TABLE,
    fill_query,
    find_query,
    rows_query,
    write_query,
)
from .empty_help import campaigns_help

# Customers who were reached longer ago than this are final: their year is over, and credit
# notes have come. So a nightly update does not grow with the history.
FINAL_MONTHS = 24


class CrmCampaignReach(models.Model):
    """A customer reached by a campaign: when first, with which scores, and what they
    bought after. Customers of a control group have a row, too. Only :meth:`_refresh`
    writes it."""

    _name = "crm.campaign.reach"
    _inherit = ["crm.customer.record.mixin", "crm.insight.share.mixin"]
    _description = "Campaign Response"
    _rec_name = "partner_id"
    _order = "date desc, id desc"
    _least_whole = LEAST_CUSTOMERS

    partner_id = fields.Many2one(ondelete="cascade", readonly=True)
    company_id = fields.Many2one(ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    campaign_id = fields.Many2one(
        "utm.campaign", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date = fields.Date(
        string="First Reached",
        required=True,
        readonly=True,
        help="The first day on which the campaign reached the customer; later ones do not "
        "count. For a control group: the day on which they would have been reached.",
    )
    source = fields.Selection(
        [("list", "List snapshot"), ("care_plan", "Care plan")],
        string="Reached By",
        required=True,
        readonly=True,
    )
    arm = fields.Selection(
        [("plan", "Reached"), ("control", "Control group")],
        string="Group",
        required=True,
        readonly=True,
    )
    score_state = fields.Selection(
        [
            ("known", "Known"),
            ("none", "No purchases before"),
            ("unknown", "Not known on that day"),
            ("refused", "Profiling refused"),
        ],
        string="Scores",
        readonly=True,
        help="Whether the scores of the day before they were reached are known: score "
        "updates or a rebuilt history must go back to it.",
    )
    recency_score = fields.Integer(
        string="R",
        readonly=True,
        aggregator=None,
        help="As of the day before they were reached.",
    )
    frequency_score = fields.Integer(
        string="F",
        readonly=True,
        aggregator=None,
        help="As of the day before they were reached.",
    )
    monetary_score = fields.Integer(
        string="M",
        readonly=True,
        aggregator=None,
        help="As of the day before they were reached.",
    )
    segment_id = fields.Many2one(
        "crm.rfm.segment",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="As of the day before they were reached.",
    )
    reached = fields.Integer(readonly=True, help="Customers without the control group.")
    running = fields.Integer(
        readonly=True, help="Customers whose response window is not over."
    )
    ended = fields.Integer(
        string="Window Over",
        readonly=True,
        help="Customers whose response window is over. Rates are of these.",
    )
    responded = fields.Integer(
        readonly=True,
        help="Customers who bought within the response window, net of refunds; of those "
        "whose window is over.",
    )
    response_rate = OptionalFloat(
        compute="_compute_response_rate",
        aggregator="avg",
        help="Responded, divided by customers whose window is over. Of fewer than five "
        "there is no rate.",
    )
    revenue = fields.Monetary(
        readonly=True, help="Untaxed and net of refunds, within the response window."
    )
    year_ended = fields.Integer(string="12 Months Over", readonly=True)
    year_responded = fields.Integer(
        string="Bought in 12 Months",
        readonly=True,
        help="Customers who bought within 12 months, of those whose 12 months are over.",
    )
    year_rate = OptionalFloat(
        string="Rate After 12 Months",
        compute="_compute_year_rate",
        aggregator="avg",
        help="Bought in 12 months, divided by customers whose 12 months are over. Of "
        "fewer than five there is no rate.",
    )
    year_revenue = fields.Monetary(
        string="Revenue in 12 Months",
        readonly=True,
        help="Untaxed and net of refunds, within 12 months until now.",
    )

    # By customer first, and a constraint: see crm.customer.product.
    _unique_customer = models.Constraint(
        "UNIQUE (partner_id, campaign_id, company_id)",
        "A campaign reaches a customer once in each company.",
    )
    _company_index = models.Index("(company_id, date)")

    @api.model
    def _get_shares(self):
        return super()._get_shares() | {
            "response_rate": ("responded", "ended"),
            "year_rate": ("year_responded", "year_ended"),
        }

    @api.depends("responded", "ended")
    def _compute_response_rate(self):
        self._compute_share("response_rate")

    @api.depends("year_responded", "year_ended")
    def _compute_year_rate(self):
        self._compute_share("year_rate")

    # -- Computing

    @api.model
    def _prepare_sources(self, company, since: date):
        """Before it is asked who was reached: a hook to note what may change later, such
        as whose an address is."""

    @api.model
    def _day(self, company, moment: SQL) -> SQL:
        """The day of a moment in the time zone of a company, which purchases have, too."""
        return SQL("%s::date", local_sql(company, moment))

    @api.model
    def _reach_sources(self, company, since: date) -> dict[str, SQL]:
        """Who was reached: the hook for packages and addons that reach customers.

        :param since: only who was reached on this day or later
        :return: queries by value of :attr:`source`, with ``campaign_id``, ``partner_id``
            (any contact), ``date`` (see :meth:`_day`) and ``arm``
        """
        snapshots = SQL(
            """
            SELECT plan.campaign_id, listed.res_partner_id AS partner_id,
                   snapshot.date, 'plan' AS arm
              FROM crm_campaign_plan AS plan
              JOIN crm_campaign_plan_snapshot_rel AS chosen ON chosen.plan_id = plan.id
              JOIN crm_customer_list_snapshot AS snapshot
                ON snapshot.id = chosen.snapshot_id
              JOIN crm_customer_list_snapshot_rel AS listed
                ON listed.crm_customer_list_snapshot_id = snapshot.id
             WHERE plan.company_id = %s AND snapshot.date >= %s
            """,
            company.id,
            since,
        )
        return {"list": snapshots}

    @api.model
    def _refresh(self, company, campaigns=None) -> dict[str, int]:
        """Find who was reached in a company, which is locked, and what they bought after,
        and write what changed.

        :param campaigns: only these, then from the beginning
        :return: rows found, and how many were ``added``, ``changed``, ``removed``
        """
        this = self.with_company(company).sudo()
        this.env.flush_all()
        tune_for_bulk(this.env)
        today = company_today(company)
        is_new = not this.search_count([("company_id", "=", company.id)], limit=1)
        since = date.min
        if campaigns is None and not is_new:
            since = today - relativedelta(months=FINAL_MONTHS)
        fresh, row = SQL.identifier(FRESH_TABLE), SQL.identifier(ROW_TABLE)
        for table in (fresh, row):
            this.env.cr.execute(SQL("DROP TABLE IF EXISTS pg_temp.%s", table))
        this._prepare_sources(company, since)
        this.env.cr.execute(find_query(this._reach_sources(company, since), today))
        if campaigns is not None:
            this.env.cr.execute(
                SQL("DELETE FROM %s WHERE campaign_id <> ALL(%s)", fresh, campaigns.ids)
            )
        this.env.cr.execute(SQL("ANALYZE pg_temp.%s", fresh))
        this._make_plans(company)
        policy = this.env["crm.contact.policy"].with_context(
            allowed_company_ids=company.ids
        )
        rows = rows_query(
            company_id=company.id,
            today=today,
            starts=this.env["crm.rfm.segment.trend"]._history_starts_sql(),
            allowed=policy._answered_company(
                this.env.ref("crm_extended.purpose_profiling"),
                SQL("fresh.partner_id"),
                SQL("%s", company.id),
            ),
            transactions=this.env["crm.customer.transaction"]._of_company(company),
        )
        this.env.cr.execute(fill_query(rows))
        this.env.cr.execute(SQL("ANALYZE pg_temp.%s", row))
        campaign_ids = None if campaigns is None else campaigns.ids
        [found] = this.env.execute_query(write_query(company.id, since, campaign_ids))
        this.env.invalidate_all(flush=False)
        return dict(zip(("rows", "added", "changed", "removed"), found, strict=True))

    @api.model
    def _merge_into(self, customers, customer):
        """Before customers are merged: keep one row for each campaign, that of the first day.
        Otherwise Odoo would delete all rows of a customer because of one."""
        # sudo: customers are merged in all companies at once.
        rows = self.sudo().search([("partner_id", "in", (customers | customer).ids)])
        rows = rows.sorted(lambda row: (row.arm == "control", row.date, row.id))
        for theirs in rows.grouped(
            lambda row: (row.campaign_id, row.company_id)
        ).values():
            theirs[1:].unlink()
        self.flush_model()

    @api.model
    def _make_plans(self, company):
        """Campaigns that reached anyone have a page, also where no one planned them."""
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_campaign_plan (
                            campaign_id, company_id, response_days,
                            create_date, write_date)
                     SELECT DISTINCT campaign_id, %(company_id)s, 30,
                            now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                       FROM %(fresh)s
                ON CONFLICT (campaign_id, company_id) DO NOTHING
                  RETURNING id
                """,
                company_id=company.id,
                fresh=SQL.identifier(FRESH_TABLE),
            )
        )

    @api.model
    def get_empty_list_help(self, help_message):
        return campaigns_help(self.env, super().get_empty_list_help(help_message))
