import datetime
from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...analytics.insight.cohorts import MONTHS, age_of, averages, later, period_of
from ...models.common.bulk_sql import tune_for_bulk
from ...models.common.seen_customers import seen_condition
from ...models.purchase.empty_help import purchases_help

# Of a row's number: more companies than one would have, and more months than there are.
COMPANIES = PERIODS = 2**12
# What a page shows at once.
MAX_COHORTS = 24
MAX_AGES = 60
MEASURES = ("customers", "orders", "revenue")


class CrmCohort(models.Model):
    """What customers bought in each period since their first purchase.

    A row is a customer of a company in a month, or in a quarter where the context says
    ``cohort_step``, in which they bought or gave back. Cohorts are defined in
    :mod:`~..analytics.insight.cohorts`, which gives the same figures. They are computed
    when read, over the customers that the reader may see.
    """

    _name = "crm.cohort"
    _inherit = [
        "crm.customer.record.mixin",
        "crm.insight.dimension.mixin",
        "crm.lifecycle.dimension.mixin",
        "crm.insight.origin.mixin",
    ]
    _description = "Customer Cohort"
    _auto = False
    _rec_name = "partner_id"
    _order = "date desc, id desc"
    _depends = {
        "crm.customer.transaction": ["partner_id", "company_id", "date", "amount"],
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    cohort_date = fields.Date(
        string="Cohort",
        readonly=True,
        help="First day of the month or quarter of the customer's first purchase.",
    )
    date = fields.Date(
        string="Period",
        readonly=True,
        help="First day of the month or quarter in which the customer bought.",
    )
    age = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Months or quarters since that of the first purchase, which is 0.",
    )
    customers = fields.Integer(
        readonly=True, help="Customers with a purchase in the period."
    )
    orders = fields.Integer(
        string="Purchases",
        readonly=True,
        help="Purchases that were not taken back in full, in the period of their first "
        "document.",
    )
    revenue = fields.Monetary(
        readonly=True,
        help="Untaxed and net of refunds, in the company's currency.",
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    country_id = fields.Many2one(related="partner_id.country_id")

    @api.model
    def _step(self) -> str:
        step = self.env.context.get("cohort_step")
        return step if step in MONTHS else "month"

    @property
    def _table_query(self):
        tune_for_bulk(self.env)
        return SQL(" UNION ALL ").join(
            # sudo: the source of purchases, of companies that the user works in.
            SQL("(%s)", self._query_of(company))
            for company in self.env.companies.sudo()
        )

    def _query_of(self, company) -> SQL:
        """The rows of one company.

        Purchases are summed up by contact and period first: of these there are fewer than
        purchases, and customers in a period can then be counted instead of told apart.
        """
        step = self._step()
        today = fields.Date.context_today(self)
        transactions = self.env["crm.customer.transaction"]._for_sums(company, today)
        return SQL(
            """
            WITH contact AS MATERIALIZED (%(contacts)s),
            -- Documents that are a purchase together: few.
            tied AS MATERIALIZED (
                SELECT partner_id, period, count(*) AS orders
                  FROM (SELECT %(customer)s AS partner_id,
                               min(%(period)s) FILTER (WHERE t.is_purchase) AS period
                          FROM %(transactions)s AS t
                     LEFT JOIN contact ON contact.id = t.partner_id
                         WHERE %(known)s AND t.tied_key IS NOT NULL
                      -- Only to tell keys apart: in the order of their bytes.
                      GROUP BY %(customer)s, t.tied_key COLLATE "C"
                        HAVING bool_or(t.is_purchase) AND sum(t.amount) > 0
                       ) AS purchase
              GROUP BY partner_id, period
            ),
            bought AS (
                SELECT %(customer)s AS partner_id, %(period)s AS period,
                       sum(t.amount) AS revenue,
                       count(*) FILTER (WHERE t.is_purchase AND t.tied_key IS NULL)
                           AS orders
                  FROM %(transactions)s AS t
             -- No step: PostgreSQL would not share these sums among processes.
             LEFT JOIN (%(contacts)s) AS contact ON contact.id = t.partner_id
                 WHERE %(known)s
              GROUP BY %(customer)s, %(period)s
            ),
            period AS (
                SELECT *, min(period) FILTER (WHERE orders > 0)
                              OVER (PARTITION BY partner_id) AS cohort
                  FROM (SELECT bought.partner_id, bought.period, bought.revenue,
                               (bought.orders + COALESCE(tied.orders, 0))::int AS orders
                          FROM bought
                     LEFT JOIN tied USING (partner_id, period)
                       ) AS bought
                 WHERE %(seen)s
            )
            SELECT %(id)s AS id, partner_id, %(company)s AS company_id,
                   cohort AS cohort_date, period AS date, %(age)s AS age,
                   (orders > 0)::int AS customers, orders, revenue
              FROM period
             WHERE period >= cohort
            """,
            contacts=SQL(
                "SELECT id, commercial_partner_id FROM res_partner"
                " WHERE parent_id IS NOT NULL AND commercial_partner_id <> id"
            ),
            customer=SQL("COALESCE(contact.commercial_partner_id, t.partner_id)"),
            period=self._period_sql(step),
            transactions=transactions,
            known=SQL(
                "t.date <= %(today)s AND t.posted_date <= %(today)s", today=today
            ),
            seen=seen_condition(self.env, SQL("bought.partner_id"), of_all=True),
            id=self._id_sql(company, step),
            company=company.id,
            age=SQL("%s / %s", self._months_sql(SQL("cohort")), MONTHS[step]),
        )

    def _id_sql(self, company, step: str) -> SQL:
        """Number of a row: another one for each customer, company, period and step."""
        return SQL(
            """
            (((partner_id::bigint * %(companies)s + %(company)s) * %(periods)s
              + %(number)s %% %(periods)s) * 2 + %(is_quarter)s)
            """,
            companies=COMPANIES,
            company=company.id,
            periods=PERIODS,
            number=self._months_sql(SQL("'0001-01-01'::date")),
            is_quarter=int(step == "quarter"),
        )

    @staticmethod
    def _period_sql(step: str) -> SQL:
        """The first day of the month or quarter of ``t.date``. Days are counted back to
        that of a month: cutting off a time takes PostgreSQL twice as long."""
        if step == "month":
            return SQL("t.date - (date_part('day', t.date)::int - 1)")
        return SQL("date_trunc(%s, t.date::timestamp)::date", step)

    @staticmethod
    def _months_sql(since: SQL) -> SQL:
        """Months from the first day of one to the first day of ``period``.

        Out of days: taking a date apart takes PostgreSQL several times as long. So many
        months are at most two days longer or shorter than the mean.
        """
        return SQL("round((period - %s) / 30.436875::float8)::int", since)

    # The rows are already those of customers that the reader may see.
    @api.model
    def _readable_domain(self) -> Domain:
        return Domain.TRUE

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Dates are first days of months: by day, they need not be cut off."""
        name, _colon, granularity = groupby_spec.partition(":")
        if name in ("cohort_date", "date") and granularity == "day":
            return self._field_to_sql(alias, name, query)
        return super()._read_group_groupby(alias, groupby_spec, query)

    # -- Page

    @api.model
    @api.readonly
    def get_table(self, domain=(), step="month", offset=0, limit=MAX_COHORTS) -> dict:
        """What the page shows, of the current company and the customers that the user
        may see.

        :param domain: on customers, such as those of one segment
        :param step: ``month`` or ``quarter``
        :param offset: number of the latest cohorts to leave out
        :return: cohorts with their cells, the latest first, and averages by age of all of
            them: shares and figures per customer
        :raise AccessError: unless the user is in sales
        """
        self.browse().check_access("read")
        company = self.env.company
        step = step if step in MONTHS else "month"
        this = self.with_context(
            allowed_company_ids=company.ids, cohort_step=step, active_test=False
        )
        rows = [
            (cohort, age_of(cohort, day, step), *figures)
            for cohort, day, *figures in this._read_group(
                Domain(domain) & Domain("company_id", "=", company.id),
                ["cohort_date:day", "date:day"],
                [f"{name}:sum" for name in MEASURES],
            )
        ]
        today = fields.Date.context_today(self)
        cohorts = sorted({row[0] for row in rows}, reverse=True)
        offset, limit = max(int(offset), 0), min(max(int(limit), 1), MAX_COHORTS)
        shown = cohorts[offset : offset + limit]
        current = period_of(today, step)
        return {
            "company_id": company.id,
            "company": company.display_name,
            "currency_id": company.currency_id.id,
            "as_of": fields.Date.to_string(today),
            "step": step,
            "count": len(cohorts),
            "offset": offset,
            "customers": sum(row[2] for row in rows if row[1] == 0),
            "ages": min(
                max((age_of(cohort, current, step) for cohort in shown), default=-1)
                + 1,
                MAX_AGES,
            ),
            "max_ages": MAX_AGES,
            "cohorts": self._describe_cohorts(rows, shown, current, step),
            "averages": self._describe_averages(rows, today, step),
        }

    @staticmethod
    def _describe_cohorts(
        rows, shown: list[datetime.date], current: datetime.date, step: str
    ) -> list:
        """Cohorts with a cell for each period until the current one.

        :param rows: cohort, age, customers, orders, revenue
        """
        found = defaultdict(dict)
        for cohort, age, *figures in rows:
            found[cohort][age] = figures
        described = []
        for cohort in shown:
            size = found[cohort][0][0]
            last = age_of(cohort, current, step)
            cells = []
            for age in range(min(last + 1, MAX_AGES)):
                customers, orders, revenue = found[cohort].get(age, (0, 0, 0))
                cells.append(
                    {
                        "age": age,
                        "date": fields.Date.to_string(later(cohort, age, step)),
                        "customers": customers,
                        "share": customers / size,
                        "orders": orders,
                        "revenue": revenue,
                        "is_running": age == last,
                    }
                )
            date_ = fields.Date.to_string(cohort)
            described.append({"date": date_, "size": size, "cells": cells})
        return described

    @staticmethod
    def _describe_averages(
        rows, today: datetime.date, step: str
    ) -> dict[str, list[float]]:
        """Averages by age, per customer, by the name of the measure."""
        sizes = {cohort: customers for cohort, age, customers, *_ in rows if age == 0}
        figures = {
            name: averages(
                {row[:2]: float(row[number]) for row in rows}, sizes, today, step
            )[:MAX_AGES]
            for number, name in enumerate(MEASURES, 2)
        }
        return {"share": figures["customers"], **figures}

    @api.model
    def get_empty_list_help(self, help_message):
        return purchases_help(self.env, super().get_empty_list_help(help_message))
