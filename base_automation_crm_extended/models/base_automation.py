from odoo import models

from odoo.addons.crm_extended.models.loyalty.res_company import is_quiet


class BaseAutomation(models.Model):
    _inherit = "base.automation"

    def _get_actions(self, records, triggers):
        """Rules do not react to what follows from a changed definition of purchases, such
        as the pricelists of a thousand customers in one night."""
        rules = super()._get_actions(records, triggers)
        return rules.browse() if is_quiet(records.env) else rules
