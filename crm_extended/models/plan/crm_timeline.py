from odoo import api, models

from ..timeline import TimelineSource
from .groups import MANAGE_PLANS


class CrmTimeline(models.AbstractModel):
    """What care plans do for a customer: when they began one, and the steps that leave
    nothing else to see, with the reason of those that were skipped.

    Mails, notes, activities and cases of a plan are entries by themselves.
    """

    _inherit = "crm.timeline"

    @api.model
    def _timeline_sources(self):
        sources = super()._timeline_sources()
        if not self.env["crm.feature"]._is_on("plans"):
            return sources
        label = self.env._("Care Plans")
        begun = [("start_date", "!=", False)]
        if self.env.user.has_group(MANAGE_PLANS):
            # Managers may see the control group; nothing is done for it.
            begun.append(("arm", "=", "plan"))
        return {
            **sources,
            "plan": TimelineSource(
                model="crm.care.enrollment",
                kind="plan",
                label=label,
                icon="fa-map-signs",
                date="start_date",
                domain=begun,
                title="plan_id.name",
                body="status_text",
                search=("plan_id.name",),
                author=None,
                state="state",
                colors={
                    "waiting": "info",
                    "running": "info",
                    "held": "warning",
                    "failed": "danger",
                    "done": "success",
                },
            ),
            "plan_step": TimelineSource(
                model="crm.care.enrollment.step",
                kind="plan",
                label=label,
                icon="fa-map-signs",
                date="date",
                domain=[
                    ("mail_message_id", "=", False),
                    ("activity_id", "=", False),
                    ("case_id", "=", False),
                ],
                title=self._plan_step_title,
                body="reason_text",
                search=("plan_id.name", "step_id.name"),
                fields=("plan_id", "step_id"),
                author=None,
                state="outcome",
                colors={"done": "success", "failed": "danger"},
            ),
        }

    @staticmethod
    def _plan_step_title(line):
        return " · ".join(filter(None, (line.plan_id.name, line.step_id.name)))
