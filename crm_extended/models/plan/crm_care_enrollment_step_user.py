from collections import defaultdict

from odoo import api, models


class CrmCareEnrollmentStep(models.Model):
    """A part of steps done: who has the activities that plans made."""

    _inherit = "crm.care.enrollment.step"

    @api.model
    def _with_open_activity_of(self, users):
        """The lines of activities that plans made, open, and assigned to these users."""
        return self.search(
            [
                ("activity_id.active", "=", True),
                ("activity_id.user_id", "in", users.ids),
            ]
        )

    def _hand_over(self, leaving=()):
        """Give the activities of these lines to who does something for the customer now.
        Enrollments need nothing: each step finds its person.

        :param leaving: users who are about to be archived
        """
        users = self.enrollment_id._responsible_users(leaving)
        of_user = defaultdict(self.env["mail.activity"].browse)
        for line in self:
            user = users[line.enrollment_id.id]
            if line.activity_id.user_id != user:
                of_user[user] += line.activity_id
        for user, activities in of_user.items():
            activities.write({"user_id": user.id})
