from odoo import fields, models

from ..common.shared_company import check_company_domain_of_shared


class CrmLoyaltyBenefit(models.Model):
    """What a tier gives to its members, shown to staff and customers."""

    _name = "crm.loyalty.benefit"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Loyalty Benefit"
    _order = "sequence, id"
    _check_company_domain = check_company_domain_of_shared

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", ondelete="cascade"
    )
    level = fields.Selection(
        [
            ("financial", "Financial"),
            ("social", "Social"),
            ("structural", "Structural"),
        ],
        required=True,
        default="financial",
        help="How the benefit retains customers: by price (financial), by personal "
        "recognition (social), or by something that is hard to get elsewhere "
        "(structural). After Berry and Parasuraman, Marketing Services, 1991.",
    )
    description = fields.Text(translate=True, help="Shown to customers in the portal.")
