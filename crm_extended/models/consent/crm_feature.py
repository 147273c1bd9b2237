from odoo import api, models

from ..common.crm_feature import Feature
from .groups import MANAGE_CONSENT, USE_CONSENT


class CrmFeature(models.AbstractModel):
    _inherit = "crm.feature"

    @api.model
    def _features(self):
        consent = Feature(
            setting="group_crm_consent",
            groups={
                USE_CONSENT: (
                    "sales_team.group_sale_salesman",
                    "crm_extended.group_care_agent",
                ),
                MANAGE_CONSENT: ("sales_team.group_sale_manager",),
            },
        )
        return {**super()._features(), "consent": consent}

    @api.model
    def _after_switching_off(self, key):
        if key == "consent":
            # Quiet hours and limits no longer hold anything back.
            self.env["crm.contact.hold"]._release_all()
        return super()._after_switching_off(key)

    @api.model
    def _get_leftovers(self, key):
        leftovers = super()._get_leftovers(key)
        if key == "consent":
            # sudo: only numbers are shown, to users who may change settings.
            waiting = self.env["crm.contact.hold"].sudo()
            count = waiting.search_count([("state", "=", "waiting")])
            if count:
                leftovers.append(
                    self.env._("Messages that are sent at once: %s", count)
                )
            count = self.env["crm.consent"].sudo().search_count([])
            if count:
                leftovers.append(self.env._("Consents, which are kept: %s", count))
        return leftovers
