from odoo import fields, models

from ..common.joined_fields import JoinedFloat, JoinedMonetary
from .groups import SEE_MARGIN, USE_INSIGHT
from .secret_fields import SecretMonetary


class CrmLead(models.Model):
    """Leads show what is expected of their customer."""

    _inherit = "crm.lead"

    forecast_p_active = JoinedFloat(
        related="partner_id.forecast_p_active",
        string="Customer P(Active)",
        aggregator=None,
        groups=USE_INSIGHT,
    )
    forecast_next_date = fields.Date(
        related="partner_id.forecast_next_date",
        string="Customer's Next Purchase",
        groups=USE_INSIGHT,
    )
    forecast_currency_id = fields.Many2one(
        related="partner_id.forecast_currency_id",
        string="Forecast Currency",
        groups=USE_INSIGHT,
    )
    forecast_lifetime_revenue = JoinedMonetary(
        related="partner_id.forecast_lifetime_revenue",
        string="Customer's Future Revenue",
        currency_field="forecast_currency_id",
        aggregator=None,
        groups=USE_INSIGHT,
    )
    forecast_lifetime_value = SecretMonetary(
        related="partner_id.forecast_lifetime_value",
        string="Customer's Future Value",
        currency_field="forecast_currency_id",
        aggregator=None,
        groups=SEE_MARGIN,
    )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "forecast_lifetime_value":
            # Odoo follows the path as superuser; to order or sum by it is the user's own
            # question.
            self._check_field_access(self._fields[field_expr], "read")
        return super()._field_to_sql(alias, field_expr, query)
