from odoo import api, models
from odoo.fields import Domain

from ..timeline import TimelineSource
from ..timeline.sources.base import changed


class CrmTimeline(models.AbstractModel):
    """Changes of the life-cycle stage are entries."""

    _inherit = "crm.timeline"

    @api.model
    def _timeline_sources(self):
        sources = super()._timeline_sources()
        if not self.env["crm.feature"]._is_on("insight"):
            return sources
        return {
            **sources,
            "lifecycle": TimelineSource(
                model="crm.lifecycle.change",
                kind="lifecycle",
                label=self.env._("Life Cycle"),
                icon="fa-recycle",
                date="date",
                # What was computed for an earlier day is no history.
                domain=changed("old_stage", "new_stage")
                & ~Domain("reason", "=", "other_day"),
                title=lambda change: change._title(),
                author=None,
                state="reason",
            ),
        }
