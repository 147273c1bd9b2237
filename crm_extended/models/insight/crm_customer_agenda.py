from odoo import api, models

from . import (
    agenda_best_time,
    agenda_decline,
    agenda_forecast,
    agenda_referral,
    agenda_replenishment,
    agenda_trap,
)
from .groups import USE_INSIGHT


class CrmCustomerAgenda(models.AbstractModel):
    """Reasons that analytics know of, each in a file of its own."""

    _inherit = "crm.customer.agenda"

    @api.model
    def _agenda_sources(self):
        sources = super()._agenda_sources()
        if not self.env["crm.feature"]._is_on("insight"):
            return sources
        return sources | {
            agenda_decline.KEY: agenda_decline.decline_source(self.env),
            agenda_replenishment.KEY: agenda_replenishment.replenishment_source(
                self.env
            ),
            agenda_forecast.KEY: agenda_forecast.overdue_source(self.env),
            agenda_referral.KEY: agenda_referral.referral_source(self.env),
            agenda_trap.KEY: agenda_trap.trap_source(self.env),
        }

    @api.model
    def _agenda_actions(self):
        actions = super()._agenda_actions()
        if not self.env.user.has_group(USE_INSIGHT):
            return actions
        return [
            *actions,
            {
                "name": "thanked",
                "label": self.env._("Mark as Thanked"),
                "title": self.env._("They were thanked for what they recommended"),
                "action": "crm_extended.crm_referral_thanked_server_action",
                "reasons": [agenda_referral.KEY],
            },
        ]

    @api.model
    def _agenda_hints(self, rows):
        hints = super()._agenda_hints(rows)
        if not self.env.user.has_group(USE_INSIGHT):
            return hints
        return hints | agenda_best_time.best_time_hints(self.env, rows)
