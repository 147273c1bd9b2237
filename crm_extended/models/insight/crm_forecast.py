from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ...analytics.insight.forecast import band, next_date, p_active
from ..common.client_actions import RELOAD, notification
from ..common.formats import format_day, format_share
from .forecast_help import forecasts_help
from .forecast_of_today import active_sql, band_sql, day_of, next_date_sql
from .groups import SEE_MARGIN
from .known_fields import ModelFloat, ModelMonetary, NeverZeroFloat

ACTIVE_BANDS = [
    ("likely", "Likely active (70% or more)"),
    ("perhaps", "Perhaps active (40% to 70%)"),
    ("doubtful", "Doubtful (10% to 40%)"),
    ("gone", "Probably gone (below 10%)"),
]
# In SQL, and computed of what is stored.
OF_TODAY = ("p_active", "active_band", "next_date", "days_overdue")
COMPARISONS = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">=")}


def search_of_today(name):
    """The search method of one of :data:`OF_TODAY`; nothing is found by a number where
    there is none."""

    def search(records, operator, value):
        if operator == "in":
            values = [each for each in value if each is not False]

            def to_sql(model, alias, query):
                column = model._field_to_sql(alias, name, query)
                found = SQL("COALESCE(%s = ANY(%s), FALSE)", column, values)
                if len(values) == len(value):
                    return found if values else SQL("FALSE")
                is_empty = SQL("%s IS NULL", column)
                return SQL("(%s OR %s)", found, is_empty) if values else is_empty

        elif operator in COMPARISONS:

            def to_sql(model, alias, query):
                column = model._field_to_sql(alias, name, query)
                compared = COMPARISONS[operator]
                return SQL("COALESCE(%s %s %s, FALSE)", column, compared, value)

        else:
            return NotImplemented
        return Domain.custom(to_sql=to_sql)

    return search


class CrmForecast(models.Model):
    """What is expected of a customer in a company. Only :meth:`_refresh` writes it.

    Stored are the dates of the customer's purchases, and what is expected of them as of
    the day when that was computed. The probability that they are still active, and what
    follows from it, is always of today: it is computed of these dates and of the
    parameters of the company's model.
    """

    _name = "crm.forecast"
    _inherit = ["crm.customer.record.mixin", "crm.insight.dimension.mixin"]
    _description = "Customer Forecast"
    _rec_name = "partner_id"
    _order = "lifetime_revenue desc nulls last, simple_revenue desc, id"

    partner_id = fields.Many2one(ondelete="cascade", readonly=True)
    company_id = fields.Many2one(ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    country_id = fields.Many2one(related="partner_id.country_id")
    first_date = fields.Date(string="First Purchase", readonly=True)
    last_date = fields.Date(string="Last Purchase", readonly=True)
    purchase_days = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="Different days with a purchase that was not taken back.",
    )
    median_interval = NeverZeroFloat(
        string="Median Interval (Days)", readonly=True, aggregator="avg"
    )
    own_interval = fields.Boolean(
        readonly=True,
        help="The next purchase is expected after the customer's own median interval, "
        "which takes three purchase days; otherwise after that of the model.",
    )
    expected_date = fields.Date(
        string="Expected Day",
        readonly=True,
        help="The last purchase and the interval, also for customers who are gone.",
    )
    revenue = fields.Monetary(
        string="Past Revenue",
        readonly=True,
        help="All purchases until now, untaxed and net of refunds. It is no part of what "
        "is expected.",
    )
    monthly_purchases = fields.Float(
        string="Purchases a Month",
        readonly=True,
        aggregator="avg",
        help="Purchase days of the last 365 days, divided by 12.",
    )
    average_amount = fields.Monetary(
        string="Amount of a Purchase",
        readonly=True,
        aggregator="avg",
        help="Average of the purchase days of the last 365 days.",
    )
    simple_revenue = fields.Monetary(
        string="Simple Future Revenue",
        readonly=True,
        help="Purchases a month × amount × 12 × years in the settings: what a customer "
        "spends who goes on as in the last 365 days. Example: a customer of FedEx who "
        "spends 1,500 a month for 10 years is worth 180,000.",
    )
    simple_value = fields.Monetary(
        readonly=True,
        groups=SEE_MARGIN,
        help="Purchases a month × amount × 12 × years in the settings × margin. Example: "
        "a customer of FedEx who spends 1,500 a month for 10 years is worth 180,000. The "
        "margin is 100% where costs are not known.",
    )
    expected_30 = ModelFloat(
        string="Purchases in 30 Days", digits=(16, 2), readonly=True
    )
    expected_90 = ModelFloat(
        string="Purchases in 90 Days", digits=(16, 2), readonly=True
    )
    expected_365 = ModelFloat(
        string="Purchases in 365 Days", digits=(16, 2), readonly=True
    )
    expected_amount = ModelMonetary(
        readonly=True,
        aggregator="avg",
        help="Expected amount of a purchase: the customer's own mean, drawn towards that "
        "of all customers the fewer purchases there are.",
    )
    lifetime_revenue = ModelMonetary(
        string="Future Revenue",
        readonly=True,
        help="Expected revenue of the months in the settings, from now on, discounted to "
        "today. Past revenue is no part of it.",
    )
    lifetime_value = ModelMonetary(
        string="Future Value",
        readonly=True,
        groups=SEE_MARGIN,
        help="Future revenue times the company's margin rate. The margin is 100% where "
        "costs are not known.",
    )
    valued_date = fields.Date(
        string="Expected as of",
        readonly=True,
        help="The day from which purchases and value are expected: they are updated every "
        "week, and after each purchase.",
    )
    as_of = fields.Date(
        string="As of",
        readonly=True,
        help="Set if the forecast was made for a day other than the day of the "
        "computation.",
    )
    p_active = NeverZeroFloat(
        string="Active Probability",
        compute="_compute_of_today",
        search=search_of_today("p_active"),
        aggregator="avg",
        help="The probability that the customer still buys, as of today.",
    )
    active_band = fields.Selection(
        ACTIVE_BANDS,
        string="Activity",
        compute="_compute_of_today",
        search=search_of_today("active_band"),
        help="By the probability that the customer still buys, as of today.",
    )
    next_date = fields.Date(
        string="Expected Next Purchase",
        compute="_compute_of_today",
        search=search_of_today("next_date"),
        help="The last purchase and the customer's median interval, from three purchase "
        "days on; otherwise the interval that the model expects. None if the probability "
        "that they are active is below 10%.",
    )
    days_overdue = fields.Integer(
        compute="_compute_of_today",
        search=search_of_today("days_overdue"),
        aggregator="avg",
        help="Days since the expected next purchase.",
    )
    has_model = fields.Boolean(compute="_compute_of_today")
    referral_count = fields.Integer(
        string="Recommended Customers",
        compute="_compute_referrals",
        help="Customers that this customer recommended.",
    )
    referred_revenue = fields.Monetary(
        string="Their Past Revenue",
        compute="_compute_referrals",
        help="What recommended customers bought in the lookback period. It is no part of "
        "the value: those customers have a value of their own.",
    )
    active_text = fields.Char(string="Active?", compute="_compute_texts")
    next_text = fields.Char(string="Next Purchase", compute="_compute_texts")
    value_text = fields.Char(string="Value", compute="_compute_texts")
    why_text = fields.Text(string="Why", compute="_compute_texts")
    holdout_text = fields.Char(string="Test", compute="_compute_texts")
    warning_text = fields.Text(string="Warnings", compute="_compute_texts")

    # A constraint, not a unique index: Odoo's merge of partners looks for constraints
    # to know where two rows may collide.
    _unique_customer = models.Constraint(
        "UNIQUE (partner_id, company_id)",
        "A customer can have only one forecast in each company.",
    )
    _value_index = models.Index("(company_id, lifetime_revenue DESC NULLS LAST, id)")

    # -- Of today

    @api.depends("first_date", "last_date", "purchase_days", "expected_date", "as_of")
    @api.depends_context("tz")
    def _compute_of_today(self):
        models_ = self.env["crm.forecast.model"]._get_parameters()
        today = fields.Date.context_today(self)
        for row in self:
            model = models_.get(row.company_id.id)
            day = row.as_of or today
            probability = None
            if model and row.first_date:
                probability = p_active(
                    model["kind"],
                    model,
                    row.purchase_days,
                    (row.last_date - row.first_date).days,
                    (day - row.first_date).days,
                )
            row.has_model = bool(model)
            row.p_active = probability or 0.0
            row.active_band = probability is not None and band(probability)
            row.next_date = next_date(row.expected_date, probability, day)
            overdue = row.next_date and (day - row.next_date).days
            row.days_overdue = max(overdue or 0, 0)

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr not in OF_TODAY:
            return super()._field_to_sql(alias, field_expr, query)
        today = fields.Date.context_today(self)
        models_ = self.env["crm.forecast.model"]._get_parameters()
        probability = active_sql(alias, models_, today)
        if field_expr == "p_active":
            return probability
        if field_expr == "active_band":
            return band_sql(probability)
        expected = next_date_sql(alias, probability, today)
        if field_expr == "next_date":
            return expected
        return SQL("GREATEST(%s - %s, 0)", day_of(alias, today), expected)

    # -- Beside the value

    @api.depends("partner_id", "company_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_referrals(self):
        found = self.env["crm.referral.report"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        of = {(report.partner_id, report.company_id): report for report in found}
        for row in self:
            report = of.get((row.partner_id, row.company_id))
            row.referral_count = report and report.referral_count
            row.referred_revenue = report and report.referred_revenue

    # -- Words

    @api.depends("p_active", "next_date", "lifetime_revenue", "simple_revenue")
    @api.depends_context("lang", "tz", "uid")
    def _compute_texts(self):
        # sudo: sentences of the company's model, for all who see its forecasts.
        newest = self.env["crm.forecast.model"].sudo()._get_newest(self.company_id)
        model_of = {model.company_id: model for model in newest}
        for row in self:
            model = model_of.get(row.company_id)
            row.active_text = row._describe_active()
            row.next_text = row._describe_next()
            row.value_text = model and row._describe_value(model)
            row.why_text = model and row._describe_why(model)
            row.holdout_text = model and model.holdout_text
            row.warning_text = model and model.warning_text

    def _describe_active(self) -> str:
        if not self.has_model:
            return ""
        share = format_share(self.env, self.p_active)
        sentences = {
            "likely": lambda: self.env._("Likely active (%s)", share),
            "perhaps": lambda: self.env._("Perhaps active (%s)", share),
            "doubtful": lambda: self.env._("Doubtful (%s)", share),
            "gone": lambda: self.env._("Probably gone (%s)", share),
        }
        return sentences[self.active_band]()

    def _describe_next(self) -> str:
        if not self.next_date:
            return ""
        day = format_day(self.env, self.next_date)
        if self.days_overdue:
            return self.env._("Overdue since %s", day)
        return self.env._("Expected next purchase %s", day)

    def _describe_value(self, model) -> str:
        # The user's own right, also where contacts show the forecast as superuser.
        sees_margin = self.sudo(False)._has_field_access(
            self._fields["lifetime_value"], "read"
        )
        if self.has_model:
            amount = self.lifetime_value if sees_margin else self.lifetime_revenue
            values = {"amount": self._money(amount), "months": model.value_months}
            if sees_margin:
                return self.env._(
                    "Worth about %(amount)s in the next %(months)s months", **values
                )
            return self.env._(
                "About %(amount)s of revenue in the next %(months)s months", **values
            )
        amount = self.simple_value if sees_margin else self.simple_revenue
        values = {"amount": self._money(amount), "years": model.simple_years}
        if sees_margin:
            return self.env._(
                "Worth about %(amount)s in %(years)s years, if they go on as now",
                **values,
            )
        return self.env._(
            "About %(amount)s of revenue in %(years)s years, if they go on as now",
            **values,
        )

    def _describe_bought(self) -> str:
        first = format_day(self.env, self.first_date)
        if self.purchase_days == 1:
            return self.env._("Bought on one day, %s.", first)
        return self.env._(
            "Bought on %(days)s days, first on %(first)s, last on %(last)s.",
            days=self.purchase_days,
            first=first,
            last=format_day(self.env, self.last_date),
        )

    def _describe_why(self, model) -> str:
        """The customer's figures that the forecast follows from."""
        sentences = [self._describe_bought()]
        if self.own_interval:
            sentences.append(
                self.env._(
                    "The median interval is %s days: the next purchase is expected that "
                    "long after the last one.",
                    f"{self.median_interval:g}",
                )
            )
        elif self.expected_date:
            sentences.append(
                self.env._(
                    "With fewer than three purchase days, the interval is that of similar "
                    "customers."
                )
            )
        if not self.has_model:
            return " ".join([*sentences, model.state_text])
        sentences.append(
            self.env._(
                "As of %(date)s, %(count)s purchases are expected in the next 90 days, of "
                "about %(amount)s each.",
                date=format_day(self.env, self.valued_date),
                count=formatLang(self.env, self.expected_90, digits=2),
                amount=self._money(self.expected_amount),
            )
        )
        return " ".join(sentences)

    def _money(self, amount) -> str:
        """An amount in whole units: more digits would promise too much."""
        currency = self.currency_id
        if abs(amount) < 100:
            return formatLang(self.env, amount, currency_obj=currency)
        text = formatLang(self.env, round(amount), digits=0)
        if currency.position == "before":
            return f"{currency.symbol}\N{NO-BREAK SPACE}{text}"
        return f"{text}\N{NO-BREAK SPACE}{currency.symbol}"

    # -- Buttons

    def action_refresh(self):
        """Fit the current company's models anew and show the result."""
        # Those who may see the models may start it.
        self.env["crm.forecast.model"].check_access("read")
        today = fields.Date.context_today(self)
        model = self._refresh(self.env.company, today)
        return notification(
            model.sudo()._describe(),
            "warning" if model.sudo().kind == "none" else "success",
            title=self.env._("Customers of %s", self.env.company.display_name),
            next=RELOAD,
        )

    def action_open_referrals(self):
        """Open the referrals that the customer made."""
        self.ensure_one()
        referrals = self.env["crm.referral"].with_company(self.company_id)
        return referrals._action_of(self.partner_id)

    @api.model
    def action_open_model(self):
        """Open the model of the current company."""
        models_ = self.env["crm.forecast.model"]
        newest = models_._get_newest(self.env.company)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Forecast Model"),
            "res_model": "crm.forecast.model",
            "res_id": newest.id,
            "view_mode": "form" if newest else "list,form",
            "views": [(False, "form")] if newest else [(False, "list")],
        }

    # -- Computing

    @api.model
    def _cron_refresh(self):
        """Compute company by company, each in a transaction of its own."""
        if self.env["crm.feature"]._is_on("insight"):
            # sudo: whichever user the administrator lets the job run as.
            self.env["crm.forecast.model"].sudo()._run_all()

    @api.model
    def _refresh(self, companies=None, as_of=None):
        """Forecast the purchases of all customers and write what changed.

        :param res.company companies: all companies when left out
        :param as_of: date or its ISO string: models are fitted for that day, and
            documents after it are left out of account. When left out, it is today, and
            models are fitted if that is due
        :return: the model of each company
        :rtype: crm.forecast.model
        :raise UserError: while another update of the same company is at work
        """
        return self.env["crm.forecast.model"]._run_now(companies, as_of)

    @api.model
    def get_empty_list_help(self, help_message):
        return forecasts_help(self.env, super().get_empty_list_help(help_message))
