from odoo import fields, models
from odoo.fields import Domain

from .crm_care_plan import OPEN
from .groups import MANAGE_PLANS, USE_PLANS

# So many plans of a customer are shown at once.
PLANS_SHOWN = 5


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Searched for being empty or not, record rules do not count: salespeople would learn
    # who is in a control group.
    care_enrollment_ids = fields.One2many(
        "crm.care.enrollment",
        "partner_id",
        string="Care Plans",
        groups=MANAGE_PLANS,
    )

    # -- The customer page

    def _get_customer_blocks(self):
        blocks = super()._get_customer_blocks()
        if not self.env.user.has_group(USE_PLANS):
            return blocks
        return blocks | {
            "plans": {
                "title": self.env._("Care Plans"),
                "sequence": 60,
                "rows": self._get_plan_rows,
            }
        }

    def _get_plan_rows(self):
        """The plans that the customer is in, and the last ones that they left."""
        mine = Domain("partner_id", "=", self.commercial_partner_id.id)
        mine &= Domain("company_id", "=", self.env.company.id)
        if self.env.user.has_group(MANAGE_PLANS):
            # Managers may see the control group; nothing is done for it.
            mine &= Domain("arm", "=", "plan")
        enrollments = self.env["crm.care.enrollment"]
        enrollments = enrollments.search(mine, order="id desc", limit=20).sorted(
            lambda each: each.state not in OPEN
        )
        return [
            {
                "label": each.plan_id.name,
                "text": each.status_text,
                "res_model": each._name,
                "res_id": each.id,
            }
            for each in enrollments[:PLANS_SHOWN]
        ]

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
