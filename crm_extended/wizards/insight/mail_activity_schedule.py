from markupsafe import Markup

from odoo import api, fields, models

from ...models.insight.best_time_words import sentence, window_text
from ...models.insight.groups import USE_INSIGHT


class MailActivitySchedule(models.TransientModel):
    """Calls and emails can be scheduled for the best time to contact the customer. An
    activity has a day: the hour is named in its note."""

    _inherit = "mail.activity.schedule"

    at_best_time = fields.Boolean(
        string="At Their Best Time",
        groups=USE_INSIGHT,
        help="Due on the next day that is best, within a week. The note names the hour.",
    )
    best_time_text = fields.Char(
        string="Best Time", compute="_compute_best_time_text", groups=USE_INSIGHT
    )

    @api.depends("res_model", "res_ids", "activity_type_id")
    def _compute_best_time_text(self):
        for scheduler in self:
            scheduler.best_time_text = scheduler._say_best_time()

    @api.depends("at_best_time")
    def _compute_date_deadline(self):
        result = super()._compute_date_deadline()
        if self.env.user.has_group(USE_INSIGHT):
            for scheduler in self.filtered("at_best_time"):
                kind, times = scheduler._best_time()
                now = fields.Datetime.now()
                if start := times and times.next_start(kind, now):
                    day = fields.Datetime.context_timestamp(self, start).date()
                    scheduler.date_deadline = day
        return result

    def _action_schedule_activities(self):
        if not self.env.user.has_group(USE_INSIGHT) or not self.at_best_time:
            return super()._action_schedule_activities()
        kind, times = self._best_time()
        if window := times and times.window(kind):
            # Without the contacts behind it, which are not for all who see the activity.
            text = window_text(self.env, window, times.zone)
            self.note = Markup("<p>%s</p>%s") % (
                self.env._("Best time: %s", text),
                Markup(self.note or ""),
            )
        return super()._action_schedule_activities()

    def _best_time(self) -> tuple:
        """Kind of the contact, and what is known of the customer; None each where it is
        not about one, or where the user may not see them."""
        kind = self.env["crm.best.time"]._kind_of_activity(self.activity_type_id)
        fields_of = self.env["crm.customer.agenda"]._agenda_documents()
        if not kind or self.res_model not in fields_of:
            return None, None
        record = self._get_applied_on_records().exists()._filtered_access("read")
        if len(record) != 1:
            return None, None
        name = fields_of[self.res_model]
        contact = record if name == "id" else record[name]
        contact = contact._filtered_access("read")
        times = self.env["crm.best.time"]._times_of(contact).get(contact.id)
        return kind, times

    def _say_best_time(self):
        kind, times = self._best_time()
        window = times and times.window(kind)
        return sentence(self.env, kind, window, times.zone) if window else False
