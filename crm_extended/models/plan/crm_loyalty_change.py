from odoo import api, fields, models
from odoo.tools import SQL

# What customers did themselves, or time. Changes of the tiers, of the definition of
# purchases, manual ones, and purchases that were reversed start no plan; nor do these
# where settings are new.
REASONS = {"tier_up": "earned", "tier_down": "fell"}


class CrmLoyaltyChange(models.Model):
    """Changes of tiers start care plans."""

    _inherit = "crm.loyalty.change"

    @api.model
    def _get_subscribers(self, company):
        subscribers = super()._get_subscribers(company)
        # sudo: whether there are any, for users who may assess tiers.
        if self.env["crm.care.plan"].sudo()._running(company, REASONS):
            subscribers.append("_start_plans")
        return subscribers

    def _start_plans(self):
        """Enroll the customers whose tiers changed today."""
        # sudo: plans enroll, whoever assesses tiers.
        plans = self.env["crm.care.plan"].sudo()
        # sudo: the log of assessments.
        if not self.env["crm.loyalty.assessment"].sudo()._is_ordinary_for(self):
            return
        self.flush_model()
        plans._on_event(
            self.company_id,
            REASONS,
            lambda plan: self._source_of(plan, REASONS[plan.trigger]),
        )

    def _source_of(self, plan, reason) -> SQL:
        # Upgraded to the tiers that the plan is for, or downgraded from them.
        column = "new_tier_id" if reason == "earned" else "old_tier_id"
        tier = SQL("change.%s", SQL.identifier(column))
        return SQL(
            """
            SELECT change.partner_id, change.date AS event_date
              FROM crm_loyalty_change AS change
             WHERE change.id = ANY(%s) AND change.reason = %s AND change.date = ANY(%s)
               AND change.old_tier_id IS DISTINCT FROM change.new_tier_id AND %s
            """,
            self.ids,
            reason,
            # The nightly assessment has the day of its own zone.
            [plan._today(), fields.Date.context_today(self)],
            SQL("%s = ANY(%s)", tier, plan.tier_ids.ids)
            if plan.tier_ids
            else SQL("%s IS NOT NULL", tier),
        )
