from odoo import api, fields, models

from .groups import SEE_MARGIN, USE_INSIGHT
from .res_company import WEIGHTS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_crm_insight = fields.Boolean(
        string="Analytics",
        implied_group=USE_INSIGHT,
        group="sales_team.group_sale_salesman",
    )
    group_crm_insight_margin = fields.Boolean(
        string="Salespeople See Margins",
        implied_group=SEE_MARGIN,
        group="sales_team.group_sale_salesman",
    )
    margin_case_cost = fields.Monetary(
        related="company_id.margin_case_cost",
        currency_field="company_currency_id",
        readonly=False,
    )
    margin_interaction_cost = fields.Monetary(
        related="company_id.margin_interaction_cost",
        currency_field="company_currency_id",
        readonly=False,
    )
    pair_level = fields.Selection(related="company_id.pair_level", readonly=False)
    pair_months = fields.Integer(related="company_id.pair_months", readonly=False)
    pair_min_baskets = fields.Integer(
        related="company_id.pair_min_baskets", readonly=False
    )
    pair_min_percent = fields.Float(
        related="company_id.pair_min_percent", readonly=False
    )
    pair_min_together = fields.Integer(
        related="company_id.pair_min_together", readonly=False
    )
    pair_with_services = fields.Boolean(
        related="company_id.pair_with_services", readonly=False
    )
    recommend_in_portal = fields.Boolean(
        related="company_id.recommend_in_portal", readonly=False
    )
    referral_links = fields.Boolean(related="company_id.referral_links", readonly=False)
    lifecycle_days = fields.Integer(related="company_id.lifecycle_days", readonly=False)
    forecast_discount_rate = fields.Float(
        related="company_id.forecast_discount_rate", readonly=False
    )
    forecast_months = fields.Integer(
        related="company_id.forecast_months", readonly=False
    )
    forecast_years = fields.Integer(related="company_id.forecast_years", readonly=False)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    # Not related: each would be written alone, and they are checked together.
    satisfaction_weight = fields.Float(
        string="Satisfaction",
        compute="_compute_satisfaction_weights",
        store=True,
        readonly=False,
        digits=(4, 3),
    )
    satisfaction_expectation_weight = fields.Float(
        string="Expectations Met",
        compute="_compute_satisfaction_weights",
        store=True,
        readonly=False,
        digits=(4, 3),
    )
    satisfaction_ideal_weight = fields.Float(
        string="Closeness to the Ideal",
        compute="_compute_satisfaction_weights",
        store=True,
        readonly=False,
        digits=(4, 3),
    )

    @api.depends("company_id")
    def _compute_satisfaction_weights(self):
        for settings in self:
            weights = settings.company_id._get_satisfaction_weights()
            settings.update(dict(zip(WEIGHTS, weights, strict=True)))

    def set_values(self):
        """Switching analytics off takes costs and margins from salespeople; what the
        form still says of them would give them back."""
        if not self.group_crm_insight:
            self.group_crm_insight_margin = False
        result = super().set_values()
        self.company_id.write({name: self[name] for name in WEIGHTS})
        return result
