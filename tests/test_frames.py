"""Customer analytics on pandas frames: against the package ``lifetimes``, against
published figures, and against the definitions that the addon has for its statements."""

import sys
from datetime import date, timedelta
from functools import partial

import lifetimes
import numpy as np
import pandas as pd
import pytest
from lifetimes import utils as peer
from odoo_shell import ROOT

sys.path.insert(0, str(ROOT / "crm_extended"))
from analytics.insight import cohorts as cohort_rules  # noqa: E402
from analytics.insight import flows as flow_rules  # noqa: E402
from analytics.insight import frames  # noqa: E402

DATA = ROOT / "tests" / "data"
CDNOW_END = "1997-09-30"
RETAIL = {"datetime_col": "invoice_datetime"}


@pytest.fixture(scope="module")
def cdnow():
    return pd.read_csv(DATA / "cdnow_sample_transactions.csv.gz")


@pytest.fixture(scope="module")
def retail():
    """Invoices and cancellations of known customers."""
    rows = pd.read_csv(DATA / "online_retail_invoices.csv.gz")
    return rows[rows.customer_id.notna() & rows.kind.isin(["sale", "credit"])]


@pytest.fixture(scope="module")
def weeks(cdnow):
    return frames.summary_data_from_transaction_data(
        cdnow,
        monetary_value_col="amount",
        observation_period_end=CDNOW_END,
        freq_multiplier=7,
    )


@pytest.fixture(scope="module")
def fitted(weeks):
    """Ours and theirs, by name."""
    history = (weeks.frequency, weeks.recency, weeks["T"])
    return {
        name: (
            getattr(frames, name)().fit(*history),
            getattr(lifetimes, name)().fit(*history),
        )
        for name in ("BetaGeoFitter", "ModifiedBetaGeoFitter")
    }


# -- Summaries


@pytest.mark.parametrize("freq", ["D", "W", "h"])
@pytest.mark.parametrize("amount", ["amount", None])
def test_summary_is_that_of_lifetimes(cdnow, freq, amount):
    ours = frames.summary_data_from_transaction_data(
        cdnow,
        monetary_value_col=amount,
        observation_period_end=CDNOW_END,
        freq=freq,
    )
    theirs = peer.summary_data_from_transaction_data(
        cdnow,
        "customer_id",
        "date",
        amount,
        observation_period_end=CDNOW_END,
        freq=freq,
    )
    pd.testing.assert_frame_equal(ours, theirs.sort_index(), check_exact=False)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"observation_period_end": "2011-06-30"},
        {"freq_multiplier": 7},
        {"include_first_transaction": True},
    ],
    ids=str,
)
def test_summary_of_retail_is_that_of_lifetimes(retail, options):
    names = ("customer_id", "invoice_datetime", "amount")
    ours = frames.summary_data_from_transaction_data(retail, *names, **options)
    theirs = peer.summary_data_from_transaction_data(retail, *names, **options)
    pd.testing.assert_frame_equal(ours, theirs.sort_index(), check_exact=False)


def test_calibration_is_that_of_lifetimes(cdnow):
    options = {
        "calibration_period_end": "1997-09-30",
        "observation_period_end": "1998-06-30",
        "monetary_value_col": "amount",
    }
    ours = frames.calibration_and_holdout_data(cdnow, **options)
    theirs = peer.calibration_and_holdout_data(cdnow, "customer_id", "date", **options)
    pd.testing.assert_frame_equal(ours, theirs.sort_index(), check_exact=False)
    assert ours.duration_holdout.unique().tolist() == [273]


def test_calibration_has_its_last_day_whole():
    sold = pd.DataFrame(
        {
            "customer_id": [1, 1, 1],
            "date": ["2024-01-01", "2024-01-31 18:00", "2024-02-03"],
        }
    )
    found = frames.calibration_and_holdout_data(
        sold, calibration_period_end="2024-01-31"
    ).loc[1]
    assert found.frequency_cal == 1 and found.recency_cal == 30
    assert found.frequency_holdout == 1 and found.duration_holdout == 3


def test_refunds_are_netted_as_in_odoo():
    sold = pd.DataFrame(
        [
            # Bought, taken back in full a month later: no purchase.
            ("ann", "2024-01-01", "2024-01-01", 100.0, "A"),
            ("ann", "2024-01-01", "2024-02-01", -100.0, "A"),
            # Bought twice on a day, and once more.
            ("ann", "2024-03-01", "2024-03-01", 30.0, "B"),
            ("ann", "2024-03-01", "2024-03-01", 20.0, None),
            ("ann", "2024-03-31", "2024-03-31", 40.0, "C"),
            # A refund of nothing that is known lowers the amount of its day.
            ("ann", "2024-04-01", "2024-04-01", -10.0, None),
            # Only ever for nothing, or taken back.
            ("bob", "2024-01-01", "2024-01-01", 0.0, None),
            ("cat", "2024-01-01", "2024-01-01", -5.0, None),
        ],
        columns=["customer_id", "date", "posted_date", "amount", "purchase_key"],
    )
    net = partial(
        frames.summary_data_from_transaction_data,
        sold,
        monetary_value_col="amount",
        net_refunds=True,
        purchase_id_col="purchase_key",
        posted_date_col="posted_date",
    )
    [(customer, found)] = net(observation_period_end="2024-04-30").iterrows()
    assert customer == "ann"
    assert found.tolist() == [1, 30, 60, 30.0]
    # In January it has not been taken back.
    found = net(observation_period_end="2024-01-31").loc["ann"]
    assert found.tolist() == [0, 0, 30, 0]
    # As lifetimes counts, all of these are purchases.
    plain = frames.summary_data_from_transaction_data(
        sold, observation_period_end="2024-04-30"
    )
    assert plain.frequency.to_dict() == {"ann": 3, "bob": 0, "cat": 0}


# -- Models


@pytest.mark.parametrize(
    "name, parameters, likelihood",
    [
        ("BetaGeoFitter", (0.2425945, 4.4136020, 0.7929220, 2.4259068), -9582.4292),
        (
            "ModifiedBetaGeoFitter",
            (0.5248431, 6.1830850, 0.8913593, 1.6140023),
            -9582.1357,
        ),
    ],
)
def test_fitters_find_what_is_published(fitted, name, parameters, likelihood):
    ours, theirs = fitted[name]
    assert ours.params_.tolist() == pytest.approx(parameters, rel=1e-6)
    assert ours.log_likelihood_ == pytest.approx(likelihood, abs=1e-4)
    assert ours.params_.index.tolist() == theirs.params_.index.tolist()
    assert ours.params_.tolist() == pytest.approx(theirs.params_.tolist(), rel=1e-3)


@pytest.mark.parametrize("name", ["BetaGeoFitter", "ModifiedBetaGeoFitter"])
def test_predictions_are_those_of_lifetimes(fitted, weeks, name):
    ours, theirs = fitted[name]
    theirs.params_ = ours.params_
    history = (weeks.frequency, weeks.recency, weeks["T"])
    for method, arguments in (
        ("predict", (39, *history)),
        ("conditional_expected_number_of_purchases_up_to_time", (5, *history)),
        ("conditional_probability_alive", history),
        ("expected_number_of_purchases_up_to_time", (39,)),
    ):
        found = getattr(ours, method)(*arguments)
        assert np.asarray(found) == pytest.approx(
            np.asarray(getattr(theirs, method)(*arguments)), rel=1e-9
        ), method
    assert ours.predict(39, *history).index.equals(weeks.index)
    assert isinstance(ours.predict(39, 2, 30.43, 38.86), float)


def test_the_customer_of_the_paper(fitted):
    model, _theirs = fitted["BetaGeoFitter"]
    assert model.predict(39, 2, 30.43, 38.86) == pytest.approx(1.226, abs=5e-4)
    alive = model.conditional_probability_alive(2, 30.43, 38.86)
    assert alive == pytest.approx(0.7266, abs=5e-5)


def test_where_the_form_of_the_papers_divides_by_zero(fitted):
    ours, theirs = fitted["BetaGeoFitter"]
    at_one = ours.params_.copy()
    at_one["a"] = 1.0
    model = frames.BetaGeoFitter()
    model.params_ = at_one
    near = theirs
    near.params_ = at_one.copy()
    with np.errstate(all="ignore"):
        assert not np.isfinite(near.predict(39, 2, 30.43, 38.86))
    near.params_["a"] = 1 + 1e-6
    expected = near.predict(39, 2, 30.43, 38.86)
    assert model.predict(39, 2, 30.43, 38.86) == pytest.approx(expected, rel=1e-5)


def test_weights_stand_for_customers(weeks, fitted):
    model, _theirs = fitted["BetaGeoFitter"]
    groups = weeks.groupby(["frequency", "recency", "T"]).size().reset_index(name="n")
    again = frames.BetaGeoFitter().fit(
        groups.frequency, groups.recency, groups["T"], weights=groups.n
    )
    assert again.params_.tolist() == pytest.approx(model.params_.tolist(), rel=1e-9)


def test_spending_and_value_are_those_of_lifetimes(cdnow):
    days = frames.summary_data_from_transaction_data(
        cdnow, monetary_value_col="amount", observation_period_end=CDNOW_END
    )
    spend = frames.GammaGammaFitter().fit(days.frequency, days.monetary_value)
    assert spend.params_.tolist() == pytest.approx(
        (6.2495723, 3.7442247, 15.4435210), rel=1e-6
    )
    assert spend.log_likelihood_ == pytest.approx(-4055.9177, abs=1e-4)
    model = frames.BetaGeoFitter().fit(days.frequency, days.recency, days["T"])
    their_spend, their_model = lifetimes.GammaGammaFitter(), lifetimes.BetaGeoFitter()
    their_spend.params_, their_model.params_ = spend.params_, model.params_
    their_model.predict = (
        their_model.conditional_expected_number_of_purchases_up_to_time
    )
    some = days[days.frequency > 0].iloc[:200]
    history = (some.frequency, some.recency, some["T"], some.monetary_value)
    theirs = their_spend.customer_lifetime_value(
        their_model, *history, time=6, discount_rate=0.01
    )
    ours = spend.customer_lifetime_value(
        model, *history, time=6, discount_rate=0.01, days_per_month=30
    )
    pd.testing.assert_series_equal(ours, theirs, check_names=False, rtol=1e-8)
    profit = spend.conditional_expected_average_profit(
        some.frequency, some.monetary_value
    )
    pd.testing.assert_series_equal(
        profit,
        their_spend.conditional_expected_average_profit(
            some.frequency, some.monetary_value
        ),
        check_names=False,
    )
    # In weeks it is the same.
    in_weeks = frames.BetaGeoFitter()
    in_weeks.params_ = model.params_.copy()
    in_weeks.params_["alpha"] /= 7
    again = spend.customer_lifetime_value(
        in_weeks,
        some.frequency,
        some.recency / 7,
        some["T"] / 7,
        some.monetary_value,
        time=6,
        discount_rate=0.01,
        days_per_month=30,
        freq="W",
    )
    pd.testing.assert_series_equal(ours, again, rtol=1e-9)


@pytest.mark.parametrize(
    "history",
    [([3], [100], [120]), ([0] * 50, [0] * 50, [90] * 50)],
    ids=["one", "once"],
)
def test_customers_without_best_parameters_are_said(history):
    with pytest.raises(frames.ConvergenceError, match="no best parameters for these"):
        frames.BetaGeoFitter().fit(*history)


# -- Scores, cohorts and flows, against their definitions


def random_documents(seed, count=400, customers=40):
    """Purchases, gifts and refunds; some of one purchase, some posted later."""
    rng = np.random.default_rng(seed)
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(
        rng.integers(0, 500, count), unit="D"
    )
    amounts = rng.choice([20.0, 35.5, 60.25, 0.0, -20.0, -35.5], count)
    keys = [f"P{key}" if key < 60 else None for key in rng.integers(0, 150, count)]
    late = rng.choice([0, 0, 0, 10, 90], count)
    return pd.DataFrame(
        {
            "customer_id": [
                int(key[1:]) % customers if key else int(other)
                for key, other in zip(
                    keys, rng.integers(0, customers, count), strict=True
                )
            ],
            "date": days,
            "posted_date": days + pd.to_timedelta(late, unit="D"),
            "amount": amounts,
            "purchase_key": keys,
        }
    )


NAMES = {"purchase_id_col": "purchase_key", "posted_date_col": "posted_date"}


def documents(rows, kind):
    """The rows as the definitions take them; a document without a key has its own."""
    found = []
    for number, row in enumerate(rows.itertuples()):
        key = number if pd.isna(row.purchase_key) else row.purchase_key
        parts = [row.customer_id, key, row.date.date()]
        if kind is flow_rules.Document:
            parts.append(row.posted_date.date())
        found.append(kind(*parts, row.amount))
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("months", [0, 3, 12])
def test_flows_are_as_defined(seed, months):
    rows = random_documents(seed)
    today = date(2024, 4, 20)
    expected = flow_rules.flows(documents(rows, flow_rules.Document), today, months)
    found = frames.flows(rows, as_of=today, window_months=months, **NAMES)
    assert [tuple(row) for row in found.to_numpy()] == [row[1:] for row in expected]
    assert [str(month) for month in found.index] == [
        f"{row.month:%Y-%m}" for row in expected
    ]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("step", ["month", "quarter"])
def test_cohorts_are_as_defined(seed, step):
    rows = random_documents(seed)
    today = date(2024, 4, 20)
    there = rows[rows.posted_date <= pd.Timestamp(today)]
    expected = cohort_rules.cells(documents(there, cohort_rules.Document), today, step)
    found = frames.cohorts(rows, as_of=today, step=step, **NAMES)
    cells = {
        (cohort.start_time.date(), age): tuple(row)
        for (cohort, age), row in zip(found.index, found.to_numpy(), strict=True)
    }
    assert cells.keys() == expected.keys()
    for place, cell in expected.items():
        assert cells[place] == pytest.approx(cell), place


def test_scores_follow_the_cut_points(retail):
    """Against the counting of the definition; against Odoo: ``test_analysts.py``."""
    found = frames.rfm_scores(retail, **RETAIL, as_of="2011-12-10", bins=7)
    scored = found[~found.lost]
    for name in ("recency", "frequency", "monetary"):
        values = scored[name].to_numpy(float)
        cuts = np.quantile(values, np.arange(1, 7) / 7)
        below = (cuts[:, None] < values).sum(axis=0)
        expected = 7 - below if name == "recency" else 1 + below
        assert scored[f"{name}_score"].tolist() == expected.tolist()
    assert (found[found.lost].code == "111").all()


def test_scores_by_thresholds():
    sold = pd.DataFrame(
        {
            "customer_id": [1, 2, 3, 3],
            "date": ["2024-05-31", "2024-05-30", "2024-05-01", "2024-05-01"],
            "amount": [100, 100.01, 10, 20],
        }
    )
    found = frames.rfm_scores(
        sold,
        as_of="2024-06-30",
        bins=3,
        thresholds=([30, 31], [1, 2], [50, 100]),
    )
    assert found.code.tolist() == ["312", "213", "121"]
    averages = frames.rfm_scores(sold, as_of="2024-06-30", bins=3, measure="average")
    assert averages.monetary.tolist() == [100.0, 100.01, 15.0]


def test_sums_of_equal_customers_stay_equal():
    """0.1 + 0.2 is not 0.3 in a float, and would be another score."""
    sold = pd.DataFrame(
        {
            "customer_id": [1, 1, 2, 3, 4, 5],
            "date": "2024-05-31",
            "amount": [0.1, 0.2, 0.3, 0.2, 0.1, 0.3],
        }
    )
    scores = frames.rfm_scores(sold).monetary_score
    assert scores[1] == scores[2] == scores[5]


# -- All in one


def test_forecast_of_cdnow(cdnow):
    found = frames.forecast(cdnow, as_of=CDNOW_END)
    assert found.reason is None and found.kind == "mbg"
    days = {"bg": (0.2439025, 30.957046, 0.7925076, 2.4229376)}
    days["mbg"] = (0.5269271, 6.1974720 * 7, 0.8946380, 1.6270548)
    for kind, parameters in days.items():
        fitted = [found.parameters[kind][name] for name in ("r", "alpha", "a", "b")]
        assert fitted == pytest.approx(parameters, rel=1e-6)
    assert found.parameters["bg"]["log_likelihood"] == pytest.approx(
        -14359.2978, abs=1e-3
    )
    customers = found.customers
    assert len(customers) == 2349 and customers.notna().drop(columns="next_date").all(
        axis=None
    )
    net = frames.summary_data_from_transaction_data(
        cdnow,
        monetary_value_col="amount",
        observation_period_end=CDNOW_END,
        net_refunds=True,
    )
    pd.testing.assert_frame_equal(
        customers[["frequency", "recency", "T", "monetary_value"]].astype(float), net
    )
    model = frames.ModifiedBetaGeoFitter().fit(net.frequency, net.recency, net["T"])
    history = (net.frequency, net.recency, net["T"])
    for days in (30, 90, 365):
        expected = model.predict(days, *history)
        assert customers[f"expected_{days}"].to_numpy() == pytest.approx(
            expected.to_numpy(), rel=1e-6
        )
    spend = frames.GammaGammaFitter().fit(net.frequency, net.monetary_value)
    value = spend.customer_lifetime_value(
        model, *history, net.monetary_value, time=36, discount_rate=1.1 ** (1 / 12) - 1
    )
    assert customers.lifetime_value.to_numpy() == pytest.approx(
        value.to_numpy(), rel=1e-5
    )
    # Of the customers known on 1997-07-02.
    first = cdnow[cdnow.amount > 0].groupby("customer_id").date.min()
    later = cdnow[(cdnow.date > "1997-07-02") & (cdnow.date <= CDNOW_END)]
    later = later[(later.amount > 0) & (later.customer_id.map(first) <= "1997-07-02")]
    assert found.holdout_actual == len(later.groupby(["customer_id", "date"]))
    assert abs(found.holdout_off) < 0.25
    gone = customers.p_active < 0.1
    assert customers.next_date[gone].isna().all()
    assert customers.next_date[~gone].notna().all()


def test_forecast_of_too_few_is_none():
    sold = pd.DataFrame({"customer_id": [1], "date": ["2024-01-01"], "amount": [5.0]})
    with pytest.raises(ValueError, match="fewer than 500 customers"):
        frames.forecast(sold)
    found = frames.forecast(sold, as_of="2024-03-01", check=False)
    assert found.reason == "customers" and len(found.customers) == 1
    assert found.spend is None
    assert np.isfinite(found.customers.expected_90).all()


def test_frames_stay_as_they_were(retail):
    before = retail.copy()
    # Of what was known 90 days before, the likeliest is that no one leaves: it has a
    # forecast all the same.
    found = frames.forecast(retail, **RETAIL)
    assert round(found.holdout_off, 2) == -0.26
    frames.rfm_scores(retail, **RETAIL)
    frames.cohorts(retail, **RETAIL)
    frames.flows(retail, **RETAIL)
    frames.summary_data_from_transaction_data(retail, **RETAIL)
    pd.testing.assert_frame_equal(retail, before)


# -- What cannot be


ALL = {
    "summary": frames.summary_data_from_transaction_data,
    "scores": frames.rfm_scores,
    "cohorts": frames.cohorts,
    "flows": frames.flows,
    "forecast": partial(frames.forecast, check=False),
    "days": frames.purchase_days,
}
SUMMARY = partial(ALL["summary"], monetary_value_col="amount")
ALL["summary"] = SUMMARY


def sold(**columns):
    table = {
        "customer_id": ["ann", "bob", "ann"],
        "date": ["2024-01-01", "2024-01-15", "2024-02-01"],
        "amount": [10.0, 20.0, 30.0],
    }
    return pd.DataFrame(table | columns)


WRONG = {
    "no column": (
        sold().rename(columns={"amount": "sum"}),
        "no column 'amount'; .* sum",
    ),
    "empty": (sold().iloc[:0], "no transactions"),
    "no customer": (sold(customer_id=["ann", None, "bob"]), "number 1, .*dropna"),
    "no date": (sold(date=["2024-01-01", "soon", "2024-01-02"]), "'soon'.*2011-12-09"),
    "date missing": (sold(date=["2024-01-01", None, "2024-01-02"]), "1 of 3"),
    "day or month": (sold(date=["01/02/2024"] * 3), "datetime_format"),
    "number": (sold(date=[20240101, 20240102, 20240103]), "numbers, not dates"),
    "zone": (sold(date=pd.to_datetime(["2024-01-01"] * 3, utc=True)), "tz_localize"),
    "zones": (sold(date=["2024-01-01T00:00+01:00"] * 3), "time zone"),
    "two zones": (
        sold(date=["2024-01-01T00:00+01:00", "2024-01-01T00:00+05:00", "2024-01-01"]),
        "time zone",
    ),
    "future": (
        sold(date=["2024-01-01", "2024-01-02", str(date.today() + timedelta(400))]),
        "in the future",
    ),
    "text": (sold(amount=["10", "1,234.50", "5"]), "not a number.*to_numeric"),
    "truth": (sold(amount=[True, False, True]), "not a number"),
    "no amount": (sold(amount=[1.0, float("nan"), 2.0]), "no finite amount"),
    "endless": (sold(amount=[1.0, float("inf"), 2.0]), "no finite amount"),
    "twice": (
        pd.concat([sold(), sold()[["amount"]]], axis=1),
        "several columns named 'amount'",
    ),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("function", ALL)
def test_what_cannot_be_used_is_said(function, case):
    rows, sentence = WRONG[case]
    with pytest.raises(ValueError, match=sentence):
        ALL[function](rows)


@pytest.mark.parametrize("function", ALL)
def test_no_frame_is_a_type_error(function):
    with pytest.raises(TypeError, match="a pandas DataFrame, not list"):
        ALL[function]([1, 2])


@pytest.mark.parametrize("function", ALL)
def test_index_and_kind_of_columns_do_not_matter(function):
    """Equal labels, names of companies as categories, amounts as Decimal, days as
    ``date`` or periods."""
    plain = ALL[function](sold())
    same = [
        sold().set_axis([7, 7, 7]),
        sold(date=pd.to_datetime(sold().date)),
        sold(date=pd.to_datetime(sold().date).dt.date),
        sold(date=pd.to_datetime(sold().date).dt.to_period("D")),
        sold(amount=[10, 20, 30]),
        sold().astype({"amount": "Float64"}),
        sold().iloc[::-1],
        sold().astype({"customer_id": pd.CategoricalDtype(["ann", "bob", "zoe"])}),
    ]
    for rows in same:
        found = ALL[function](rows)
        if function == "forecast":
            plain_rows, rows = plain.customers, found.customers
        else:
            plain_rows, rows = plain, found
        rows = rows.set_axis(rows.index.astype(plain_rows.index.dtype))
        if "customer_id" in rows:
            rows = rows.astype({"customer_id": plain_rows.customer_id.dtype})
        pd.testing.assert_frame_equal(
            rows, plain_rows, check_dtype=False, check_index_type=False
        )


@pytest.mark.parametrize("function", ALL)
def test_one_customer(function):
    rows = sold().iloc[:1]
    assert len(
        ALL[function](rows).customers if function == "forecast" else ALL[function](rows)
    )


@pytest.mark.parametrize("function", set(ALL) - {"summary", "days"})
def test_nothing_bought_is_said(function):
    for amount in (0.0, -5.0):
        with pytest.raises(ValueError, match="no purchases"):
            ALL[function](sold(amount=amount))
    with pytest.raises(ValueError, match="no transactions until 2023-01-01"):
        ALL[function](sold(), as_of="2023-01-01")
    for day in ("soon", 5, None):
        if day is not None:
            with pytest.raises(ValueError, match="as_of is a date"):
                ALL[function](sold(), as_of=day)


@pytest.mark.parametrize(
    "call, sentence",
    [
        (lambda: SUMMARY(sold(), freq="M"), "freq is one of D, W, h"),
        (lambda: SUMMARY(sold(), freq_multiplier=0), "freq_multiplier is above 0"),
        (lambda: SUMMARY(sold(), net_refunds=True, freq="W"), "net_refunds needs"),
        (
            lambda: SUMMARY(sold(), observation_period_end="2023-01-01"),
            "no transactions",
        ),
        (
            lambda: frames.calibration_and_holdout_data(sold()),
            "calibration_period_end=",
        ),
        (
            lambda: frames.calibration_and_holdout_data(
                sold(), calibration_period_end="2024-02-01"
            ),
            "no transactions after 2024-02-01",
        ),
        (lambda: frames.rfm_scores(sold(), bins=2), "bins is 3 to 10"),
        (lambda: frames.rfm_scores(sold(), measure="mean"), "total, average"),
        (lambda: frames.rfm_scores(sold(), window_months=-1), "window_months"),
        (lambda: frames.flows(sold(), window_months=1.5), "window_months"),
        (lambda: frames.rfm_scores(sold(), thresholds=([1], [2], [3])), "4 numbers"),
        (lambda: frames.cohorts(sold(), step="week"), "month, quarter"),
        (lambda: frames.forecast(sold(), months=0), "months is a whole number"),
        (lambda: frames.BetaGeoFitter(penalizer_coef=0.1), "no penalty"),
        (lambda: frames.BetaGeoFitter().predict(1, 1, 1, 1), "not fitted"),
        (lambda: frames.BetaGeoFitter().fit([1], [5], [4]), "between 0 and T"),
        (lambda: frames.BetaGeoFitter().fit([1, 2], [5], [4]), "different lengths"),
        (lambda: frames.BetaGeoFitter().fit(["x"], [5], [4]), "not a number"),
        (lambda: frames.BetaGeoFitter().fit([1], [1], [4], weights=[0.5]), "whole"),
        (lambda: frames.GammaGammaFitter().fit([0], [0]), "No customer"),
    ],
)
def test_arguments_that_cannot_be_are_said(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_series_of_another_order_are_refused(weeks, fitted):
    model, _theirs = fitted["BetaGeoFitter"]
    with pytest.raises(ValueError, match="another index"):
        model.predict(39, weeks.frequency, weeks.recency.iloc[::-1], weeks["T"])
    with pytest.raises(ValueError, match="between 0 and T"):
        model.predict(39, 1, 50, 40)
    with pytest.raises(ValueError, match="not below 0"):
        model.predict(-1, 1, 30, 40)


# -- Files of the export


def exported(**columns):
    return sold(company_id=[1, 1, 1], posted_date="2024-02-01", **columns)


def test_files_are_read(tmp_path):
    exported().to_csv(tmp_path / "purchases.csv", index=False)
    found = frames.read_transactions(tmp_path / "purchases.csv")
    assert str(found.date.dtype).startswith("datetime64")
    assert frames.rfm_scores(found).frequency.tolist() == [2, 1]


def test_a_company_is_chosen(tmp_path):
    rows = exported().assign(company_id=[1, 3, 1])
    rows.to_csv(tmp_path / "purchases.csv.gz", index=False)
    path = tmp_path / "purchases.csv.gz"
    with pytest.raises(ValueError, match=r"several companies, \[1, 3\]"):
        frames.read_transactions(path)
    assert frames.read_transactions(path, company_id=3).amount.tolist() == [20.0]
    with pytest.raises(ValueError, match="nothing of company 2"):
        frames.read_transactions(path, company_id=2)


def test_other_files_are_refused(tmp_path):
    sold().to_csv(tmp_path / "other.csv", index=False)
    with pytest.raises(ValueError, match="no column 'company_id'"):
        frames.read_transactions(tmp_path / "other.csv")
    with pytest.raises(ValueError, match="neither"):
        frames.read_transactions(tmp_path / "purchases.xlsx")
