from odoo import api, fields, models

from ...models.common.client_actions import RELOAD
from ...models.plan.crm_care_plan import ON_THEIR_DAY


class CrmCarePlanStartWizard(models.TransientModel):
    """Asks who begins with a plan, and starts it."""

    _name = "crm.care.plan.start.wizard"
    _description = "Start a Care Plan"

    plan_id = fields.Many2one("crm.care.plan", required=True, ondelete="cascade")
    who = fields.Selection(
        [
            ("from_now", "Only customers from now on"),
            ("matching", "Also customers who match now"),
        ],
        string="Who to Enroll",
        required=True,
        default="from_now",
    )
    is_manual = fields.Boolean(compute="_compute_what_begins")
    # There is no choice: all others come on their day.
    is_on_day = fields.Boolean(compute="_compute_what_begins")
    matching_count = fields.Integer(
        related="plan_id.matching_count",
        related_sudo=False,
        string="Customers Who Match Now",
    )
    max_per_day = fields.Integer(related="plan_id.max_per_day", related_sudo=False)
    control_percent = fields.Float(
        string="Control Group",
        default=lambda self: self._default_control_percent(),
        help="So many customers are enrolled, but nothing is done for them.",
    )
    control_reason = fields.Char(compute="_compute_control_reason")
    can_control = fields.Boolean(compute="_compute_control_reason")

    @api.model_create_multi
    def create(self, vals_list):
        # Users who did not open the dialog were offered nothing: the share stays.
        return super().create(
            [
                {"control_percent": self._filter_own(plan).control_percent, **vals}
                if (plan := self.plan_id.browse(vals.get("plan_id")))
                else vals
                for vals in vals_list
            ]
        )

    @api.depends("plan_id")
    def _compute_what_begins(self):
        for wizard in self:
            wizard.is_manual = wizard.plan_id.trigger == "manual"
            wizard.is_on_day = wizard.plan_id.trigger in ON_THEIR_DAY

    @api.model
    def _default_control_percent(self):
        plan_id = self.env.context.get("default_plan_id")
        return self._offer_control(self.plan_id.browse(plan_id))[0]

    @api.depends("plan_id")
    @api.depends_context("lang")
    def _compute_control_reason(self):
        for wizard in self:
            plan = wizard.plan_id._origin
            wizard.control_reason = wizard._offer_control(plan)[1]
            plan = wizard._filter_own(plan)
            wizard.can_control = plan and not plan._why_no_control()

    @api.model
    def _filter_own(self, plan):
        """The plan where it is the user's: a call could name one of another company. It is
        searched for, because asking for access would read it, for the user who reads it next."""
        return plan.with_context(active_test=False).search([("id", "=", plan.id)])

    @api.model
    def _offer_control(self, plan):
        plan = self._filter_own(plan)
        return plan._offer_control() if plan else (0, "")

    def action_start(self):
        self.ensure_one()
        self.plan_id.check_access("write")
        if self.plan_id.control_percent != self.control_percent:
            self.plan_id.control_percent = self.control_percent
        also_matching = self.who == "matching" and not self.is_on_day
        self.plan_id.action_start(also_matching=also_matching)
        return RELOAD
