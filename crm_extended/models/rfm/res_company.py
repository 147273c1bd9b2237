from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...analytics.rfm.grid import DEFAULT_BINS, MAX_BINS, MIN_BINS
from ...analytics.rfm.thresholds import is_rising

# A hundred years.
MAX_MONTHS = 1200

DIMENSIONS = ("recency", "frequency", "monetary")
THRESHOLDS = [f"rfm_{dimension}_thresholds" for dimension in DIMENSIONS]


class ResCompany(models.Model):
    _inherit = "res.company"

    rfm_definition_changed = fields.Boolean(
        help="The next update of scores is the first by another definition of purchases."
    )
    # None of these is required in the database: companies of other addons may be created
    # before this one is loaded, for example during an upgrade. Empty means the default.
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
        [
            ("quantile", "Equal shares of the customers"),
            ("threshold", "Fixed thresholds"),
        ],
        string="Scoring Method",
        default="quantile",
        help="Equal shares: with five scores, each stands for a fifth of the "
        "customers. Fixed thresholds: a score depends on what the customer did and not "
        "on the others. Equal customers always get equal scores.",
    )
    # One threshold less than there are scores, rising: lists of numbers.
    rfm_recency_thresholds = fields.Json(
        string="Recency Thresholds",
        help="Days: the best score up to the first, the lowest beyond the last.",
    )
    rfm_frequency_thresholds = fields.Json(
        string="Frequency Thresholds",
        help="Purchases: the lowest score up to the first, the best beyond the last.",
    )
    rfm_monetary_thresholds = fields.Json(
        string="Monetary Thresholds",
        help="Amounts in the company's currency: the lowest score up to the first, the "
        "best beyond the last.",
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

    @api.constrains(*THRESHOLDS)
    def _check_rfm_thresholds(self):
        for company in self:
            for name in THRESHOLDS:
                values = company[name] or []
                if not isinstance(values, list) or not all(
                    isinstance(value, int | float) and not isinstance(value, bool)
                    for value in values
                ):
                    raise ValidationError(
                        self.env._(
                            "%s must be a list of numbers.",
                            self._fields[name].get_description(self.env)["string"],
                        )
                    )
                if not is_rising(values):
                    raise ValidationError(
                        self.env._(
                            "%(thresholds)s must rise: each number must be higher than "
                            "the one before. Entered are %(values)s.",
                            thresholds=self._fields[name].get_description(self.env)[
                                "string"
                            ],
                            values=" | ".join(f"{value:g}" for value in values),
                        )
                    )

    def _get_rfm_bins(self) -> int:
        """The number of scores per dimension."""
        self.ensure_one()
        return self.rfm_bins or DEFAULT_BINS

    def _has_rfm_thresholds(self) -> bool:
        """Whether there are as many thresholds as the number of scores requires."""
        self.ensure_one()
        wanted = self._get_rfm_bins() - 1
        return all(len(self[name] or []) == wanted for name in THRESHOLDS)

    def _get_rfm_thresholds(self):
        """The fixed cut points of the company.

        :return: three lists of numbers (days, purchases, money), or ``None`` where its
            customers are scored in equal shares
        :raise UserError: if thresholds are missing
        """
        self.ensure_one()
        if self.rfm_method != "threshold":
            return None
        if not self._has_rfm_thresholds():
            raise UserError(
                self.env._(
                    "%(company)s scores by fixed thresholds, from 1 to %(bins)s, which "
                    "takes %(wanted)s of them for each of recency, frequency and "
                    "amount. Open the CRM settings, “Choose Thresholds”.",
                    company=self.display_name,
                    bins=self._get_rfm_bins(),
                    wanted=self._get_rfm_bins() - 1,
                )
            )
        return tuple(self[name] for name in THRESHOLDS)

    @api.model
    def _get_definition_jobs(self):
        return [*super()._get_definition_jobs(), "crm.rfm.refresh"]
