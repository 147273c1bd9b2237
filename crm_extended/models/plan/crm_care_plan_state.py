from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL


class CrmCarePlan(models.Model):
    """A part of plans: starting, pausing, ending."""

    _inherit = "crm.care.plan"

    def action_start(self, also_matching=False):
        """Put the plan in force.

        :param also_matching: also enroll the customers who match now
        """
        for plan in self:
            if plan.state not in ("draft", "ended"):
                raise UserError(self.env._("%s is running already.", plan.name))
            if not plan.version_id:
                plan._get_draft().action_publish()
            plan.write({"state": "running", "paused_date": False})
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
        """Open the version that can be edited: that in force is not."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Steps: %s", self.name),
            "res_model": "crm.care.plan.version",
            "res_id": self._get_draft().id,
            "view_mode": "form",
        }

    def action_start_matching(self):
        """Put the plan in force, also for those who match now."""
        self.action_start(also_matching=True)

    def action_enrollments(self):
        """Open the customers of the plan."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_care_enrollment_action"
        )
        return {**action, "domain": [("plan_id", "=", self.id)]}

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
