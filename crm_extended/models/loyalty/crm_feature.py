from odoo import api, models

from ..common.crm_feature import Feature
from ..common.groups import SALES, SALES_MANAGER
from .groups import MANAGES_TIERS, USE_LOYALTY


class CrmFeature(models.AbstractModel):
    _inherit = "crm.feature"

    @api.model
    def _features(self):
        # Customers see their own tier on pages that ask for the feature themselves: no
        # field of a contact is for them.
        loyalty = Feature(
            setting="group_crm_loyalty",
            groups={
                USE_LOYALTY: (SALES,),
                MANAGES_TIERS: (SALES_MANAGER,),
            },
        )
        return {**super()._features(), "loyalty": loyalty}

    @api.model
    def _after_switching_on(self, key):
        if key == "loyalty":
            # Customers are not notified now of what happened meanwhile.
            self.env["crm.loyalty.notification"]._forget_all()
        return super()._after_switching_on(key)

    @api.model
    def _after_switching_off(self, key):
        if key == "loyalty":
            # sudo: as by uninstalling, for customers the user cannot see, too.
            self.env["crm.loyalty.pricelist"].sudo()._take_all_back()
            self.env["crm.loyalty.notification"]._forget_all()
        return super()._after_switching_off(key)

    @api.model
    def _get_leftovers(self, key):
        leftovers = super()._get_leftovers(key)
        if key == "loyalty":
            # sudo: only numbers are shown, to users who may change settings.
            members = self.env["crm.loyalty.membership"].sudo().search_count([])
            if members:
                leftovers.append(self.env._("Customers with a tier: %s", members))
            prices = self.env["crm.loyalty.pricelist"].sudo()
            priced = prices.search_count([("is_applied", "=", True)])
            if priced:
                leftovers.append(
                    self.env._(
                        "Customers who get back the prices they had before their tier: %s",
                        priced,
                    )
                )
        return leftovers
