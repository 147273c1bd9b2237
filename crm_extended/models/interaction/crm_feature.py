from odoo import api, models

from ..common.crm_feature import Feature
from .groups import USE_TIMELINE


class CrmFeature(models.AbstractModel):
    _inherit = "crm.feature"

    @api.model
    def _features(self):
        timeline = Feature(
            setting="group_crm_timeline",
            groups={
                USE_TIMELINE: (
                    "sales_team.group_sale_salesman",
                    "crm_extended.group_care_agent",
                )
            },
        )
        return {**super()._features(), "timeline": timeline}

    @api.model
    def _after_switching_on(self, key):
        if key == "timeline":
            # What happened meanwhile, in the background.
            self.env["crm.last.contact"]._catch_up()
        return super()._after_switching_on(key)

    @api.model
    def _get_leftovers(self, key):
        leftovers = super()._get_leftovers(key)
        if key == "timeline":
            # sudo: only numbers are shown, to users who may change settings.
            count = self.env["crm.interaction"].sudo().search_count([])
            if count:
                leftovers.append(self.env._("Logged interactions: %s", count))
        return leftovers
