from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.client_actions import RELOAD, notification


class CrmCarePlan(models.Model):
    """A part of plans: starting, pausing, ending."""

    _inherit = "crm.care.plan"

    def action_start(self, also_matching=False):
        """Put the plan in force.

        :param also_matching: also enroll the customers who match now
        """
        self._check_startable()
        for plan in self:
            if plan.has_draft and not plan.version_id:
                plan._get_draft().action_publish()
            plan.write(
                {
                    "state": "running",
                    "paused_date": False,
                    "started_date": plan.with_company(plan.company_id)._today(),
                }
            )
            # sudo: the log of nightly looks.
            self.env["crm.care.plan.run"].sudo()._begin_again(plan)
            if also_matching:
                plan._enroll(plan._matching())

    def action_pause(self):
        """Let the clock of the plan stand. Everyone keeps their place."""
        self._check_state("running")
        self.write({"state": "paused", "paused_date": fields.Datetime.now()})
        self._set_held("running", "held")

    def action_resume(self):
        """Let the clock go on: what is still to come moves by the whole days that it
        stood, at the same time of the day. What has been due passes the limits."""
        self._check_state("paused")
        for plan in self:
            days = (fields.Datetime.now() - plan.paused_date).days
            plan._set_held("held", "running", days)
            plan.write({"state": "running", "paused_date": False})
        self._wake()

    def action_end(self):
        """End the plan: customers leave it at once."""
        for plan in self:
            if plan.state == "draft":
                raise UserError(self.env._("%s has not been started.", plan.name))
        self.write({"state": "ended", "paused_date": False})
        # sudo: of all customers, also those the user does not see.
        self.env["crm.care.enrollment"].sudo()._open_of(
            Domain("plan_id", "in", self.ids)
        )._exit("ended")

    def action_edit(self):
        """Make a version that can be edited: that in force is not."""
        self.ensure_one()
        self.check_access("write")
        self._get_draft()

    def action_publish(self):
        """Put the changed steps in force."""
        for plan in self:
            if plan.has_draft:
                plan._get_draft().action_publish()

    def action_discard(self):
        """Forget the changes: the steps in force stay."""
        for plan in self:
            if plan.has_draft:
                plan._get_draft().action_discard()

    def action_move_to_current(self):
        """Let customers of older versions go on with the steps in force."""
        self.ensure_one()
        moved = self.version_id.action_move_here()
        return notification(
            self.env._("Customers moved to these steps: %s", moved), next=RELOAD
        )

    def _check_startable(self):
        """
        :raise UserError: if a plan runs, or does nothing
        """
        for plan in self:
            if plan.state not in ("draft", "ended"):
                raise UserError(self.env._("%s is running already.", plan.name))
            steps = (plan.version_id or plan._get_draft()).step_ids
            if not steps:
                raise UserError(
                    self.env._("Add a step first: %s does nothing.", plan.name)
                )
            steps._check_complete()
        self._check_filters()

    def _check_state(self, state):
        for plan in self:
            if plan.state != state:
                raise UserError(
                    self.env._("This is not possible for %s now.", plan.name)
                )

    def _set_held(self, old, new, days=0):
        """Change the state of all enrollments at once: there may be very many."""
        self.env.flush_all()
        zone = self.with_company(self[:1].company_id)._get_zone()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_care_enrollment
                   SET state = %(new)s,
                       planned_date = %(planned)s, next_date = %(next)s
                 WHERE plan_id = ANY(%(ids)s) AND state = %(old)s
                """,
                new=new,
                old=old,
                ids=self.ids,
                planned=self._shifted("planned_date", days, zone),
                next=self._shifted("next_date", days, zone),
            )
        )
        self.env["crm.care.enrollment"].invalidate_model()

    @staticmethod
    def _shifted(column, days, zone) -> SQL:
        """A moment so many days later, at the same time of the wall clock."""
        column = SQL.identifier(column)
        if not days:
            return column
        return SQL(
            """
            ((%(column)s AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s + %(days)s)
                AT TIME ZONE %(zone)s AT TIME ZONE 'UTC')
            """,
            column=column,
            zone=zone,
            days=timedelta(days=days),
        )
