from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..common.formats import format_day, format_share
from ..common.groups import SALES
from ..common.joined_fields import JoinedInteger, JoinedMonetary
from ..purchase.counted_days import until_domain
from .res_company import DIMENSIONS


class ResPartner(models.Model):
    """Contacts show the score of the customer they belong to, in the current company.

    None of these fields is stored: the score is joined on demand, and the other fields
    are read through it.
    """

    _inherit = "res.partner"

    rfm_score_id = fields.Many2one(
        "crm.rfm.score",
        string="Score",
        compute="_compute_rfm_score_id",
        search="_search_rfm_score_id",
        groups=SALES,
        help="Score of the customer in your current company. All contacts of a company "
        "share the company's score.",
    )
    rfm_segment_id = fields.Many2one(
        related="rfm_score_id.segment_id", string="Segment", groups=SALES
    )
    rfm_segment_color = fields.Integer(
        related="rfm_score_id.segment_color", aggregator=None, groups=SALES
    )
    rfm_segment_action = fields.Text(
        related="rfm_score_id.segment_action", groups=SALES
    )
    rfm_segment_date = fields.Date(related="rfm_score_id.segment_date", groups=SALES)
    rfm_code = fields.Char(related="rfm_score_id.code", groups=SALES)
    rfm_last_date = fields.Date(related="rfm_score_id.last_date", groups=SALES)
    # No aggregate: a company's figures are shown on each of its contacts, so a sum over
    # contacts would count them several times. The views of the scores have sums.
    rfm_recency = JoinedInteger(
        related="rfm_score_id.recency", aggregator=None, groups=SALES
    )
    rfm_frequency = JoinedInteger(
        related="rfm_score_id.frequency", aggregator=None, groups=SALES
    )
    rfm_currency_id = fields.Many2one(
        related="rfm_score_id.currency_id", string="Score Currency", groups=SALES
    )
    rfm_monetary = JoinedMonetary(
        related="rfm_score_id.monetary",
        currency_field="rfm_currency_id",
        aggregator=None,
        groups=SALES,
    )
    rfm_bins = fields.Integer(
        related="rfm_score_id.bins", aggregator=None, groups=SALES
    )
    rfm_recency_score = JoinedInteger(
        related="rfm_score_id.recency_score", aggregator=None, groups=SALES
    )
    rfm_frequency_score = JoinedInteger(
        related="rfm_score_id.frequency_score", aggregator=None, groups=SALES
    )
    rfm_monetary_score = JoinedInteger(
        related="rfm_score_id.monetary_score", aggregator=None, groups=SALES
    )

    # -- The score, joined by customer and current company

    @api.model
    def _get_customer_joins(self):
        return super()._get_customer_joins() | {"rfm_score_id": ("crm.rfm.score", "id")}

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_rfm_score_id(self):
        self._compute_customer_join("rfm_score_id")

    @api.model
    def _recall_joined(self):
        self.env["crm.rfm.segment"]._recall_badges()
        # The company's, whose name a list asks for with the amounts.
        Currency = self.env["res.currency"]
        known = Currency.get_all_currencies()
        currencies = Currency.browse(known)
        names = [values["name"] for values in known.values()]
        Currency._fields["name"]._insert_cache(currencies, names)
        return super()._recall_joined()

    def _search_rfm_score_id(self, operator, value):
        return self._search_customer_join("rfm_score_id", operator, value)

    @api.readonly
    def get_rfm_explanation(self):
        """What the score of the customer was measured against: asked for with a
        click on the score, because it costs queries.

        :return: a dict a dimension: ``name``, ``score``, ``ranges``
        :rtype: list
        :raise AccessError: if the user is not in sales
        """
        self.ensure_one()
        self.check_access("read")
        self._check_field_access(self._fields["rfm_score_id"], "read")
        score = self.rfm_score_id
        return [
            {
                "name": name,
                "score": score[f"{name}_score"],
                "ranges": score[f"{name}_ranges"] or [],
            }
            for name in DIMENSIONS
        ]

    # -- Figures in forms

    def _get_customer_figures(self):
        figures = super()._get_customer_figures()
        if not self.env.user.has_group(SALES):
            return figures
        return figures | {
            "purchases": self._purchases_figure,
            "last_purchase": self._last_purchase_figure,
            "revenue": self._revenue_figure,
        }

    def _purchases_figure(self):
        return {
            "label": self.env._("Purchases"),
            "text": str(self.rfm_frequency or 0),
            "title": self.env._("Purchases in the lookback period"),
        }

    def _last_purchase_figure(self):
        if not self.rfm_last_date:
            return {"label": self.env._("No purchases yet"), "text": ""}
        return {
            "label": self.env._("Last Purchase"),
            "text": format_day(self.env, self.rfm_last_date),
        }

    def _revenue_figure(self):
        # sudo: users in sales who may read the contact see the score of its customer, as
        # in the fields above.
        score = self.rfm_score_id.sudo()
        if not score:
            return None
        return {
            "label": self._lookback_text(),
            "text": formatLang(self.env, score.revenue, currency_obj=score.currency_id),
        }

    def _get_customer_blocks(self):
        blocks = super()._get_customer_blocks()
        if not self.env.user.has_group(SALES):
            return blocks
        return blocks | {
            "value": {
                "title": self.env._("Customer Value"),
                "sequence": 20,
                "rows": self._value_rows,
            },
            "trend": {
                "title": self.env._("Revenue"),
                "sequence": 30,
                "rows": self._trend_rows,
            },
        }

    def _value_rows(self):
        # sudo: as for the figure of the revenue.
        score = self.rfm_score_id.sudo()
        if not score:
            return []
        rows = [
            {
                "label": self.env._("RFM Score"),
                "text": score.code or "–",
                "method": "action_rfm_score",
            }
        ]
        if segment := score.segment_id:
            row = {"label": self.env._("Segment"), "text": segment.name}
            rows.append({**row, "title": segment.action or ""})
        if self.rfm_segment_action:
            rows.append(
                {"label": self.env._("Recommended"), "text": self.rfm_segment_action}
            )
        return rows

    def _trend_rows(self):
        """The revenue of 12 months beside that of the 12 before, and by quarter."""
        quarters = self._revenue_by_quarter()
        if not any(quarters):
            return self._rows_of_figures({"last_purchase": "action_purchases"})
        before, now = sum(quarters[:4]), sum(quarters[4:])
        currency = self.env.company.currency_id
        text = formatLang(self.env, now, currency_obj=currency)
        if before > 0:
            change = (now - before) / before
            text = self.env._(
                "%(revenue)s (%(change)s on the 12 months before)",
                revenue=text,
                change=("+" if change > 0 else "") + format_share(self.env, change),
            )
        return [
            {
                "label": self.env._("Last 12 Months"),
                "text": text,
                "method": "action_purchases",
                "bars": quarters,
                "title": self.env._("Revenue of the last eight quarters of a year"),
            },
            *self._rows_of_figures({"last_purchase": "action_purchases"}),
        ]

    def _revenue_by_quarter(self) -> list[float]:
        """Revenue of the last eight times three months, the oldest first."""
        today = fields.Date.context_today(self)
        # sudo: users in sales who may read the contact see what its customer bought in
        # sum, as in the score.
        transactions = self.env["crm.customer.transaction"].sudo()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT months / 3 AS quarter, sum(amount)
                  FROM (
                        SELECT amount,
                               (extract(year FROM age(%(today)s, date)) * 12
                                + extract(month FROM age(%(today)s, date)))::int AS months
                          FROM %(bought)s AS bought
                         WHERE partner_id = %(customer_id)s AND date <= %(today)s
                           AND posted_date <= %(today)s
                           AND date > %(since)s
                       ) AS purchase
              GROUP BY quarter
                """,
                today=today,
                since=today - relativedelta(months=24),
                bought=transactions._of_company(self.env.company),
                customer_id=self.commercial_partner_id.id,
            )
        )
        sums = dict(rows)
        return [float(sums.get(quarter) or 0.0) for quarter in reversed(range(8))]

    def _lookback_text(self):
        months = self.env.company.rfm_window_months
        if not months:
            return self.env._("Total Revenue")
        return self.env._("%s-Month Revenue", months)

    def action_purchases(self):
        """Open the purchases of the customer, or its score for users who may not see all
        purchases."""
        self.ensure_one()
        if not self.env["crm.customer.transaction"].has_access("read"):
            return self.action_rfm_score()
        customer = self.commercial_partner_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Purchases: %s", customer.display_name),
            "res_model": "crm.customer.transaction",
            "view_mode": "list,pivot,graph",
            "domain": [
                ("partner_id", "=", customer.id),
                *until_domain(fields.Date.context_today(self)),
            ],
        }

    def action_rfm_score(self):
        """Open the score of the customer this contact belongs to."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Score"),
            "res_model": "crm.rfm.score",
            "res_id": self.rfm_score_id.id,
            "view_mode": "form",
        }
