from odoo import api, fields, models

from ...models.common.client_actions import RELOAD
from ...models.plan.crm_care_plan import ON_THEIR_DAY


class CrmCarePlanStartWizard(models.TransientModel):
    """Asks who begins with a plan, and starts it."""

    _name = "crm.care.plan.start.wizard"
    _description = "Start a Care Plan"

    plan_id = fields.Many2one("crm.care.plan", required=True, ondelete="cascade")
    who = fields.Selection(
        [
            ("from_now", "Only customers from now on"),
            ("matching", "Also customers who match now"),
        ],
        string="Who to Enroll",
        required=True,
        default="from_now",
    )
    is_manual = fields.Boolean(compute="_compute_what_begins")
    # There is no choice: all others come on their day.
    is_on_day = fields.Boolean(compute="_compute_what_begins")
    matching_count = fields.Integer(
        related="plan_id.matching_count",
        related_sudo=False,
        string="Customers Who Match Now",
    )
    max_per_day = fields.Integer(related="plan_id.max_per_day", related_sudo=False)

    @api.depends("plan_id")
    def _compute_what_begins(self):
        for wizard in self:
            wizard.is_manual = wizard.plan_id.trigger == "manual"
            wizard.is_on_day = wizard.plan_id.trigger in ON_THEIR_DAY

    def action_start(self):
        self.ensure_one()
        also_matching = self.who == "matching" and not self.is_on_day
        self.plan_id.action_start(also_matching=also_matching)
        return RELOAD
