from odoo import fields, models


class CrmSatisfactionInviteLine(models.TransientModel):
    """A contact who is not asked for feedback, and why."""

    _name = "crm.satisfaction.invite.line"
    _description = "Contact Not Asked"

    invite_id = fields.Many2one(
        "crm.satisfaction.invite", required=True, ondelete="cascade"
    )
    partner_id = fields.Many2one("res.partner", string="Contact", readonly=True)
    reason = fields.Selection(
        [
            ("asked", "Asked in the last 12 months"),
            ("archived", "Contact archived"),
            ("no_address", "No email address"),
            ("blacklisted", "Blacklisted"),
            ("refused", "Refused"),
            ("no_consent", "No consent"),
        ],
        readonly=True,
    )
