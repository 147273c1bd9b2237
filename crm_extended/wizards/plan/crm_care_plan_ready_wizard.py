from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...models.plan.ready_made import ready_made_plans


class CrmCarePlanReadyWizard(models.TransientModel):
    """Makes drafts out of a ready-made plan."""

    _name = "crm.care.plan.ready.wizard"
    _description = "Choose a Ready-Made Plan"

    key = fields.Selection(
        selection="_select_key",
        string="Plan",
        required=True,
        default=lambda self: next(iter(ready_made_plans(self.env))),
    )
    description = fields.Char(compute="_compute_description")
    needs = fields.Char(compute="_compute_description")
    asks_for_days = fields.Boolean(compute="_compute_description")
    trigger_days = fields.Integer(
        string="Days After a Purchase",
        default=60,
        help="How long a purchase usually lasts.",
    )
    product_tmpl_ids = fields.Many2many("product.template", string="Products")
    product_categ_ids = fields.Many2many(
        "product.category", string="Product Categories"
    )

    @api.model
    def _select_key(self):
        return [(key, plan.name) for key, plan in ready_made_plans(self.env).items()]

    @api.depends("key")
    def _compute_description(self):
        plans = ready_made_plans(self.env)
        for wizard in self:
            plan = plans.get(wizard.key)
            wizard.description = plan and plan.description
            wizard.needs = plan and plan.needs
            wizard.asks_for_days = bool(plan and "trigger_days" in plan.asks)

    def action_create(self):
        """Create the drafts and open them."""
        self.ensure_one()
        ready = ready_made_plans(self.env)[self.key]
        if "trigger_days" in ready.asks and not 0 < self.trigger_days <= 3650:
            raise UserError(self.env._("Enter a number of days from 1 to 3,650."))
        answers = {
            name: [Command.set(self[name].ids)]
            if self._fields[name].type == "many2many"
            else self[name]
            for name in ready.asks
        }
        plans = ready.make_for(self.env.company, **answers)
        action = {
            "type": "ir.actions.act_window",
            "res_model": "crm.care.plan",
            "name": ready.name,
        }
        if len(plans) > 1:
            return action | {
                "view_mode": "list,form",
                "domain": [("id", "in", plans.ids)],
            }
        return action | {"res_id": plans.id, "view_mode": "form"}
