import hashlib
import json

from odoo import api, fields, models


class CrmRfmRefresh(models.Model):
    """Remembers the settings that scores were computed with: a change of settings moves
    customers, who have done nothing."""

    _inherit = "crm.rfm.refresh"

    settings_fingerprint = fields.Char(readonly=True)
    of_today = fields.Boolean(
        readonly=True, help="It was an update for the day on which it was made."
    )
    plans_started = fields.Boolean(
        readonly=True, help="Care plans have enrolled the customers of this update."
    )

    @api.model_create_multi
    def create(self, vals_list):
        prints = {}
        # As the update itself reckons: in another zone it can be the day before or after.
        today = fields.Date.context_today(self)
        for vals in vals_list:
            company = self.env["res.company"].browse(vals.get("company_id"))
            if company not in prints:
                prints[company] = self._fingerprint(company)
            vals["settings_fingerprint"] = prints[company]
            vals["of_today"] = fields.Date.to_date(vals.get("as_of")) == today
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
        today, by the settings of the one before. After an update for another day, which
        moves customers there and back, the first one of today is none."""
        self.ensure_one()
        before = self.search(
            [("company_id", "=", self.company_id.id), ("id", "<", self.id)],
            order="id desc",
            limit=1,
        )
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        return (
            not self.definition_changed
            and self.of_today
            and self.create_date > yesterday
            and before.of_today
            and before.settings_fingerprint == self.settings_fingerprint
        )
