from odoo import api, models

from ..timeline import TimelineSource
from ..timeline.sources.base import changed


class CrmTimeline(models.AbstractModel):
    """Changes of the loyalty tier are entries."""

    _inherit = "crm.timeline"

    @api.model
    def _timeline_sources(self):
        sources = super()._timeline_sources()
        # The filter lists tiers before segments.
        segment = sources.pop("segment")
        return {
            **sources,
            "tier": TimelineSource(
                model="crm.loyalty.change",
                kind="tier",
                label=self.env._("Loyalty Tiers"),
                icon="fa-trophy",
                date="date",
                # Deleted tiers have left their names.
                domain=changed("old_tier_id", "new_tier_id")
                | changed("old_tier_name", "new_tier_name"),
                title=self._tier_title,
                body="note",
                search=(
                    "old_tier_id.name",
                    "new_tier_id.name",
                    "old_tier_name",
                    "new_tier_name",
                    "note",
                ),
                author=None,
                state="reason",
                colors={
                    "earned": "success",
                    "fell": "warning",
                    "taken_back": "warning",
                },
            ),
            "segment": segment,
        }

    @staticmethod
    def _tier_title(change):
        return f"{change.old_tier_label or '–'} → {change.new_tier_label or '–'}"
