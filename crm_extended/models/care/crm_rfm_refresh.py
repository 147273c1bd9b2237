from odoo import api, models


class CrmRfmRefresh(models.Model):
    """Targets of open cases follow the segments of a company's first scores."""

    _inherit = "crm.rfm.refresh"

    @api.model_create_multi
    def create(self, vals_list):
        # The first update of a company records no changes, so there are none to
        # dispatch. An update is recorded once its scores are written.
        refreshes = super().create(vals_list)
        # sudo: the segment applies to all cases, also those the user cannot see.
        cases = self.env["crm.care.case"].sudo()
        for refresh in refreshes:
            if refresh.added_count and not refresh.last_change_id:
                cases._apply_changes(refresh.company_id, refresh.definition_changed)
        return refreshes
