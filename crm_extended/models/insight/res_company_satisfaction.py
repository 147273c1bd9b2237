from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...analytics.insight.satisfaction import DEFAULT_WEIGHTS, weights_sum_to_one

WEIGHTS = (
    "satisfaction_weight",
    "satisfaction_expectation_weight",
    "satisfaction_ideal_weight",
)


class ResCompany(models.Model):
    """A part of companies: how the three answers of the satisfaction index are weighted."""

    _inherit = "res.company"

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
