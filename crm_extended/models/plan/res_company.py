from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    care_plans_stopped = fields.Boolean(
        string="Stop All Care Plans",
        help="No step of any care plan of this company is run, and no customer is "
        "enrolled, until this is switched off. Everyone keeps their place. Messages that "
        "are in Odoo's queue already are still sent.",
    )
