from odoo import api, models

from odoo.addons.crm_extended.models.timeline import TimelineSource


class CrmTimeline(models.AbstractModel):
    _inherit = "crm.timeline"

    @api.model
    def _timeline_sources(self):
        medium = self.env.ref("utm.utm_medium_website", raise_if_not_found=False)
        web = {"key": "web", "label": self.env._("Web"), "icon": "fa-globe"}
        return {
            **super()._timeline_sources(),
            # A form makes a lead with this medium, and what was written is its text.
            "form": TimelineSource(
                model="crm.lead",
                kind="form",
                label=self.env._("Website Forms"),
                icon="fa-wpforms",
                domain=[("medium_id", "=", medium.id if medium else 0)],
                links={"res.partner": "partner_id", "crm.lead": "id"},
                title="name",
                body="description",
                search=("name", "description"),
                author="partner_id",
                direction="in",
                channel=lambda lead: web,
            ),
        }
