from odoo import models


class ResCurrencyRate(models.Model):
    _inherit = "res.currency.rate"

    # Each foreign purchase in the history looks for the rate of its day; the table's
    # own indexes make that a walk through all the days of the currency.
    _day_index = models.Index("(currency_id, company_id, name)")
