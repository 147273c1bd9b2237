from odoo import api, models
from odoo.tools import SQL


class CrmCareCase(models.Model):
    _inherit = "crm.care.case"

    @api.model
    def _follow_run(self, run):
        """Let the open cases of a company follow what its update or assessment found.

        After a changed definition they keep the targets that were promised: others
        could be missed at once, and escalated, without anybody having done anything.
        """
        # sudo: cases that are not on the desk of whoever started it follow, too.
        cases, company = self.sudo(), run.company_id
        if not run.definition_changed:
            cases._follow_standings(company)
            return
        cases.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_care_case AS care
                   SET sla_tier_id = (
                           SELECT tier_id FROM crm_loyalty_membership AS member
                            WHERE member.partner_id = care.commercial_partner_id
                              AND member.company_id = care.company_id),
                       sla_segment_id = (
                           SELECT segment_id FROM crm_rfm_score AS score
                            WHERE score.partner_id = care.commercial_partner_id
                              AND score.company_id = care.company_id)
                 WHERE care.outcome IN ('open', 'waiting') AND care.company_id = %s
                """,
                company.id,
            )
        )
        cases.invalidate_model(["sla_tier_id", "sla_segment_id"], flush=False)


class CrmLoyaltyAssessment(models.Model):
    _inherit = "crm.loyalty.assessment"

    @api.model
    def _run(self, company, as_of):
        assessment = super()._run(company, as_of)
        self.env["crm.care.case"]._follow_run(assessment)
        return assessment


class CrmLoyaltyMembership(models.Model):
    _inherit = "crm.loyalty.membership"

    @api.model
    def _process_override_effects(self, customers):
        result = super()._process_override_effects(customers)
        # sudo: cases that are not on his desk follow the tier, too.
        self.env["crm.care.case"].sudo()._follow_standings(self.env.company)
        return result


class CrmRfmRefresh(models.Model):
    _inherit = "crm.rfm.refresh"

    @api.model
    def _run(self, company, as_of):
        refresh = super()._run(company, as_of)
        self.env["crm.care.case"]._follow_run(refresh)
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
