from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .crm_care_team import SOON_HOURS
from .res_partner import AGENT

# What the counter is told of: it shows no number above.
MOST_DUE = 100
# For so long the counter can go on by its own clock.
AHEAD_HOURS = 2
# Sent to the browser when the counter has to be looked up anew.
CARE_DUE = "crm_extended.care_due"


class ResUsers(models.Model):
    _inherit = "res.users"

    care_systray = fields.Boolean(
        string="Count My Due Cases",
        help="A counter at the top of every page: my service cases that are due soon or "
        "missed.",
    )

    def _care_of(self, company):
        """Those who may have to do with cases of a company. Others would learn what these
        are about; a team or a rule may still name who has left."""
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

        :return: ``shown``: whether he wants one; ``now``, ``soon`` (hours in which a
            case is due soon) and ``due``: of each open case when it is due, False where
            it was missed and time changes nothing about that
        """
        user = self.env.user
        if not (user.care_systray and user.has_group(AGENT)):
            return {"shown": False}
        now = fields.Datetime.now()
        until = now + timedelta(hours=SOON_HOURS + AHEAD_HOURS)
        cases = self.env["crm.care.case"].search_fetch(
            Domain("user_id", "=", user.id)
            & Domain("outcome", "in", ("open", "waiting"))
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


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        result = super().session_info()
        # Nobody else asks for a counter, or is asked.
        result["care_systray"] = self.env.user.care_systray
        return result


class CrmCareCase(models.Model):
    _inherit = "crm.care.case"

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._tell_counters()
        return cases

    def write(self, vals):
        counted = {"user_id", "stage_id", "active"} | self._targets_depend_on()
        if counted.isdisjoint(vals):
            return super().write(vals)
        users = self.user_id
        result = super().write(vals)
        self._tell_counters(users)
        return result

    def _tell_counters(self, users=None):
        """Let the counters of those whose cases these are, or were, be looked up."""
        # sudo: what a colleague wants to see at the top of his page.
        for user in (self.user_id | (users or self.user_id)).sudo():
            if user.care_systray:
                user._bus_send(CARE_DUE, {})
