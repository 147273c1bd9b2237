from odoo import api, fields, models
from odoo.tools import SQL

from ...analytics.insight.lifecycle import UNUSUAL
from ...models.insight.crm_lifecycle import STAGES
from ...models.insight.empty_help import lifecycle_help
from ...models.insight.known_fields import NeverZeroFloat

# Days up to which an interval belongs to a group, and its key; above the last: "more".
INTERVALS = ((7, "week"), (31, "month"), (92, "quarter"), (183, "half"), (366, "year"))
# Shares up to which it belongs to a group.
SHARES = ((0.25, "quarter"), (0.5, "half"), (0.75, "most"))


class CrmPurchasePattern(models.Model):
    """How long and how regularly customers have bought: out of the rows of their
    life-cycle stages, with what depends on the day of today."""

    _name = "crm.purchase.pattern"
    _inherit = [
        "crm.customer.record.mixin",
        "crm.insight.dimension.mixin",
        "crm.selection.order.mixin",
    ]
    _description = "Purchase Pattern"
    _auto = False
    _rec_name = "partner_id"
    _order = "purchase_days desc, id"
    _ordered_selections = ("stage", "interval_group", "share_group")
    _depends = {
        "crm.lifecycle": [
            "partner_id",
            "company_id",
            "stage",
            "as_of",
            "first_date",
            "last_date",
            "purchase_days",
            "purchase_months",
            "median_interval",
            "interval_variation",
            "run_days",
        ]
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    country_id = fields.Many2one(related="partner_id.country_id")
    stage = fields.Selection(STAGES, string="Life-Cycle Stage", readonly=True)
    first_date = fields.Date(string="First Purchase", readonly=True)
    last_date = fields.Date(string="Last Purchase", readonly=True)
    age = fields.Integer(
        string="Age (Days)",
        readonly=True,
        aggregator="avg",
        help="Days since the first purchase.",
    )
    days_since = fields.Integer(
        string="Days Since Last Purchase", readonly=True, aggregator="avg"
    )
    purchase_days = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="Different days with a purchase that was not taken back.",
    )
    median_interval = NeverZeroFloat(
        string="Median Interval (Days)",
        readonly=True,
        aggregator="avg",
        help="Half of the intervals between purchase days are shorter, half are longer. "
        "Empty for one purchase day.",
    )
    interval_variation = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Coefficient of variation: the standard deviation of the intervals divided "
        "by their mean. 0 is as regular as a clock, 1 as irregular as chance. Empty below "
        "three purchase days.",
    )
    month_share = fields.Float(
        string="Months with a Purchase",
        readonly=True,
        aggregator="avg",
        help="Share of the calendar months since the first purchase, that of the first "
        "purchase and the current one included.",
    )
    run_days = fields.Integer(
        string="Current Run",
        readonly=True,
        aggregator="avg",
        help="Purchase days in a row without an unusual gap: more than twice the "
        "customer's own median interval. 0 if the last purchase is longer ago than that.",
    )
    interval_group = fields.Selection(
        [
            ("once", "One purchase day"),
            ("week", "Up to 7 days"),
            ("month", "8 to 31 days"),
            ("quarter", "32 to 92 days"),
            ("half", "93 to 183 days"),
            ("year", "184 to 366 days"),
            ("more", "Over 366 days"),
        ],
        string="Median Interval",
        readonly=True,
    )
    share_group = fields.Selection(
        [
            ("quarter", "Up to 25%"),
            ("half", "Over 25% to 50%"),
            ("most", "Over 50% to 75%"),
            ("more", "Over 75%"),
        ],
        string="Share of Months",
        readonly=True,
    )

    @property
    def _table_query(self):
        day = SQL(
            "COALESCE(lifecycle.as_of, %s::date)", fields.Date.context_today(self)
        )
        return SQL(
            """
            SELECT pattern.*, %(interval_group)s AS interval_group,
                   %(share_group)s AS share_group
              FROM (
                    SELECT id, partner_id, company_id, stage,
                           first_date, last_date, GREATEST(day - first_date, 0) AS age,
                           GREATEST(day - last_date, 0) AS days_since, purchase_days,
                           median_interval, interval_variation,
                           purchase_months::float8 / GREATEST(1, purchase_months,
                               (extract(year FROM day) - extract(year FROM first_date))
                               * 12 + extract(month FROM day)
                               - extract(month FROM first_date) + 1)::float8
                               AS month_share,
                           CASE WHEN day - last_date > %(unusual)s * median_interval
                                THEN 0 ELSE run_days END AS run_days
                      FROM (SELECT lifecycle.*, %(day)s AS day
                              FROM crm_lifecycle AS lifecycle) AS lifecycle
                   ) AS pattern
            """,
            interval_group=SQL(
                "CASE WHEN median_interval IS NULL THEN 'once' %s ELSE 'more' END",
                _groups("median_interval", INTERVALS),
            ),
            share_group=SQL("CASE %s ELSE 'more' END", _groups("month_share", SHARES)),
            unusual=UNUSUAL,
            day=day,
        )

    def action_open_lifecycle(self):
        """Open the stage of the customer, with the figures behind it."""
        self.ensure_one()
        return self.env["crm.lifecycle.report"].browse(self.id).action_open_lifecycle()

    @api.model
    def get_empty_list_help(self, help_message):
        return lifecycle_help(self.env, super().get_empty_list_help(help_message))


def _groups(column: str, limits) -> SQL:
    return SQL(" ").join(
        SQL("WHEN %s <= %s THEN %s", SQL.identifier(column), limit, key)
        for limit, key in limits
    )
