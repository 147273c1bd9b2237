import time
from datetime import date, timedelta

from odoo import Command, api, fields, models
from odoo.tools import SQL

from ...analytics.insight.forecast import MOST_OFF, lacking, off
from ...analytics.insight.whale import UNKNOWN_SHARE
from .forecast_fit import arithmetic, has_numpy
from .forecast_help import forecasts_help
from .forecast_query import (
    DAY_TABLE,
    HISTORY_TABLE,
    Forecast,
    arrays_query,
    day_query,
    delete_query,
    history_query,
    repeats_before_query,
    summary_query,
    weeks_query,
    write_query,
)
from .groups import SEE_MARGIN

# Days after which the models are fitted again.
FIT_DAYS = 7
# Weeks of the curve: two years.
WEEKS = 104
PARAMETERS = ("r", "alpha", "a", "b")
SPEND_PARAMETERS = ("p", "q", "v")
KINDS = [
    ("bg", "BG/NBD"),
    ("mbg", "MBG/NBD"),
    ("none", "Not enough data"),
]
REASONS = [
    ("numpy", "The Python package numpy is missing"),
    ("customers", "Too few customers"),
    ("repeaters", "Too few repeat customers"),
    ("days", "Too short a history"),
    ("recent", "No recent purchases"),
    ("starts", "No clear optimum"),
    ("bound", "A parameter has no optimum"),
    ("untested", "It could not be tested"),
    ("holdout", "The test failed"),
]


class CrmForecastModel(models.Model):
    """One fit of the models of how often a company's customers buy, and how much: its
    parameters, its test, or why there is no forecast. The newest one is used.

    Models are fitted every week; on the nights between, only customers whose purchases
    changed get a new forecast, by the same model.

    The words are a part of it: ``crm_forecast_model_words.py``.
    """

    _name = "crm.forecast.model"
    _inherit = "crm.company.job.mixin"
    _description = "Forecast Model"

    kind = fields.Selection(KINDS, string="Model", readonly=True)
    reason = fields.Selection(REASONS, string="Why Not", readonly=True)
    r = fields.Float("r", digits=0, readonly=True, aggregator=None)
    alpha = fields.Float("α (days)", digits=0, readonly=True, aggregator=None)
    a = fields.Float("a", digits=0, readonly=True, aggregator=None)
    b = fields.Float("b", digits=0, readonly=True, aggregator=None)
    p = fields.Float("p", digits=0, readonly=True, aggregator=None)
    q = fields.Float("q", digits=0, readonly=True, aggregator=None)
    v = fields.Float("v", digits=0, readonly=True, aggregator=None)
    log_likelihood = fields.Float(
        string="Log-Likelihood", digits=0, readonly=True, aggregator=None
    )
    other_log_likelihood = fields.Float(
        string="Log-Likelihood of the Other Model",
        digits=0,
        readonly=True,
        aggregator=None,
        help="The likelier of BG/NBD and MBG/NBD is used.",
    )
    spend_log_likelihood = fields.Float(
        string="Log-Likelihood of Amounts", digits=0, readonly=True, aggregator=None
    )
    holdout_expected = fields.Float(
        string="Predicted",
        digits=0,
        readonly=True,
        help="Purchases of the last 90 days, predicted from all days before.",
    )
    holdout_actual = fields.Float(
        string="Happened",
        digits=(16, 0),
        readonly=True,
        help="Purchases of the last 90 days, of the customers known before.",
    )
    correlation = fields.Float(
        string="Correlation of Frequency and Amount",
        digits=0,
        readonly=True,
        aggregator=None,
        help="The value assumes that customers who buy often spend neither more nor less "
        "on a purchase.",
    )
    customer_count = fields.Integer(string="Customers", readonly=True)
    repeater_count = fields.Integer(
        string="Repeat Customers",
        readonly=True,
        help="Customers who bought on two days or more.",
    )
    first_date = fields.Date(string="First Purchase", readonly=True)
    last_date = fields.Date(string="Last Purchase", readonly=True)
    discount_rate = fields.Float(
        string="Discount a Year (%)", readonly=True, aggregator=None
    )
    value_months = fields.Integer(
        string="Months of Value", readonly=True, aggregator=None
    )
    simple_years = fields.Integer(
        string="Years of Simple Value", readonly=True, aggregator=None
    )
    margin_rate = fields.Float(
        readonly=True,
        aggregator=None,
        groups=SEE_MARGIN,
        help="Margin divided by the revenue whose cost is known, in the lookback period. "
        "100% where more than 20% of the revenue has no cost.",
    )
    settings_fingerprint = fields.Char(readonly=True)
    of_today = fields.Boolean(
        readonly=True, help="It was fitted for the day on which it was made."
    )
    week_ids = fields.One2many("crm.forecast.week", "model_id", readonly=True)
    # -- The model in use

    @api.model
    def _get_newest(self, companies):
        """The newest fit of each company."""
        newest = self._read_group(
            [("company_id", "in", companies.ids)], ["company_id"], ["id:max"]
        )
        return self.browse([id_ for _company, id_ in newest])

    @api.model
    def _get_parameters(self) -> dict[int, dict]:
        """Kind and parameters of the models in use, by company, of those that have one."""
        self.flush_model(["company_id", "kind", *PARAMETERS])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (company_id) company_id, kind, %s
                  FROM crm_forecast_model
              ORDER BY company_id, id DESC
                """,
                SQL(", ").join(
                    SQL("%s::float8", SQL.identifier(name)) for name in PARAMETERS
                ),
            )
        )
        names = ("kind", *PARAMETERS)
        return {
            company_id: dict(zip(names, (kind, *parameters), strict=True))
            for company_id, kind, *parameters in rows
            if kind != "none"
        }

    @api.model
    @api.readonly
    def get_summary(self) -> dict:
        """What the list of forecasts says above its rows, of the current company.

        :return: ``state``, ``holdout``, ``warnings``, ``is_good``, ``id``; empty before
            the first fit
        """
        self.env["crm.forecast"].browse().check_access("read")
        # sudo: sentences about the company's model, without parameters, for all who see
        # forecasts.
        model = self.sudo()._get_newest(self.env.company)
        if not model:
            return {}
        return {
            "id": model.id if self.has_access("read") else False,
            "is_good": model.kind != "none",
            "state": model.state_text,
            "holdout": model.holdout_text,
            "warnings": model._describe_warnings(),
            "company": self.env.company.display_name,
        }

    def action_view_weeks(self):
        """Open what was predicted and what happened, week by week."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_forecast_week_action"
        )
        return {**action, "domain": [("model_id", "=", self.id)]}

    # -- The run

    @api.model
    def _fingerprint(self, company) -> str:
        """Of all settings that decide about forecasts."""
        values = (company.rfm_source or "invoice", company.currency_id.id)
        return ",".join(map(str, (*values, *company._get_forecast_settings())))

    @api.model
    def _is_fit_due(self, company, newest, day) -> bool:
        return (
            not newest
            or not newest.of_today
            or not 0 <= (day - newest.as_of).days < FIT_DAYS
            or newest.settings_fingerprint != self._fingerprint(company)
            or (newest.reason == "numpy" and has_numpy())
        )

    @api.model
    def _run(self, company, as_of: date | None):
        """Forecast the purchases of a company, which is locked.

        :param as_of: fit for this day; when left out, for today, if a fit is due
        :return: the model that is used
        """
        started = time.monotonic()
        today = fields.Date.context_today(self)
        day = as_of or today
        newest = self._get_newest(company)
        is_fit = bool(as_of) or self._is_fit_due(company, newest, day)
        margin = self._get_margin_rate(company) if is_fit else newest.margin_rate
        forecast = self._prepare(company, day, pinned=day != today, margin=margin)
        if not is_fit:
            self._write_forecasts(forecast, newest, only_changed=True)
            return newest
        values = self._summarize(company, day)
        weeks = []
        histories = None
        if not values["reason"]:
            histories = self._read_histories(forecast, only_changed=False)
            values |= self._fit(forecast, histories)
            weeks = values.pop("weeks")
        model = self.create(
            {
                "company_id": company.id,
                "as_of": day,
                "of_today": day == today,
                "settings_fingerprint": self._fingerprint(company),
                **values,
                "margin_rate": forecast.margin,
                "week_ids": [Command.create(week) for week in weeks],
            }
        )
        model._write_forecasts(forecast, model, only_changed=False, histories=histories)
        model.duration = time.monotonic() - started
        return model

    def _prepare(self, company, day, **options) -> Forecast:
        """Sum up the histories of customers into temporary tables."""
        self._prepare_for_sums()
        # sudo: who answered what decides about the customer, whoever runs the job.
        policy = self.env["crm.contact.policy"].with_company(company).sudo()
        policy._flush_what_is_read()
        rate, months, years = company._get_forecast_settings()
        forecast = Forecast(
            transactions=self.env["crm.customer.transaction"]._for_sums(company, day),
            may_profile=policy._answered(
                self.env.ref("crm_extended.purpose_profiling"),
                person=SQL("h.partner_id"),
            ),
            company_id=company.id,
            as_of=day,
            digits=company.currency_id.decimal_places,
            years=years,
            **options,
        )
        cr = self.env.cr
        for table in (DAY_TABLE, HISTORY_TABLE):
            # A transaction may compute one company after the other.
            cr.execute(SQL("DROP TABLE IF EXISTS pg_temp.%s", SQL.identifier(table)))
        cr.execute(day_query(forecast))
        cr.execute(SQL("ANALYZE pg_temp.%s", SQL.identifier(DAY_TABLE)))
        cr.execute(history_query(forecast))
        cr.execute(SQL("ANALYZE pg_temp.%s", SQL.identifier(HISTORY_TABLE)))
        return forecast

    @api.model
    def _get_margin_rate(self, company) -> float:
        """The part of revenue that is earned, in the lookback period, where the costs of
        lines are known; 1 where they are not."""
        [[revenue, cost, uncosted]] = self.env.execute_query(
            SQL(
                """
                SELECT sum(revenue)::float8, sum(cost)::float8, sum(uncosted)::float8
                  FROM (%s) AS part
                """,
                self.env["crm.customer.margin"]._sums_query(company),
            )
        )
        uncosted, costed = uncosted or 0, (revenue or 0) - (uncosted or 0)
        if costed <= 0 or abs(uncosted) > UNKNOWN_SHARE * abs(revenue):
            return 1.0
        return 1 - (cost or 0) / costed

    def _summarize(self, company, day) -> dict:
        """Counts of a run, and why there cannot be a forecast."""
        [[customers, repeaters, first, last]] = self.env.execute_query(summary_query())
        reason = lacking(
            customers,
            repeaters,
            (day - first).days if first else 0,
            (day - last).days if last else 0,
        )
        if not reason and not has_numpy():
            reason = "numpy"
        rate, months, years = company._get_forecast_settings()
        return {
            "kind": "none",
            "reason": reason,
            "customer_count": customers,
            "repeater_count": repeaters,
            "first_date": first,
            "last_date": last,
            "discount_rate": rate,
            "value_months": months,
            "simple_years": years,
        }

    def _read_histories(self, forecast, only_changed):
        [columns] = self.env.execute_query(arrays_query(forecast, only_changed))
        return arithmetic().Histories.from_bytes(columns)

    def _fit(self, forecast, histories) -> dict:
        """Fit the models and test them on the last days.

        :return: values of the record, and ``weeks``
        """
        fitted = arithmetic().fit(histories)
        kind, parameters = fitted["kind"], fitted["parameters"]
        other = next(name for name in parameters if name != kind)
        spend = fitted["spend"] or {}
        holdout = arithmetic().fit_holdout(kind, histories)
        [[actual]] = self.env.execute_query(repeats_before_query(forecast))
        reason = fitted["reason"]
        if not reason and holdout["untested"]:
            reason = "untested"
        elif not reason and off(holdout["expected"], actual) > MOST_OFF:
            reason = "holdout"
        weeks = self._get_weeks(forecast, kind, holdout)
        if reason == "untested":
            # What such a fit predicts says nothing.
            holdout["expected"], actual, weeks = 0, 0, []
        return {
            "kind": "none" if reason else kind,
            "reason": reason,
            **{name: parameters[kind][name] for name in PARAMETERS},
            **{name: spend.get(name, 0) for name in SPEND_PARAMETERS},
            "log_likelihood": parameters[kind]["log_likelihood"],
            "other_log_likelihood": parameters[other]["log_likelihood"],
            "spend_log_likelihood": spend.get("log_likelihood", 0),
            "correlation": fitted["correlation"],
            "holdout_expected": holdout["expected"],
            "holdout_actual": actual,
            "weeks": weeks,
        }

    def _get_weeks(self, forecast, kind, holdout) -> list[dict]:
        """What was expected and what happened in each of the last weeks."""
        # The first day of the oldest customer is the smallest number.
        count = min(WEEKS, -int(holdout["first"].min()) // 7)
        first = forecast.as_of - timedelta(days=7 * count - 1)
        actual = dict(self.env.execute_query(weeks_query(forecast, first)))
        expected = arithmetic().expected_by_week(kind, holdout, count)
        weeks = []
        for number, value in enumerate(expected):
            start = first + timedelta(days=7 * number)
            weeks.append(
                {
                    "date": start,
                    "actual": actual.get(number, 0),
                    "expected": value,
                    "is_holdout": start > forecast.known_until,
                }
            )
        return weeks

    def _write_forecasts(self, forecast, model, *, only_changed, histories=None):
        """Write the forecasts of customers by a model, and take away those of customers
        who are none any more."""
        cr = self.env.cr
        if model.kind == "none" or not has_numpy():
            cr.execute(write_query(forecast, None, only_changed))
        else:
            histories = histories or self._read_histories(forecast, only_changed)
            for block in arithmetic().forecasts(
                model.kind,
                {name: model[name] for name in PARAMETERS},
                {name: model[name] for name in SPEND_PARAMETERS} if model.q else None,
                histories,
                rate=model.discount_rate / 100,
                months=model.value_months,
            ):
                cr.execute(write_query(forecast, block))
        cr.execute(delete_query(forecast))
        self.env.invalidate_all(flush=False)

    @api.model
    def get_empty_list_help(self, help_message):
        return forecasts_help(self.env, super().get_empty_list_help(help_message))
