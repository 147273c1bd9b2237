from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from ..loyalty.crm_loyalty_membership import SOON
from .crm_loyalty_change import REASONS

QUARTER = 90


class CrmCarePlan(models.Model):
    """A part of plans: how many customers a quarter are to be expected."""

    _inherit = "crm.care.plan"

    def _expected_per_quarter(self) -> int:
        """How many customers a quarter the plan enrolls: those of the last 90 days, where
        it has run for so long; else, or where these are more and it has ended, those for
        whom its trigger would have applied then, and whom it is for now."""
        self.ensure_one()
        # sudo: customers of all salespeople, as the plan would enroll them.
        plan = self.sudo().with_company(self.company_id)
        last = plan._today()
        first = last - timedelta(days=QUARTER)
        count, date = 0, plan.started_date
        has_run = plan.state != "draft" and date and date <= first
        if has_run:
            count = plan._count_customers(plan._enrolled_since(first))
        # One that is over has enrolled fewer since, or none.
        if not has_run or plan.state == "ended":
            plan._flush_what_decides()
            find = getattr(plan, f"_expected_{plan.trigger}", plan._expected_matching)
            source, factor = find(first, last)
            expected = plan._count_customers(plan._choosing(source)) * factor
            count = max(count, round(expected))
        return min(count, plan.max_per_day * QUARTER)

    def _count_customers(self, customers) -> int:
        query = SQL(
            "SELECT count(DISTINCT partner_id) FROM (%s) AS customer", customers
        )
        self.env.flush_query(query)
        [[count]] = self.env.execute_query(query)
        return count

    def _enrolled_since(self, first) -> SQL:
        self.env["crm.care.enrollment"].flush_model()
        return SQL(
            """
            SELECT partner_id FROM crm_care_enrollment
             WHERE plan_id = %s AND start_date >= %s
            """,
            self.id,
            first,
        )

    # -- By trigger: a query for ``partner_id`` and ``event_date``, and by what their number
    # is multiplied

    def _expected_matching(self, _first, _last):
        return self._matching(), 1

    def _expected_regular(self, _first, _last):
        return self._matching(), min(QUARTER / self.trigger_days, 1)

    def _expected_tier_risk(self, _first, _last):
        # At risk are those whose tier ends within so many days.
        return self._matching(), QUARTER / SOON

    def _expected_first_purchase(self, first, _last):
        return (
            SQL(
                """
                SELECT partner_id, first_date AS event_date FROM crm_rfm_score
                 WHERE company_id = %s AND first_date >= %s
                """,
                self.company_id.id,
                first,
            ),
            1,
        )

    def _expected_segment(self, first, _last):
        return self._changed(
            "crm.rfm.change", "new_segment_id", self.segment_ids, first
        )

    def _expected_segment_left(self, first, _last):
        return self._changed(
            "crm.rfm.change", "old_segment_id", self.segment_ids, first
        )

    def _expected_tier_up(self, first, _last):
        return self._changed("crm.loyalty.change", "new_tier_id", self.tier_ids, first)

    def _expected_tier_down(self, first, _last):
        return self._changed("crm.loyalty.change", "old_tier_id", self.tier_ids, first)

    def _changed(self, model, column, records, first):
        """Customers who moved to or from one of these segments or tiers; of tiers, any
        where none are named."""
        self.env[model].flush_model()
        kind, moved = column.split("_", 1)
        reason = REASONS.get(self.trigger)
        other = f"{'old' if kind == 'new' else 'new'}_{moved}"
        one = SQL.identifier("change", column)
        return (
            SQL(
                """
                SELECT change.partner_id, max(change.date) AS event_date
                  FROM %(table)s AS change
                 WHERE change.company_id = %(company)s AND change.date >= %(first)s
                   AND change.reason IS NOT DISTINCT FROM %(reason)s
                   AND %(one)s IS DISTINCT FROM %(other)s AND %(meant)s
              GROUP BY change.partner_id
                """,
                table=SQL.identifier(self.env[model]._table),
                company=self.company_id.id,
                first=first,
                reason=reason,
                one=one,
                other=SQL.identifier("change", other),
                meant=SQL("%s = ANY(%s)", one, records.ids)
                if records
                else SQL("%s IS NOT NULL", one),
            ),
            1,
        )

    def _expected_plan(self, first, _last):
        self.env["crm.care.enrollment"].flush_model()
        return (
            SQL(
                """
                SELECT partner_id, max(end_date)::date AS event_date
                  FROM crm_care_enrollment
                 WHERE plan_id = %s AND state = 'done' AND arm = 'plan' AND end_date >= %s
              GROUP BY partner_id
                """,
                self.trigger_plan_id.id,
                first,
            ),
            1,
        )

    def _expected_purchase(self, first, last):
        return self.env["crm.care.plan.run"]._source_purchase(self, first, last), 1

    def _expected_recommended(self, first, last):
        return self.env["crm.care.plan.run"]._recommended(self, first, last), 1

    def _expected_inactive(self, first, last):
        return self.env["crm.care.plan.run"]._source_inactive(self, first, last), 1

    def _expected_date(self, first, last):
        return self._on_days(first, last)

    def _expected_field(self, first, last):
        return self._on_days(first, last)

    def _expected_anniversary(self, first, last):
        return self._on_days(first, last)

    def _expected_next_purchase(self, first, last):
        return self._on_days(first, last)

    def _on_days(self, first, last):
        """Customers with a date whose day was within these."""
        runs = self.env["crm.care.plan.run"]
        known = getattr(runs, f"_source_{self.trigger}")(self, None, None)
        days = timedelta(days=self.trigger_days)
        days = -days if self.trigger_when == "after" else days
        years = [
            SQL(
                """
                (known.date + make_interval(years =>
                    greatest(%s - extract(year FROM known.date)::int, 1)))::date
                """,
                year,
            )
            for year in {(first + days).year, (last + days).year}
        ]
        within = SQL("BETWEEN %s AND %s", first + days, last + days)
        yearly = SQL(" OR ").join(SQL("%s %s", day, within) for day in years)
        return (
            SQL(
                """
                SELECT person.commercial_partner_id AS partner_id,
                       max(known.date) AS event_date
                  FROM (%s) AS known
                  JOIN res_partner AS person
                    ON person.id = known.person_id AND person.active
                 WHERE CASE WHEN known.yearly THEN %s ELSE known.date %s END
              GROUP BY person.commercial_partner_id
                """,
                known,
                yearly,
                within,
            ),
            1,
        )
