from odoo import api, fields, models

from .crm_care_stage import OPEN

# The largest factor.
MAX_FACTOR = 1000


class CrmLoyaltyTier(models.Model):
    _inherit = "crm.loyalty.tier"

    care_factor = fields.Float(
        string="Response Time Factor",
        required=True,
        default=1.0,
        help="SLA targets of the tier's customers are multiplied by this factor: 0.5 "
        "halves the time allowed.",
    )

    _positive_care_factor = models.Constraint(
        "CHECK (care_factor > 0)", "The response time factor must be greater than 0."
    )

    def write(self, vals):
        result = super().write(vals)
        if "care_factor" in vals:
            # sudo: the tier applies to all cases, also those the user cannot see.
            cases = self.env["crm.care.case"].sudo()
            cases.search(
                [("outcome", "in", OPEN), ("sla_tier_id", "in", self.ids)]
            )._apply_targets()
        return result

    @api.model
    def _number_limits(self):
        return {**super()._number_limits(), "care_factor": MAX_FACTOR}
