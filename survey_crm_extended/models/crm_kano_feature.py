from odoo import fields, models


class CrmKanoFeature(models.Model):
    """Something that a product or service may have, about which customers are asked in
    pairs of questions. It is the same one in every wave: each survey that asks about it
    is a wave."""

    _name = "crm.kano.feature"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Kano Feature"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
