from odoo import api, models

from ..common.crm_feature import Feature
from ..common.groups import SALES
from .crm_care_stage import OPEN
from .groups import (
    AGENT,
    ANSWERS_CASES,
    MANAGER,
    MANAGES_CARE,
    SEES_TIERS,
    USE_CARE,
)


class CrmFeature(models.AbstractModel):
    _inherit = "crm.feature"

    @api.model
    def _features(self):
        features = super()._features()
        loyalty = features["loyalty"]
        return {
            **features,
            # Agents see the tier on a case, and no other figure of the customer.
            "loyalty": loyalty._replace(
                groups={**loyalty.groups, SEES_TIERS: (AGENT, SALES)}
            ),
            "care": Feature(
                setting="group_crm_care",
                groups={
                    USE_CARE: (SALES, AGENT, "base.group_portal"),
                    ANSWERS_CASES: (AGENT,),
                    MANAGES_CARE: (MANAGER,),
                },
            ),
        }

    @api.model
    def _after_switching_on(self, key):
        if key == "care":
            # Tiers and segments that changed meanwhile.
            # sudo: cases the user cannot see, too.
            cases = self.env["crm.care.case"].sudo()
            for company in self.env["res.company"].sudo().search([]):
                cases._apply_changes(company, quiet=False)
        return super()._after_switching_on(key)

    @api.model
    def _get_leftovers(self, key):
        leftovers = super()._get_leftovers(key)
        if key == "care":
            # sudo: only numbers are shown, to users who may change settings.
            cases = self.env["crm.care.case"].sudo()
            count = cases.search_count([("outcome", "in", OPEN)])
            if count:
                leftovers.append(self.env._("Open cases: %s", count))
            teams = self.env["crm.care.team"].sudo()
            count = teams.search_count([("alias_name", "!=", False)])
            if count:
                leftovers.append(
                    self.env._("Mail addresses that will refuse mails: %s", count)
                )
        return leftovers
