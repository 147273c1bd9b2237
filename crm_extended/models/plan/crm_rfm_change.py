from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .crm_care_plan_match import RECENT_DAYS

TRIGGERS = ("first_purchase", "segment", "segment_left")
RECENT = timedelta(days=RECENT_DAYS)


class CrmRfmChange(models.Model):
    """Changes of segments start care plans."""

    _inherit = "crm.rfm.change"

    @api.model
    def _get_subscribers(self, company):
        subscribers = super()._get_subscribers(company)
        # sudo: whether there are any, for users who may update scores.
        if self.env["crm.care.plan"].sudo()._running(company, TRIGGERS):
            subscribers.append("_start_plans")
        return subscribers

    def _start_plans(self):
        """Enroll the customers of an update, all at once with the first batch of its
        changes."""
        # sudo: the log of updates.
        refreshes = self.env["crm.rfm.refresh"].sudo()
        refresh = refreshes.search(
            [
                ("company_id", "=", self.company_id.id),
                ("first_change_id", "<=", min(self.ids)),
                ("last_change_id", ">=", max(self.ids)),
            ],
            order="id desc",
            limit=1,
        )
        if not refresh or refresh.plans_started:
            return
        refresh.plans_started = True
        if not refresh._is_ordinary():
            return
        # sudo: plans enroll, whoever updates scores.
        plans = self.env["crm.care.plan"].sudo()
        self.flush_model()
        plans._on_event(
            self.company_id,
            TRIGGERS,
            lambda plan: self._source_of(plan, plan.trigger, refresh),
        )

    @api.model
    def _source_of(self, plan, trigger, refresh) -> SQL:
        if trigger == "first_purchase":
            condition = SQL(
                """
                change.old_code IS NULL AND EXISTS (
                    SELECT FROM crm_rfm_score AS bought
                     WHERE bought.partner_id = change.partner_id
                       AND bought.company_id = change.company_id
                       AND bought.first_date >= %s)
                """,
                refresh.as_of - RECENT,
            )
        else:
            column = "new_segment_id" if trigger == "segment" else "old_segment_id"
            condition = SQL(
                """
                change.%s = ANY(%s)
                AND change.old_segment_id IS DISTINCT FROM change.new_segment_id
                """,
                SQL.identifier(column),
                plan.segment_ids.ids,
            )
        return SQL(
            """
            SELECT change.partner_id, change.date AS event_date
              FROM crm_rfm_change AS change
             WHERE change.company_id = %s AND change.id BETWEEN %s AND %s
               AND change.reason IS NULL AND change.date = %s AND %s
            """,
            refresh.company_id.id,
            refresh.first_change_id,
            refresh.last_change_id,
            refresh.as_of,
            condition,
        )
