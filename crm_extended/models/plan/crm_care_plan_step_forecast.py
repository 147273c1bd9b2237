from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from odoo import models


class CrmCarePlanStep(models.Model):
    """A part of steps: what a forecast asks of them."""

    _inherit = "crm.care.plan.step"

    def _is_message(self) -> bool:
        """Whether it reaches people, as far as the contact policy lets it; for kinds of
        other addons, too."""
        return self.kind == "mail"

    def _message_channel(self) -> str | None:
        """The channel of the contact policy that decides about it; None for none."""
        return self._get_channel() if self._is_message() else None

    def _reason_to_skip(self) -> str | None:
        """Why it would be skipped for everyone; None where it is not. For kinds of other
        addons, too.

        :return: key of ``crm.care.enrollment.step.reason``
        """
        if self.kind == "case":
            return None if self.env["crm.feature"]._is_on("care") else "feature_off"
        # sudo: whether there is a server action. A note may be empty.
        names = () if self.kind == "log" else self._get_needed_fields()
        is_gone = not all(self.sudo()[name] for name in names) or (
            self.kind == "mail" and self.template_id.model != "res.partner"
        )
        return "definition_gone" if is_gone else None

    def _after_in_forecast(self) -> Callable[[datetime], datetime]:
        """When it is planned, as a function that looks at each moment once. Working hours
        are looked up in a calendar: by the hour, that there be few of them. That is the
        next one: eight hours from 8:08 on end tomorrow, and from 8:00 on today."""
        by_hour = self.delay_unit == "working_hours"
        planned = cache(self._planned_after)

        def after(moment):
            if by_hour and moment != (hour := moment.replace(minute=0, second=0)):
                moment = hour + timedelta(hours=1)
            return planned(moment)

        return after

    def _reached_otherwise(self):
        """Of the steps of a version those that come only where a condition is not met."""
        rest = self.sorted(self._place_of)
        step, main = rest[:1], self.browse()
        while step:
            main |= step
            step = step._next()
        return rest - main
