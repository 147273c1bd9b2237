"""Time the forecasts: the arithmetic beside the package ``lifetimes``, and a whole run in
Odoo beside one bare aggregate over the invoices.

The peer fits the same models to the same customers in the same process, in turns; it is
needed by benchmarks only (``requirements-dev.txt``). Its horizons and its value of 36
months are those of a run.

Run in the project's environment: ``python benchmarks/bench_forecast.py``; ``--small`` is
the variant of the tests.
"""

import gc
import sys
import time
from statistics import median

import generate
from bench_refresh import _floor, _reset_peak, _status
from harness import ROOT, Verdict, base, clone, question
from harness import companies as companies_of

sys.path.insert(0, str(ROOT / "crm_extended"))

# Customers of the arithmetic, growing; the peer takes part in the first.
SIZES = (300_000, 1_000_000)
SMALL_SIZES = (3_000, 10_000)
# Customers and invoices of the run.
SHOP = (300_000, 3_000_000)
SMALL_SHOP = (3_000, 30_000)
# How often each figure is taken.
RUNS = 3

FIT_TARGET = 0.6
SPEND_TARGET = 0.3
SCORING_TARGET = 1
GROWTH_TARGET = 4
DEGENERATE_TARGET = 10
RUN_TARGET = 22
MEMORY_TARGET = 150

MONTHS = 36
RATE = 0.1
HORIZONS = (30, 90, 365)


# -- Arithmetic


def make_customers(size, seed=22, *, leaving=(0.8, 2.4)):
    """Histories as BG/NBD and Gamma-Gamma make them, in days.

    :param leaving: parameters of the beta distribution of leaving after a purchase
    :return: x, tx, T and the mean amount of repeat purchases
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    age = rng.integers(30, 3 * 365, size)
    rate = rng.gamma(0.6, 1 / 60, size)
    leaves = rng.beta(*leaving, size)
    x, tx = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    clock = np.zeros(size)
    active = np.arange(size)
    while active.size:
        clock[active] += np.maximum(rng.exponential(1 / rate[active]), 1)
        active = active[clock[active] <= age[active]]
        x[active] += 1
        tx[active] = clock[active].astype(np.int64)
        active = active[rng.random(active.size) >= leaves[active]]
    level = rng.gamma(4, 1, size)
    spread = rng.gamma(6 * np.maximum(x, 1), 1, size) / np.maximum(x, 1)
    amount = np.round(15 * spread / level + 1, 2)
    return x, tx, age, np.where(x > 0, amount, 0.0)


def seconds(*functions, runs=RUNS):
    """Median time of the processor of each function, called in turns, and what its last
    call gave: what else the machine does falls on all of them alike."""
    taken = [[] for _function in functions]
    found = [None for _function in functions]
    for _run in range(runs):
        for place, function in enumerate(functions):
            gc.collect()
            started = time.process_time()
            found[place] = function()
            taken[place].append(time.process_time() - started)
    return [(median(times), last) for times, last in zip(taken, found, strict=True)]


def fits_of_ours(customers):
    """The functions that fit purchases and amounts."""
    from analytics.insight import lifetime

    x, tx, age, amount = customers
    repeated = x > 0
    return (
        lambda: lifetime.fit("bg", x, tx, age),
        lambda: lifetime.fit_spend(x[repeated], amount[repeated]),
    )


def score_of_ours(customers, parameters, model):
    """The function that makes the forecasts of a run, as it makes them: block by block."""
    import numpy as np
    from analytics.insight import forecasting

    x, tx, age, amount = customers
    nothing = np.zeros(x.size, dtype=np.int64)
    histories = forecasting.Histories(
        customer=np.arange(x.size),
        days=x + 1,
        tx=tx,
        age=age,
        known_days=nothing,
        known_tx=nothing,
        known_age=nothing,
        may_profile=nothing + 1,
        repeat_amount=amount * x,
        amount=amount * (x + 1),
    )

    def score():
        blocks = forecasting.forecasts("bg", parameters, model, histories, RATE, MONTHS)
        return sum(sum(block["value"]) for block in blocks)

    return score


# The peer works in weeks best; its own docs do.
WEEK = 7


def fits_of_peer(customers):
    """The same by lifetimes."""
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    x, tx, age, amount = customers
    repeated = x > 0
    return (
        lambda: BetaGeoFitter(penalizer_coef=0.0).fit(x, tx / WEEK, age / WEEK),
        lambda: GammaGammaFitter(penalizer_coef=0.0).fit(x[repeated], amount[repeated]),
    )


def score_of_peer(customers, fitter, spender):
    """Its three horizons and the value of 36 months."""
    import pandas as pd

    x, tx, age, amount = customers
    columns = [pd.Series(column) for column in (x, tx / WEEK, age / WEEK)]

    def score():
        for days in HORIZONS:
            fitter.conditional_expected_number_of_purchases_up_to_time(
                days / WEEK, *columns
            )
        return spender.customer_lifetime_value(
            fitter,
            *columns,
            pd.Series(amount),
            time=MONTHS,
            discount_rate=(1 + RATE) ** (1 / 12) - 1,
            freq="W",
        ).sum()

    return score


def measure_arithmetic(sizes):
    """Seconds of fitting and scoring by size; of the first beside the peer."""
    from analytics.insight import lifetime

    answers = []
    for turn, size in enumerate(sizes):
        print(f"  {size:,} histories …", flush=True)
        customers = make_customers(size)
        answer = {}
        if turn:
            (fit, parameters), (spend, model) = seconds(*fits_of_ours(customers))
            ((scoring, value),) = seconds(score_of_ours(customers, parameters, model))
        else:
            # Hardly anyone leaves: b is large beside a.
            faithful = make_customers(size, leaving=(0.003, 6.7))
            ours, ours_spend = fits_of_ours(customers)
            peers, peers_spend = fits_of_peer(customers)
            (fit, parameters), (peer_fit, fitter), (hard, answer["faithful"]) = seconds(
                ours, peers, lambda faithful=faithful: lifetime.fit("bg", *faithful[:3])
            )
            (spend, model), (peer_spend, spender) = seconds(ours_spend, peers_spend)
            (scoring, value), (peer_scoring, peer_value) = seconds(
                score_of_ours(customers, parameters, model),
                score_of_peer(customers, fitter, spender),
            )
            answer["degenerate"] = hard
            answer["peer"] = {
                "fit": peer_fit,
                "spend": peer_spend,
                "scoring": peer_scoring,
                "value": float(peer_value),
                "parameters": {
                    name: float(value) * (WEEK if name == "alpha" else 1)
                    for name, value in fitter.params_.items()
                },
            }
        answer |= {
            "fit": fit,
            "spend": spend,
            "scoring": scoring,
            "value": value,
            "parameters": parameters,
        }
        answers.append(answer)
    return answers


# -- In odoo shell


def measure_in_odoo(env, job):
    """Seconds of the floor and of a whole run; MiB of memory; what was found."""
    env["crm.feature"]._switch(insight=True)
    env.cr.commit()
    _floor(env)
    answer = {"floor": [], "run": [], "night": []}
    for run in range(job["runs"]):
        env.cr.execute("TRUNCATE crm_forecast, crm_forecast_model, crm_forecast_week")
        env.cr.commit()
        env.invalidate_all()
        answer["floor"].append(_floor(env))
        gc.collect()
        idle = _reset_peak()
        started = time.monotonic()
        models = env["crm.forecast"]._refresh(as_of=generate.LAST_DAY)
        env.cr.commit()
        answer["run"].append(time.monotonic() - started)
        if not run:
            answer["memory"] = (_status("VmHWM") - idle) / 1024
    # sudo: what was written in all, not what rules show the user of the shell.
    answer["models"] = models.sudo().read(
        ["kind", "reason", "customer_count", "holdout_text"], load=None
    )
    answer["rows"] = env["crm.forecast"].sudo().search_count([])
    return answer


# -- Outside


def measure_run(base_name, shop, runs=RUNS):
    """The figures of a whole run."""
    customers, invoices = shop
    print(f"  {customers:,} customers, {invoices:,} invoices …", flush=True)
    companies = companies_of(base_name)
    with clone(base_name, "forecast") as name:
        generate.fill(name, companies, customers, invoices)
        return question(
            name,
            "import bench_forecast\nanswer = bench_forecast.measure_in_odoo(env, job)",
            {"runs": runs},
        )


def report(sizes, answers, run):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    """
    verdict = Verdict()
    first = answers[0]
    print()
    for size, answer in zip(sizes, answers, strict=True):
        print(
            f"{size:,} customers: fit {answer['fit']:.2f} s, amounts "
            f"{answer['spend']:.2f} s, scoring {answer['scoring']:.2f} s"
        )
    if peer := first.get("peer"):
        print(
            f"  peer: fit {peer['fit']:.2f} s, amounts {peer['spend']:.2f} s, scoring "
            f"{peer['scoring']:.2f} s; value {peer['value']:,.0f} beside "
            f"{first['value']:,.0f}"
        )
        for what, name, target in (
            ("fit / peer's fit", "fit", FIT_TARGET),
            ("amounts / peer's amounts", "spend", SPEND_TARGET),
            ("scoring / peer's horizons and value", "scoring", SCORING_TARGET),
        ):
            verdict.most(what, first[name] / peer[name], target)
    growth = [sum(each[name] for name in ("fit", "scoring")) for each in answers]
    verdict.most(
        f"{sizes[-1]:,} against {sizes[0]:,}", growth[-1] / growth[0], GROWTH_TARGET
    )
    verdict.most(
        "near-degenerate fit / good fit",
        first["degenerate"] / first["fit"],
        DEGENERATE_TARGET,
    )
    floor, whole = median(run["floor"]), median(run["run"])
    print(
        f"\nfloor {floor:.2f} s, run with its hold-out {whole:.2f} s; "
        f"{run['rows']:,} forecasts"
    )
    for model in run["models"]:
        print(f"  {model['kind']} {model['reason'] or ''} {model['holdout_text']}")
    verdict.most("run / floor", whole / floor, RUN_TARGET)
    verdict.most("memory above idle", run["memory"], MEMORY_TARGET, " MiB", 1)
    return verdict.exit_code


def main(sizes, shop):
    answers = measure_arithmetic(sizes)
    with base() as name:
        run = measure_run(name, shop)
    return report(sizes, answers, run)


if __name__ == "__main__":
    if "--small" in sys.argv[1:]:
        sys.exit(main(SMALL_SIZES, SMALL_SHOP))
    sys.exit(main(SIZES, SHOP))
