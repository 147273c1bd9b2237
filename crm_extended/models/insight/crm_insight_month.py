from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..common.local_time import local_sql
from .groups import SEE_MARGIN
from .month_query import (
    FRESH_TABLE,
    LINE_DATE,
    LINE_KEYS,
    LINE_SUMS,
    Months,
    fresh_query,
    write_query,
)

# Months that are known: three years, so that each of the last 24 has its year before.
KNOWN_MONTHS = 36


class CrmInsightMonth(models.Model):
    """What all customers of a company were and bought in a month, by sales team, segment
    and tier: what the dashboard reads. Only :meth:`_refresh` writes it.

    The figures of customers are those of ``crm.customer.flow``. Segment and tier are those
    at the end of the month, by the logs of changes. The current month and the one before
    are summed up every night. Earlier ones are closed: they are summed up again where
    their documents or the definition of purchases changed.
    """

    _name = "crm.insight.month"
    _inherit = ["crm.insight.margin.mixin", "crm.insight.period.mixin"]
    _period_dates = ("date", "next_year_date")
    _description = "Month of All Customers"
    _rec_name = "date"
    _order = "date desc, id desc"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(string="Month", required=True, readonly=True)
    next_year_date = fields.Date(
        string="Same Month Next Year",
        readonly=True,
        help="To compare a period with the year before.",
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Team of the customer's salesperson when the month was last updated.",
    )
    segment_id = fields.Many2one(
        "crm.rfm.segment",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Segment at the end of the month, by the log of segment changes.",
    )
    tier_id = fields.Many2one(
        "crm.loyalty.tier",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Tier at the end of the month, by the log of tier changes.",
    )
    after = fields.Integer(
        string="Customers",
        readonly=True,
        help="Customers who are not Lost at the end of the month. For several months, at "
        "the end of the last one.",
    )
    before = fields.Integer(
        string="Not Lost Before",
        readonly=True,
        help="Customers who were not Lost at the start of the month. For several months, "
        "the monthly average.",
    )
    gained = fields.Integer(
        string="Customers Gained",
        readonly=True,
        help="Customers who made their first purchase.",
    )
    won_back = fields.Integer(
        string="Customers Won Back",
        readonly=True,
        help="Customers who were Lost at the start of the month and no longer are.",
    )
    kept = fields.Integer(
        string="Customers Retained",
        readonly=True,
        help="Existing customers who were not Lost at the start or end of the month. For "
        "several months, the monthly average.",
    )
    lost = fields.Integer(
        string="Customers Lost",
        readonly=True,
        help="Customers who became Lost during the month.",
    )
    taken_back = fields.Integer(
        string="Customers Taken Back",
        readonly=True,
        help="Customers of the month before who have no purchase any more, because all "
        "was taken back, less those whose purchases count again.",
    )
    at_risk = fields.Integer(
        string="Customers in Decline",
        readonly=True,
        help="Customers in life-cycle stage Decline at the end of the month who are not "
        "Lost, since stages are recorded. For several months, at the end of the last one.",
    )
    buyers = fields.Integer(
        string="Buying Customers",
        readonly=True,
        help="Customers with a purchase in the month. For several months, the monthly "
        "average.",
    )
    purchases = fields.Integer(
        readonly=True, help="Purchases that were not taken back in full."
    )
    revenue = fields.Monetary(
        readonly=True,
        help="Untaxed, after discounts, in the company's currency. A refund counts in the "
        "month of its own document, so that closed months stay as they are.",
    )
    costed_revenue = fields.Monetary(
        string="Revenue with Cost",
        readonly=True,
        groups=SEE_MARGIN,
        help="Revenue of lines whose cost is known.",
    )
    margin = fields.Monetary(
        readonly=True,
        groups=SEE_MARGIN,
        help="Revenue with cost, less cost.",
    )
    upgraded = fields.Integer(
        readonly=True, help="Times that customers got a tier, or a higher one."
    )
    downgraded = fields.Integer(
        readonly=True, help="Times that customers got a lower tier, or left."
    )
    cases = fields.Integer(
        readonly=True, help="Service cases opened, without merged ones."
    )
    ratings = fields.Integer(
        readonly=True, help="Answers with a face of customers asked about a case."
    )
    happy = fields.Integer(string="Happy Faces", readonly=True)
    satisfaction = fields.Float(
        string="CSAT",
        compute="_compute_satisfaction",
        aggregator="avg",
        help="Happy faces of all faces.",
    )
    retention = fields.Float(
        string="Retention Rate",
        compute="_compute_retention",
        aggregator="avg",
        help="Customers retained, of those not Lost before. For several months, the monthly "
        "average.",
    )

    _month_index = models.Index("(company_id, date)")
    _next_year_index = models.Index("(company_id, next_year_date)")

    @api.model
    def _get_shares(self):
        return super()._get_shares() | {
            "retention": ("kept", "before"),
            "satisfaction": ("happy", "ratings"),
        }

    @api.depends("kept", "before")
    def _compute_retention(self):
        self._compute_share("retention")

    @api.depends("happy", "ratings")
    def _compute_satisfaction(self):
        self._compute_share("satisfaction")

    @api.model
    def _get_period_sums(self):
        # Rows do not know their customers: how many were kept through several months, or
        # bought in any of them, is not known.
        return super()._get_period_sums() | {
            "after": "last",
            "at_risk": "last",
            "before": "mean",
            "kept": "mean",
            "buyers": "mean",
        }

    @api.model
    def _get_known_months(self):
        # Averages are those of months that have been summed up.
        known = SQL(
            "FROM crm_insight_month WHERE company_id = ANY(%s)", self.env.companies.ids
        )
        return SQL(
            "SELECT date, (date + interval '1 year')::date AS next_year_date FROM (%s) AS m",
            self._months_between(
                SQL("(SELECT min(date) %s)", known), SQL("(SELECT max(date) %s)", known)
            ),
        )

    # -- Update

    @api.model
    def _refresh(self, company) -> dict:
        """Sum up the months of a company that are not closed, or all of them.

        :return: counts, and ``fingerprint``, of what closed months were summed up from
        """
        today = fields.Date.context_today(self)
        open_from = today.replace(day=1) - relativedelta(months=1)
        first = open_from
        if self._is_outdated(company):
            first -= relativedelta(months=KNOWN_MONTHS - 2)
        months = self._months_from(company, first, today)
        cr = self.env.cr
        # A transaction may compute one company after the other.
        cr.execute(SQL("DROP TABLE IF EXISTS pg_temp.%s", SQL.identifier(FRESH_TABLE)))
        cr.execute(fresh_query(months))
        [[rows, added, changed, removed]] = self.env.execute_query(write_query(months))
        self.env.invalidate_all(flush=False)
        return {
            "rows": rows,
            "added": added,
            "changed": changed,
            "removed": removed,
            "fingerprint": self._fingerprint(company, open_from),
        }

    def _months_from(self, company, first, today) -> Months:
        lines = self.env["crm.customer.purchase.line"]._sums_of_company(
            company,
            SQL("%s BETWEEN %s AND %s", LINE_DATE, first, today),
            LINE_SUMS,
            LINE_KEYS,
        )
        return Months(
            company_id=company.id,
            first=first,
            today=today,
            digits=company.currency_id.decimal_places,
            flow=self.env["crm.customer.flow"]._query_of(company, first, SQL("TRUE")),
            transactions=self.env["crm.customer.transaction"]._for_sums(company, today),
            lines=lines,
            events=self._get_events(company),
        )

    @api.model
    def _get_events(self, company) -> dict[str, SQL]:
        """What else is counted in a month: the hook for packages that have more.

        :return: queries for ``partner_id`` (any contact of a customer) and ``date``, by
            field
        """
        tiers = SQL(
            """
            SELECT change.partner_id, change.date
              FROM crm_loyalty_change AS change
         LEFT JOIN crm_loyalty_tier AS old ON old.id = change.old_tier_id
         LEFT JOIN crm_loyalty_tier AS new ON new.id = change.new_tier_id
             WHERE change.company_id = %s
            """,
            company.id,
        )
        ratings = SQL(
            """
            SELECT answer.partner_id, %s AS date
              FROM crm_care_satisfaction AS answer
              JOIN crm_care_case AS care ON care.id = answer.case_id
             WHERE care.company_id = %s AND answer.rating > 0
            """,
            self._local(company, SQL("answer.date")),
            company.id,
        )
        return {
            "upgraded": SQL(
                "%s AND new.sequence > COALESCE(old.sequence, new.sequence - 1)", tiers
            ),
            "downgraded": SQL(
                "%s AND old.sequence > COALESCE(new.sequence, old.sequence - 1)", tiers
            ),
            "cases": SQL(
                """
                SELECT partner_id, %s AS date FROM crm_care_case AS care
                 WHERE company_id = %s AND merged_into_id IS NULL
                """,
                self._local(company, SQL("care.opened_date")),
                company.id,
            ),
            "ratings": ratings,
            "happy": SQL("%s AND answer.rating_text = 'top'", ratings),
        }

    @staticmethod
    def _local(company, moment: SQL) -> SQL:
        """A moment in the time zone of a company."""
        return local_sql(company, moment)

    def _is_outdated(self, company) -> bool:
        """Whether closed months came from other documents, or were never summed up."""
        last = self.env["crm.insight.run"].search(
            [
                ("company_id", "=", company.id),
                ("step", "=", "month"),
                ("fingerprint", "!=", False),
            ],
            limit=1,
        )
        if not last:
            return True
        before = fields.Date.to_date(last.fingerprint.partition(" ")[0])
        return last.fingerprint != self._fingerprint(company, before)

    def _fingerprint(self, company, before) -> str:
        """Of all documents posted before a day, and of what decides about purchases."""
        [[count, total]] = self.env.execute_query(
            SQL(
                "SELECT count(*), COALESCE(sum(amount), 0) FROM %s AS t"
                " WHERE t.posted_date < %s",
                self.env["crm.customer.transaction"]._of_company(
                    company, by_contact=True
                ),
                before,
            )
        )
        values = (
            before,
            count,
            round(total, company.currency_id.decimal_places),
            company.rfm_source or "invoice",
            company.rfm_window_months,
            company.currency_id.id,
        )
        return " ".join(map(str, values))

    # -- What is behind it

    def action_open_customers(self):
        """Open the customers of the month, and what became of them in it."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_customer_flow_action"
        )
        return {
            **action,
            "display_name": self.display_name,
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("date", "=", self.date),
            ],
            "context": {"flow_from": fields.Date.to_string(self.date)},
        }
