from odoo import api, models

from ..loyalty.groups import USE_LOYALTY

# The reports that come with favorites.
WITH_FAVORITES = (
    "crm.customer.purchase.line",
    "crm.customer.flow",
    "crm.lifecycle.report",
    "crm.forecast",
    "crm.campaign.reach",
    "crm.customer.profile",
    "crm.customer.margin",
    "crm.cohort",
    "crm.satisfaction.answer",
)


class IrFilters(models.Model):
    """Ready favorites of reports: in the language of the user, and those by tier
    only for users of loyalty tiers."""

    _inherit = "ir.filters"

    @api.model
    def _get_ready_favorites(self) -> dict[str, str]:
        """Names of favorites that come with analyses, by their external id."""
        return {
            "product_segment": self.env._("Product by Segment"),
            "product_tier": self.env._("Product by Tier"),
            "category_segment": self.env._("Category by Segment"),
            "category_tier": self.env._("Category by Tier"),
            "channel_segment": self.env._("Channel by Segment"),
            "channel_tier": self.env._("Channel by Tier"),
            "user_segment": self.env._("Salesperson by Segment"),
            "user_tier": self.env._("Salesperson by Tier"),
            "place_segment": self.env._("Place by Segment"),
            "place_tier": self.env._("Place by Tier"),
            "discount_segment": self.env._("Discounts by Segment"),
            "discount_tier": self.env._("Discounts by Tier"),
            "discount_customer": self.env._("Discounts by Customer"),
            "year_segment": self.env._("Year on Year by Segment"),
            "flow_year": self.env._("Flow Year on Year"),
            "flow_origin": self.env._("Gained by Source"),
            "lifecycle_segment": self.env._("Stage by Segment"),
            "lifecycle_decline": self.env._("In Decline by Salesperson"),
            "lifecycle_period": self.env._("Stage, Period on Period"),
            "forecast_user": self.env._("Expected Purchases by Salesperson"),
            "forecast_month": self.env._("Next Purchase by Month"),
            "forecast_overdue": self.env._("Overdue by Salesperson"),
            "reach_segment": self.env._("Response by Segment"),
            "reach_silent": self.env._("No Response by Salesperson"),
            "profile_country": self.env._("Country by Segment"),
            "profile_industry": self.env._("Industry by Segment"),
            "profile_size": self.env._("Revenue by Customer Size"),
            "margin_user": self.env._("Margin by Salesperson"),
            "margin_loss": self.env._("Losses by Reason"),
            "margin_year": self.env._("Margin Year on Year"),
            "cohort_revenue": self.env._("Revenue by Cohort"),
            "cohort_source": self.env._("Cohorts by Source"),
            "satisfaction_detractor": self.env._("Detractors by Salesperson"),
            "satisfaction_complaint": self.env._("Complaints by Month"),
        }

    @api.model
    def get_filters(
        self,
        model,
        action_id=None,
        embedded_action_id=None,
        embedded_parent_res_id=None,
    ):
        found = super().get_filters(
            model, action_id, embedded_action_id, embedded_parent_res_id
        )
        if model not in WITH_FAVORITES:
            return found
        names = {
            self.env.ref(f"crm_extended.ir_filters_{name}", False): label
            for name, label in self._get_ready_favorites().items()
        }
        labels = {record.id: label for record, label in names.items() if record}
        if not self.env.user.has_group(USE_LOYALTY):
            found = [each for each in found if not self._is_by_tier(each)]
        return [
            {**each, "name": labels.get(each["id"], each["name"])} for each in found
        ]

    @staticmethod
    def _is_by_tier(favorite) -> bool:
        """Whether a favorite groups by the tier, or filters by it."""
        return "loyalty_tier_id" in favorite["domain"] + favorite["context"]
