from odoo import api, fields, models

from .settings_fingerprint import fingerprint_of, with_settings


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
        return super().create(with_settings(self, vals_list))

    @api.model
    def _fingerprint(self, company) -> str:
        """Of all settings that decide about scores and segments."""
        # sudo: settings, for any user who updates scores.
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
        return fingerprint_of(settings)

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
