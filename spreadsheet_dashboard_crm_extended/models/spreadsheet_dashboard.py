import json

from odoo import models
from odoo.tools.translate import code_translations


class SpreadsheetDashboard(models.Model):
    """The first cell of a pivot shows its name, which Odoo does not translate. The names of
    ours are words that the dashboard has elsewhere, too, and so have a translation."""

    _inherit = "spreadsheet.dashboard"

    def _get_serialized_readonly_dashboard(self):
        data = super()._get_serialized_readonly_dashboard()
        addon = self._get_dashboard_translation_namespace()
        if addon != "spreadsheet_dashboard_crm_extended":
            return data
        messages = code_translations.get_web_translations(addon, self.env.lang)
        names = {each["id"]: each["string"] for each in messages.get("messages", ())}
        data = json.loads(data)
        for pivot in data["snapshot"]["pivots"].values():
            pivot["name"] = names.get(pivot["name"], pivot["name"])
        return json.dumps(data)
