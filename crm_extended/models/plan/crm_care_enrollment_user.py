from collections import defaultdict

from odoo import models


class CrmCareEnrollment(models.Model):
    """A part of enrollments: the users who do something for the customers."""

    _inherit = "crm.care.enrollment"

    def _responsible_users(self, leaving=()) -> dict:
        """Who does something for the customer: their salesperson, the leader of their
        sales team, or the plan's responsible, the first of them who is there; by id. Of
        those who are on leave the first, where the others are, too.

        :param leaving: users who are about to be archived
        """
        chains = {each.id: each._get_chain() for each in self}
        users = self.env["res.users"].union(*chains.values())
        away = users._on_leave()
        found = {}
        for each in self:
            chain = chains[each.id].filtered(
                lambda user, own=each.company_id: (
                    user.active and user not in leaving and own in user.company_ids
                )
            )
            last = each.plan_id.user_id.filtered(lambda user: user not in leaving)
            found[each.id] = (chain - away)[:1] or chain[:1] or last
        return found

    def _get_chain(self):
        """Who can do something for the customer, in order."""
        salesperson = self.partner_id.user_id
        leader = (
            self.partner_id.team_id.user_id
            if "team_id" in self.partner_id._fields
            else salesperson.browse()
        ) or salesperson.sale_team_id.user_id
        return salesperson | leader | self.plan_id.user_id

    # -- When the salesperson changes

    def _hand_over(self, lines, leaving=()):
        """Give the activities that steps of these enrollments made to who does something
        for the customer now. Enrollments need nothing: each step finds its person.

        :param lines: ``crm.care.enrollment.step``
        :param leaving: users who are about to be archived
        """
        users = self._responsible_users(leaving)
        of_user = defaultdict(self.env["mail.activity"].browse)
        for line in lines:
            user = users[line.enrollment_id.id]
            if line.activity_id.user_id != user:
                of_user[user] += line.activity_id
        for user, activities in of_user.items():
            activities.write({"user_id": user.id})
