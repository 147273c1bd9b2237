from odoo import api, models


class CrmFeature(models.AbstractModel):
    """Kano belongs to the feature Analytics."""

    _inherit = "crm.feature"

    @api.model
    def _get_feature_of(self, model_name):
        if (model_name or "").startswith("crm.kano"):
            return "insight"
        return super()._get_feature_of(model_name)

    @api.model
    def _get_leftovers(self, key):
        leftovers = super()._get_leftovers(key)
        if key != "insight":
            return leftovers
        # sudo: only a number is shown, to users who may change settings.
        features = self.env["crm.kano.feature"].sudo()
        if count := features.with_context(active_test=False).search_count([]):
            leftovers.append(self.env._("Kano features: %s", count))
        return leftovers
