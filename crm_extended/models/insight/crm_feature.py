from odoo import api, models

from ..common.crm_feature import Feature
from .groups import USE_INSIGHT


class CrmFeature(models.AbstractModel):
    _inherit = "crm.feature"

    @api.model
    def _features(self):
        insight = Feature(
            setting="group_crm_insight",
            groups={USE_INSIGHT: ("sales_team.group_sale_salesman",)},
        )
        return {**super()._features(), "insight": insight}
