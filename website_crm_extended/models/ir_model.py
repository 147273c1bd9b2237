from odoo import api, models


class IrModel(models.Model):
    """Forms of the website do not offer to open a case while service care is off."""

    _inherit = "ir.model"

    @api.model
    def get_compatible_form_models(self):
        found = super().get_compatible_form_models()
        if self.env["crm.feature"]._is_on("care"):
            return found
        # Hidden, not left out: the editor looks up the action of a form that was made
        # before, and fails without it.
        return [
            {**model, "is_hidden": model["model"] == "crm.care.case"} for model in found
        ]
