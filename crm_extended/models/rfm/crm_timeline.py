from odoo import api, models

from ..timeline import TimelineSource
from ..timeline.sources.base import changed


class CrmTimeline(models.AbstractModel):
    """Changes of the segment are entries."""

    _inherit = "crm.timeline"

    @api.model
    def _timeline_sources(self):
        return {
            **super()._timeline_sources(),
            "segment": TimelineSource(
                model="crm.rfm.change",
                kind="segment",
                label=self.env._("Segments"),
                icon="fa-pie-chart",
                date="date",
                domain=changed("old_segment_id", "new_segment_id"),
                title=self._segment_title,
                search=("old_segment_id.name", "new_segment_id.name"),
                author=None,
                state="reason",
            ),
        }

    @staticmethod
    def _segment_title(change):
        segments = change.old_segment_id, change.new_segment_id
        return " → ".join(segment.name or "–" for segment in segments)
