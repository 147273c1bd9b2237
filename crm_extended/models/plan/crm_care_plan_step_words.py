from odoo import api, fields, models
from odoo.tools.date_utils import float_to_time
from odoo.tools.misc import format_time


class CrmCarePlanStep(models.Model):
    """A part of steps: how a step is described in a line."""

    _inherit = "crm.care.plan.step"

    when_text = fields.Char(string="When", compute="_compute_when_text")
    if_text = fields.Char(string="Only If", compute="_compute_if_text")
    available_kinds = fields.Json(compute="_compute_available_kinds")

    @api.depends_context("uid")
    def _compute_available_kinds(self):
        """What is off, or for administrators only, is not offered."""
        hidden = set()
        if not self.env["crm.feature"]._is_on("care"):
            hidden.add("case")
        if not self.env.is_system():
            hidden.add("server_action")
        labels = self._fields["kind"]._description_selection(self.env)
        self.available_kinds = [key for key, _label in labels if key not in hidden]

    @api.depends("kind", "delay", "delay_unit", "has_time", "at_time", "at_best_time")
    @api.depends_context("lang")
    def _compute_when_text(self):
        for step in self:
            step.when_text = step._say_when()

    def _say_when(self) -> str:
        said = self._say_ordinary_time()
        if not (self.at_best_time and self._may_use_best_time()):
            return said
        return self.env._("%s, at the customer's best time", said)

    def _say_ordinary_time(self) -> str:
        said = self._say_delay()
        if not self.has_time or self.delay_unit in ("hours", "working_hours"):
            return said
        moment = format_time(
            self.env, float_to_time(min(self.at_time, 23.999)), time_format="short"
        )
        return self.env._("%(delay)s, at %(time)s", delay=said, time=moment)

    def _say_delay(self) -> str:
        env = self.env
        if not self.delay:
            if self.has_time and self.delay_unit not in ("hours", "working_hours"):
                return env._("The same day")
            return env._("At once")
        one, more = {
            "hours": (env._("1 hour later"), env._("%s hours later", self.delay)),
            "days": (env._("1 day later"), env._("%s days later", self.delay)),
            "weeks": (env._("1 week later"), env._("%s weeks later", self.delay)),
            "months": (env._("1 month later"), env._("%s months later", self.delay)),
            "working_hours": (
                env._("1 working hour later"),
                env._("%s working hours later", self.delay),
            ),
        }[self.delay_unit or "days"]
        return one if self.delay == 1 else more

    @api.depends("condition", "condition_step_id.name", "condition_rating")
    @api.depends_context("lang")
    def _compute_if_text(self):
        labels = dict(self._fields["condition"]._description_selection(self.env))
        for step in self:
            said = labels.get(step.condition, "")
            if step.condition_step_id:
                said = self.env._(
                    "%(condition)s since “%(step)s”",
                    condition=said,
                    step=step.condition_step_id.name,
                )
            step.if_text = said
