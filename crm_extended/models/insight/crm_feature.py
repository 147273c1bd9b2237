from odoo import api, models

from ..common.crm_feature import Feature
from .groups import MANAGE_INSIGHT, SEE_MARGIN, USE_INSIGHT

# Jobs that run at once when the feature is switched on.
JOBS = ("crm_extended.ir_cron_lifecycle", "crm_extended.ir_cron_forecast")


class CrmFeature(models.AbstractModel):
    _inherit = "crm.feature"

    @api.model
    def _features(self):
        insight = Feature(
            setting="group_crm_insight",
            groups={
                USE_INSIGHT: ("sales_team.group_sale_salesman",),
                SEE_MARGIN: ("sales_team.group_sale_manager",),
                MANAGE_INSIGHT: ("sales_team.group_sale_manager",),
            },
        )
        return {**super()._features(), "insight": insight}

    @api.model
    def _get_feature_of(self, model_name):
        if (model_name or "").startswith(
            (
                "crm.lifecycle",
                "crm.purchase.pattern",
                "crm.forecast",
                "crm.best.time",
                "crm.satisfaction",
            )
        ):
            return "insight"
        return super()._get_feature_of(model_name)

    @api.model
    def _after_switching_on(self, key):
        result = super()._after_switching_on(key)
        if key != "insight":
            return result
        for name in JOBS:
            if job := self.env.ref(name, raise_if_not_found=False):
                # sudo: users who may change settings may not change scheduled actions.
                job.sudo()._trigger()
        return result

    @api.model
    def _after_switching_off(self, key):
        result = super()._after_switching_off(key)
        if key == "insight":
            # Salespeople would still be in the group of those who see margins.
            # sudo: as in _set_groups.
            role = self.env.ref("sales_team.group_sale_salesman").sudo()
            role._remove_group(self.env.ref(SEE_MARGIN).sudo())
        return result

    @api.model
    def _get_leftovers(self, key):
        leftovers = super()._get_leftovers(key)
        if key != "insight":
            return leftovers
        # sudo: only numbers are shown, to users who may change settings.
        if referrals := self.env["crm.referral"].sudo().search_count([]):
            leftovers.append(self.env._("Referrals: %s", referrals))
        if competitors := self.env["crm.competitor"].sudo().search_count([]):
            leftovers.append(self.env._("Competitors: %s", competitors))
        return leftovers
