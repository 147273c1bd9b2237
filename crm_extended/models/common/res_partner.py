from odoo import models


class ResPartner(models.Model):
    """Contacts show what is joined to the customer they belong to, in the current
    company, and give figures of it."""

    _name = "res.partner"
    _inherit = [
        "res.partner",
        "crm.customer.join.mixin",
        "crm.customer.figures.mixin",
    ]
    # The reader's current company.
    _customer_company_field = None
    _customer_joins_last = True
