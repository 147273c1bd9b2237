from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

# How far ahead a tier can be promised.
MAX_YEARS = 100


class CrmLoyaltyTierWizard(models.TransientModel):
    """Gives customers a tier by hand, until a day and with a reason; or takes that back."""

    _name = "crm.loyalty.tier.wizard"
    _description = "Set Tier Manually"

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
        [("set", "Set a tier"), ("lift", "Remove Override (return to automatic)")],
        required=True,
        default="set",
    )
    tier_id = fields.Many2one(
        "crm.loyalty.tier", domain="[('id', 'in', allowed_tier_ids)]"
    )
    lock_until = fields.Date(
        string="Until",
        default=lambda self: fields.Date.context_today(self) + relativedelta(years=1),
        help="The last day of the override. Automatic assessment resumes on the day "
        "after.",
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
            memberships._end_override(self.partner_ids)
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        reason = (self.lock_reason or "").strip()
        if not (self.tier_id and self.lock_until and reason):
            raise ValidationError(
                self.env._("Choose the tier and the last day, and give a reason.")
            )
        self._check_tier()
        self._check_lock_until()
        memberships._set_override(
            self.partner_ids, self.tier_id, self.lock_until, reason
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _check_tier(self):
        # The field's domain holds for the form only.
        if self.tier_id not in self.allowed_tier_ids:
            raise ValidationError(
                self.env._(
                    "The tier is not available in %s. Choose one of this company's "
                    "tiers that is not archived.",
                    self.company_id.display_name,
                )
            )

    def _check_lock_until(self):
        today = fields.Date.context_today(self)
        if self.lock_until < today:
            raise ValidationError(
                self.env._(
                    "The last day has already passed. Choose today or a later day."
                )
            )
        if self.lock_until > today + relativedelta(years=MAX_YEARS):
            raise ValidationError(
                self.env._(
                    "The last day is too far ahead. Choose one within the next %s "
                    "years.",
                    MAX_YEARS,
                )
            )
