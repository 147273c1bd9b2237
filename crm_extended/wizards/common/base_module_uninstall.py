from odoo import models

# What people have entered or imported, and history that cannot be found again: the dialog
# of Odoo names documents with messages only.
LOST = (
    "crm.purchase.history",
    "crm.interaction",
    "crm.rfm.change",
    "crm.rfm.segment",
    "crm.loyalty.tier",
    "crm.loyalty.benefit",
    "crm.loyalty.membership",
    "crm.loyalty.change",
    "crm.preferred.channel",
    "crm.timeline.pin",
    "crm.care.sla",
    "crm.care.escalation",
    "crm.care.escalation.log",
    "crm.care.satisfaction",
)


class BaseModuleUninstall(models.TransientModel):
    _inherit = "base.module.uninstall"

    def _get_models(self):
        return super()._get_models() | self.env["ir.model"].search(
            [("model", "in", LOST)]
        )
