from odoo import api, fields, models

REASONS = [
    ("condition", "Condition not met"),
    ("open_activity", "An activity of this plan is still open"),
    ("definition_gone", "What the step needs was deleted"),
    ("feature_off", "The feature is switched off"),
    ("archived", "Contact archived"),
    ("no_address", "No address or phone number"),
    ("blacklisted", "Blacklisted"),
    ("refused", "Refused"),
    ("no_consent", "No consent"),
    ("late", "Waited too long for the contact policy"),
    ("limit", "Touch limit"),
    ("quiet", "Quiet hours"),
    ("listed", "On the list already"),
    ("unlisted", "Not on the list"),
    ("done_before", "Done before, in an earlier version"),
]


class CrmCareEnrollmentStep(models.Model):
    """One step of one customer: done or skipped, and why. Written in the transaction that
    does it."""

    _name = "crm.care.enrollment.step"
    _inherit = "crm.customer.record.mixin"
    _description = "Step Done for a Customer"
    _order = "date desc, id desc"
    _rec_name = "step_id"

    enrollment_id = fields.Many2one(
        "crm.care.enrollment",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(ondelete="cascade", readonly=True)
    company_id = fields.Many2one(ondelete="cascade", readonly=True)
    plan_id = fields.Many2one(
        "crm.care.plan", required=True, readonly=True, index=True, ondelete="cascade"
    )
    # Without an index: one of the plan narrows enough, and steps in force are not deleted.
    step_id = fields.Many2one("crm.care.plan.step", readonly=True, ondelete="set null")
    planned_date = fields.Datetime(string="Planned For", readonly=True)
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    outcome = fields.Selection(
        [("done", "Done"), ("skipped", "Skipped"), ("failed", "Failed")],
        required=True,
        readonly=True,
    )
    reason = fields.Selection(REASONS, readonly=True)
    error = fields.Char(readonly=True)
    touch_id = fields.Many2one(
        "crm.contact.touch", readonly=True, index="btree_not_null", ondelete="set null"
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, index="btree_not_null", ondelete="set null"
    )
    case_id = fields.Many2one(
        "crm.care.case", readonly=True, index="btree_not_null", ondelete="set null"
    )
    mail_message_id = fields.Many2one(
        "mail.message", readonly=True, index="btree_not_null", ondelete="set null"
    )

    reason_text = fields.Char(string="Result", compute="_compute_reason_text")

    # For the timeline of a customer.
    _partner_date_index = models.Index("(partner_id, date, id)")
    # Nothing is done twice, whatever happens.
    _once = models.UniqueIndex("(enrollment_id, step_id) WHERE outcome = 'done'")

    def action_open_enrollment(self):
        """Open the customer in the plan, with all that was done for them."""
        self.ensure_one()
        return self.enrollment_id.get_formview_action()

    @api.depends("outcome", "reason", "error", "step_id")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        for line in self:
            outcome, why = outcomes.get(line.outcome, ""), line._say_why()
            line.reason_text = (
                self.env._("%(outcome)s: %(reason)s", outcome=outcome, reason=why)
                if why
                else outcome
            )

    def _say_why(self) -> str:
        if self.error:
            return self.error
        condition = self.step_id.if_text
        if not self.reason:
            return condition or ""
        if self.reason == "no_address" and self.step_id:
            if self.step_id._get_channel() == "email":
                return self.env._("No email address")
            return self.env._("No phone number")
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        if self.reason == "condition" and condition:
            return self.env._("“%s” was not the case", condition)
        return reasons[self.reason]
