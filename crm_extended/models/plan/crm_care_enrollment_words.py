from odoo import api, fields, models
from odoo.tools import format_date, format_datetime


class CrmCareEnrollment(models.Model):
    """A part of enrollments: where a customer stands, in a sentence."""

    _inherit = "crm.care.enrollment"

    status_text = fields.Char(string="Progress", compute="_compute_status_text")

    @api.depends("state", "step_id", "next_date", "wait_reason", "exit_reason", "error")
    @api.depends_context("lang", "tz")
    def _compute_status_text(self):
        for each in self:
            each.status_text = getattr(each, f"_say_{each.state}", str)()

    def _say_waiting(self):
        return self.env._(
            "Waiting: the plan enrolls at most %s customers a day",
            self.plan_id.max_per_day,
        )

    def _say_running(self):
        step, env = self.step_id.name, self.env
        if not step or not self.next_date:
            # Nothing is done for the control group.
            return ""
        moment = format_datetime(env, self.next_date, dt_format="short")
        if self.wait_reason == "quiet":
            return env._(
                "“%(step)s” waits for the end of quiet hours: %(date)s",
                step=step,
                date=moment,
            )
        if self.wait_reason == "limit":
            return env._(
                "“%(step)s” waits because of the touch limit: %(date)s",
                step=step,
                date=moment,
            )
        if self.wait_reason == "best_time" and not self.attempts:
            return env._(
                "“%(step)s” waits for the best time: %(date)s", step=step, date=moment
            )
        if self.attempts:
            return env._(
                "“%(step)s” failed and is tried again: %(date)s. %(error)s",
                step=step,
                date=moment,
                error=self.error or "",
            )
        return env._(
            "Next: “%(step)s” on %(date)s",
            step=step,
            date=self._day_of(self.next_date),
        )

    def _say_held(self):
        if not self.step_id:
            # As of the control group.
            return self.env._("The plan is paused")
        return self.env._("The plan is paused; next: “%s”", self.step_id.name)

    def _say_failed(self):
        return self.env._(
            "“%(step)s” failed: %(error)s",
            step=self.step_id.name or "–",
            error=self.error or "",
        )

    def _say_done(self):
        return self.env._("Completed on %s", self._day_of(self.end_date))

    def _say_exited(self):
        reasons = dict(self._fields["exit_reason"]._description_selection(self.env))
        return self.env._(
            "Left on %(date)s: %(reason)s",
            date=self._day_of(self.end_date),
            reason=reasons.get(self.exit_reason, "–"),
        )

    def _day_of(self, moment) -> str:
        """The day of a moment, as the reader writes it."""
        day = moment and fields.Datetime.context_timestamp(self, moment).date()
        return format_date(self.env, day)
