from odoo import api, models


class CrmContactHold(models.Model):
    """Mails that ask how satisfied a customer is wait until the policy allows them."""

    _inherit = "crm.contact.hold"

    @api.model
    def _senders(self):
        return {**super()._senders(), "survey": self._send_survey}

    @api.model
    def _send_survey(self, cases, template):
        if not self.env["crm.feature"]._is_on("care"):
            return cases.browse()
        # What was opened again, archived or answered meanwhile is not asked about.
        asked = cases.filtered(
            lambda case: (
                case.active and case.outcome == "solved" and not case._has_answered()
            )
        )
        for case in asked:
            case._mail_satisfaction(template)
        return asked
