from odoo import api, models

from ..common.crm_feature import Feature
from .groups import MANAGE_PLANS, USE_PLANS


class CrmFeature(models.AbstractModel):
    _inherit = "crm.feature"

    @api.model
    def _features(self):
        plans = Feature(
            setting="group_crm_plans",
            groups={
                USE_PLANS: ("sales_team.group_sale_salesman",),
                MANAGE_PLANS: ("sales_team.group_sale_manager",),
            },
            needs=("consent",),
        )
        return {**super()._features(), "plans": plans}

    @api.model
    def _get_leftovers(self, key):
        leftovers = super()._get_leftovers(key)
        if key == "plans":
            # sudo: only a number is shown, to users who may change settings.
            running = self.env["crm.care.plan"].sudo()
            count = running.search_count([("state", "=", "running")])
            if count:
                leftovers.append(
                    self.env._("Running care plans that will stop: %s", count)
                )
        return leftovers
