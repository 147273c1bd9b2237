from odoo import models


class AccountMoveLine(models.Model):
    """Index that cash roundings are found by."""

    _inherit = "account.move.line"

    # Few among many lines. Sums of lines look for them each time.
    _cash_rounding_index = models.Index("(move_id) WHERE display_type = 'rounding'")
