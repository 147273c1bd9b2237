import math

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL

from ...analytics.rfm.thresholds import is_rising, suggest
from ...models.common.seen_customers import seen_condition
from ...models.rfm.res_company import DIMENSIONS

# What stands in for quantiles where there are no customers yet: each the double of the
# one before.
FIRST_THRESHOLDS = {"recency": 30.0, "frequency": 1.0, "monetary": 100.0}


class CrmRfmThresholdWizard(models.TransientModel):
    """Asks for the fixed thresholds between scores, with today's customers beside them."""

    _name = "crm.rfm.threshold.wizard"
    _description = "Choose Thresholds"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    bins = fields.Integer(string="Number of Levels", readonly=True)
    customer_count = fields.Integer(string="Customers", readonly=True)
    recency_line_ids = fields.One2many(
        "crm.rfm.threshold.line",
        "wizard_id",
        string="Recency",
        domain=[("dimension", "=", "recency")],
    )
    frequency_line_ids = fields.One2many(
        "crm.rfm.threshold.line",
        "wizard_id",
        string="Frequency",
        domain=[("dimension", "=", "frequency")],
    )
    monetary_line_ids = fields.One2many(
        "crm.rfm.threshold.line",
        "wizard_id",
        string="Amount",
        domain=[("dimension", "=", "monetary")],
    )

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        company = self.env.company
        bins = company._get_rfm_bins()
        chosen = company._has_rfm_thresholds()
        defaults["bins"] = bins
        defaults["customer_count"] = self._count_customers(company)
        for dimension in DIMENSIONS:
            quantiles = self._quantiles(company, dimension, bins)
            thresholds = (
                company[f"rfm_{dimension}_thresholds"]
                if chosen
                else self._suggest(company, dimension, bins)
            )
            counts = self._count_between(company, dimension, thresholds)
            scores = range(1, bins + 1)
            defaults[f"{dimension}_line_ids"] = [
                Command.create(
                    {
                        "dimension": dimension,
                        "score": score,
                        "is_open": number == bins - 1,
                        "up_to": (*thresholds, 0.0)[number],
                        "equal_share": (*quantiles, 0.0)[number] if quantiles else 0.0,
                        "customer_count": counts[number],
                        "customer_share": counts[number] / (sum(counts) or 1),
                    }
                )
                for number, score in enumerate(
                    reversed(scores) if dimension == "recency" else scores
                )
            ]
        return defaults

    @api.onchange(*(f"{dimension}_line_ids" for dimension in DIMENSIONS))
    def _onchange_thresholds(self):
        """Count the customers anew between thresholds that were just changed."""
        for dimension in DIMENSIONS:
            lines = self[f"{dimension}_line_ids"]
            thresholds = self._thresholds(dimension)
            counts = [0] * len(lines)
            if is_rising(thresholds):
                counts = self._count_between(self.company_id, dimension, thresholds)
            for line, count in zip(lines, counts, strict=True):
                line.customer_count = count
                line.customer_share = count / (sum(counts) or 1)

    def action_save(self):
        """Score the company's customers by these thresholds from the next refresh on."""
        self.ensure_one()
        for dimension in DIMENSIONS:
            self._check_rising(dimension)
        self.company_id.write(
            {
                "rfm_method": "threshold",
                **{
                    f"rfm_{dimension}_thresholds": self._thresholds(dimension)
                    for dimension in DIMENSIONS
                },
            }
        )
        return {"type": "ir.actions.client", "tag": "reload"}

    def action_save_and_refresh(self):
        self.action_save()
        # Its own rights are asked for there.
        notification = self.env["crm.rfm.score"].action_refresh()
        notification["params"]["next"] = {"type": "ir.actions.client", "tag": "reload"}
        return notification

    def _check_rising(self, dimension):
        thresholds = self._thresholds(dimension)
        for low, high in zip(thresholds, thresholds[1:], strict=False):
            if high <= low:
                raise ValidationError(
                    self.env._(
                        "%(dimension)s: %(high)s follows %(low)s. Each threshold must "
                        "be higher than the one before it.",
                        dimension=self._fields[f"{dimension}_line_ids"].get_description(
                            self.env
                        )["string"],
                        high=f"{high:g}",
                        low=f"{low:g}",
                    )
                )

    def _thresholds(self, dimension) -> list[float]:
        lines = self[f"{dimension}_line_ids"]
        return lines.filtered(lambda line: not line.is_open).mapped("up_to")

    # -- Today's customers

    @api.model
    def _suggest(self, company, dimension, bins) -> list[float]:
        """Thresholds near the equal shares of today, in round numbers."""
        quantiles = self._quantiles(company, dimension, bins)
        if not quantiles:
            first = FIRST_THRESHOLDS[dimension]
            return [first * 2**number for number in range(bins - 1)]
        return suggest(quantiles, whole=dimension != "monetary")

    @api.model
    def _values(self, company, dimension) -> SQL:
        """The values of today's customers, one a row: days, purchases, or money.

        Of those whom the user may see: the amount of a single one could be told by moving
        a threshold.

        :raise AccessError: if the company is none of the user's current ones
        """
        if not self.env.su and company not in self.env.companies:
            raise AccessError(self.env._("Choose one of your current companies."))
        column = {
            "recency": self.env["crm.rfm.score"]._recency_sql("score"),
            "frequency": SQL.identifier("score", "frequency"),
            "monetary": SQL.identifier("score", "monetary"),
        }[dimension]
        return SQL(
            """
            SELECT %s::float8 AS value
              FROM crm_rfm_score AS score
             WHERE company_id = %s AND frequency > 0 AND %s
            """,
            column,
            company.id,
            seen_condition(self.env, SQL.identifier("score", "partner_id")),
        )

    @api.model
    def _count_customers(self, company) -> int:
        values = self._values(company, "frequency")
        [[count]] = self.env.execute_query(
            SQL("SELECT count(*) FROM (%s) AS v", values)
        )
        return count

    @api.model
    def _quantiles(self, company, dimension, bins) -> list[float]:
        """Where equal shares of today's customers would be cut; empty without any."""
        [[cuts]] = self.env.execute_query(
            SQL(
                """
                SELECT percentile_cont(%s::float8[]) WITHIN GROUP (ORDER BY value)
                  FROM (%s) AS v
                """,
                [math.nextafter(share / bins, 1) for share in range(1, bins)],
                self._values(company, dimension),
            )
        )
        return cuts or []

    @api.model
    def _count_between(self, company, dimension, thresholds) -> list[int]:
        """Count today's customers up to the first threshold, between it and the next …

        :return: one number more than there are thresholds
        """
        counts = dict(
            self.env.execute_query(
                SQL(
                    # On negated values, because width_bucket counts "at or below".
                    """
                    SELECT %s - width_bucket(-value, %s::float8[]), count(*)
                      FROM (%s) AS v
                  GROUP BY 1
                    """,
                    len(thresholds),
                    [-threshold for threshold in reversed(thresholds)],
                    self._values(company, dimension),
                )
            )
        )
        return [counts.get(number, 0) for number in range(len(thresholds) + 1)]


class CrmRfmThresholdLine(models.TransientModel):
    _name = "crm.rfm.threshold.line"
    _description = "Score Threshold"
    _order = "id"

    wizard_id = fields.Many2one(
        "crm.rfm.threshold.wizard", required=True, index=True, ondelete="cascade"
    )
    dimension = fields.Selection(
        [
            ("recency", "Recency"),
            ("frequency", "Frequency"),
            ("monetary", "Amount"),
        ],
        required=True,
    )
    score = fields.Integer()
    is_open = fields.Boolean(
        string="No Upper Limit", help="The last level has no upper limit."
    )
    up_to = fields.Float(
        digits=(16, 2),
        help="Customers exactly at this value still belong to this level.",
    )
    equal_share = fields.Float(
        string="Quantile",
        digits=(16, 2),
        help="The cut point for equally sized groups of today's customers.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    customer_count = fields.Integer(string="Customers")
    customer_share = fields.Float(string="Share")

    @api.depends("wizard_id")
    def _compute_currency_id(self):
        # Not related: lines of a wizard that was not saved yet have no wizard.
        self.currency_id = self.env.company.currency_id
