from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        result = super().session_info()
        # Only the pages of these users ask for the counter.
        result["care_systray"] = self.env.user.care_systray and self.env[
            "crm.feature"
        ]._is_on("care")
        return result
