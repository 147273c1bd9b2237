from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Ten years.
MAX_PERIOD_MONTHS = 120
DEFAULT_PERIOD_MONTHS = 12


class ResCompany(models.Model):
    _inherit = "res.company"

    loyalty_definition_changed = fields.Boolean(
        help="The next tier assessment is the first with a new definition of purchases."
    )
    loyalty_prices_quietly = fields.Boolean(
        help="Pricelists are still to be updated after the first assessment with a "
        "new definition of purchases."
    )
    loyalty_period = fields.Selection(
        [
            ("rolling", "Rolling months"),
            ("calendar", "Calendar year"),
            ("anniversary", "Year from the first purchase"),
        ],
        string="Qualifying Period",
        default="rolling",
        help="Purchases in this period count toward earning and keeping tiers.",
    )
    loyalty_period_months = fields.Integer(
        string="Rolling Period (Months)", default=DEFAULT_PERIOD_MONTHS
    )
    loyalty_grace_months = fields.Integer(
        string="Grace Period (Months)",
        default=3,
        help="How long customers still have a tier that expired without being kept. "
        "0: not at all.",
    )
    loyalty_fall = fields.Selection(
        [
            ("rung", "One tier at a time"),
            ("earned", "To the highest tier still earned"),
        ],
        string="Downgrade Rule",
        default="rung",
        help="How far customers are downgraded when their tier expires.",
    )
    loyalty_close_percent = fields.Integer(
        string="Close to the Next Tier",
        default=10,
        help="Customers are close to the next tier when at most this percentage of "
        "its threshold is missing.",
    )
    loyalty_portal = fields.Boolean(
        string="Show Tiers in Portal",
        help="Customers see their tier, its benefits and what they need to reach the "
        "next one.",
    )
    loyalty_mail_risen = fields.Boolean(
        string="Email Upgraded Customers",
        help="States which tier was reached, its benefits, and what is needed for the "
        "next one.",
    )
    loyalty_mail_grace = fields.Boolean(
        string="Email Customers at Risk of Downgrade",
        help="Sent when a tier has expired and the grace period begins; states what "
        "is needed to keep it, and until when.",
    )
    loyalty_mail_fallen = fields.Boolean(
        string="Email Downgraded Customers",
        help="States which tier was lost and what is needed to reach it again.",
    )

    @api.constrains("loyalty_period_months", "loyalty_grace_months")
    def _check_loyalty_months(self):
        for company in self:
            if not 1 <= company.loyalty_period_months <= MAX_PERIOD_MONTHS:
                raise ValidationError(
                    self.env._(
                        "A rolling period must be between 1 and %s months.",
                        MAX_PERIOD_MONTHS,
                    )
                )
            if not 0 <= company.loyalty_grace_months <= MAX_PERIOD_MONTHS:
                raise ValidationError(
                    self.env._(
                        "The grace period must be between 0 and %s months.",
                        MAX_PERIOD_MONTHS,
                    )
                )

    @api.constrains("loyalty_close_percent")
    def _check_loyalty_close_percent(self):
        for company in self:
            if not 0 <= company.loyalty_close_percent <= 100:
                raise ValidationError(
                    self.env._(
                        "The percentage for customers close to the next tier must be "
                        "between 0 and 100."
                    )
                )

    @api.model
    def _get_definition_jobs(self):
        return [*super()._get_definition_jobs(), "crm.loyalty.assessment"]
