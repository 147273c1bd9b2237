from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Ten years.
MAX_PERIOD_MONTHS = 120
DEFAULT_PERIOD_MONTHS = 12


class ResCompany(models.Model):
    _inherit = "res.company"

    loyalty_definition_changed = fields.Boolean(
        help="The next assessment of tiers is the first by another definition of "
        "purchases."
    )
    loyalty_prices_quietly = fields.Boolean(
        help="Pricelists still have to follow the first assessment by another definition "
        "of purchases."
    )
    loyalty_period = fields.Selection(
        [
            ("rolling", "Rolling months"),
            ("calendar", "Calendar year"),
            ("anniversary", "Year from the first purchase"),
        ],
        string="Qualifying Period",
        default="rolling",
        help="What is bought in this period earns and keeps tiers.",
    )
    loyalty_period_months = fields.Integer(
        string="Months of a Rolling Period", default=DEFAULT_PERIOD_MONTHS
    )
    loyalty_grace_months = fields.Integer(
        string="Months of Grace",
        default=3,
        help="How long a customer still has the tier after it has run out without being "
        "kept. 0 for not at all.",
    )
    loyalty_fall = fields.Selection(
        [("rung", "One tier at a time"), ("earned", "To the tier that is kept")],
        string="Falling",
        default="rung",
        help="How far a customer falls whose tier has run out.",
    )
    loyalty_close_percent = fields.Integer(
        string="Close to the Next Tier",
        default=10,
        help="Customers are close to the next tier when at most so many per cent of the "
        "way are missing.",
    )
    loyalty_portal = fields.Boolean(
        string="Tiers in the Portal",
        help="Customers see their tier, its benefits and what is missing to the next.",
    )
    loyalty_mail_risen = fields.Boolean(
        string="Mail to Customers Who Rose",
        help="Says which tier was reached, what it brings and what is missing to the "
        "next.",
    )
    loyalty_mail_grace = fields.Boolean(
        string="Mail to Customers About to Fall",
        help="Sent when a tier has run out and the months of grace begin; says what is "
        "missing to keep it, and until when.",
    )
    loyalty_mail_fallen = fields.Boolean(
        string="Mail to Customers Who Fell",
        help="Says which tier is left and what it takes to rise again.",
    )

    @api.constrains("loyalty_period_months", "loyalty_grace_months")
    def _check_loyalty_months(self):
        for company in self:
            if not 1 <= company.loyalty_period_months <= MAX_PERIOD_MONTHS:
                raise ValidationError(
                    self.env._(
                        "A rolling period has from 1 to %s months.", MAX_PERIOD_MONTHS
                    )
                )
            if not 0 <= company.loyalty_grace_months <= MAX_PERIOD_MONTHS:
                raise ValidationError(
                    self.env._(
                        "A grace period has from 0 to %s months.", MAX_PERIOD_MONTHS
                    )
                )

    @api.constrains("loyalty_close_percent")
    def _check_loyalty_close_percent(self):
        for company in self:
            if not 0 <= company.loyalty_close_percent <= 100:
                raise ValidationError(
                    self.env._(
                        "What may be missing to be close to the next tier has from 0 to "
                        "100 per cent."
                    )
                )

    @api.model
    def _get_definition_jobs(self):
        return [*super()._get_definition_jobs(), "crm.loyalty.assessment"]
