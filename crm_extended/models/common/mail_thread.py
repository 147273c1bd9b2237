from odoo import api, models
from odoo.fields import Domain


class MailThread(models.AbstractModel):
    """Odoo looks for followers as superuser, also where a filter goes on from them: it
    would answer what users must not ask of customers, such as margins. So their own part
    of the filter is asked as the user."""

    _inherit = "mail.thread"

    @api.model
    def _search_message_partner_ids(self, operator, operand):
        is_asked = isinstance(operand, Domain) and operator in ("any", "any!")
        if is_asked and not self.env.su and self.env.user._is_internal():
            followers = self.env["res.partner"].with_context(active_test=False)
            operator, operand = "in", followers._search(operand)
        return super()._search_message_partner_ids(operator, operand)
