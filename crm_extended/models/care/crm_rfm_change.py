from odoo import api, models

from ..rfm.crm_rfm_change import CrmRfmChange as RfmChange


class CrmRfmChange(models.Model):
    """Targets of open cases follow the segment."""

    _inherit = "crm.rfm.change"

    # After another definition of purchases, too, see ``crm.care.case._apply_changes``.
    _quiet_subscribers = (*RfmChange._quiet_subscribers, "_update_open_cases")

    @api.model
    def _get_subscribers(self, company):
        subscribers = super()._get_subscribers(company)
        if self.env["crm.care.case"]._has_open_cases(company):
            subscribers.append("_update_open_cases")
        return subscribers

    def _update_open_cases(self):
        """Recompute targets of open cases after changes of segments in one company."""
        changes = self.filtered(
            lambda change: change.old_segment_id != change.new_segment_id
        )
        if changes:
            # sudo: the segment applies to all cases, also those the user cannot see.
            cases = self.env["crm.care.case"].sudo()
            cases._apply_changes(
                self.company_id, self._is_quiet(), customers=changes.partner_id
            )
