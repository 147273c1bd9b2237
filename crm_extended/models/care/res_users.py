from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .crm_care_stage import OPEN
from .crm_care_team import SOON_HOURS
from .groups import AGENT

# The counter shows no higher number.
MOST_DUE = 100
# How many hours the counter can go on by the browser's clock.
AHEAD_HOURS = 2
# Sent to the browser when the counter has to be fetched again.
CARE_DUE = "crm_extended.care_due"


class ResUsers(models.Model):
    _inherit = "res.users"

    care_systray = fields.Boolean(
        string="Show My Due Cases",
        help="Show a counter of my service cases that are due soon or missed at the "
        "top of every page.",
    )

    def _care_of(self, company):
        """The users who may deal with cases of a company. Others would learn what these
        are about; a team or a rule may still name users who have left."""
        return self.filtered(
            lambda user: user.active and not user.share and company in user.company_ids
        )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "care_systray"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "care_systray"]

    @api.model
    @api.readonly
    def care_due_cases(self) -> dict:
        """What the user's counter of due cases shows, now and for a while.

        :return: ``shown``: whether the user wants one; ``now``, ``soon`` (hours in which
            a case is due soon) and ``due``: when each open case is due, False where it
            was missed already
        """
        user = self.env.user
        is_on = self.env["crm.feature"]._is_on("care")
        if not (is_on and user.care_systray and user.has_group(AGENT)):
            return {"shown": False}
        now = fields.Datetime.now()
        until = now + timedelta(hours=SOON_HOURS + AHEAD_HOURS)
        cases = self.env["crm.care.case"].search_fetch(
            Domain("user_id", "=", user.id)
            & Domain("outcome", "in", OPEN)
            & (
                Domain("sla_state", "=", "failed")
                | Domain("sla_state", "=", "ongoing")
                & Domain("sla_deadline", "<=", until)
            ),
            ["sla_deadline", "sla_result", "sla_paused_since"],
            order="sla_deadline, id",
            limit=MOST_DUE,
        )
        return {
            "shown": True,
            "now": now,
            "soon": SOON_HOURS,
            "due": [
                case.sla_state == "ongoing" and case.sla_deadline for case in cases
            ],
        }

    def _update_care_counters(self):
        """Let the browsers of these users fetch their counters of due cases again."""
        for user in self:
            if user.care_systray:
                user._bus_send(CARE_DUE, {})
