from odoo import api, fields, models

from ...models.plan.ready_made import ready_made_plans


class CrmCarePlanReadyWizard(models.TransientModel):
    """Makes a draft out of a ready-made plan."""

    _name = "crm.care.plan.ready.wizard"
    _description = "Choose a Ready-Made Plan"

    key = fields.Selection(
        selection="_select_key",
        string="Plan",
        required=True,
        default=lambda self: next(iter(ready_made_plans(self.env))),
    )
    description = fields.Char(compute="_compute_description")

    @api.model
    def _select_key(self):
        return [(key, plan.name) for key, plan in ready_made_plans(self.env).items()]

    @api.depends("key")
    def _compute_description(self):
        plans = ready_made_plans(self.env)
        for wizard in self:
            wizard.description = wizard.key and plans[wizard.key].description

    def action_create(self):
        """Create the draft and open it."""
        self.ensure_one()
        plan = ready_made_plans(self.env)[self.key].make_for(self.env.company)
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.care.plan",
            "res_id": plan.id,
            "view_mode": "form",
        }
