"""What a care plan brought: its customers against its control group.

All follows from sums per group, as one statement of the database adds them up; single
customers are not needed. Written as in ``analytics/common/intervals.py``: differences are of
the customers in the plan minus those in the control group, intervals are 95%.

**Goal.** The difference of the shares who reached it, with Newcombe's interval.

**Revenue.** Few customers bring most of the revenue of a shop, and whether one of them is in
the small control group decides the plain means. So amounts above the 99th percentile of both
groups together are cut there (by the statement), and what customers spend as usual is taken
out: of each customer's revenue Y goes θX, where X is what they spent before the plan and
θ = cov(X, Y) / var(X) over all customers of both groups. X is from before the plan
was known, so this takes noise away and no effect (CUPED: Deng, Xu, Kohavi, Walker 2013). The
difference of the means of what is left gets Welch's interval. Where fewer than half of the
customers bought before, X says little: then Y is left as it is, and the difference is shown
from 300 customers in each group on.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from sys import float_info
from typing import NamedTuple

from ..common.intervals import newcombe, visible_difference, welch, wilson

# Below these there are too few to compare.
MIN_CUSTOMERS = 20
MIN_GOALS = 5
# With fewer in a group, the interval of revenue holds the truth less often than it should:
# 88% of draws of skewed shops with 20, 90% with 30, 91 to 93% with 50, 93 to 94% from here
# on (benchmarks/bench_uplift.py). More degrees of freedom would not help.
SURE_CUSTOMERS = 100
# So many in each group make up for not knowing what customers spend as usual.
MIN_UNADJUSTED = 300
# How likely the difference that could be seen would be seen.
POWER = 0.8

Number = int | float | Decimal | Fraction


class ArmSums(NamedTuple):
    """The sums of one group. Money as whole numbers or ``Decimal`` keeps them exact."""

    #: how many customers
    customers: int = 0
    #: how many of them reached the goal
    goals: int = 0
    #: their revenue in the goal window
    revenue: Number = 0
    #: the same with each customer's cut at the cap (Y), and its squares
    y: Number = 0
    yy: Number = 0
    #: their revenue before the plan, cut alike (X), and its squares
    x: Number = 0
    xx: Number = 0
    #: the products of both
    xy: Number = 0
    #: how many of them bought before: X above 0
    before: int = 0


@dataclass(frozen=True)
class Uplift:
    """What the sums of two groups say. What they do not say is None."""

    plan: ArmSums
    control: ArmSums
    #: ``no_control``, ``empty``, ``few`` or ``compared``
    state: str
    #: difference of the goal rates, with its interval
    goal: float | None = None
    goal_interval: tuple[float, float] | None = None
    #: the smallest difference of goal rates that these groups would show
    visible: float | None = None
    #: difference of the means of revenue, with its interval
    revenue: float | None = None
    revenue_interval: tuple[float, float] | None = None
    #: by which part of their revenue before customers were made alike; None: by nothing
    theta: float | None = None


def goal_rate(arm: ArmSums) -> float | None:
    """The share of a group that reached the goal; None for an empty group."""
    return arm.goals / arm.customers if arm.customers else None


def goal_rate_interval(arm: ArmSums) -> tuple[float, float] | None:
    """Its interval; None for an empty group."""
    return wilson(arm.goals, arm.customers) if arm.customers else None


def mean_revenue(arm: ArmSums) -> float | None:
    """Revenue per customer, nothing cut; None for an empty group."""
    return float(Fraction(arm.revenue) / arm.customers) if arm.customers else None


def compare(plan: ArmSums, control: ArmSums, has_control: bool = False) -> Uplift:
    """Compare the customers of a plan with its control group.

    :param has_control: there is one, also where none of its customers count yet
    """
    if not plan.customers:
        return Uplift(plan, control, "empty")
    if not (control.customers or has_control):
        return Uplift(plan, control, "no_control")
    if (
        min(plan.customers, control.customers) < MIN_CUSTOMERS
        or plan.goals + control.goals < MIN_GOALS
    ):
        return Uplift(plan, control, "few", visible=_visible(plan, control))
    difference, interval, theta = _compare_revenue(plan, control)
    return Uplift(
        plan,
        control,
        "compared",
        goal=goal_rate(plan) - goal_rate(control),
        goal_interval=newcombe(
            plan.goals, plan.customers, control.goals, control.customers
        ),
        visible=_visible(plan, control),
        revenue=difference,
        revenue_interval=interval,
        theta=theta,
    )


def _visible(plan, control) -> float | None:
    """The smallest rise from the rate of both groups that they would show."""
    both = plan.customers + control.customers
    rate = (plan.goals + control.goals) / both
    return visible_difference(rate, plan.customers, control.customers, POWER)


def _compare_revenue(plan, control):
    """The difference of the means, its interval and θ; all None where it is not shown."""
    size = min(plan.customers, control.customers)
    both = plan.customers + control.customers
    is_adjusted = 2 * (plan.before + control.before) >= both
    if not is_adjusted and size < MIN_UNADJUSTED:
        return None, None, None
    if not (plan.yy or control.yy) and (plan.revenue or control.revenue):
        # So few bought that the cap cut off everything there is.
        return None, None, None
    theta = theta_of(plan, control) if is_adjusted else Fraction(0)
    first, second = adjusted_sums(plan, theta), adjusted_sums(control, theta)
    difference = first[1] / first[0] - second[1] / second[0]
    interval = welch(*first, *second)
    return float(difference), interval, float(theta) if is_adjusted else None


def theta_of(*arms: ArmSums) -> Fraction:
    """By which part of the revenue before that after goes with it, over all these groups;
    0 where all spent the same before."""
    count = sum(arm.customers for arm in arms)
    x, y, xx, xy = (
        sum((Fraction(getattr(arm, name)) for arm in arms), Fraction(0))
        for name in ("x", "y", "xx", "xy")
    )
    # Times the square of the count, which stands above and below.
    variance = count * xx - x * x
    # Rounded sums of equal values leave a little, of either sign.
    rounded = any(isinstance(arm.xx, float) for arm in arms)
    least = count * count * xx * Fraction(float_info.epsilon) if rounded else 0
    if variance <= least:
        return Fraction(0)
    return (count * xy - x * y) / variance


def adjusted_sums(arm: ArmSums, theta: Number) -> tuple[int, Fraction, Fraction]:
    """How many, the sum and the sum of squares of Y − θX in a group, out of its sums."""
    theta, x, y = Fraction(theta), Fraction(arm.x), Fraction(arm.y)
    xx, xy, yy = Fraction(arm.xx), Fraction(arm.xy), Fraction(arm.yy)
    total = y - theta * x
    squares = yy - 2 * theta * xy + theta * theta * xx
    # Rounded sums can say less than there can be.
    return arm.customers, total, max(squares, total * total / arm.customers)
