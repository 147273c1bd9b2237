from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_care_plan_step import AT_THE_END


class CrmCarePlanVersion(models.Model):
    """The steps of a plan, as they were put in force. Customers finish the version with
    which they were enrolled."""

    _name = "crm.care.plan.version"
    _inherit = "crm.parent.access.mixin"
    _description = "Version of a Care Plan"
    _order = "plan_id, number"
    _rec_name = "number"
    _seen_with = "plan_id"

    plan_id = fields.Many2one(
        "crm.care.plan", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="plan_id.company_id")
    number = fields.Integer(required=True, readonly=True, default=1, aggregator=None)
    published_date = fields.Datetime(string="Published On", readonly=True, copy=False)
    step_ids = fields.One2many("crm.care.plan.step", "version_id", string="Steps")

    _unique_number = models.Constraint(
        "UNIQUE (plan_id, number)", "A plan has each version once."
    )

    @api.depends("plan_id.name", "number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._(
                "%(plan)s, version %(number)s",
                plan=version.plan_id.name,
                number=version.number,
            )

    def write(self, vals):
        # Pages do not change these; RPC calls and imports could. Customers are in what
        # has been published.
        if not self.env.su and (
            "plan_id" in vals
            or ("published_date" in vals and any(self.mapped("published_date")))
        ):
            raise UserError(
                self.env._("Versions that have been published are not changed.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        if any(version.published_date for version in self):
            raise UserError(
                self.env._("Versions that have been published are not deleted.")
            )

    def action_publish(self):
        """Put these steps in force for customers who are enrolled from now on."""
        for version in self:
            if version.published_date:
                raise UserError(self.env._("This version has been published."))
            if not version.step_ids:
                raise UserError(
                    self.env._(
                        "Add a step first: %s does nothing.", version.plan_id.name
                    )
                )
            version.step_ids._check_complete()
            version.published_date = fields.Datetime.now()
            version.plan_id.version_id = version

    def _number_steps(self):
        """Give new steps a place after the others."""
        for version in self:
            steps = version.step_ids.sorted(self.env["crm.care.plan.step"]._place_of)
            for number, step in enumerate(steps, 1):
                if step.sequence >= AT_THE_END:
                    before = steps[number - 2].sequence if number > 1 else 0
                    step.sequence = before + 10

    def action_discard(self):
        """Delete a version that has not been published."""
        for version in self:
            if version.published_date or not version.plan_id.version_id:
                raise UserError(self.env._("Only a draft can be discarded."))
        self.unlink()

    def _first_step(self):
        return self.step_ids.sorted(self.env["crm.care.plan.step"]._place_of)[:1]

    def action_move_here(self):
        """Move customers of older versions to this one, at the same step. Customers whose
        step is not in it finish theirs.

        :return: how many were moved
        """
        self.ensure_one()
        self.check_access("write")
        if not self.published_date:
            raise UserError(self.env._("Publish this version first."))
        steps = {step.origin_id or step: step for step in self.step_ids}
        # sudo: of all customers, also those the user does not see.
        enrollments = self.env["crm.care.enrollment"].sudo()
        moved = 0
        for step, theirs in (
            enrollments.search(
                [
                    ("plan_id", "=", self.plan_id.id),
                    ("version_id", "!=", self.id),
                    ("state", "in", ("running", "held", "failed")),
                    ("step_id", "!=", False),
                    ("arm", "=", "plan"),
                ]
            )
            .grouped("step_id")
            .items()
        ):
            if new := steps.get(step.origin_id or step):
                theirs.write({"version_id": self.id, "step_id": new.id})
                moved += len(theirs)
        return moved

    def _copy_steps_to(self, other, same=False):
        """Copy the steps to another version.

        :param same: they stay the same steps, as in the next version of a plan
        """
        # sudo: a server action that an administrator chose goes along.
        steps = self.sudo().step_ids
        copies = steps.create(
            [
                {
                    **vals,
                    "version_id": other.id,
                    "origin_id": (step.origin_id or step).id if same else False,
                    "condition_step_id": False,
                    "else_step_id": False,
                }
                for step, vals in zip(steps, steps.copy_data(), strict=True)
            ]
        )
        new = dict(zip(steps, copies, strict=True))
        for step, copied in new.items():
            step.copy_translations(copied)
            copied.write(
                {
                    name: new[step[name]].id if step[name] in new else False
                    for name in ("condition_step_id", "else_step_id")
                }
            )
