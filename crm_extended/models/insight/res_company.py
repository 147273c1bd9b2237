from odoo import api, fields, models
from odoo.exceptions import ValidationError

# What a company without a setting of its own has.
DEFAULT_MONTHS = 36
DEFAULT_YEARS = 3
MAX_RATE = 1000
MAX_MONTHS = 240
MAX_YEARS = 50


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
