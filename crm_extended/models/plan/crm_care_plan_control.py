import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .groups import MANAGE_PLANS

# Customers a quarter from which on a control group can show a difference.
ENOUGH_PER_QUARTER = 500
# What is offered then, in percent.
OFFERED = 10
# Customers who complain are heard: leaving some alone, to compare, would harm them.
RECOVERY = ("case_solved", "complaint_solved", "bad_rating")


class CrmCarePlan(models.Model):
    """A part of plans: the control group. Its customers are enrolled like all others, and
    nothing is done for them; they show what would have happened without the plan.

    Customers are eligible first, and assigned then: to which group follows from their
    number and the plan's salt, as ``analytics/plan/arms.py`` says in Python.
    """

    _inherit = "crm.care.plan"

    control_percent = fields.Float(
        string="Control Group (%)",
        groups="sales_team.group_sale_manager",
        help="So many customers are enrolled, but nothing is done for them. Which ones "
        "is left to chance, and stays the same.",
    )
    salt = fields.Char(
        readonly=True,
        copy=False,
        default=lambda self: secrets.token_hex(8),
        groups="sales_team.group_sale_manager",
    )
    no_control_reason = fields.Char(
        string="Why There Is No Control Group",
        compute="_compute_no_control_reason",
        groups=MANAGE_PLANS,
    )

    @api.depends("trigger", "date_kind_id", "trigger_plan_id")
    @api.depends_context("lang")
    def _compute_no_control_reason(self):
        for plan in self:
            plan.no_control_reason = plan._why_no_control()

    def _why_no_control(self) -> str:
        """Why a plan must leave no customer alone; empty where it may."""
        self.ensure_one()
        plan, seen = self, self.browse()
        while plan.trigger == "plan" and plan.trigger_plan_id and plan not in seen:
            # What follows a plan is for the same customers.
            seen += plan
            plan = plan.trigger_plan_id
        if plan.trigger in RECOVERY:
            return self.env._(
                "There is no control group after complaints, cases and bad ratings: all "
                "of these customers are cared for."
            )
        contract = self.env.ref(
            "crm_extended.date_kind_contract_end", raise_if_not_found=False
        )
        if plan.trigger == "date" and contract and plan.date_kind_id == contract:
            return self.env._(
                "There is no control group for contract dates: all of these customers "
                "have to hear of them in time."
            )
        return ""

    @api.constrains("control_percent", "trigger", "date_kind_id", "trigger_plan_id")
    def _check_control(self):
        # Those that follow a plan may be about complaints now, too.
        for plan in self | self.search([("trigger_plan_id", "in", self.ids)]):
            # sudo: the share, for any user who changes the trigger.
            if plan.sudo().control_percent and (why := plan._why_no_control()):
                raise ValidationError(
                    self.env._(
                        "%(reason)s Set the control group of “%(plan)s” to 0%%.",
                        reason=why,
                        plan=plan.name,
                    )
                )

    @api.onchange("control_percent")
    def _onchange_control_percent(self):
        before = self._origin.control_percent
        if self.state in ("running", "paused") and self.control_percent != before:
            return {
                "warning": {
                    "title": self.env._("For customers from now on"),
                    "message": self.env._(
                        "Customers who have been enrolled stay in their group, also when "
                        "they are enrolled again. The new share is for customers who are "
                        "enrolled for the first time from now on; results mix both."
                    ),
                }
            }
        return None

    # -- Who is in it

    def _arm(self) -> SQL:
        """To which arm a customer ``p`` is assigned: that of before, where they are
        enrolled again, also when the share was changed in between."""
        drawn = self._drawn()
        if self.reentry == "never" and self.trigger != "regular":
            # No one has been in the plan before.
            return drawn
        # Of contacts that were merged, one in the control group decides.
        return SQL(
            """
            COALESCE((SELECT min(earlier.arm) FROM crm_care_enrollment AS earlier
                       WHERE earlier.plan_id = %s AND earlier.partner_id = p.id), %s)
            """,
            self.id,
            drawn,
        )

    def _drawn(self) -> SQL:
        if not self.control_percent:
            return SQL("'plan'")
        return SQL(
            """
            CASE WHEN ('x' || left(encode(sha256(convert_to(
                           %s || ':' || p.id::text, 'UTF8')), 'hex'), 8)
                      )::bit(32)::bigint < %s
                 THEN 'control' ELSE 'plan' END
            """,
            self.salt,
            self.control_percent / 100 * 2**32,
        )

    # -- Whether it is offered

    def _offer_control(self) -> tuple[float, str]:
        """The control group to offer when the plan starts, in percent, and why so."""
        self.ensure_one()
        if why := self._why_no_control():
            return 0, why
        expected = self._expected_per_quarter()
        if expected < ENOUGH_PER_QUARTER:
            return self.control_percent, self.env._(
                "About %(expected)s customers a quarter are expected; from %(enough)s on, "
                "a control group can show a difference.",
                expected=expected,
                enough=ENOUGH_PER_QUARTER,
            )
        # What a manager has chosen for a plan that ran before, stays.
        offered = self.control_percent or (0 if self.started_date else OFFERED)
        return offered, self.env._(
            "About %(expected)s customers a quarter are expected: enough for a control "
            "group to show what the plan changes.",
            expected=expected,
        )
