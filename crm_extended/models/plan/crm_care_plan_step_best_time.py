from datetime import datetime, time, timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL

from ...analytics.plan.schedule import at_wall_clock, later
from ..insight.best_time_words import window_text

# Units of delays that end on a day, so that the hour can be chosen.
WITH_DAY = ("days", "weeks", "months")
# The kind of contacts that says when messages of a channel work.
KINDS = {"email": "email", "sms": "phone"}


class CrmCarePlanStep(models.Model):
    """A part of steps: messages that go out, and activities that are due, when the customer
    is best contacted. Where that is not known, as of customers who refused profiling or
    while analytics are off, steps keep their ordinary time.

    A message becomes due when the day of its ordinary time begins. The engine looks then,
    for all customers who are due together, when to do it, and lets them wait until then,
    for a week at most.
    """

    _inherit = "crm.care.plan.step"

    at_best_time = fields.Boolean(
        string="At the Customer's Best Time",
        help="Emails and text messages wait for the hours in which the customer is best "
        "contacted, up to a week and within the hours of the contact policy. Activities are "
        "due on the best day within a week, and their note names the hours. Where too little "
        "is known, the step keeps its ordinary time.",
    )
    can_use_best_time = fields.Boolean(compute="_compute_can_use_best_time")

    @api.depends("kind", "delay_unit")
    def _compute_can_use_best_time(self):
        for step in self:
            step.can_use_best_time = step._may_use_best_time()

    def _may_use_best_time(self) -> bool:
        is_dated = self.kind == "activity" or (
            self._is_message() and self.delay_unit in WITH_DAY
        )
        return is_dated and self.env["crm.feature"]._is_on("insight")

    # -- Messages

    def _waits_for_best_time(self) -> bool:
        """Whether it is a message that waits for the customer's hours."""
        return self.at_best_time and self._is_message() and self.delay_unit in WITH_DAY

    def _opens_after(self, moment: datetime) -> datetime:
        """When the engine is to look at the step, counted from the planned moment of the
        step before: at its ordinary time, or from the beginning of that day on."""
        planned = self._planned_after(moment)
        if not (self._waits_for_best_time() and self.has_time):
            return planned
        zone = self.plan_id._get_zone()
        today = fields.Datetime.context_timestamp(self.with_context(tz=zone), planned)
        begin = at_wall_clock(datetime.combine(today.date(), time()), zone)
        return min(planned, max(moment, begin))

    def _wait_for_best_time(self, enrollments):
        """Let those wait for whom the best time, or the ordinary one, is still to come; in
        one statement.

        :return: the others, whose time it is
        """
        if not self._waits_for_best_time():
            return enrollments
        # Who has waited, for whatever reason, has had their time chosen.
        new = enrollments.filtered(lambda each: not each.wait_reason)
        moments = self._best_moments(new)
        now = fields.Datetime.now()
        waiting = new.filtered(lambda each: moments[each.id] > now)
        if waiting:
            waiting.flush_recordset()
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE crm_care_enrollment AS enrollment
                       SET planned_date = due.moment, next_date = due.moment,
                           wait_reason = 'best_time'
                      FROM unnest(%s::int[], %s::timestamp[]) AS due (id, moment)
                     WHERE enrollment.id = due.id
                    """,
                    waiting.ids,
                    [moments[each.id] for each in waiting],
                )
            )
            waiting.invalidate_recordset()
        return enrollments - waiting

    def _best_moments(self, enrollments) -> dict[int, datetime]:
        """When to do it, by id: from the planned moment on, or from now on where the
        engine is late."""
        zone, at_time = self.plan_id._get_zone(), self._get_time()
        now = fields.Datetime.now()
        kind = KINDS.get(self._get_channel())
        times_of = self._times_of(enrollments, self._get_channel())
        found = {}
        for each in enrollments:
            planned, times = each.planned_date, times_of.get(each.id)
            best = times and times.next_start(kind, max(planned, now))
            found[each.id] = best or max(planned, later(planned, zone, 0, at_time))
        return found

    def _times_of(self, enrollments, channel=None) -> dict:
        """What is known of when to contact the customers, by id of the enrollment."""
        if not self.env["crm.feature"]._is_on("insight"):
            return {}
        contacts = {each.id: each.partner_id for each in enrollments}
        if channel:
            found = enrollments._find_contacts(channel)
            contacts = {id_: found[id_] or own for id_, own in contacts.items()}
        people = self.env["res.partner"].union(*contacts.values())
        best_times = self.env["crm.best.time"].with_company(self.company_id)
        times_of = best_times._times_of(people)
        return {
            id_: times_of[contact.id]
            for id_, contact in contacts.items()
            if contact.id in times_of
        }

    # -- Activities

    def _best_days(self, enrollments, deadline) -> dict[int, dict]:
        """Values of activities that are due on the first best day from their ordinary
        deadline on, by id of the enrollment. The note names the hours, and not what they
        were counted from, which is not for all who see the activity."""
        best_times = self.env["crm.best.time"]
        kind = best_times._kind_of_activity(self.activity_type_id)
        if not (self.at_best_time and kind):
            return {}
        zone = self.plan_id._get_zone()
        begin = at_wall_clock(datetime.combine(deadline, time()), zone)
        moment = max(begin, fields.Datetime.now())
        zoned = self.with_context(tz=zone)
        found = {}
        for id_, times in self._times_of(enrollments).items():
            start = times.next_start(kind, moment)
            if not start or start - moment > timedelta(days=7):
                continue
            day = fields.Datetime.context_timestamp(zoned, start).date()
            window = times.window(kind, times.of_weekday(start))
            hours = window_text(zoned.env, window, times.zone)
            found[id_] = {
                "date_deadline": max(day, deadline),
                "note": Markup("<p>%s</p>%s")
                % (self.env._("Best time: %s", hours), self.note or ""),
            }
        return found
