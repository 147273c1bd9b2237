from odoo import models


class CrmRfmReachWizard(models.TransientModel):
    _name = "crm.rfm.reach.wizard"
    _inherit = ["crm.rfm.reach.wizard", "crm.mailing.list.mixin"]

    def _mailing_list_customers(self):
        return self._chosen().partner_id
