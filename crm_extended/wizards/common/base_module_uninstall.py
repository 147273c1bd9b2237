from odoo import api, models


class BaseModuleUninstall(models.TransientModel):
    """The dialog before an uninstallation also names what people have entered or
    imported, and history that cannot be recovered. Odoo names only documents with
    messages."""

    _inherit = "base.module.uninstall"

    @api.model
    def _get_lost_models(self) -> list[str]:
        """Models whose records the dialog counts. Each package adds its own."""
        return []

    def _get_models(self):
        return super()._get_models() | self.env["ir.model"].search(
            [("model", "in", self._get_lost_models())]
        )
