from odoo import api, models

from ..common.crm_feature import Feature
from .groups import SEE_MARGIN, USE_INSIGHT


class CrmFeature(models.AbstractModel):
    _inherit = "crm.feature"

    @api.model
    def _features(self):
        insight = Feature(
            setting="group_crm_insight",
            groups={
                USE_INSIGHT: ("sales_team.group_sale_salesman",),
                SEE_MARGIN: ("sales_team.group_sale_manager",),
            },
        )
        return {**super()._features(), "insight": insight}

    @api.model
    def _after_switching_on(self, key):
        result = super()._after_switching_on(key)
        job = self.env.ref("crm_extended.ir_cron_forecast", raise_if_not_found=False)
        if key == "insight" and job:
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
