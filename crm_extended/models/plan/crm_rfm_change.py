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
        # sudo: plans enroll, whoever updates scores.
        plans = self.env["crm.care.plan"].sudo()
        plans._on_update(self, self.env["crm.rfm.refresh"], TRIGGERS)

    @api.model
    def _plan_condition(self, plan, update) -> SQL:
        """Which changes, ``change``, start a plan."""
        if plan.trigger == "first_purchase":
            return SQL(
                """
                change.old_code IS NULL AND EXISTS (
                    SELECT FROM crm_rfm_score AS bought
                     WHERE bought.partner_id = change.partner_id
                       AND bought.company_id = change.company_id
                       AND bought.first_date >= %s)
                """,
                update.as_of - RECENT,
            )
        column = "new_segment_id" if plan.trigger == "segment" else "old_segment_id"
        return SQL(
            """
            change.%s = ANY(%s)
            AND change.old_segment_id IS DISTINCT FROM change.new_segment_id
            """,
            SQL.identifier(column),
            plan.segment_ids.ids,
        )
