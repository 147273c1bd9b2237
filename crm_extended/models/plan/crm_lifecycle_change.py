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
        # sudo: plans enroll, whoever updates stages.
        plans = self.env["crm.care.plan"].sudo()
        plans._on_update(self, self.env["crm.lifecycle.run"], TRIGGERS)

    @api.model
    def _plan_condition(self, plan, update) -> SQL:
        """Which changes, ``change``, start a plan."""
        return plan._is_meant()
