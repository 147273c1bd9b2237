from odoo import api, models


class DigestDigest(models.Model):
    """Figures of the month in digests open its dashboard."""

    _inherit = "digest.digest"

    @api.model
    def _get_month_link(self):
        action = self.env.ref(
            "spreadsheet_dashboard_crm_extended.ir_actions_client_month", False
        )
        if not action:
            return super()._get_month_link()
        # With the menu of its own app.
        menu = self.env.ref("spreadsheet_dashboard.spreadsheet_dashboard_menu_root")
        name = "spreadsheet_dashboard_crm_extended.ir_actions_client_month"
        return f"{name}?menu_id={menu.id}"
