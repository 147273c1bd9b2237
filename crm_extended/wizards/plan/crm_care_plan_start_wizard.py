from odoo import fields, models


class CrmCarePlanStartWizard(models.TransientModel):
    """Asks who begins with a plan, and starts it."""

    _name = "crm.care.plan.start.wizard"
    _description = "Start a Care Plan"

    plan_id = fields.Many2one("crm.care.plan", required=True, ondelete="cascade")
    who = fields.Selection(
        [
            ("from_now", "Only customers to whom it happens from now on"),
            ("matching", "Also the customers who match now"),
        ],
        string="Who Begins",
        required=True,
        default="from_now",
    )
    is_manual = fields.Boolean(compute="_compute_is_manual")
    matching_count = fields.Integer(
        related="plan_id.matching_count", string="Customers Who Match Now"
    )
    max_per_day = fields.Integer(related="plan_id.max_per_day")

    def _compute_is_manual(self):
        for wizard in self:
            wizard.is_manual = wizard.plan_id.trigger == "manual"

    def action_start(self):
        self.ensure_one()
        self.plan_id.action_start(also_matching=self.who == "matching")
        return {"type": "ir.actions.client", "tag": "soft_reload"}
