from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...analytics.rfm.classes import DEFAULT_LIMITS, are_limits
from ...analytics.rfm.grid import DEFAULT_BINS, MAX_BINS, MIN_BINS
from ...analytics.rfm.thresholds import is_rising

# A hundred years.
MAX_MONTHS = 1200

DIMENSIONS = ("recency", "frequency", "monetary")
CLASS_LIMITS = ("rfm_a_percent", "rfm_b_percent")
THRESHOLDS = [f"rfm_{dimension}_thresholds" for dimension in DIMENSIONS]


class ResCompany(models.Model):
    _inherit = "res.company"

    rfm_definition_changed = fields.Boolean(
        string="RFM Definition Changed",
        help="The next score update is the first one with a new definition of "
        "purchases.",
    )
    # None of these is required in the database: companies of other addons may be created
    # before this one is loaded, for example during an upgrade. Empty means the default.
    rfm_window_months = fields.Integer(
        string="Lookback Period",
        default=12,
        help="The number of past months in which purchases count. Enter 0 to count all "
        "purchases.",
    )
    rfm_bins = fields.Integer(
        string="Number of Levels",
        default=DEFAULT_BINS,
        help="Customers are scored from 1 (lowest) to this number (highest).",
    )
    rfm_method = fields.Selection(
        [
            ("quantile", "Quantiles (relative)"),
            ("threshold", "Your own thresholds"),
        ],
        string="Scoring Method",
        default="quantile",
        help="Quantiles: with five levels, each score covers one fifth of the "
        "customers. Your own thresholds: a score depends only on the customer's own "
        "purchases, not on other customers. Customers with equal values always get "
        "equal scores.",
    )
    # One threshold less than there are scores, rising: lists of numbers.
    rfm_recency_thresholds = fields.Json(
        string="Recency Thresholds",
        help="Days: up to the first threshold the score is highest, above the last one "
        "it is lowest.",
    )
    rfm_frequency_thresholds = fields.Json(
        string="Frequency Thresholds",
        help="Purchases: up to the first threshold the score is lowest, above the last "
        "one it is highest.",
    )
    rfm_monetary_thresholds = fields.Json(
        string="Monetary Thresholds",
        help="Amounts in the company's currency: up to the first threshold the score "
        "is lowest, above the last one it is highest.",
    )
    rfm_monetary_measure = fields.Selection(
        [("total", "Total amount"), ("average", "Average purchase")],
        string="Monetary Measure",
        default="total",
        help="The amount that the monetary score is based on: the total amount spent "
        "in the lookback period, or the average per purchase.",
    )
    rfm_post_moves = fields.Selection(
        [
            ("no", "No"),
            ("segment", "Segment changes"),
            ("all", "Any score change"),
        ],
        string="Log Changes on Contacts",
        default="no",
        help="Log a note on the customer's contact when the score or segment changes. "
        "Everyone with access to the contact can read the note, including users "
        "outside sales and in other companies.",
    )

    rfm_a_percent = fields.Integer(
        string="Class A up to",
        default=DEFAULT_LIMITS[0],
        help="Class A: the top customers who together account for this percentage of "
        "revenue.",
    )
    rfm_b_percent = fields.Integer(
        string="Class B up to",
        default=DEFAULT_LIMITS[1],
        help="Class B: the next customers, up to this percentage of revenue. All others "
        "are class C.",
    )

    @api.constrains("rfm_window_months")
    def _check_rfm_window_months(self):
        for company in self:
            if not 0 <= company.rfm_window_months <= MAX_MONTHS:
                raise ValidationError(
                    self.env._(
                        "The lookback period must be between 0 and %(limit)s months. "
                        "Enter 0 to count all purchases.",
                        limit=MAX_MONTHS,
                    )
                )

    @api.constrains("rfm_bins")
    def _check_rfm_bins(self):
        for company in self:
            if not MIN_BINS <= company.rfm_bins <= MAX_BINS:
                raise ValidationError(
                    self.env._(
                        "The number of levels must be between %(low)s and %(high)s.",
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
                            "%(thresholds)s must increase: each number must be higher "
                            "than the one before it. You entered %(values)s.",
                            thresholds=self._fields[name].get_description(self.env)[
                                "string"
                            ],
                            values=" | ".join(f"{value:g}" for value in values),
                        )
                    )

    @api.constrains(*CLASS_LIMITS)
    def _check_class_limits(self):
        for company in self:
            if not are_limits(*(company[name] for name in CLASS_LIMITS)):
                raise ValidationError(
                    self.env._(
                        "The limit of class A must be above 0%, the limit of class B "
                        "above that of class A and below 100%."
                    )
                )

    @api.model
    def _get_default_class_limits(self) -> dict[str, int]:
        """The limits of companies that have none yet."""
        return dict(zip(CLASS_LIMITS, DEFAULT_LIMITS, strict=True))

    def _get_class_limits(self) -> list[int]:
        """The ends of class A and class B, in percent of the revenue."""
        self.ensure_one()
        defaults = self._get_default_class_limits()
        return [self[name] or defaults[name] for name in CLASS_LIMITS]

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
                    "%(company)s scores customers with its own thresholds and %(bins)s "
                    "levels, which requires %(wanted)s thresholds each for recency, "
                    "frequency and amount. Enter them with “Choose Thresholds” in the "
                    "CRM settings.",
                    company=self.display_name,
                    bins=self._get_rfm_bins(),
                    wanted=self._get_rfm_bins() - 1,
                )
            )
        return tuple(self[name] for name in THRESHOLDS)

    @api.model
    def _get_definition_jobs(self):
        return [*super()._get_definition_jobs(), "crm.rfm.refresh"]
