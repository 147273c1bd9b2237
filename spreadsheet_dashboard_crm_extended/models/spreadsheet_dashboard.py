import json

from odoo import models
from odoo.tools.translate import code_translations

ADDON = "spreadsheet_dashboard_crm_extended"


class SpreadsheetDashboard(models.Model):
    """Our dashboards show names that Odoo does not translate: those of pivots in their
    first cell, names of measures, and titles of axes. All are words that are extracted
    elsewhere in the dashboards, too, and so have a translation."""

    _inherit = "spreadsheet.dashboard"

    def _get_serialized_readonly_dashboard(self):
        data = super()._get_serialized_readonly_dashboard()
        if self._get_dashboard_translation_namespace() != ADDON:
            return data
        data = json.loads(data)
        self._translate_names(data["snapshot"])
        return json.dumps(data)

    def _get_sample_dashboard(self):
        data = super()._get_sample_dashboard()
        if data and self._get_dashboard_translation_namespace() == ADDON:
            self._translate_names(data)
        return data

    def _translate_names(self, data):
        """Translate names in the data of a spreadsheet, in place.

        :param dict data: the spreadsheet
        """
        lang = self.env.lang or "en_US"
        messages = code_translations.get_web_translations(ADDON, lang)
        words = {each["id"]: each["string"] for each in messages.get("messages", ())}

        def translate(owner, key):
            if owner.get(key) in words:
                owner[key] = words[owner[key]]

        for pivot in data["pivots"].values():
            translate(pivot, "name")
            for measure in pivot["measures"]:
                translate(measure, "userDefinedName")
        for sheet in data["sheets"]:
            for figure in sheet["figures"]:
                for axis in figure["data"].get("axesDesign", {}).values():
                    translate(axis.get("title", {}), "text")
