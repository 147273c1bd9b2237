from odoo import models


class CrmCustomerTransaction(models.Model):
    """Purchases by the tier of the customer."""

    _name = "crm.customer.transaction"
    _inherit = ["crm.customer.transaction", "crm.loyalty.dimension.mixin"]
    _customer_field = "partner_id"
