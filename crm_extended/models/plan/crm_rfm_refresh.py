import hashlib
import json

from odoo import api, fields, models


class CrmRfmRefresh(models.Model):
    """Remembers the settings that scores were computed with: a change of settings moves
    customers, who have done nothing."""

    _inherit = "crm.rfm.refresh"

    settings_fingerprint = fields.Char(readonly=True)
    plans_started = fields.Boolean(
        readonly=True, help="Care plans have enrolled the customers of this update."
    )

    @api.model_create_multi
    def create(self, vals_list):
        prints = {}
        for vals in vals_list:
            company = self.env["res.company"].browse(vals.get("company_id"))
            if company not in prints:
                prints[company] = self._fingerprint(company)
            vals["settings_fingerprint"] = prints[company]
        return super().create(vals_list)

    @api.model
    def _fingerprint(self, company) -> str:
        """Of all settings that decide about scores and segments."""
        segments = self.env["crm.rfm.segment"].sudo()
        owners, lost = segments._get_grid(company)
        settings = [
            company.rfm_source,
            company.rfm_window_months,
            company.rfm_bins,
            company.rfm_method,
            company.rfm_monetary_measure,
            company.currency_id.id,
            company._get_rfm_thresholds(),
            sorted((list(cell), segment.id) for cell, segment in owners.items()),
            lost.id,
        ]
        text = json.dumps(settings, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def _is_ordinary(self) -> bool:
        """Whether the changes it recorded are what customers did, or time: an update of
        today, by the settings of the one before."""
        self.ensure_one()
        before = self.search(
            [("company_id", "=", self.company_id.id), ("id", "<", self.id)],
            order="id desc",
            limit=1,
        )
        return (
            not self.definition_changed
            and self.as_of == self._today_of(self.company_id)
            and bool(before)
            and before.settings_fingerprint == self.settings_fingerprint
        )

    @api.model
    def _today_of(self, company):
        plans = self.env["crm.care.plan"].with_company(company)
        return plans._today()
