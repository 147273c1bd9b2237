from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.common.bulk_sql import tune_for_bulk
from ...models.rfm.empty_help import scores_help

# Ten years of weeks: more days than anybody can tell apart in a picture.
MAX_DAYS = 520


class CrmRfmSegmentTrend(models.Model):
    """How many customers stood in each segment, day by day.

    The days come from the context: ``rfm_date_from`` and ``rfm_date_to`` (ISO strings;
    twelve months ago and today when left out) and ``rfm_step``: ``month`` (ends of
    months and the last day, when left out) or ``week`` (the last day, and back by sevens).

    Told backwards: the size on a day is today's, less those who entered since, plus
    those who left. Only customers whom the reader may see are counted.
    """

    _name = "crm.rfm.segment.trend"
    _inherit = "crm.rfm.history.mixin"
    _description = "Segments over Time"
    _auto = False
    _rec_name = "segment_id"
    _order = "date, segment_id, id"
    _depends = {
        "crm.rfm.score": ["partner_id", "company_id", "segment_id"],
        "crm.rfm.change": [
            "partner_id",
            "company_id",
            "date",
            "old_segment_id",
            "new_segment_id",
        ],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Date(string="Day", readonly=True)
    segment_id = fields.Many2one("crm.rfm.segment", readonly=True)
    segment_color = fields.Integer(related="segment_id.color", aggregator=None)
    customers = fields.Integer(
        readonly=True,
        aggregator="sum",
        help="Number of customers in the segment on that day. For several days, the "
        "daily average.",
    )

    @api.model
    def _days(self):
        """The days that are looked at.

        :return: rising; the last ones where there are more than :data:`MAX_DAYS`
        :rtype: list[datetime.date]
        """
        today = fields.Date.context_today(self)
        date_to = fields.Date.to_date(self.env.context.get("rfm_date_to")) or today
        date_from = fields.Date.to_date(
            self.env.context.get("rfm_date_from")
        ) or date_to - relativedelta(months=12)
        date_from, day = min(date_from, date_to), max(date_from, date_to)
        weekly = self.env.context.get("rfm_step") == "week"
        days = []
        while day >= date_from and len(days) < MAX_DAYS:
            days.append(day)
            day -= timedelta(days=7 if weekly else day.day)
        return days[::-1]

    @api.model
    def _history_days(self):
        days = self._days()
        return days[0], days[-1]

    @api.model
    def _shows_history(self, starts):
        return min(starts) <= self._days()[-1]

    @property
    def _table_query(self):
        tune_for_bulk(self.env)
        days = self._days()
        # As the reader, not as superuser: rows without a customer cannot be hidden
        # with him, so those he may not see are left out before counting.
        scores = self.env["crm.rfm.score"]._search([])
        changes = self.env["crm.rfm.change"]._search([("date", ">", days[0])])
        return SQL(
            """
            WITH start AS (%(starts)s),
            day AS (
                SELECT date, number
                  FROM unnest(%(days)s::date[]) WITH ORDINALITY AS day (date, number)
            ),
            size AS (
                SELECT company_id, segment_id, count(*) AS customers
                  FROM (%(scores)s) AS score
                 WHERE segment_id IS NOT NULL
              GROUP BY company_id, segment_id
            ),
            -- Once through the changes; days number 1 to ``until`` lie before each.
            change AS (
                SELECT company_id, old_segment_id, new_segment_id,
                       width_bucket(date - 1, %(days)s::date[]) AS until,
                       count(*) AS customers
                  FROM (%(changes)s) AS change
              GROUP BY company_id, old_segment_id, new_segment_id, until
            ),
            flow AS (
                SELECT company_id, segment_id, until, sum(customers) AS customers
                  FROM (SELECT company_id, new_segment_id AS segment_id, until, customers
                          FROM change
                     UNION ALL
                        SELECT company_id, old_segment_id, until, -customers
                          FROM change) AS side
                 WHERE segment_id IS NOT NULL
              GROUP BY company_id, segment_id, until
            ),
            line AS (
                SELECT company_id, segment_id FROM size
                 UNION
                SELECT company_id, segment_id FROM flow
            )
            SELECT row_number() OVER (
                       ORDER BY line.company_id, line.segment_id, day.date) AS id,
                   line.company_id, line.segment_id, day.date,
                   (COALESCE(size.customers, 0) - COALESCE(since.customers, 0))::int
                       AS customers
              FROM line
              JOIN start USING (company_id)
              JOIN day ON day.date >= start.day
         LEFT JOIN size USING (company_id, segment_id)
         LEFT JOIN LATERAL (
                SELECT sum(flow.customers) AS customers
                  FROM flow
                 WHERE flow.company_id = line.company_id
                   AND flow.segment_id = line.segment_id
                   AND flow.until >= day.number
                ) AS since ON TRUE
            """,
            starts=self._history_starts_sql(),
            days=days,
            scores=scores.select(
                SQL("crm_rfm_score.company_id"), SQL("crm_rfm_score.segment_id")
            ),
            changes=changes.select(
                SQL("crm_rfm_change.company_id"),
                SQL("crm_rfm_change.old_segment_id"),
                SQL("crm_rfm_change.new_segment_id"),
                SQL("crm_rfm_change.date"),
            ),
        )

    def _read_group_select(self, aggregate_spec, query):
        """Sizes add up over segments, not over days: those are averaged."""
        if aggregate_spec != "customers:sum":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "round(SUM(%s)::numeric / NULLIF(COUNT(DISTINCT %s), 0))::int",
            self._field_to_sql(self._table, "customers", query),
            self._field_to_sql(self._table, "date", query),
        )

    @api.model
    def get_empty_list_help(self, help_message):
        return scores_help(self.env, super().get_empty_list_help(help_message))
