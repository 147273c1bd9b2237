from odoo import api, models
from odoo.tools import SQL

TRIGGERS = ("lifecycle",)


class CrmLifecycleChange(models.Model):
    """Changes of life-cycle stages start care plans."""

    _inherit = "crm.lifecycle.change"

    @api.model
    def _get_subscribers(self, company):
        subscribers = super()._get_subscribers(company)
        # sudo: whether there are any, for users who may update stages.
        if self.env["crm.care.plan"].sudo()._running(company, TRIGGERS):
            subscribers.append("_start_plans")
        return subscribers

    def _start_plans(self):
        """Enroll the customers of an update, all at once with the first batch of its
        changes."""
        # sudo: the log of updates.
        runs = self.env["crm.lifecycle.run"].sudo()
        run = runs.search(
            [
                ("company_id", "=", self.company_id.id),
                ("first_change_id", "<=", min(self.ids)),
                ("last_change_id", ">=", max(self.ids)),
            ],
            order="id desc",
            limit=1,
        )
        if not run or run.plans_started:
            return
        run.plans_started = True
        if not run._is_ordinary():
            return
        # sudo: plans enroll, whoever updates stages.
        plans = self.env["crm.care.plan"].sudo()
        self.flush_model()
        plans._on_event(
            self.company_id, TRIGGERS, lambda plan: self._source_of(plan, run)
        )

    @api.model
    def _source_of(self, plan, run) -> SQL:
        return SQL(
            """
            SELECT change.partner_id, change.date AS event_date
              FROM crm_lifecycle_change AS change
             WHERE change.company_id = %s AND change.id BETWEEN %s AND %s
               AND change.reason IS NULL AND change.date = %s AND %s
            """,
            run.company_id.id,
            run.first_change_id,
            run.last_change_id,
            run.as_of,
            plan._is_meant(),
        )
