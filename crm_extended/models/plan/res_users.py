from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        if vals.get("active") is False:
            self._hand_over_plan_activities()
        return super().write(vals)

    def action_archive(self):
        # Odoo deletes the activities of users who are archived.
        self._hand_over_plan_activities()
        return super().action_archive()

    def _hand_over_plan_activities(self):
        """Give the open activities that plans made for these users, who leave, to who
        does something for the customer in their place."""
        # sudo: whoever archives the users.
        lines = self.env["crm.care.enrollment.step"].sudo()
        lines = lines.search(
            [
                ("activity_id.active", "=", True),
                ("activity_id.user_id", "in", self.filtered("active").ids),
            ]
        )
        lines.enrollment_id._hand_over(lines, leaving=self)

    def _on_leave(self):
        """Of these users those who are on leave today. Without Odoo's Time Off no leave is
        known."""
        if "leave_date_to" not in self._fields:
            return self.browse()
        # sudo: only whether they are away.
        away = self.sudo().filtered("leave_date_to")
        return self.filtered(lambda user: user in away)
