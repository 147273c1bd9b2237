from odoo import api, models


class CrmLoyaltyAssessment(models.Model):
    _inherit = "crm.loyalty.assessment"

    @api.model
    def _run(self, company, as_of):
        assessment = super()._run(company, as_of)
        # sudo: cases that are not on his desk follow the tier, too.
        self.env["crm.care.case"].sudo()._follow_standings(company)
        return assessment


class CrmLoyaltyMembership(models.Model):
    _inherit = "crm.loyalty.membership"

    @api.model
    def _follow_by_hand(self, customers):
        result = super()._follow_by_hand(customers)
        # sudo: cases that are not on his desk follow the tier, too.
        self.env["crm.care.case"].sudo()._follow_standings(self.env.company)
        return result


class CrmRfmRefresh(models.Model):
    _inherit = "crm.rfm.refresh"

    @api.model
    def _run(self, company, as_of):
        refresh = super()._run(company, as_of)
        # sudo: cases that are not on his desk follow the segment, too.
        self.env["crm.care.case"].sudo()._follow_standings(company)
        return refresh


class CrmLoyaltyTier(models.Model):
    _inherit = "crm.loyalty.tier"

    def write(self, vals):
        result = super().write(vals)
        if "care_factor" in vals:
            # sudo: cases that are not on his desk follow the tier, too.
            cases = self.env["crm.care.case"].sudo()
            cases.search(
                [
                    ("outcome", "in", ("open", "waiting")),
                    ("sla_tier_id", "in", self.ids),
                ]
            )._apply_targets()
        return result
