from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError

from .crm_care_stage import OPEN


class CrmCareCase(models.Model):
    """What an answer of staff does to a case: the first response, who has it from now on,
    its stage, and the activity that escalation rules have made."""

    _inherit = "crm.care.case"

    escalation_activity_id = fields.Many2one(
        "mail.activity",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The activity that escalation rules keep for the team leader.",
    )

    # -- Who may answer

    def _answering_user(self, partner):
        """The user of a partner who may answer the case: change it, not only read it.

        However the message came: a colleague who may only read can still answer a
        notification by mail.
        """
        # sudo: to find the user, whose own rights are checked.
        users = partner.sudo().user_ids.filtered(lambda user: not user.share)
        for user in users:
            case = self.with_user(user).with_context(
                allowed_company_ids=user.company_ids.ids
            )
            if case.has_access("write"):
                return user
        return users.browse()

    def _can_answer(self, partner) -> bool:
        """Whether a member of staff may answer the case."""
        return bool(self._answering_user(partner))

    # -- An answer

    def _answered_by(self, user):
        """A user who may answer the case has done so, just now."""
        self.ensure_one()
        # sudo: the right to answer, which was checked, includes what follows from it.
        case = self.sudo()
        # Now, when it is entered: the sender could give any date.
        case._note_first_response(fields.Datetime.now())
        case._end_escalation()
        if case.team_id.take_on_answer and case.outcome in OPEN:
            values = case._values_of_taking(user)
            if values:
                # The stage was checked: an answer that is sent fails for no empty field.
                case.write(values)

    def _values_of_taking(self, user) -> dict:
        """The values by which a user who answers takes the case."""
        values = {}
        if not self.user_id and user._care_of(self.company_id):
            values["user_id"] = user.id
        first, following = self.stage_id._first_two_open(self.team_id)
        # A stage that requires more than was filled in waits for an agent who does.
        if following and self.stage_id == first and not self._missing_for(following):
            values["stage_id"] = following.id
        return values

    # -- The activity of escalation rules

    def _schedule_escalation(self, user, summary):
        """Give each of these cases the one activity of its escalation: a new one, or the
        one that an earlier rule has made, which now says what has happened since.

        :param user: the team leader
        """
        # Without a mail for each: the rule itself says who is notified.
        cases = self.with_context(mail_activity_quick_update=True)
        known = cases.filtered(lambda case: case._open_escalation())
        known.escalation_activity_id.write(
            {
                "user_id": user.id,
                "summary": summary,
                "date_deadline": fields.Date.context_today(self),
            }
        )
        new = cases - known
        activities = new.activity_schedule(
            "mail.mail_activity_data_todo", user_id=user.id, summary=summary
        )
        # None are made where a caller wants no automatic activities.
        for case, activity in zip(new, activities or (), strict=False):
            case.escalation_activity_id = activity

    def _open_escalation(self):
        """The activity of the case's escalation that is still to be done."""
        activity = self.escalation_activity_id
        return activity.filtered(
            lambda one: (
                one.active and (one.res_model, one.res_id) == (self._name, self.id)
            )
        )

    def _end_escalation(self):
        """The cases were answered or closed: nothing is left to do about them."""
        cases = self.filtered("escalation_activity_id")
        if not cases:
            return
        # As the system: the users and customers who cause it have done no activity.
        cases = cases.with_user(SUPERUSER_ID)
        to_do = cases.escalation_activity_id.browse()
        for case in cases:
            to_do |= case._open_escalation()
        cases.escalation_activity_id = False
        if to_do:
            to_do.action_feedback()

    def _hand_over_escalation(self, target):
        """Let the case that these are merged into go on with the activity of one of
        them."""
        found = self.filtered(lambda case: case.escalation_activity_id.active)[:1]
        if found and not target._open_escalation():
            target.escalation_activity_id = found.escalation_activity_id
            found.escalation_activity_id = False

    # -- Reopening

    def _stage_to_reopen(self):
        """The stage in which a case goes on: the open one it was in, if there still is
        one, or the team's first."""
        stage = self.open_stage_id
        if stage.active and stage.outcome == "open":
            return stage
        return stage._first(self.team_id, "open")

    def action_reopen(self):
        """Open closed cases again, where they were before."""
        for case in self:
            if case.outcome in OPEN:
                continue
            if case.merged_into_id:
                raise UserError(
                    self.env._(
                        "Case “%s” was merged into another case and cannot be reopened.",
                        case.display_name,
                    )
                )
            stage = case._stage_to_reopen()
            if not stage:
                raise UserError(
                    self.env._(
                        "No stage has the outcome “%s”. Add one in the configuration.",
                        self.env._("Open"),
                    )
                )
            case.write({"stage_id": stage.id})
        return True
