from odoo import fields, models

from .groups import USE_CARE


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_crm_care = fields.Boolean(
        string="Service Care",
        implied_group=USE_CARE,
        group="sales_team.group_sale_salesman,crm_extended.group_care_agent,"
        "base.group_portal",
    )
    care_deleted_customer = fields.Selection(
        related="company_id.care_deleted_customer", readonly=False
    )
    care_portal_company_cases = fields.Boolean(
        related="company_id.care_portal_company_cases", readonly=False
    )
