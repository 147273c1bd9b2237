from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command


class CrmLoyaltyTierWizard(models.TransientModel):
    """Gives customers a tier by hand, until a day and with a reason; or takes that back."""

    _name = "crm.loyalty.tier.wizard"
    _description = "Set Tier by Hand"

    partner_ids = fields.Many2many(
        "res.partner", string="Customers", required=True, readonly=True
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, default=lambda self: self.env.company
    )
    allowed_tier_ids = fields.Many2many(
        "crm.loyalty.tier", compute="_compute_allowed_tier_ids"
    )
    operation = fields.Selection(
        [("set", "Set a tier"), ("lift", "Let the assessment decide again")],
        required=True,
        default="set",
    )
    tier_id = fields.Many2one(
        "crm.loyalty.tier", domain="[('id', 'in', allowed_tier_ids)]"
    )
    lock_until = fields.Date(
        string="Until",
        default=lambda self: fields.Date.context_today(self) + relativedelta(years=1),
        help="The last day. On the day after, the assessment takes over.",
    )
    lock_reason = fields.Char(string="Reason")

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        ids = self.env.context.get("active_ids", [])
        model = self.env.context.get("active_model")
        if model in ("crm.loyalty.membership", "crm.rfm.score"):
            ids = self.env[model].browse(ids).partner_id.ids
        elif model != "res.partner":
            ids = []
        customers = self.env["res.partner"].browse(ids).commercial_partner_id
        defaults["partner_ids"] = [Command.set(customers.ids)]
        return defaults

    @api.depends("company_id")
    def _compute_allowed_tier_ids(self):
        for wizard in self:
            tiers = self.env["crm.loyalty.tier"]
            wizard.allowed_tier_ids = tiers._of_company(wizard.company_id)

    def action_apply(self):
        self.ensure_one()
        memberships = self.env["crm.loyalty.membership"].with_company(self.company_id)
        if not self.partner_ids:
            raise UserError(self.env._("Choose at least one customer."))
        if self.operation == "lift":
            memberships._lift_by_hand(self.partner_ids)
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        if not (self.tier_id and self.lock_until and self.lock_reason):
            raise ValidationError(
                self.env._("Choose the tier, until when, and say why.")
            )
        if self.lock_until < fields.Date.context_today(self):
            raise ValidationError(
                self.env._("The last day is over already. Choose today or a later day.")
            )
        memberships._set_by_hand(
            self.partner_ids, self.tier_id, self.lock_until, self.lock_reason
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}
