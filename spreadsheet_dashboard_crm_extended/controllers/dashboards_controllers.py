import json

from odoo import http
from odoo.http import request

from odoo.addons.spreadsheet_dashboard.controllers.dashboards_controllers import (
    DashboardDataRoute,
)


class TranslatedSampleRoute(DashboardDataRoute):
    """Odoo's own samples stay in English, because their answer does not say in which addon
    their translations are. Ours says so."""

    @http.route()
    def get_dashboard_data(self, dashboard):
        response = super().get_dashboard_data(dashboard)
        addon = dashboard._get_dashboard_translation_namespace()
        if addon != "spreadsheet_dashboard_crm_extended":
            return response
        answer = json.loads(response.get_data())
        if not answer.get("is_sample"):
            return response
        return request.make_json_response({**answer, "translation_namespace": addon})
