from odoo import fields, models


class CrmCarePlanGroup(models.Model):
    """Care plans that exclude one another: a customer is in at most one of them at a
    time."""

    _name = "crm.care.plan.group"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Exclusion Group of Care Plans"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        ondelete="cascade",
    )
    plan_ids = fields.One2many("crm.care.plan", "exclusion_group_id", string="Plans")
