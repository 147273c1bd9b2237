from odoo import fields, models

from .crm_care_case import PRIORITIES


class CrmCareEscalationLog(models.Model):
    """An escalation rule that fired, and what it did."""

    _name = "crm.care.escalation.log"
    _inherit = "crm.care.case.record.mixin"
    _description = "Escalation Log Entry"
    _order = "date desc, id desc"
    _rec_name = "rule_id"

    rule_id = fields.Many2one(
        "crm.care.escalation",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    status_id = fields.Many2one(
        "crm.care.sla.status",
        string="SLA Target",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    date = fields.Datetime(required=True, readonly=True)
    user_ids = fields.Many2many(
        "res.users",
        "crm_care_escalation_log_user_rel",
        string="Notified",
        readonly=True,
    )
    skipped_user_ids = fields.Many2many(
        "res.users",
        "crm_care_escalation_log_skipped_rel",
        string="Skipped",
        readonly=True,
        help="Users who are archived or do not belong to the company of the case: "
        "neither notified nor assigned.",
    )
    new_user_id = fields.Many2one("res.users", string="Reassigned to", readonly=True)
    new_priority = fields.Selection(PRIORITIES, readonly=True)

    _once = models.Constraint(
        "UNIQUE (status_id, rule_id)",
        "A rule can only be triggered once per SLA target.",
    )
