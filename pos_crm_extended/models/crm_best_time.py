from odoo import api, models
from odoo.tools import SQL

from odoo.addons.crm_extended.models.insight.best_time_query import BestTimeSource


class CrmBestTime(models.Model):
    _inherit = "crm.best.time"

    @api.model
    def _best_time_sources(self):
        return {
            **super()._best_time_sources(),
            "pos": BestTimeSource("purchase", till_events),
        }


def till_events(scope) -> SQL | None:
    """Orders at the till. Whoever brings something back does not buy."""
    query = scope.query(
        "pos.order",
        [("state", "in", ("paid", "done")), ("amount_total", ">", 0)],
        "date_order",
    )
    if query is None:
        return None
    columns = ("partner_id", "company_id", "date_order")
    return query.select(
        *(SQL.identifier(query.table, name) for name in columns), SQL("1")
    )
