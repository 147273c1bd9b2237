from odoo import api, models

from odoo.addons.crm_extended.models.timeline import TimelineSource


class CrmTimeline(models.AbstractModel):
    _inherit = "crm.timeline"

    @api.model
    def _timeline_sources(self):
        return {
            **super()._timeline_sources(),
            "pos": TimelineSource(
                model="pos.order",
                kind="pos",
                label=self.env._("Point of Sale"),
                icon="fa-shopping-basket",
                date="date_order",
                domain=[("state", "in", ("paid", "done"))],
                title="name",
                body="general_customer_note",
                search=("name", "general_customer_note"),
                amount="amount_total",
                state="state",
                colors={"paid": "success", "done": "success"},
            ),
        }
