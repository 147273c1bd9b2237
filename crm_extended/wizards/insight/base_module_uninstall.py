from odoo import api, models


class BaseModuleUninstall(models.TransientModel):
    _inherit = "base.module.uninstall"

    @api.model
    def _get_lost_models(self):
        return [*super()._get_lost_models(), "crm.referral", "crm.competitor"]
