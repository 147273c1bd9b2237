from odoo import fields, models

from .crm_care_plan import OPEN
from .groups import USE_PLANS


class ResPartner(models.Model):
    _inherit = "res.partner"

    care_enrollment_ids = fields.One2many(
        "crm.care.enrollment",
        "partner_id",
        string="Care Plans",
        groups=USE_PLANS,
    )

    def write(self, vals):
        changes = "user_id" in vals and self.env["crm.feature"]._is_on("plans")
        before = self.user_id if changes else self.env["res.users"]
        result = super().write(vals)
        if vals.get("active") is False:
            # sudo: whoever archives a contact.
            enrollments = self.env["crm.care.enrollment"].sudo()
            enrollments.search(
                [("partner_id", "in", self.ids), ("state", "in", OPEN)]
            )._exit("archived")
        if changes:
            self._hand_over_plan_activities(before)
        return result

    def _hand_over_plan_activities(self, before):
        """Give open activities of plans to the new salesperson: those of the one before,
        and those of who stood in, but not what a user has assigned to another person.

        :param before: who was the salesperson
        """
        # sudo: whoever changes the salesperson.
        lines = self.env["crm.care.enrollment.step"].sudo()
        lines = lines.search(
            [("partner_id", "in", self.ids), ("activity_id.active", "=", True)]
        )
        if not lines:
            return
        # sudo: as above. Who has left is no member of the team any more.
        members = self.env["crm.team.member"].sudo().with_context(active_test=False)
        teams = members.search([("user_id", "in", before.ids)]).crm_team_id
        holders = before | teams.user_id
        lines = lines.filtered(
            lambda line: line.activity_id.user_id in holders | line.plan_id.user_id
        )
        lines.enrollment_id._hand_over(lines)
