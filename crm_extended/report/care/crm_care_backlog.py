from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.care.crm_care_case import TYPES
from ...models.care.empty_help import cases_help
from ...models.common.bulk_sql import tune_for_bulk

# Up to this many points of time are shown one by one; beyond, the ends of weeks are.
MAX_DAYS = 366
MAX_WEEKS = 520


class CrmCareBacklog(models.Model):
    """How many cases were open at the end of each day, by team, type and tier.

    Open at the end of a day is what was opened on or before it and not closed until then,
    in the time zone of the user; today's figure is what is open now. A case that was
    opened again counts as open all the time in between, as only its last closing is kept.

    The days come from the context: ``care_date_from`` and ``care_date_to`` (ISO strings;
    twelve months ago and today when left out). Of a span of more than a year, the last day
    and back by sevens.

    One pass over the cases the reader may see gives what came and went between those days;
    their running sum for each team, type and tier is the backlog. So the cost is that of
    one look at each case, and of lines times days, of which there are few: a row for each
    open case and day would be a thousand times more.
    """

    _name = "crm.care.backlog"
    _description = "Service Case Backlog"
    _auto = False
    _rec_name = "date"
    _order = "date desc, team_id, id"
    _depends = {
        "crm.care.case": [
            "company_id",
            "team_id",
            "type",
            "sla_tier_id",
            "opened_date",
            "closed_date",
            "outcome",
            "active",
        ],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Date(string="Day", readonly=True)
    team_id = fields.Many2one("crm.care.team", readonly=True)
    type = fields.Selection(TYPES, readonly=True)
    tier_id = fields.Many2one(
        "crm.loyalty.tier",
        readonly=True,
        help="Tier of the customer when the SLA targets of the case were last computed.",
    )
    open_cases = fields.Integer(
        readonly=True,
        aggregator="sum",
        help="Cases open at the end of the day. For longer periods, at the end of the "
        "last day.",
    )

    @api.model
    def _days(self):
        """The days that are looked at.

        :return: rising, at least one
        :rtype: list[datetime.date]
        """
        today = fields.Date.context_today(self)
        date_to = fields.Date.to_date(self.env.context.get("care_date_to")) or today
        date_from = fields.Date.to_date(
            self.env.context.get("care_date_from")
        ) or date_to - relativedelta(months=12)
        # No one knows what will be open in the future.
        date_to = min(date_to, today)
        span = max((date_to - date_from).days, 0)
        if span <= MAX_DAYS:
            return [date_to - timedelta(days=back) for back in range(span, -1, -1)]
        weeks = min(span // 7, MAX_WEEKS)
        return [date_to - timedelta(days=7 * back) for back in range(weeks, -1, -1)]

    @property
    def _table_query(self):
        tune_for_bulk(self.env)
        days = self._days()
        # As the reader, not as superuser: records they may not see are not counted.
        cases = self.env["crm.care.case"]._search([])
        local = SQL("AT TIME ZONE 'UTC' AT TIME ZONE %s", self.env.tz.zone)
        return SQL(
            """
            WITH care AS (%(cases)s),
            change AS (
                SELECT company_id, team_id, type, tier_id, number, sum(cases) AS cases
                  FROM (SELECT *, 1 AS cases,
                               width_bucket(opened - 1, %(days)s::date[]) + 1 AS number
                          FROM care
                     UNION ALL
                        SELECT *, -1,
                               width_bucket(closed - 1, %(days)s::date[]) + 1
                          FROM care
                         WHERE closed IS NOT NULL) AS side
              GROUP BY company_id, team_id, type, tier_id, number
            ),
            line AS (SELECT DISTINCT company_id, team_id, type, tier_id FROM change),
            -- A line for each day without a join: nothing came or went on most.
            step AS (
                SELECT company_id, team_id, type, tier_id, number, cases FROM change
                 WHERE number <= %(count)s
             UNION ALL
                SELECT company_id, team_id, type, tier_id, number, 0
                  FROM line
            CROSS JOIN generate_series(1, %(count)s) AS day (number)
            ),
            point AS (
                SELECT company_id, team_id, type, tier_id, number,
                       sum(sum(cases)) OVER (
                           PARTITION BY company_id, team_id, type, tier_id
                           ORDER BY number) AS cases
                  FROM step
              GROUP BY company_id, team_id, type, tier_id, number
            )
            SELECT row_number() OVER () AS id, company_id, type,
                   (%(days)s::date[])[number] AS date,
                   NULLIF(team_id, 0) AS team_id, NULLIF(tier_id, 0) AS tier_id,
                   cases::int AS open_cases
              FROM point
            """,
            days=days,
            count=len(days),
            # None is 0 here, for the sake of joins.
            cases=cases.select(
                SQL("crm_care_case.company_id"),
                SQL("COALESCE(crm_care_case.team_id, 0) AS team_id"),
                SQL("crm_care_case.type"),
                SQL("COALESCE(crm_care_case.sla_tier_id, 0) AS tier_id"),
                SQL("(crm_care_case.opened_date %s)::date AS opened", local),
                SQL(
                    """
                    CASE WHEN crm_care_case.outcome IN ('solved', 'cancelled')
                         THEN (crm_care_case.closed_date %s)::date END AS closed
                    """,
                    local,
                ),
            ),
        )

    def _read_group_select(self, aggregate_spec, query):
        """What is open adds up over teams, not over days: the last one counts."""
        if aggregate_spec != "open_cases:sum":
            return super()._read_group_select(aggregate_spec, query)
        date = self._field_to_sql(self._table, "date", query)
        return SQL(
            """
            (SELECT sum(each.cases)::int
               FROM unnest(array_agg(%(date)s), array_agg(%(cases)s))
                    AS each (date, cases)
              WHERE each.date = max(%(date)s))
            """,
            date=date,
            cases=self._field_to_sql(self._table, "open_cases", query),
        )

    @api.model
    def get_empty_list_help(self, help_message):
        return cases_help(self.env, super().get_empty_list_help(help_message))
