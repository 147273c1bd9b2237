from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ...analytics.rfm.grid import DEFAULT_BINS
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

    loyalty_period = fields.Selection(
        related="company_id.loyalty_period", readonly=False
    )
    loyalty_period_months = fields.Integer(
        related="company_id.loyalty_period_months", readonly=False
    )
    loyalty_grace_months = fields.Integer(
        related="company_id.loyalty_grace_months", readonly=False
    )
    loyalty_fall = fields.Selection(related="company_id.loyalty_fall", readonly=False)
    loyalty_close_percent = fields.Integer(
        related="company_id.loyalty_close_percent", readonly=False
    )
    loyalty_portal = fields.Boolean(related="company_id.loyalty_portal", readonly=False)

    loyalty_mail_risen = fields.Boolean(
        related="company_id.loyalty_mail_risen", readonly=False
    )
    loyalty_mail_grace = fields.Boolean(
        related="company_id.loyalty_mail_grace", readonly=False
    )
    loyalty_mail_fallen = fields.Boolean(
        related="company_id.loyalty_mail_fallen", readonly=False
    )

    care_deleted_customer = fields.Selection(
        related="company_id.care_deleted_customer", readonly=False
    )
    care_portal_company_cases = fields.Boolean(
        related="company_id.care_portal_company_cases", readonly=False
    )

    rfm_threshold_summary = fields.Text(compute="_compute_rfm_threshold_summary")

    @api.model
    def default_get(self, fields):
        """A company that was created before this addon was loaded has empty choices:
        show what they mean, so that its settings can be saved."""
        values = super().default_get(fields)
        if not values.get("company_id"):
            return values
        company = self.env["res.company"].browse(values["company_id"])
        names = {
            name: self._fields[name].related.split(".")[-1]
            for name in fields
            if name.startswith(("rfm_", "loyalty_", "care_"))
            and self._fields[name].type == "selection"
            and (self._fields[name].related or "").startswith("company_id.")
        }
        empty = {name: column for name, column in names.items() if not company[column]}
        defaults = company.default_get(list(empty.values()))
        for name, column in empty.items():
            if column in defaults:
                values[name] = defaults[column]
        return values

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
                # Chosen here for the first time, or for another number of scores: what
                # suits today's customers is a better beginning than an error.
                wizard = self.env["crm.rfm.threshold.wizard"]
                bins = company.rfm_bins or DEFAULT_BINS
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

    def action_loyalty_assess(self):
        return self.env["crm.loyalty.membership"].action_assess()
