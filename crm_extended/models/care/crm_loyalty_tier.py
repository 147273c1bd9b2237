from odoo import models

from .crm_care_stage import OPEN


class CrmLoyaltyTier(models.Model):
    _inherit = "crm.loyalty.tier"

    def write(self, vals):
        result = super().write(vals)
        if "care_factor" in vals:
            # sudo: the tier applies to all cases, also those the user cannot see.
            cases = self.env["crm.care.case"].sudo()
            cases.search(
                [("outcome", "in", OPEN), ("sla_tier_id", "in", self.ids)]
            )._apply_targets()
        return result
