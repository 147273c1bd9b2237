from odoo import api, fields, models


class CrmPurchaseHistory(models.Model):
    _name = "crm.purchase.history"
    _inherit = "crm.customer.record.mixin"
    _description = "Purchase History"
    _rec_name = "reference"
    _order = "date desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(index=True, ondelete="restrict", check_company=True)
    company_id = fields.Many2one(default=lambda self: self.env.company)
    date = fields.Date(required=True, default=fields.Date.context_today)
    amount = fields.Monetary(
        required=True,
        help="Untaxed amount after discounts, negative for a refund.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        help="An amount in another currency than the company's is converted at the "
        "rate of its day.",
    )
    reference = fields.Char(
        help="Number of the purchase in the former system. It can be imported only "
        "once for each company.",
    )
    channel = fields.Char(help="Where it was bought: shop, web, phone…")

    _unique_reference = models.Constraint(
        "UNIQUE (company_id, reference)",
        "A purchase with this reference has been imported already. "
        "Each reference can stand only once for each company.",
    )

    @api.depends("company_id")
    def _compute_currency_id(self):
        for purchase in self:
            purchase.currency_id = purchase.company_id.currency_id

    @api.model
    def get_import_templates(self):
        return [
            {
                "label": self.env._("Import Template for Purchase History"),
                "template": "/crm_extended/static/xlsx/purchase_history.xlsx",
            }
        ]
