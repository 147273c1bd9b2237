from odoo import fields, models

from ..common.shared_company import check_company_domain_of_shared


class CrmCustomerDateKind(models.Model):
    """What a day of a person is: a birthday, the end of a contract."""

    _name = "crm.customer.date.kind"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Kind of Date"
    _order = "sequence, id"
    _check_company_domain = check_company_domain_of_shared

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        index="btree_not_null",
        help="Without a company, the kind is shared by all of them.",
    )
    yearly = fields.Boolean(
        string="Every Year",
        default=True,
        help="Default for new dates of this kind: whether they come back each year.",
    )
    is_sensitive = fields.Boolean(
        string="Managers Only",
        help="Only sales managers and care managers see dates of this kind.",
    )
