from odoo import api, models
from odoo.exceptions import AccessError

from ...analytics.insight.satisfaction import LEAST_ANSWERS


class CrmSatisfactionSaidMixin(models.AbstractModel):
    """Records of what single customers said: no averages of groups of them, which only
    the page *Satisfaction Index* shows, without those of few people."""

    _name = "crm.satisfaction.said.mixin"
    _description = "What Customers Said"
    # Columns with what was said.
    _said_columns = ()

    def _read_group_select(self, aggregate_spec, query):
        name, _colon, aggregator = aggregate_spec.partition(":")
        if name in self._said_columns and aggregator != "count" and not self.env.su:
            self._refuse_groups()
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _refuse_groups(self):
        raise AccessError(
            self.env._(
                "Figures of groups are on the page “Satisfaction Index”: those of fewer "
                "than %s people are not shown.",
                LEAST_ANSWERS,
            )
        )
