from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..common.empty_help import HelpButton, extend_help, user_may
from ..common.groups import SALES_MANAGER
from .crm_care_plan import OPEN
from .groups import MANAGE_PLANS


class CrmCarePlan(models.Model):
    """A part of plans: what its pages show of the customers in it."""

    _inherit = "crm.care.plan"

    # Without the control group, for which nothing is done.
    enrollment_count = fields.Integer(
        string="In the Plan",
        compute="_compute_counts",
        help="Customers in the plan now.",
    )
    waiting_count = fields.Integer(
        string="Waiting",
        compute="_compute_counts",
        help="Customers who wait for a place: only so many begin each day.",
    )
    failed_count = fields.Integer(
        string="Failed",
        compute="_compute_counts",
        help="Customers for whom a step failed, also when it was tried again.",
    )
    done_count = fields.Integer(
        string="Completed",
        compute="_compute_counts",
        help="Customers who went through the whole plan.",
    )
    goal_count = fields.Integer(
        string="Goal Reached",
        compute="_compute_counts",
        help="Customers who left the plan because they reached its goal.",
    )
    older_count = fields.Integer(
        string="In Older Versions",
        compute="_compute_older_count",
        help="Customers who finish the steps of an older version.",
    )
    matching_count = fields.Integer(
        string="Customers Who Match Now",
        compute="_compute_matching_count",
        # Of all customers, by all filters.
        groups=SALES_MANAGER,
    )

    def _treated(self) -> Domain:
        """Enrollments of these plans without the control group, which others than
        managers do not see in the first place."""
        domain = Domain("plan_id", "in", self.ids)
        if self.env.su or self.env.user.has_group(MANAGE_PLANS):
            domain &= Domain("arm", "=", "plan")
        return domain

    @api.depends_context("uid")
    def _compute_counts(self):
        counts = {}
        for plan, state, reason, count in self.env["crm.care.enrollment"]._read_group(
            self._treated(), ["plan_id", "state", "exit_reason"], ["__count"]
        ):
            of_plan = counts.setdefault(plan.id, {})
            for key in {state, "goal" if reason == "goal" else state}:
                of_plan[key] = of_plan.get(key, 0) + count
        for plan in self:
            of_plan = counts.get(plan.id, {})
            plan.enrollment_count = sum(of_plan.get(state, 0) for state in OPEN)
            plan.waiting_count = of_plan.get("waiting", 0)
            plan.failed_count = of_plan.get("failed", 0)
            plan.done_count = of_plan.get("done", 0)
            plan.goal_count = of_plan.get("goal", 0)

    @api.depends("version_id")
    @api.depends_context("uid")
    def _compute_older_count(self):
        enrollments = self.env["crm.care.enrollment"]
        for plan in self:
            plan.older_count = plan.version_id and enrollments.search_count(
                plan._treated()
                & Domain("state", "in", ("running", "held", "failed"))
                & Domain("version_id", "!=", plan.version_id.id)
            )

    def _compute_matching_count(self):
        for plan in self:
            plan.matching_count = plan._origin and plan._origin._count_matching()

    @api.model
    def get_empty_list_help(self, help_message):
        help_message = super().get_empty_list_help(help_message)
        if not user_may(self, "create"):
            return extend_help(
                help_message, sentence=self.env._("A sales manager creates care plans.")
            )
        return extend_help(
            help_message,
            [
                HelpButton(
                    self.env._("Choose a Ready-Made Plan"),
                    "crm_extended.crm_care_plan_ready_wizard_action",
                )
            ],
        )

    # -- What the pages open

    def action_start_dialog(self):
        """Ask who begins with the plan, and start it."""
        self.ensure_one()
        self.check_access("write")
        self._check_startable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Start %s", self.name),
            "res_model": "crm.care.plan.start.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_plan_id": self.id},
        }

    def action_dry_run(self):
        """Show what the plan would do if it ran today."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "ended":
            raise UserError(self.env._("%s has ended: it does nothing.", self.name))
        run = self.env["crm.care.plan.dry.run"].create({"plan_id": self.id})
        run.action_run()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dry Run: %s", self.name),
            "res_model": run._name,
            "res_id": run.id,
            "view_mode": "form",
        }

    def action_enrollments(self):
        """Open the customers of the plan."""
        self.ensure_one()
        return self._open_enrollments({"search_default_open": 1})

    def action_failed(self):
        """Open the customers for whom a step failed."""
        self.ensure_one()
        return self._open_enrollments({"search_default_failed": 1})

    def action_goals(self):
        """Open the customers who reached the goal."""
        self.ensure_one()
        return self._open_enrollments({"search_default_goal": 1})

    def _open_enrollments(self, context):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_care_enrollment_action"
        )
        return {
            **action,
            "domain": list(self._treated()),
            "context": {**context, "one_plan": True},
        }
