from odoo import api, models

from odoo.addons.crm_extended.models.timeline import TimelineSource


class CrmTimeline(models.AbstractModel):
    _inherit = "crm.timeline"

    @api.model
    def _timeline_sources(self):
        common = {
            "model": "stock.picking",
            "kind": "delivery",
            "label": self.env._("Deliveries"),
            "icon": "fa-truck",
            "title": "name",
            "body": "origin",
            "search": ("name", "origin"),
            "state": "state",
            "colors": {"done": "success", "assigned": "info"},
            "has_chatter": True,
        }
        outgoing = ("picking_type_code", "=", "outgoing")
        open_states = ("waiting", "confirmed", "assigned")
        return {
            **super()._timeline_sources(),
            "delivery": TimelineSource(
                **common, date="date_done", domain=[outgoing, ("state", "=", "done")]
            ),
            "delivery_open": TimelineSource(
                **common,
                date="scheduled_date",
                domain=[outgoing, ("state", "in", open_states)],
                is_calendar=True,
            ),
        }
