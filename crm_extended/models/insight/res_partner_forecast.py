from odoo import api, fields, models

from .groups import SEE_MARGIN, USE_INSIGHT
from .known_fields import ModelJoinedMonetary, NeverZeroJoinedFloat
from .secret_fields import SecretMonetary


class ResPartner(models.Model):
    """Contacts show what is expected of the customer they belong to, in the current
    company: it is joined on demand."""

    _inherit = "res.partner"

    forecast_id = fields.Many2one(
        "crm.forecast",
        compute="_compute_forecast_id",
        search="_search_forecast_id",
        groups=USE_INSIGHT,
        help="What is expected of the customer in your current company. All contacts of a "
        "company share the company's forecast.",
    )
    forecast_p_active = NeverZeroJoinedFloat(
        related="forecast_id.p_active", aggregator=None, groups=USE_INSIGHT
    )
    forecast_active_band = fields.Selection(
        related="forecast_id.active_band", string="Activity", groups=USE_INSIGHT
    )
    forecast_next_date = fields.Date(
        related="forecast_id.next_date", groups=USE_INSIGHT
    )
    forecast_currency_id = fields.Many2one(
        related="forecast_id.currency_id",
        string="Forecast Currency",
        groups=USE_INSIGHT,
    )
    # No aggregate: a company's figures are shown on each of its contacts.
    forecast_lifetime_revenue = ModelJoinedMonetary(
        related="forecast_id.lifetime_revenue",
        currency_field="forecast_currency_id",
        aggregator=None,
        groups=USE_INSIGHT,
    )
    forecast_lifetime_value = SecretMonetary(
        related="forecast_id.lifetime_value",
        currency_field="forecast_currency_id",
        aggregator=None,
        groups=SEE_MARGIN,
    )

    @api.model
    def _get_customer_joins(self):
        return super()._get_customer_joins() | {"forecast_id": ("crm.forecast", "id")}

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_forecast_id(self):
        self._compute_customer_join("forecast_id")

    def _search_forecast_id(self, operator, value):
        return self._search_customer_join("forecast_id", operator, value)

    # -- The customer page

    def _forecast_rows(self):
        """In words: whether they are still active, when they are expected, what they are
        worth."""
        # sudo: users of analytics who may read the contact see the forecast of its
        # customer, as in the fields above.
        forecast = self.forecast_id.sudo()
        if not forecast or self.commercial_partner_id.profiling_refused:
            return []
        # The test of the model stands beside every forecast.
        why = " ".join(filter(None, (forecast.why_text, forecast.holdout_text)))
        return [
            {
                "label": label,
                "text": text,
                "title": why,
                "method": "action_forecast",
            }
            for label, text in (
                (self.env._("Activity"), forecast.active_text),
                (self.env._("Next Purchase"), forecast.next_text),
                (self.env._("Value"), forecast.value_text),
            )
            if text
        ]

    def action_forecast(self):
        """Open the forecast of the customer, with the figures behind it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Forecast"),
            "res_model": "crm.forecast",
            "res_id": self.forecast_id.id,
            "view_mode": "form",
        }
