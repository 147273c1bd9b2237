from odoo import api, models


class CrmContactHold(models.Model):
    """Mails about tiers wait until the policy allows them."""

    _inherit = "crm.contact.hold"

    @api.model
    def _senders(self):
        return {**super()._senders(), "loyalty": self._send_loyalty}

    @api.model
    def _send_loyalty(self, customers, template):
        if not self.env["crm.feature"]._is_on("loyalty"):
            return
        self.env["crm.loyalty.notification"]._send(
            template.with_company(self.env.company), customers.ids
        )
