from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import formatLang

from ...analytics.common.intervals import newcombe
from ...analytics.insight.campaign import best_score, foretelling, rate
from ..common.client_actions import RELOAD, notification
from ..common.formats import format_share
from ..common.groups import SALES_MANAGER
from ..common.optional_float import OptionalFloat
from .empty_help import campaigns_help

MAX_DAYS = 365
# Sums of what the page shows.
SUMS = (
    "reached",
    "running",
    "ended",
    "responded",
    "revenue",
    "year_ended",
    "year_responded",
    "year_revenue",
)
GROUPS = ("recency_score", "frequency_score", "monetary_score", "segment_id")
SCORES = GROUPS[:3]


class CrmCampaignPlan(models.Model):
    """What a campaign was planned to be in a company, and what came of it: the figures of
    ``crm.campaign.reach``, over the customers that the reader may see."""

    _name = "crm.campaign.plan"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Campaign Plan"
    _rec_name = "campaign_id"
    _order = "date_from desc nulls last, id desc"

    campaign_id = fields.Many2one(
        "utm.campaign", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")
    goal = fields.Char(help="What the campaign is for.")
    goal_count = fields.Integer(
        string="Responses Wanted",
        aggregator=None,
        help="How many customers shall respond.",
    )
    response_days = fields.Integer(
        string="Response Within (Days)",
        default=30,
        required=True,
        aggregator=None,
        help="A customer responded if they bought within so many days after the day on "
        "which they were first reached.",
    )
    budget = fields.Monetary(groups=SALES_MANAGER)
    cost = fields.Monetary(
        groups=SALES_MANAGER,
        help="What it cost. Empty: the budget is taken.",
    )
    snapshot_ids = fields.Many2many(
        "crm.customer.list.snapshot",
        "crm_campaign_plan_snapshot_rel",
        "plan_id",
        "snapshot_id",
        string="List Snapshots",
        domain="[('company_id', '=', company_id)]",
        copy=False,
        help="Customers on these snapshots count as reached on the day of the snapshot: "
        "for letters, calls and events. Mailings and care plans of the campaign are found "
        "by themselves.",
    )

    reached = fields.Integer(compute="_compute_figures", aggregator=None)
    control = fields.Integer(
        string="Control Group", compute="_compute_control", groups=SALES_MANAGER
    )
    running = fields.Integer(
        string="Window Not Over",
        compute="_compute_figures",
        help="Customers whose response window is not over. They are in no rate.",
    )
    ended = fields.Integer(string="Window Over", compute="_compute_figures")
    responded = fields.Integer(compute="_compute_figures", aggregator=None)
    response_rate = OptionalFloat(
        compute="_compute_figures",
        aggregator=None,
        help="Customers who bought within the response window, of those whose window is "
        "over. Of fewer than five there is no rate.",
    )
    response_text = fields.Char(
        string="95% Interval",
        compute="_compute_figures",
        help="Where the true response rate is likely to be.",
    )
    revenue = fields.Monetary(
        compute="_compute_figures",
        aggregator=None,
        help="Untaxed and net of refunds, within the response window.",
    )
    year_ended = fields.Integer(string="12 Months Over", compute="_compute_figures")
    year_responded = fields.Integer(
        string="Bought in 12 Months", compute="_compute_figures"
    )
    year_revenue = fields.Monetary(
        string="Revenue in 12 Months", compute="_compute_figures"
    )
    revenue_per_cost = fields.Float(
        compute="_compute_revenue_per_cost",
        groups=SALES_MANAGER,
        aggregator=None,
        help="Revenue within the response window, divided by the cost: 3 means that each "
        "unit of money brought three. It is revenue, not profit.",
    )
    score_text = fields.Char(compute="_compute_score_text")
    control_text = fields.Char(compute="_compute_control_text")
    score_table = fields.Json(compute="_compute_score_text")

    _unique_campaign = models.Constraint(
        "UNIQUE (campaign_id, company_id)",
        "The campaign has a plan in this company already.",
    )

    @api.constrains("response_days", "goal_count", "date_from", "date_to")
    def _check_numbers(self):
        for plan in self:
            if not 1 <= plan.response_days <= MAX_DAYS:
                raise ValidationError(
                    self.env._("Responses are counted within 1 to %s days.", MAX_DAYS)
                )
            if plan.goal_count < 0:
                raise ValidationError(
                    self.env._("The number of responses cannot be negative.")
                )
            if plan.date_from and plan.date_to and plan.date_to < plan.date_from:
                raise ValidationError(
                    self.env._("A campaign cannot end before it begins.")
                )

    # Fields of managers have a method of their own, as others do not read them.
    @api.constrains("budget", "cost")
    def _check_money(self):
        for plan in self.sudo():
            if plan.budget < 0 or plan.cost < 0:
                raise ValidationError(self.env._("Money spent cannot be negative."))

    # -- Figures

    def _reach_domain(self):
        """The rows of these plans; one company's plan may be asked for in another."""
        return [
            ("campaign_id", "in", self.campaign_id.ids),
            ("company_id", "in", self.company_id.ids),
        ]

    @api.depends("campaign_id", "company_id")
    @api.depends_context("uid")
    def _compute_figures(self):
        found = {}
        for campaign, company, *sums in self.env["crm.campaign.reach"]._read_group(
            [*self._reach_domain(), ("arm", "=", "plan")],
            ["campaign_id", "company_id"],
            [f"{name}:sum" for name in SUMS],
        ):
            found[campaign.id, company.id] = sums
        for plan in self:
            key = (plan.campaign_id.id, plan.company_id.id)
            sums = found.get(key, [0] * len(SUMS))
            for name, value in zip(SUMS, sums, strict=True):
                plan[name] = value or 0
            figures = rate(plan.responded, plan.ended)
            plan.response_rate = figures and figures.share
            plan.response_text = figures and self._in_words(figures)

    # Of its own, as others do not read it.
    @api.depends("campaign_id", "company_id")
    @api.depends_context("uid")
    def _compute_control(self):
        found = {
            (campaign.id, company.id): count
            for campaign, company, count in self.env["crm.campaign.reach"]._read_group(
                [*self._reach_domain(), ("arm", "=", "control")],
                ["campaign_id", "company_id"],
                ["__count"],
            )
        }
        for plan in self:
            plan.control = found.get((plan.campaign_id.id, plan.company_id.id), 0)

    @api.model
    def _in_words(self, figures) -> str:
        return self.env._(
            "%(low)s to %(high)s",
            low=format_share(self.env, figures.low),
            high=format_share(self.env, figures.high),
        )

    @api.depends("revenue", "cost", "budget")
    def _compute_revenue_per_cost(self):
        for plan in self:
            cost = plan.cost or plan.budget
            plan.revenue_per_cost = plan.revenue / cost if cost else 0.0

    @api.depends("campaign_id", "company_id")
    @api.depends_context("uid", "lang")
    def _compute_score_text(self):
        for plan in self:
            groups = {name: plan._read_groups(name) for name in GROUPS}
            found = {
                name: foretelling(
                    [(key, row["ended"], row["responded"]) for key, row in groups[name]]
                )
                for name in SCORES
            }
            plan.score_text = plan._describe_scores(found)
            plan.score_table = [
                plan._describe_group(name, found.get(name), groups[name])
                for name in GROUPS
            ] + [plan._describe_others()]

    def _read_groups(self, name) -> list[tuple]:
        """Reached customers with known scores, by one of them or by segment."""
        self.ensure_one()
        names = ("ended", "responded", "year_ended", "year_responded")
        rows = self.env["crm.campaign.reach"]._read_group(
            [
                *self._reach_domain(),
                ("arm", "=", "plan"),
                ("score_state", "=", "known"),
            ],
            [name],
            [f"{each}:sum" for each in names],
        )
        return [
            (key, dict(zip(names, sums, strict=True)))
            for key, *sums in rows
            # A segment that was deleted since.
            if key
        ]

    def _score_labels(self) -> dict[str, str]:
        return {
            "recency_score": self.env._("Recency (R)"),
            "frequency_score": self.env._("Frequency (F)"),
            "monetary_score": self.env._("Monetary (M)"),
            "segment_id": self.env._("Segment"),
        }

    def _describe_scores(self, found) -> str:
        """Which score foretold the response best."""
        if not any(found.values()):
            return self.env._(
                "It is too early to say which score foretold the response."
            )
        name, apart = best_score(found)
        if not name:
            return self.env._(
                "None of the scores foretold the response better than chance."
            )
        best = found[name]
        values = {
            "score": self._score_labels()[name],
            "share": format_share(self.env, best.auc),
            "interval": self._in_words(best),
        }
        text = self.env._(
            "%(score)s foretold the response best: of two customers, one who responded "
            "and one who did not, the one who responded had the higher score in "
            "%(share)s of cases (%(interval)s; chance is 50%%).",
            **values,
        )
        if apart:
            return text
        return self.env._(
            "%(text)s Other scores may have done as well: their intervals overlap.",
            text=text,
        )

    def _describe_group(self, name, figures, rows) -> dict:
        described = []
        for key, row in sorted(
            rows, key=lambda pair: -pair[0] if name in SCORES else pair[0].sequence
        ):
            line = {
                "label": str(key) if name in SCORES else key.display_name,
                **self._describe_rate(row["responded"], row["ended"]),
                "year": self._describe_rate(row["year_responded"], row["year_ended"]),
            }
            described.append(line)
        return {
            "name": name,
            "label": self._score_labels()[name],
            "text": figures
            and self.env._(
                "higher in %(share)s of cases (%(interval)s)",
                share=format_share(self.env, figures.auc),
                interval=self._in_words(figures),
            ),
            "rows": described,
        }

    def _describe_rate(self, responded, ended) -> dict:
        """Numbers of a group; its rate only where it has enough customers."""
        figures = rate(responded or 0, ended or 0)
        return {
            "ended": ended or 0,
            "rate": figures and format_share(self.env, figures.share),
            "interval": figures and self._in_words(figures),
        }

    def _describe_others(self) -> dict:
        """Customers whose scores are not known on the day."""
        labels = dict(
            self.env["crm.campaign.reach"]
            ._fields["score_state"]
            ._description_selection(self.env)
        )
        names = ("ended", "responded", "year_ended", "year_responded")
        rows = self.env["crm.campaign.reach"]._read_group(
            [
                *self._reach_domain(),
                ("arm", "=", "plan"),
                ("score_state", "!=", "known"),
            ],
            ["score_state"],
            [f"{name}:sum" for name in names],
        )
        return {
            "name": "others",
            "label": self.env._("Without Scores"),
            "text": False,
            "rows": [
                {
                    "label": labels.get(state, ""),
                    **self._describe_rate(responded, ended),
                    "year": self._describe_rate(year_responded, year_ended),
                }
                for state, ended, responded, year_ended, year_responded in rows
            ],
        }

    # -- Proof

    @api.depends("campaign_id", "company_id")
    @api.depends_context("uid", "lang")
    def _compute_control_text(self):
        for plan in self:
            plan.control_text = plan._describe_control()

    def _describe_control(self) -> str:
        """What the campaign changed, compared with customers left alone by chance."""
        self.ensure_one()
        # sudo: only whether there is a control group, whose customers only managers see.
        reaches = self.env["crm.campaign.reach"].sudo()
        if not reaches.search_count(
            [*self._reach_domain(), ("arm", "=", "control")], limit=1
        ):
            return self.env._(
                "Without a control group this is no proof: these customers might have "
                "bought anyway."
            )
        if not self.env.user.has_group(SALES_MANAGER):
            return self.env._(
                "There is a control group. Sales managers see the comparison."
            )
        sums = {
            arm: (responded or 0, ended or 0)
            for arm, responded, ended in self.env["crm.campaign.reach"]._read_group(
                # Only whom care plans chose are comparable with their control groups.
                [*self._reach_domain(), ("source", "=", "care_plan")],
                ["arm"],
                ["responded:sum", "ended:sum"],
            )
        }
        (yes, reached), (others, control) = (
            sums.get(arm, (0, 0)) for arm in ("plan", "control")
        )
        if not rate(yes, reached) or not rate(others, control):
            return self.env._("The control group is too small, or its window not over.")
        low, high = newcombe(yes, reached, others, control)
        values = {
            "plan": format_share(self.env, yes / reached),
            "control": format_share(self.env, others / control),
            "low": self._points(low),
            "high": self._points(high),
        }
        text = self.env._(
            "%(plan)s of those reached by care plans responded, and %(control)s of the "
            "control group. The difference is %(low)s to %(high)s percentage points",
            **values,
        )
        if low > 0:
            return self.env._("%s: the campaign made a difference.", text)
        if high < 0:
            return self.env._("%s: the campaign did harm.", text)
        return self.env._("%s: that can be chance.", text)

    @api.model
    def _points(self, value) -> str:
        return formatLang(self.env, 100 * value, digits=1)

    # -- Buttons

    def action_update(self):
        """Find again whom the campaigns reached, and what they bought after.

        :raise AccessError: unless the user may change plans
        """
        self.check_access("write")
        runs = self.env["crm.insight.run"].sudo()
        for company, plans in self.grouped("company_id").items():
            runs._lock_company_or_raise(company)
            self.env["crm.campaign.reach"]._refresh(company, plans.campaign_id)
        return notification(self.env._("The response is up to date."), next=RELOAD)

    def action_open_customers(self):
        """Open the customers who were reached."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_campaign_reach_action"
        )
        return {
            **action,
            "name": self.campaign_id.display_name,
            "display_name": self.campaign_id.display_name,
            "domain": self._reach_domain(),
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
        }

    @api.model
    def get_empty_list_help(self, help_message):
        return campaigns_help(self.env, super().get_empty_list_help(help_message))
