from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ...analytics.insight.forecast import (
    HOLDOUT_DAYS,
    LEAST_CUSTOMERS,
    LEAST_DAYS,
    LEAST_REPEATERS,
    MOST_OFF,
    RECENT_DAYS,
    WARN_CORRELATION,
    WARN_OFF,
    off,
)
from ..common.formats import format_day, format_share


class CrmForecastModel(models.Model):
    """A part of models: what is said of them."""

    _inherit = "crm.forecast.model"

    holdout_off = fields.Float(
        string="Difference", compute="_compute_holdout_off", aggregator=None
    )
    state_text = fields.Text(string="State", compute="_compute_texts")
    holdout_text = fields.Char(string="Test", compute="_compute_texts")
    warning_text = fields.Text(string="Warnings", compute="_compute_texts")

    @api.depends("holdout_expected", "holdout_actual")
    def _compute_holdout_off(self):
        for model in self:
            share = off(model.holdout_expected, model.holdout_actual)
            model.holdout_off = min(share, 9.99)

    @api.depends("kind", "reason", "holdout_expected", "holdout_actual", "correlation")
    @api.depends_context("lang", "tz")
    def _compute_texts(self):
        for model in self:
            model.state_text = (
                model._describe_reason() if model.reason else model._describe_kind()
            )
            model.holdout_text = model._describe_holdout()
            model.warning_text = "\n".join(model._describe_warnings())

    def _describe_kind(self) -> str:
        labels = dict(self._fields["kind"]._description_selection(self.env))
        text = self.env._(
            "%(kind)s fits the purchases of %(customers)s customers best. As of %(date)s.",
            kind=labels.get(self.kind, ""),
            customers=self._number(self.customer_count),
            date=format_day(self.env, self.as_of),
        )
        if not self.q:
            text += " " + self.env._(
                "The amounts of repeat purchases vary too little for a model of their "
                "own: each customer's mean amount is used."
            )
        return text

    def _describe_reason(self) -> str:
        """Why there is no forecast, in a sentence."""
        days = (self.as_of - self.first_date).days if self.first_date else 0
        number = self._number
        sentences = {
            "numpy": lambda: self.env._(
                "The Python package numpy is missing on the server. An administrator "
                "installs it with “pip install numpy” and restarts Odoo; everything else "
                "works without it."
            ),
            "customers": lambda: self.env._(
                "Not enough data: %(count)s customers, at least %(least)s are needed.",
                count=number(self.customer_count),
                least=LEAST_CUSTOMERS,
            ),
            "repeaters": lambda: self.env._(
                "Not enough data: %(count)s customers bought more than once, at least "
                "%(least)s are needed.",
                count=number(self.repeater_count),
                least=LEAST_REPEATERS,
            ),
            "days": lambda: self.env._(
                "Not enough data: purchases of %(count)s days, at least %(least)s are "
                "needed.",
                count=number(days),
                least=LEAST_DAYS,
            ),
            "recent": lambda: self.env._(
                "Not enough data: no purchase in the last %(days)s days. The last one was "
                "on %(date)s.",
                days=RECENT_DAYS,
                date=self.last_date and format_day(self.env, self.last_date),
            ),
            "starts": lambda: self.env._(
                "Not enough data: fitting the models from different starts leads to "
                "different results."
            ),
            "bound": lambda: self.env._(
                "Not enough data: customers buy too much alike, so that a parameter of "
                "the model has no optimum."
            ),
            "untested": lambda: self.env._(
                "Not enough data: before the last %(days)s days, customers bought too "
                "seldom or too much alike to test a forecast.",
                days=HOLDOUT_DAYS,
            ),
            "holdout": lambda: self.env._(
                "Not enough data: predicting the last %(days)s days from those before was "
                "off by more than %(share)s.",
                days=HOLDOUT_DAYS,
                share=format_share(self.env, MOST_OFF),
            ),
        }
        return sentences[self.reason]()

    def _describe_holdout(self) -> str:
        """What was predicted, and what happened."""
        if not self.holdout_expected and not self.holdout_actual:
            return ""
        share = off(self.holdout_expected, self.holdout_actual)
        values = {
            "expected": self._number(self.holdout_expected),
            "actual": self._number(self.holdout_actual),
        }
        if not self.holdout_actual:
            return self.env._(
                "Last 90 days: predicted %(expected)s purchases, none happened.",
                **values,
            )
        return self.env._(
            "Last 90 days: predicted %(expected)s purchases, happened %(actual)s "
            "(%(off)s).",
            off=("+" if share > 0 else "")
            + format_share(self.env, share).replace("-", "−"),
            **values,
        )

    def _describe_warnings(self) -> list[str]:
        warnings = []
        if self.kind == "none":
            return warnings
        if abs(off(self.holdout_expected, self.holdout_actual)) >= WARN_OFF:
            warnings.append(
                self.env._(
                    "The test is off by %s or more: use the forecasts to compare "
                    "customers, not to plan revenue.",
                    format_share(self.env, WARN_OFF),
                )
            )
        if abs(self.correlation) >= WARN_CORRELATION:
            warnings.append(
                self.env._(
                    "How often customers buy and how much they spend on a purchase go "
                    "together (correlation %s): the value of frequent buyers is less "
                    "reliable.",
                    f"{self.correlation:.2f}",
                )
            )
        return warnings

    def _number(self, value: float) -> str:
        return formatLang(self.env, round(value), digits=0)

    def _describe(self) -> str:
        """The results of the updates, in words."""
        return " ".join(
            filter(None, (text for model in self for text in model._get_sentences()))
        )

    def _get_sentences(self) -> list[str]:
        return [self.state_text, self.holdout_text, *self._describe_warnings()]
