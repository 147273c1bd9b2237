from odoo import api, models

from ..timeline import TimelineSource


class CrmTimeline(models.AbstractModel):
    """Answers about being contacted are entries."""

    _inherit = "crm.timeline"

    @api.model
    def _timeline_sources(self):
        sources = super()._timeline_sources()
        if not self.env["crm.feature"]._is_on("consent"):
            return sources
        return {
            **sources,
            "consent": TimelineSource(
                model="crm.consent",
                kind="consent",
                label=self.env._("Consents"),
                icon="fa-check-square-o",
                date="date",
                title="purpose_id.name",
                body="proof",
                search=("purpose_id.name", "proof"),
                author="user_id",
                state="state",
                colors={
                    "pending": "info",
                    "given": "success",
                    "refused": "warning",
                    "withdrawn": "warning",
                },
            ),
        }
