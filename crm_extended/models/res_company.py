from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..analytics.rfm_grid import DEFAULT_BINS, MAX_BINS, MIN_BINS

# A hundred years.
MAX_MONTHS = 1200


class ResCompany(models.Model):
    _inherit = "res.company"

    # Not required in the database: other addons' companies may be created before this
    # one is loaded, for example during an upgrade. Empty means the default.
    rfm_source = fields.Selection(
        [
            ("invoice", "Posted invoices and credit notes"),
            ("sale", "Confirmed sales orders"),
        ],
        string="Purchases Are",
        default="invoice",
        help="What counts as a purchase. Imported purchase history always counts too.",
    )
    rfm_window_months = fields.Integer(
        string="Months Looked Back",
        default=12,
        help="Only purchases of the last so many months count. 0 counts all of them.",
    )
    rfm_bins = fields.Integer(
        string="Scores per Dimension",
        default=DEFAULT_BINS,
        help="Customers are scored from 1 (lowest) to this number (best).",
    )
    rfm_method = fields.Selection(
        [("quantile", "Equal shares of the customers")],
        string="Scoring Method",
        default="quantile",
        help="Equal shares: with five scores, each stands for a fifth of the "
        "customers. Equal customers always get equal scores.",
    )
    rfm_monetary_measure = fields.Selection(
        [("total", "Total amount"), ("average", "Average purchase")],
        string="Monetary Measure",
        default="total",
        help="What the monetary score compares: all that a customer spent in the "
        "months looked back, or that divided by the number of purchases.",
    )
    rfm_post_moves = fields.Selection(
        [
            ("no", "No"),
            ("segment", "Moves to another segment"),
            ("all", "All moves between grades"),
        ],
        string="Moves on the Contact",
        default="no",
        help="A note on the customer's contact tells of the move. Whoever may read the "
        "contact can read it there, also people outside sales and in other companies.",
    )

    @api.constrains("rfm_window_months")
    def _check_rfm_window_months(self):
        for company in self:
            if not 0 <= company.rfm_window_months <= MAX_MONTHS:
                raise ValidationError(
                    self.env._(
                        "The number of months looked back must lie between 0 and "
                        "%(limit)s. Enter 0 to count all purchases.",
                        limit=MAX_MONTHS,
                    )
                )

    @api.constrains("rfm_bins")
    def _check_rfm_bins(self):
        for company in self:
            if not MIN_BINS <= company.rfm_bins <= MAX_BINS:
                raise ValidationError(
                    self.env._(
                        "Scores per dimension must be a number from %(low)s to "
                        "%(high)s.",
                        low=MIN_BINS,
                        high=MAX_BINS,
                    )
                )
