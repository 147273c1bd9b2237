from datetime import datetime, time

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ...analytics.plan.schedule import at_wall_clock
from .crm_care_plan import DATED, ON_THEIR_DAY
from .crm_loyalty_change import REASONS
from .rating_rating import BAD

# Updates and ratings of a day that are looked at.
LATEST = 200


class CrmCarePlan(models.Model):
    """A part of plans: what enrolls customers today, read again from what happened. Nothing
    is written; it is what a plan that runs since midnight would have seen.

    Each ``_today_<trigger>`` returns queries for ``partner_id`` and ``event_date``.
    """

    _inherit = "crm.care.plan"

    def _todays_source(self) -> SQL | None:
        """The customers of today's events so far, or whose day is today; None where there
        are none."""
        self.ensure_one()
        today = self._today()
        if self.trigger in dict(DATED):
            runs = self.env["crm.care.plan.run"]
            queries = [getattr(runs, f"_source_{self.trigger}")(self, today, today)]
        else:
            queries = getattr(self, f"_today_{self.trigger}")()
        if not queries:
            return None
        return self._listed(self._not_enrolled_by(SQL(" UNION ALL ").join(queries)))

    def _not_enrolled_by(self, source) -> SQL:
        """Those of these customers whom the plan did not enroll by the same event: it is
        over for them, also where the plan takes them again."""
        return SQL(
            """
            SELECT source.partner_id, source.event_date
              FROM (%s) AS source
             WHERE NOT EXISTS (SELECT FROM crm_care_enrollment AS earlier
                                WHERE earlier.plan_id = %s
                                  AND earlier.partner_id = source.partner_id
                                  AND earlier.event_date = source.event_date)
            """,
            source,
            self.id,
        )

    def _matching_source(self) -> SQL | None:
        """Those who match now, where a plan can begin with them; None where there are
        none."""
        return None if self.trigger in ON_THEIR_DAY else self._listed(self._matching())

    def _midnight(self) -> datetime:
        """The moment at which the plan's day began."""
        return at_wall_clock(datetime.combine(self._today(), time()), self._get_zone())

    def _today_manual(self):
        return []

    def _sources_of_today(self, changes, updates) -> list[SQL]:
        """The customers whose changes in the updates of today start the plan.

        :param changes: the model of the changes
        :param updates: the model of the log of updates
        """
        changes.flush_model()
        latest = updates.search(
            [
                ("company_id", "=", self.company_id.id),
                ("as_of", "=", self._today()),
                ("first_change_id", "!=", False),
            ],
            order="id desc",
            limit=LATEST,
        )
        return [
            self._source_of_update(changes, update)
            for update in latest
            if update._is_ordinary()
        ]

    def _today_first_purchase(self):
        return self._sources_of_today(
            self.env["crm.rfm.change"], self.env["crm.rfm.refresh"]
        )

    def _today_segment(self):
        return self._today_first_purchase()

    def _today_segment_left(self):
        return self._today_first_purchase()

    def _today_tier_up(self):
        changes = self.env["crm.loyalty.change"].search(
            [("company_id", "=", self.company_id.id), ("date", "=", self._today())],
            order="id",
        )
        if not changes:
            return []
        assessments = self.env["crm.loyalty.assessment"]
        batches, rest = [], changes
        for one in assessments.search(
            [
                ("company_id", "=", self.company_id.id),
                ("last_change_id", ">=", changes[0].id),
            ],
            order="id desc",
            limit=LATEST,
        ):
            theirs = rest.filtered(
                lambda each, one=one: (
                    one.first_change_id <= each.id <= one.last_change_id
                )
            )
            rest -= theirs
            batches.append(theirs)
        changes.flush_model()
        return [
            batch._source_of(self, REASONS[self.trigger])
            for batch in [*batches, rest]
            if batch and assessments._is_ordinary_for(batch)
        ]

    def _today_tier_down(self):
        return self._today_tier_up()

    def _today_case_solved(self):
        cases = self.env["crm.care.case"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("outcome", "=", "solved"),
                ("closed_date", ">=", self._midnight()),
            ]
        )
        customers = cases._customers_solved(self)
        return [self._source(customers)] if customers else []

    def _today_complaint_solved(self):
        return self._today_case_solved()

    def _today_bad_rating(self):
        ratings = self.env["rating.rating"].search(
            [
                ("consumed", "=", True),
                ("rating_text", "=", BAD),
                ("rated_on", ">=", self._midnight()),
            ],
            order="id desc",
            limit=LATEST,
        )
        mine = ratings.filtered(lambda one: one._company_of(one) == self.company_id)
        customers = self.env["res.partner"].union(*map(ratings._customer_of, mine))
        return [self._source(customers)] if customers else []

    def _today_plan(self):
        """Customers who have completed the plan before it, not the control group."""
        done = self.env["crm.care.enrollment"].search(
            Domain("plan_id", "=", self.trigger_plan_id.id)
            & Domain("state", "=", "done")
            & Domain("arm", "=", "plan")
            & Domain("end_date", ">=", self._midnight())
        )
        return [self._source(done.partner_id)] if done else []
