from odoo import fields, models

from .groups import USE_PLANS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_crm_plans = fields.Boolean(
        string="Care Plans",
        implied_group=USE_PLANS,
        group="sales_team.group_sale_salesman",
    )
    care_plans_stopped = fields.Boolean(
        related="company_id.care_plans_stopped", readonly=False
    )
