from odoo import api, models

from ..timeline import TimelineSource


class CrmTimeline(models.AbstractModel):
    """Service cases are entries, and have a timeline of their own."""

    _inherit = "crm.timeline"

    @api.model
    def _timeline_sources(self):
        sources = super()._timeline_sources()
        sources["interaction"].links["crm.care.case"] = "case_id"
        return {
            **sources,
            "case": TimelineSource(
                model="crm.care.case",
                kind="case",
                label=self.env._("Service Cases"),
                icon="fa-life-ring",
                date="opened_date",
                links={
                    "res.partner": "partner_id",
                    "crm.lead": "lead_id",
                    "crm.care.case": "id",
                },
                title="display_name",
                search=("name", "number"),
                has_chatter=True,
                has_opening=True,
                author="user_id",
                state="outcome",
                colors={
                    "open": "info",
                    "waiting": "warning",
                    "solved": "success",
                    "cancelled": "muted",
                },
            ),
        }

    @api.model
    def _timeline_records(self):
        return {**super()._timeline_records(), "crm.care.case": "partner_id"}
