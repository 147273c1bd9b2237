from odoo import api, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    @api.model
    def default_get(self, fields):
        """A company that was created before this addon was loaded has empty choices:
        show what they mean, so that its settings can be saved."""
        values = super().default_get(fields)
        if not values.get("company_id"):
            return values
        company = self.env["res.company"].browse(values["company_id"])
        names = {
            name: self._fields[name].related.split(".")[-1]
            for name in fields
            if "crm_extended" in self._fields[name]._modules
            and self._fields[name].type == "selection"
            and (self._fields[name].related or "").startswith("company_id.")
        }
        empty = {name: column for name, column in names.items() if not company[column]}
        defaults = company.default_get(list(empty.values()))
        for name, column in empty.items():
            if column in defaults:
                values[name] = defaults[column]
        return values
