from odoo import api, fields, models
from odoo.tools.misc import formatLang

from .res_company import DIMENSIONS, THRESHOLDS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    rfm_source = fields.Selection(related="company_id.rfm_source", readonly=False)
    rfm_window_months = fields.Integer(
        related="company_id.rfm_window_months", readonly=False
    )
    rfm_bins = fields.Integer(related="company_id.rfm_bins", readonly=False)
    rfm_method = fields.Selection(related="company_id.rfm_method", readonly=False)
    rfm_monetary_measure = fields.Selection(
        related="company_id.rfm_monetary_measure", readonly=False
    )
    rfm_post_moves = fields.Selection(
        related="company_id.rfm_post_moves", readonly=False
    )

    rfm_a_percent = fields.Integer(related="company_id.rfm_a_percent", readonly=False)
    rfm_b_percent = fields.Integer(related="company_id.rfm_b_percent", readonly=False)

    rfm_threshold_summary = fields.Text(compute="_compute_rfm_threshold_summary")

    @api.depends("company_id")
    def _compute_rfm_threshold_summary(self):
        for settings in self:
            settings.rfm_threshold_summary = "\n".join(
                f"{description['string']}: "
                + " | ".join(
                    formatLang(self.env, value, digits=0 if value == int(value) else 2)
                    for value in values
                )
                for name, description in settings.company_id.fields_get(
                    THRESHOLDS, ["string"]
                ).items()
                if (values := settings.company_id[name])
            )

    def set_values(self):
        result = super().set_values()
        for settings in self:
            company = settings.company_id
            if company.rfm_method == "threshold" and not company._has_rfm_thresholds():
                # Chosen for the first time, or for another number of scores: thresholds
                # that suit today's customers are better than an error.
                wizard = self.env["crm.rfm.threshold.wizard"]
                bins = company._get_rfm_bins()
                company.write(
                    {
                        f"rfm_{dimension}_thresholds": wizard._suggest(
                            company, dimension, bins
                        )
                        for dimension in DIMENSIONS
                    }
                )
        return result

    def action_rfm_refresh(self):
        return self.env["crm.rfm.score"].action_refresh()

    def action_rfm_first_steps(self):
        """Show the checklist of the first hour again."""
        return self.env["onboarding.onboarding"].show_first_steps()
