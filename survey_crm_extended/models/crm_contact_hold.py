from odoo import api, fields, models

# What Odoo's own dialog sends.
SHARED = "survey_share"


class CrmContactHold(models.Model):
    """Satisfaction surveys wait until the policy allows them. Those that are shared by
    Odoo's dialog are invitations with a mail already, because someone may have edited it."""

    _inherit = "crm.contact.hold"

    mail_id = fields.Many2one(
        "mail.mail", readonly=True, index="btree_not_null", ondelete="set null"
    )

    @api.model
    def _senders(self):
        return {
            **super()._senders(),
            "satisfaction": self._send_satisfaction,
            SHARED: self._send_shared,
        }

    @api.model
    def _send_satisfaction(self, contacts, _template):
        """Send the survey to contacts, but to no one who was asked meanwhile."""
        survey = self.env["survey.survey"]._crm_survey()
        if not (survey and self.env["crm.feature"]._is_on("insight")):
            return contacts.browse()
        contacts -= survey._crm_asked(contacts)
        survey._crm_invite(contacts)
        return contacts

    @api.model
    def _of_shared(self, inputs):
        """What waits of these invitations."""
        return self.search(
            [
                ("res_model", "=", inputs._name),
                ("res_id", "in", inputs.ids),
                ("sender", "=", SHARED),
                ("state", "=", "waiting"),
            ]
        )

    @api.model
    def _send_shared(self, inputs, _template):
        """Leave the mails of invitations to Odoo's queue."""
        holds = self._of_shared(inputs).filtered("mail_id")
        open_ = inputs.filtered("survey_id.active")
        holds = holds.filtered(lambda hold: hold.res_id in open_.ids)
        holds.mail_id.state = "outgoing"
        return inputs.browse(holds.mapped("res_id"))

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "skipped":
            self._forget_shared()
        return result

    def _forget_shared(self):
        """Who never got their invitation was not asked."""
        shared = self.filtered(lambda hold: hold.sender == SHARED)
        inputs = self.env["survey.user_input"].browse(shared.mapped("res_id")).exists()
        # sudo: both were made for them, whoever skips what waits.
        inputs.sudo().filtered(lambda one: one.state == "new").unlink()
        shared.sudo().mail_id.unlink()
