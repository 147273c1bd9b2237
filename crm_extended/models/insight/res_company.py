from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...analytics.insight.satisfaction import DEFAULT_WEIGHTS, weights_sum_to_one
from .crm_product_pair import LEVELS

# Of products bought together: the least number of baskets with each, and with both.
LEAST_BASKETS = 10
PAIR_MONTHS = 12
MAX_PAIR_MONTHS = 120
# Days of the periods whose revenue life-cycle stages compare.
DEFAULT_DAYS = 180
MIN_DAYS, MAX_DAYS = 7, 3650
# Of forecasts: what a company without a setting of its own has.
DEFAULT_MONTHS = 36
DEFAULT_YEARS = 3
MAX_RATE = 1000
MAX_MONTHS = 240
MAX_YEARS = 50
# The weights of the three answers of the satisfaction index.
WEIGHTS = (
    "satisfaction_weight",
    "satisfaction_expectation_weight",
    "satisfaction_ideal_weight",
)


class ResCompany(models.Model):
    _inherit = "res.company"

    margin_case_cost = fields.Monetary(
        string="Cost of a Service Case",
        help="Deducted from the customer's margin for each case. 0: not at all.",
    )
    margin_interaction_cost = fields.Monetary(
        string="Cost of an Interaction",
        help="Deducted from the customer's margin for each logged call, visit or email. "
        "0: not at all.",
    )
    # Not required: companies are also created while this addon is not loaded. 0 means the
    # default.
    lifecycle_days = fields.Integer(
        string="Life-Cycle Period (Days)",
        default=DEFAULT_DAYS,
        help="Life-cycle stages compare the revenue of the last period with that of the "
        "period before.",
    )
    lifecycle_definition_changed = fields.Boolean(
        help="The next life-cycle update is the first one with a new definition of "
        "purchases."
    )

    pair_level = fields.Selection(
        LEVELS,
        string="Pairs Of",
        default="template",
        help="What is counted as one product: all variants of it, each variant, or all "
        "products of a category.",
    )
    pair_months = fields.Integer(
        string="Period of Pairs",
        default=PAIR_MONTHS,
        help="Purchases of so many months are counted.",
    )
    pair_min_baskets = fields.Integer(
        string="Minimum with Each",
        default=LEAST_BASKETS,
        help="Products in fewer orders, or bought by fewer customers, are in no pair.",
    )
    pair_min_percent = fields.Float(
        string="Minimum Share with Each",
        default=0.1,
        digits=(5, 3),
        help="In percent of all orders or customers; the higher of both limits counts.",
    )
    pair_min_together = fields.Integer(
        string="Minimum with Both",
        default=LEAST_BASKETS,
        help="Pairs in fewer orders, or of fewer customers, are not kept.",
    )
    pair_with_services = fields.Boolean(string="Pairs with Services")
    recommend_in_portal = fields.Boolean(string="Recommendations in the Portal")

    @api.constrains("pair_months", "pair_min_baskets", "pair_min_together")
    def _check_pair_numbers(self):
        for company in self:
            if not 1 <= company.pair_months <= MAX_PAIR_MONTHS:
                raise ValidationError(
                    self.env._(
                        "The period of pairs must be between 1 and %s months.",
                        MAX_PAIR_MONTHS,
                    )
                )
            if company.pair_min_baskets < 1 or company.pair_min_together < 1:
                raise ValidationError(
                    self.env._("The minimums of a pair must be at least 1.")
                )

    @api.constrains("pair_min_percent")
    def _check_pair_percent(self):
        for company in self:
            # Written so that NaN is refused, too.
            if not 0 <= company.pair_min_percent <= 100:
                raise ValidationError(
                    self.env._("The minimum share must be between 0 and 100 percent.")
                )

    def _get_pair_level(self) -> str:
        self.ensure_one()
        return self.pair_level or "template"

    def _get_pair_least(self) -> int:
        self.ensure_one()
        return self.pair_min_baskets or LEAST_BASKETS

    def _get_pair_together(self) -> int:
        self.ensure_one()
        return self.pair_min_together or LEAST_BASKETS

    def _get_pair_period(self, as_of=None) -> tuple:
        """First and last day of the purchases that pairs are found in.

        :param date as_of: the last day, today when left out
        """
        self.ensure_one()
        last = as_of or fields.Date.context_today(self)
        months = relativedelta(months=self.pair_months or PAIR_MONTHS)
        return last - months + relativedelta(days=1), last

    referral_links = fields.Boolean(
        string="Recommendation Links in the Portal",
        help="Customers get a personal link in the portal, which they send to people they "
        "recommend you to. What these send becomes a lead.",
    )
    # None is required: companies are also created while this addon is not loaded. 0
    # months or years mean the default.
    forecast_discount_rate = fields.Float(
        string="Discount a Year (%)",
        default=10.0,
        help="Revenue that is a year away is worth so much less today.",
    )
    forecast_months = fields.Integer(
        string="Months of Value",
        default=DEFAULT_MONTHS,
        help="Future value is that of the purchases expected in these months.",
    )
    forecast_years = fields.Integer(
        string="Years of Simple Value",
        default=DEFAULT_YEARS,
        help="The simple value is purchases a month × amount × 12 × these years × margin. "
        "Example: a customer of FedEx who spends 1,500 a month for 10 years is worth "
        "180,000.",
    )

    @api.constrains("margin_case_cost", "margin_interaction_cost")
    def _check_margin_costs(self):
        for company in self:
            if company.margin_case_cost < 0 or company.margin_interaction_cost < 0:
                raise ValidationError(
                    self.env._("The cost of service cannot be negative.")
                )

    @api.constrains("lifecycle_days")
    def _check_lifecycle_days(self):
        for company in self:
            if not MIN_DAYS <= company._get_lifecycle_days() <= MAX_DAYS:
                raise ValidationError(
                    self.env._(
                        "The life-cycle period must be between %(low)s and %(high)s days.",
                        low=MIN_DAYS,
                        high=MAX_DAYS,
                    )
                )

    def _get_lifecycle_days(self) -> int:
        """Days of the periods whose revenue life-cycle stages compare."""
        self.ensure_one()
        return self.lifecycle_days or DEFAULT_DAYS

    @api.model
    def _get_definition_jobs(self):
        return [*super()._get_definition_jobs(), "crm.lifecycle.run"]

    @api.constrains("forecast_discount_rate", "forecast_months", "forecast_years")
    def _check_forecast_settings(self):
        for company in self:
            rate, months, years = company._get_forecast_settings()
            if not 0 <= rate <= MAX_RATE:
                raise ValidationError(
                    self.env._(
                        "The discount must be between 0 and %s percent a year.",
                        MAX_RATE,
                    )
                )
            if not 1 <= months <= MAX_MONTHS:
                raise ValidationError(
                    self.env._(
                        "The months of value must be between 1 and %s.", MAX_MONTHS
                    )
                )
            if not 1 <= years <= MAX_YEARS:
                raise ValidationError(
                    self.env._(
                        "The years of the simple value must be between 1 and %s.",
                        MAX_YEARS,
                    )
                )

    def _get_forecast_settings(self) -> tuple[float, int, int]:
        """Discount in per cent a year, months of the value, years of the simple value."""
        self.ensure_one()
        return (
            self.forecast_discount_rate,
            self.forecast_months or DEFAULT_MONTHS,
            self.forecast_years or DEFAULT_YEARS,
        )

    # -- Satisfaction index

    # Not required: companies are also created while this addon is not loaded. All of them
    # 0 means the default.
    satisfaction_weight = fields.Float(
        string="Weight of Satisfaction",
        default=DEFAULT_WEIGHTS[0],
        digits=(4, 3),
        help="How much overall satisfaction counts in the satisfaction index.",
    )
    satisfaction_expectation_weight = fields.Float(
        string="Weight of Expectations Met",
        default=DEFAULT_WEIGHTS[1],
        digits=(4, 3),
        help="How much it counts in the satisfaction index whether expectations were met.",
    )
    satisfaction_ideal_weight = fields.Float(
        string="Weight of Closeness to the Ideal",
        default=DEFAULT_WEIGHTS[2],
        digits=(4, 3),
        help="How much closeness to the ideal counts in the satisfaction index.",
    )

    @api.constrains(*WEIGHTS)
    def _check_satisfaction_weights(self):
        for company in self:
            if not weights_sum_to_one(company._get_satisfaction_weights()):
                raise ValidationError(
                    self.env._(
                        "The three weights of the satisfaction index must sum to 1, and "
                        "none of them can be negative."
                    )
                )

    def _get_satisfaction_weights(self) -> tuple[float, float, float]:
        """Weights of satisfaction, expectations met and closeness to the ideal."""
        self.ensure_one()
        weights = tuple(self[name] for name in WEIGHTS)
        return weights if any(weights) else DEFAULT_WEIGHTS
