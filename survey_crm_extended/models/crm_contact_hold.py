from odoo import api, models


class CrmContactHold(models.Model):
    """Satisfaction surveys wait until the policy allows them."""

    _inherit = "crm.contact.hold"

    @api.model
    def _senders(self):
        return {**super()._senders(), "satisfaction": self._send_satisfaction}

    @api.model
    def _send_satisfaction(self, contacts, _template):
        """Send the survey to contacts, but to no one who was asked meanwhile."""
        survey = self.env["survey.survey"]._crm_survey()
        if not (survey and self.env["crm.feature"]._is_on("insight")):
            return contacts.browse()
        contacts -= survey._crm_asked(contacts)
        survey._crm_invite(contacts)
        return contacts
