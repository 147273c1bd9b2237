from odoo import api, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    def set_values(self):
        """Switch features, with what follows from it; Odoo itself would only change the
        groups.

        :raise AccessError: for users who may not change settings
        """
        # The method can be called remotely, and features are switched as superuser.
        self.browse().check_access("create")
        features = self.env["crm.feature"]
        changed = {
            key: self[feature.setting]
            for key, feature in features._features().items()
            if self[feature.setting] != features._is_on(key)
        }
        # Whatever Odoo does with these fields then finds nothing left to be done.
        features._switch(**changed)
        for key, feature in features._features().items():
            self[feature.setting] = features._is_on(key)
        return super().set_values()

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
