from odoo import fields, models

from ..common.shared_company import check_company_domain_of_shared


class CrmCareCategory(models.Model):
    _name = "crm.care.category"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Care Category"
    _order = "sequence, name, id"
    _check_company_domain = check_company_domain_of_shared

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", ondelete="cascade"
    )
