from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ...analytics.insight.lifecycle import (
    FALLEN_TENTHS,
    GROWN_TENTHS,
    STAGE_OF,
    Pattern,
    reason,
)
from ..common.client_actions import RELOAD, notification
from ..common.formats import format_day
from ..purchase.counted_days import until_domain
from .empty_help import lifecycle_help
from .known_fields import NeverZeroFloat

STAGES = [
    ("exploration", "Exploration"),
    ("formation", "Formation"),
    ("stable", "Stable"),
    ("decline", "Decline"),
]


class CrmLifecycle(models.Model):
    """A customer's life-cycle stage in a company, with the figures behind it. Only
    :meth:`_refresh` writes it; the rule is that of ``analytics/insight/lifecycle.py``."""

    _name = "crm.lifecycle"
    _inherit = ["crm.customer.record.mixin", "crm.selection.order.mixin"]
    _description = "Customer Life Cycle"
    _rec_name = "partner_id"
    _order = "stage_date desc, id"
    _ordered_selections = ("stage", "previous_stage", "candidate_stage")

    partner_id = fields.Many2one(ondelete="cascade", readonly=True)
    company_id = fields.Many2one(ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    stage = fields.Selection(
        STAGES,
        string="Life-Cycle Stage",
        readonly=True,
        help="Exploration: fewer than three purchase days, or the first one not yet one "
        "period ago. Decline: no revenue in two periods, or at most 70% of the period "
        "before, or no purchase for more than twice the customer's own median interval. "
        "Formation: revenue at least 130% of the period before. Stable: all others.",
    )
    previous_stage = fields.Selection(STAGES, readonly=True)
    stage_date = fields.Date(string="In Stage Since", readonly=True)
    candidate_stage = fields.Selection(
        STAGES,
        string="Expected Stage",
        readonly=True,
        help="What the rule says of the last day, where it is another stage: a new stage "
        "has to hold on two days in a row.",
    )
    candidate_date = fields.Date(string="Expected Since", readonly=True)
    as_of = fields.Date(
        string="As of",
        readonly=True,
        help="Set if the stage was computed for a day other than the day of the "
        "computation.",
    )
    first_date = fields.Date(string="First Purchase", readonly=True)
    last_date = fields.Date(string="Last Purchase", readonly=True)
    purchase_count = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Documents with a purchase that was not taken back.",
    )
    # Of the days of these purchases: tells when they change.
    day_checksum = fields.Float(readonly=True, aggregator=None)
    purchase_days = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="Different days with a purchase that was not taken back.",
    )
    purchase_months = fields.Integer(
        string="Months with a Purchase", readonly=True, aggregator="avg"
    )
    median_interval = NeverZeroFloat(
        string="Median Interval (Days)",
        readonly=True,
        aggregator="avg",
        help="Half of the intervals between purchase days are shorter, half are longer.",
    )
    interval_variation = fields.Float(readonly=True, aggregator="avg")
    run_days = fields.Integer(readonly=True, aggregator="avg")
    revenue_now = fields.Monetary(
        string="Revenue, This Period",
        readonly=True,
        help="Untaxed and net of refunds, of the last period in the settings.",
    )
    revenue_before = fields.Monetary(
        string="Revenue, Period Before",
        readonly=True,
        help="Untaxed and net of refunds, of the period before.",
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    country_id = fields.Many2one(related="partner_id.country_id")
    days_since = fields.Integer(
        string="Days Since Last Purchase", compute="_compute_explanation"
    )
    rule_text = fields.Char(string="Rule", compute="_compute_explanation")
    reason_text = fields.Char(string="Why", compute="_compute_explanation")
    candidate_text = fields.Char(compute="_compute_explanation")

    # A constraint, not a unique index: Odoo's merge of partners looks for constraints
    # to know where two rows may collide.
    _unique_customer = models.Constraint(
        "UNIQUE (partner_id, company_id)",
        "A customer can have only one life-cycle stage in each company.",
    )
    _stage_index = models.Index("(company_id, stage, stage_date)")

    # -- Why

    @api.depends("stage", "candidate_stage", "as_of", "revenue_now", "revenue_before")
    @api.depends_context("lang", "tz")
    def _compute_explanation(self):
        # sudo: the log, for the day of the figures and the period they are of.
        runs = self.env["crm.lifecycle.run"].sudo()
        for company, rows in self.grouped("company_id").items():
            run = runs._last(company)
            today = fields.Date.context_today(self)
            day = run.as_of or today
            # sudo: the period is no secret to those who see stages by it.
            days = run.period_days or company.sudo()._get_lifecycle_days()
            for row in rows:
                row.days_since = max((day - (row.last_date or day)).days, 0)
                row.rule_text = row._describe_rule(days)
                key = row._get_reason(day, days)
                row.reason_text = key and row._describe_reason(key, days)
                row.candidate_text = row.candidate_stage and row._describe_candidate()

    def _get_reason(self, day, days) -> str | None:
        """Which condition of the rule applies, as a key of the analytics."""
        if not self.first_date:
            return None
        bought = Pattern(
            first=self.first_date,
            last=self.last_date,
            days=self.purchase_days,
            months=self.purchase_months,
            doubled_median=(
                round(2 * self.median_interval) if self.purchase_days > 1 else None
            ),
            variation=None,
            run=self.run_days,
        )
        # In the smallest unit of the currency.
        digits = self.currency_id.decimal_places
        now, before = (
            round(amount * 10**digits)
            for amount in (self.revenue_now, self.revenue_before)
        )
        return reason(bought, now, before, day, days)

    def _describe_rule(self, days: int) -> str:
        return self.env._(
            "The revenue of the last %(days)s days is compared with that of the "
            "%(days)s days before. Exploration: fewer than 3 purchase days, or the first "
            "purchase less than %(days)s days ago. Decline: at most %(low)s%%, or no "
            "purchase for more than twice the customer's own median interval. Formation: "
            "at least %(high)s%%. Stable: all others. A new stage has to hold on two "
            "days in a row.",
            days=days,
            low=FALLEN_TENTHS * 10,
            high=GROWN_TENTHS * 10,
        )

    def _describe_reason(self, key: str, days: int) -> str:
        """The customer's own figures that decide, in a sentence."""
        labels = dict(self._fields["stage"]._description_selection(self.env))

        def money(amount):
            return formatLang(self.env, amount, currency_obj=self.currency_id)

        values = {
            "stage": labels[STAGE_OF[key]],
            "days": days,
            "now": money(self.revenue_now),
            "before": money(self.revenue_before),
            "count": self.purchase_days,
            "since": self.days_since,
            "median": f"{self.median_interval:g}",
            "first": format_day(self.env, self.first_date),
        }
        sentences = {
            "few_days": lambda: self.env._(
                "%(stage)s: fewer than 3 purchase days (%(count)s).", **values
            ),
            "young": lambda: self.env._(
                "%(stage)s: the first purchase was on %(first)s, less than %(days)s days "
                "ago.",
                **values,
            ),
            "nothing": lambda: self.env._(
                "%(stage)s: no revenue in twice %(days)s days.", **values
            ),
            "fallen": lambda: self.env._(
                "%(stage)s: %(now)s in the last %(days)s days, after %(before)s in the "
                "%(days)s days before.",
                **values,
            ),
            "overdue": lambda: self.env._(
                "%(stage)s: no purchase for %(since)s days, and the median interval is "
                "%(median)s days.",
                **values,
            ),
            "grown": lambda: self.env._(
                "%(stage)s: %(now)s in the last %(days)s days, after %(before)s in the "
                "%(days)s days before.",
                **values,
            ),
            "steady": lambda: self.env._(
                "%(stage)s: %(now)s in the last %(days)s days and %(before)s in the "
                "%(days)s days before, last purchase %(since)s days ago.",
                **values,
            ),
        }
        return sentences[key]()

    def _describe_candidate(self) -> str:
        labels = dict(self._fields["stage"]._description_selection(self.env))
        return self.env._(
            "The rule says %(new)s since %(date)s. The stage stays %(old)s until that "
            "holds on a second day.",
            new=labels[self.candidate_stage],
            old=labels[self.stage],
            date=format_day(self.env, self.candidate_date),
        )

    # -- Buttons

    def action_view_transactions(self):
        """Open the purchases and refunds of the two periods."""
        self.ensure_one()
        # sudo: the period, as above.
        days = self.company_id.sudo()._get_lifecycle_days()
        as_of = self.as_of or fields.Date.context_today(self)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_customer_transaction_action"
        )
        domain = [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
            *until_domain(as_of),
            ("date", ">", as_of - timedelta(days=2 * days)),
        ]
        return {**action, "domain": domain, "context": {}}

    def action_refresh(self):
        """Update the current company's stages and show the result."""
        # Those who may see the log of updates may start one.
        self.env["crm.lifecycle.run"].check_access("read")
        run = self._refresh(self.env.company)
        return notification(
            run.sudo()._describe(),
            "success",
            title=self.env._("Customers of %s", self.env.company.display_name),
            next=RELOAD,
        )

    # -- Computing

    @api.model
    def _cron_refresh(self):
        """Compute company by company, each in a transaction of its own."""
        if self.env["crm.feature"]._is_on("insight"):
            # sudo: whichever user the administrator lets the job run as.
            self.env["crm.lifecycle.run"].sudo()._run_all()

    @api.model
    def _refresh(self, companies=None, as_of=None):
        """Compute the stages of all customers and write what changed.

        :param res.company companies: all companies when left out
        :param as_of: date or its ISO string, today when left out. Documents after it are
            left out of account; see ``crm.lifecycle.run`` for an earlier day than the
            last one that was computed
        :return: one record a company, with what was found
        :rtype: crm.lifecycle.run
        :raise UserError: while another update of the same company is at work
        """
        return self.env["crm.lifecycle.run"]._run_now(companies, as_of)

    @api.model
    def get_empty_list_help(self, help_message):
        return lifecycle_help(self.env, super().get_empty_list_help(help_message))
