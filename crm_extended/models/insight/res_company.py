from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Days of the periods whose revenue life-cycle stages compare.
DEFAULT_DAYS = 180
MIN_DAYS, MAX_DAYS = 7, 3650


class ResCompany(models.Model):
    _inherit = "res.company"

    margin_case_cost = fields.Monetary(
        string="Cost of a Service Case",
        help="Deducted from the customer's margin for each case. 0: not at all.",
    )
    margin_interaction_cost = fields.Monetary(
        string="Cost of an Interaction",
        help="Deducted from the customer's margin for each logged call, visit or email. "
        "0: not at all.",
    )
    # Not required: companies are also created while this addon is not loaded. 0 means the
    # default.
    lifecycle_days = fields.Integer(
        string="Life-Cycle Period (Days)",
        default=DEFAULT_DAYS,
        help="Life-cycle stages compare the revenue of the last period with that of the "
        "period before.",
    )
    lifecycle_definition_changed = fields.Boolean(
        help="The next life-cycle update is the first one with a new definition of "
        "purchases."
    )

    @api.constrains("margin_case_cost", "margin_interaction_cost")
    def _check_margin_costs(self):
        for company in self:
            if company.margin_case_cost < 0 or company.margin_interaction_cost < 0:
                raise ValidationError(
                    self.env._("The cost of service cannot be negative.")
                )

    @api.constrains("lifecycle_days")
    def _check_lifecycle_days(self):
        for company in self:
            if not MIN_DAYS <= company._get_lifecycle_days() <= MAX_DAYS:
                raise ValidationError(
                    self.env._(
                        "The life-cycle period must be between %(low)s and %(high)s days.",
                        low=MIN_DAYS,
                        high=MAX_DAYS,
                    )
                )

    def _get_lifecycle_days(self) -> int:
        """Days of the periods whose revenue life-cycle stages compare."""
        self.ensure_one()
        return self.lifecycle_days or DEFAULT_DAYS

    @api.model
    def _get_definition_jobs(self):
        return [*super()._get_definition_jobs(), "crm.lifecycle.run"]
