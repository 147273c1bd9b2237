from odoo import models


class CrmCustomerTransaction(models.Model):
    """Purchases by the segment and score of the customer."""

    _name = "crm.customer.transaction"
    _inherit = ["crm.customer.transaction", "crm.rfm.dimension.mixin"]
    _customer_field = "partner_id"
