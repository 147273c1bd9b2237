"""The models of :mod:`..lifetime` under the names of the package ``lifetimes``.

BG/NBD: Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science 24,
2005. MBG/NBD: Batislam, Denizel and Filiztekin, International Journal of Research in
Marketing 24, 2007. Gamma-Gamma: Fader and Hardie, The Gamma-Gamma model of monetary value,
2013.

What differs from ``lifetimes`` 0.11.3:

* Fits start from three places, and raise :class:`ConvergenceError` where they lead to
  different ones, or a parameter has no optimum. There is no penalty (``penalizer_coef``).
* Expected purchases are exact to about 14 digits for all parameters, also where the form
  of the papers divides by zero (a = 1) or loses its digits (very large or small ones).
* Series that are given keep their index; their order has to be the same in all of them.
* Months of :meth:`GammaGammaFitter.customer_lifetime_value` have 30.4375 days.
"""

import numpy as np
import pandas as pd

from .. import lifetime
from .summaries import UNITS, check_freq


class ConvergenceError(ValueError):
    """There are no best parameters for these customers."""


class _Fitter:
    """What the fitters have in common: ``params_`` (a Series of positive numbers) and
    ``log_likelihood_``. Parameters of earlier may be set instead of fitted."""

    #: Names of the parameters, in the order of the papers.
    names: tuple[str, ...] = ()

    def __init__(self, penalizer_coef=0.0):
        if penalizer_coef:
            raise ValueError(
                "There is no penalty: fits are by maximum likelihood. Leave "
                "penalizer_coef out."
            )
        self.params_ = None
        self.log_likelihood_ = None

    def __repr__(self):
        name = type(self).__name__
        if self.params_ is None:
            return f"<{name}, not fitted>"
        values = ", ".join(f"{key}: {self.params_[key]:.4g}" for key in self.names)
        return f"<{name}, {values}>"

    def _keep(self, fitted: dict, count: int):
        if fitted["at_bound"] or not fitted["agree"]:
            why = (
                f"{', '.join(fitted['at_bound'])} grows or falls without end"
                if fitted["at_bound"]
                else "different starts lead to different ones"
            )
            raise ConvergenceError(
                f"There are no best parameters for these {count} customers: {why}. There "
                "may be too few of them, all alike, or over too short a time."
            )
        self.params_ = pd.Series({name: fitted[name] for name in self.names})
        self.log_likelihood_ = fitted["log_likelihood"]
        return self

    def _parameters(self) -> dict:
        if self.params_ is None:
            raise ValueError(
                "The model is not fitted: call fit(…) first, or set params_."
            )
        found = {name: float(self.params_[name]) for name in self.names}
        for name, value in found.items():
            if not (np.isfinite(value) and value > 0):
                raise ValueError(f"The parameter {name} is above 0, not {value}.")
        return found


def _arrays(**values):
    """Arrays of floats, and a function that gives a result the index of the Series among
    the values.

    :raise ValueError: if something is no finite number, or lengths or indexes differ
    """
    index, arrays = None, []
    for name, value in values.items():
        if isinstance(value, pd.Series):
            if index is not None and not index.equals(value.index):
                raise ValueError(
                    f"{name} has another index than the Series before it: take all of "
                    "them from one frame."
                )
            index = value.index
        try:
            array = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            raise ValueError(f"{name} holds something that is not a number.") from None
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds something that is not a number.")
        arrays.append(array)
    sizes = {array.shape for array in arrays if array.ndim}
    if len(sizes) > 1:
        raise ValueError(f"{', '.join(values)} are of different lengths.")

    def indexed(result):
        """The result as it was asked for."""
        if index is None:
            return float(result) if np.ndim(result) == 0 else np.asarray(result)
        return pd.Series(result, index=index)

    return arrays, indexed


def _repeated(weights, *columns):
    """Each customer as often as their weight says."""
    if weights is None:
        return columns
    counts = np.asarray(weights, dtype=float).ravel()
    columns = [np.asarray(column).ravel() for column in columns]
    if counts.size != columns[0].size:
        raise ValueError("weights and frequency are of different lengths.")
    if not (
        np.isfinite(counts).all() and (counts >= 0).all() and not (counts % 1).any()
    ):
        raise ValueError("weights are numbers of customers: whole, from 0 on.")
    return [np.repeat(column, counts.astype(int)) for column in columns]


class BetaGeoFitter(_Fitter):
    """BG/NBD: customers buy at their own rate, and may leave after each repeat purchase.

    The usual sample, in weeks (run from the project's folder). The papers print r 0.243,
    α 4.414, a 0.793, b 2.426, log-likelihood −9,582.4:

    >>> from analytics.insight.frames import summary_data_from_transaction_data
    >>> sold = pd.read_csv("tests/data/cdnow_sample_transactions.csv.gz")
    >>> weeks = summary_data_from_transaction_data(
    ...     sold, monetary_value_col="amount", observation_period_end="1997-09-30",
    ...     freq_multiplier=7,
    ... )
    >>> model = BetaGeoFitter().fit(weeks.frequency, weeks.recency, weeks["T"])
    >>> model
    <BetaGeoFitter, r: 0.2426, alpha: 4.414, a: 0.7929, b: 2.426>
    >>> round(model.log_likelihood_, 1)
    -9582.4

    A customer with two repeat purchases, the last in week 30.43, 38.86 weeks after the
    first one: purchases that are expected in the next 39 weeks, and the probability that
    they still are a customer:

    >>> round(model.predict(39, 2, 30.43, 38.86), 3)
    1.226
    >>> round(model.conditional_probability_alive(2, 30.43, 38.86), 4)
    0.7266
    """

    kind = "bg"
    names = ("r", "alpha", "a", "b")

    def fit(self, frequency, recency, T, weights=None):
        """Fit the model by maximum likelihood.

        :param frequency: repeat purchases of each customer, whole numbers: *x*
        :param recency: time from the first to the last purchase: *tₓ*
        :param T: time from the first purchase to the end of the observation, in the same
            unit
        :param weights: how many customers each of them stands for; 1 if left out
        :return: the fitter, with ``params_`` (``alpha`` in the unit of the times) and
            ``log_likelihood_``
        :raise ValueError: if a history cannot be, such as a recency above T
        :raise ConvergenceError: if there are no best parameters
        """
        (x, tx, age), _indexed = _arrays(frequency=frequency, recency=recency, T=T)
        x, tx, age = _repeated(weights, x, tx, age)
        return self._keep(lifetime.fit(self.kind, x, tx, age), np.size(x))

    def conditional_expected_number_of_purchases_up_to_time(
        self, t, frequency, recency, T
    ):
        """Purchases that are expected within ``t`` from now, of customers with such a
        history: formula (10) of the paper of 2005.

        :param t: a time, in the unit of the fit
        :return: a float; an array or a Series where an argument is one
        :raise ValueError: if the model is not fitted, or a history cannot be
        """
        (t, x, tx, age), indexed = _arrays(
            t=t, frequency=frequency, recency=recency, T=T
        )
        if (t < 0).any():
            raise ValueError("t, the time from now on, is not below 0.")
        _check_histories(x, tx, age)
        parameters = self._parameters()
        return indexed(lifetime.expected(self.kind, parameters, x, tx, age, t))

    #: The same, as in ``lifetimes``.
    predict = conditional_expected_number_of_purchases_up_to_time

    def expected_number_of_purchases_up_to_time(self, t):
        """Repeat purchases that are expected within ``t`` from the first purchase, of
        someone of whom nothing else is known: formula (9) of the paper of 2005.

        :param t: a time, in the unit of the fit
        """
        (t,), indexed = _arrays(t=t)
        if (t < 0).any():
            raise ValueError("t, the time from now on, is not below 0.")
        return indexed(lifetime.expected(self.kind, self._parameters(), 0, 0, 0, t))

    def conditional_probability_alive(self, frequency, recency, T):
        """The probability that customers with such a history still are customers.

        BG/NBD says 1 of all who bought once, however long ago; MBG/NBD does not.

        :return: a float; an array or a Series where an argument is one
        :raise ValueError: if the model is not fitted, or a history cannot be
        """
        (x, tx, age), indexed = _arrays(frequency=frequency, recency=recency, T=T)
        _check_histories(x, tx, age)
        return indexed(lifetime.p_active(self.kind, self._parameters(), x, tx, age))


def _check_histories(x, tx, age) -> None:
    if (x < 0).any():
        raise ValueError("frequency, the repeat purchases, is not below 0.")
    if (tx < 0).any() or (np.subtract(tx, age) > 0).any():
        raise ValueError("recency, the time of the last purchase, is between 0 and T.")


class ModifiedBetaGeoFitter(BetaGeoFitter):
    """MBG/NBD: as BG/NBD, but customers may leave right after their first purchase.

    The usual sample (run from the project's folder):

    >>> from analytics.insight.frames import summary_data_from_transaction_data
    >>> sold = pd.read_csv("tests/data/cdnow_sample_transactions.csv.gz")
    >>> weeks = summary_data_from_transaction_data(
    ...     sold, observation_period_end="1997-09-30", freq_multiplier=7
    ... )
    >>> model = ModifiedBetaGeoFitter().fit(weeks.frequency, weeks.recency, weeks["T"])
    >>> model
    <ModifiedBetaGeoFitter, r: 0.5248, alpha: 6.183, a: 0.8914, b: 1.614>
    >>> round(model.log_likelihood_, 1)
    -9582.1
    """

    kind = "mbg"


class GammaGammaFitter(_Fitter):
    """Gamma-Gamma: how much customers spend on a purchase, whatever their frequency.

    The usual sample, 946 customers with repeat purchases (run from the project's folder):

    >>> from analytics.insight.frames import summary_data_from_transaction_data
    >>> sold = pd.read_csv("tests/data/cdnow_sample_transactions.csv.gz")
    >>> days = summary_data_from_transaction_data(
    ...     sold, monetary_value_col="amount", observation_period_end="1997-09-30"
    ... )
    >>> spend = GammaGammaFitter().fit(days.frequency, days.monetary_value)
    >>> spend
    <GammaGammaFitter, p: 6.25, q: 3.744, v: 15.44>

    Expected of someone of whom nothing is known, p · v / (q − 1):

    >>> round(spend.conditional_expected_average_profit(0, 0), 2)
    35.17
    """

    names = ("p", "q", "v")

    def fit(self, frequency, monetary_value, weights=None):
        """Fit the model by maximum likelihood. Customers without repeat purchases, and
        those whose mean amount is not above zero, say nothing and are left out.

        :param frequency: repeat purchases of each customer
        :param monetary_value: mean amount of these
        :param weights: how many customers each of them stands for; 1 if left out
        :return: the fitter, with ``params_`` (``v`` in the currency) and
            ``log_likelihood_``
        :raise ValueError: if no customer is left, or something is no number
        :raise ConvergenceError: if there are no best parameters
        """
        (x, m), _indexed = _arrays(frequency=frequency, monetary_value=monetary_value)
        x, m = _repeated(weights, x, m)
        return self._keep(lifetime.fit_spend(x, m), int(((x > 0) & (m > 0)).sum()))

    def conditional_expected_average_profit(self, frequency, monetary_value):
        """The mean amount that is expected of customers' purchases: formula (5) of the
        note of 2013, p (v + x m) / (p x + q − 1).

        :return: a float; an array or a Series where an argument is one
        :raise ValueError: if the model is not fitted, or amounts have no mean
        """
        (x, m), indexed = _arrays(frequency=frequency, monetary_value=monetary_value)
        return indexed(lifetime.expected_spend(self._parameters(), x, m))

    def customer_lifetime_value(
        self,
        transaction_prediction_model,
        frequency,
        recency,
        T,
        monetary_value,
        time=12,
        discount_rate=0.01,
        freq="D",
        days_per_month=30.4375,
    ):
        """What customers are worth from now on: purchases that are expected in each month,
        times the amount that is expected, discounted.

        :param transaction_prediction_model: a fitted :class:`BetaGeoFitter` or
            :class:`ModifiedBetaGeoFitter`
        :param time: months, a whole number
        :param discount_rate: a month; ``0.1`` a year is ``1.1 ** (1 / 12) - 1``
        :param freq: unit of ``recency`` and ``T``: ``D``, ``W`` or ``h``
        :param days_per_month: 30 gives the figures of ``lifetimes`` for days
        :return: in the currency: a float; an array or a Series where an argument is one
        :raise ValueError: if a model is not fitted, or an argument cannot be
        """
        check_freq(freq)
        if time % 1 or time < 1:
            raise ValueError(f"time is a whole number of months, not {time!r}.")
        if not discount_rate > -1:
            raise ValueError(f"discount_rate is above -1, not {discount_rate!r}.")
        if not days_per_month > 0:
            raise ValueError(f"days_per_month is above 0, not {days_per_month!r}.")
        (x, tx, age, m), indexed = _arrays(
            frequency=frequency, recency=recency, T=T, monetary_value=monetary_value
        )
        _check_histories(x, tx, age)
        parameters = transaction_prediction_model._parameters()
        # In a unit of which 30.4375 are a month.
        unit = UNITS[freq] / 24 * 30.4375 / days_per_month
        return indexed(
            lifetime.discounted_value(
                transaction_prediction_model.kind,
                parameters | {"alpha": parameters["alpha"] * unit},
                x,
                tx * unit,
                age * unit,
                lifetime.expected_spend(self._parameters(), x, m),
                1.0,
                rate=(1 + discount_rate) ** 12 - 1,
                months=int(time),
            )
        )
