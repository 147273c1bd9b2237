from odoo import fields, models

from .groups import USE_INSIGHT


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_crm_insight = fields.Boolean(
        string="Analytics",
        implied_group=USE_INSIGHT,
        group="sales_team.group_sale_salesman",
    )
