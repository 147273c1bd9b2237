from odoo import api, models


class CrmLoyaltyChange(models.Model):
    """Targets of open cases follow the tier."""

    _inherit = "crm.loyalty.change"

    # After another definition of purchases, too, see ``crm.care.case._apply_changes``.
    _quiet_subscribers = ("_update_open_cases",)

    @api.model_create_multi
    def create(self, vals_list):
        # Manual overrides create their changes; those that an assessment records in SQL
        # are dispatched.
        changes = super().create(vals_list)
        for theirs in changes.grouped("company_id").values():
            theirs._update_open_cases()
        return changes

    @api.model
    def _get_subscribers(self, company):
        subscribers = super()._get_subscribers(company)
        if self.env["crm.care.case"]._has_open_cases(company):
            subscribers.append("_update_open_cases")
        return subscribers

    def _update_open_cases(self):
        """Recompute targets of open cases after changes of tiers in one company."""
        # sudo: the tier applies to all cases, also those the user cannot see.
        cases = self.env["crm.care.case"].sudo()
        cases._apply_changes(self.company_id, self._is_quiet())
