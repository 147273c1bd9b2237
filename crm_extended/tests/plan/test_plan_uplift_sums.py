import random
from decimal import Decimal
from statistics import fmean

from odoo.tests import BaseCase, tagged

from ...analytics.common.intervals import newcombe, sample_size, welch
from ...analytics.plan.uplift import (
    ArmSums,
    compare,
    goal_rate,
    goal_rate_interval,
    mean_revenue,
    theta_of,
)


def arm_of(customers, cap=10**15):
    """The sums of customers.

    :param customers: revenue before, revenue after and whether they reached the goal
    """
    x = [min(each[0], cap) for each in customers]
    y = [min(each[1], cap) for each in customers]
    return ArmSums(
        customers=len(customers),
        goals=sum(each[2] for each in customers),
        revenue=sum(each[1] for each in customers),
        y=sum(y),
        yy=sum(each * each for each in y),
        x=sum(x),
        xx=sum(each * each for each in x),
        xy=sum(one * other for one, other in zip(x, y, strict=True)),
        before=sum(each[0] > 0 for each in customers),
    )


def shop(seed, count, lift=0, share_before=0.8):
    """Customers some of whom spend very much, before as after."""
    chance = random.Random(seed)
    customers = []
    for _number in range(count):
        size = chance.lognormvariate(4, 1.2)
        before = size * chance.uniform(0.5, 1.5) * (chance.random() < share_before)
        after = max(size * chance.uniform(0.5, 1.5) - 20 + lift, 0)
        customers.append(
            (
                Decimal(f"{before:.2f}"),
                Decimal(f"{after:.2f}"),
                after > 50,
            )
        )
    return customers


def directly(plan, control):
    """The difference of adjusted means and its interval, from single customers."""
    both = plan + control
    x, y = ([float(each[index]) for each in both] for index in (0, 1))
    mean_x, mean_y = fmean(x), fmean(y)
    covariance = sum(
        (one - mean_x) * (other - mean_y) for one, other in zip(x, y, strict=True)
    )
    theta = covariance / sum((one - mean_x) ** 2 for one in x)
    left = [
        [float(after) - theta * float(before) for before, after, _goal in group]
        for group in (plan, control)
    ]
    interval = welch(
        *(
            figure
            for values in left
            for figure in (len(values), sum(values), sum(one * one for one in values))
        )
    )
    return theta, fmean(left[0]) - fmean(left[1]), interval


@tagged("post_install", "-at_install")
class TestUpliftSums(BaseCase):
    def assertClose(self, found, expected):
        self.assertAlmostEqual(found, expected, delta=1e-6)

    def test_as_from_single_customers(self):
        for seed in range(5):
            plan, control = shop(seed, 400, lift=10), shop(seed + 100, 45)
            found = compare(arm_of(plan), arm_of(control))
            theta, difference, interval = directly(plan, control)
            self.assertEqual(found.state, "compared")
            self.assertClose(found.theta, theta)
            self.assertClose(found.revenue, difference)
            for one, other in zip(found.revenue_interval, interval, strict=True):
                self.assertClose(one, other)

    def test_what_is_rounded_is_close(self):
        plan, control = shop(1, 400), shop(2, 45)
        exact = compare(arm_of(plan), arm_of(control))
        rounded = [
            ArmSums(*(float(each) for each in arm_of(group)))
            for group in (plan, control)
        ]
        found = compare(*rounded)
        self.assertClose(found.revenue, exact.revenue)
        self.assertClose(found.revenue_interval[0], exact.revenue_interval[0])

    def test_all_spend_very_much_and_nearly_the_same(self):
        far = 10**10
        plan = [(far + each % 7, far + each % 5, True) for each in range(300)]
        control = [(far + each % 7, far + each % 3, True) for each in range(40)]
        near = compare(
            arm_of([(x - far + 1, y - far, goal) for x, y, goal in plan]),
            arm_of([(x - far + 1, y - far, goal) for x, y, goal in control]),
        )
        found = compare(arm_of(plan), arm_of(control))
        self.assertClose(found.theta, near.theta)
        self.assertClose(found.revenue_interval[0], near.revenue_interval[0])

    def test_goals(self):
        plan = arm_of([(0, 0, each < 56) for each in range(70)])
        control = arm_of([(0, 0, each < 48) for each in range(80)])
        found = compare(plan, control)
        self.assertEqual(goal_rate(plan), 0.8)
        self.assertClose(found.goal, 0.2)
        self.assertEqual(found.goal_interval, newcombe(56, 70, 48, 80))
        low, high = goal_rate_interval(control)
        self.assertTrue(low < 0.6 < high)

    def test_revenue_before_takes_noise_away(self):
        plan, control = shop(3, 500, lift=10), shop(4, 60)
        found = compare(arm_of(plan), arm_of(control))
        plain = [
            figure
            for group in (plan, control)
            for figure in (
                len(group),
                sum(each[1] for each in group),
                sum(each[1] ** 2 for each in group),
            )
        ]
        low, high = welch(*plain)
        adjusted = found.revenue_interval[1] - found.revenue_interval[0]
        self.assertLess(adjusted, 0.7 * (high - low))

    def test_few_bought_before(self):
        few = [shop(seed, 299, share_before=0.3) for seed in (1, 2)]
        found = compare(*map(arm_of, few))
        self.assertEqual(found.state, "compared")
        self.assertTrue(found.goal_interval)
        self.assertIsNone(found.revenue_interval)
        many = [shop(seed, 300, share_before=0.3) for seed in (1, 2)]
        found = compare(*map(arm_of, many))
        self.assertIsNone(found.theta)
        plain = [sum(each[1] for each in group) / 300 for group in many]
        self.assertClose(found.revenue, float(plain[0] - plain[1]))

    def test_exactly_half_bought_before(self):
        half = [(each % 2, each, each < 9) for each in range(40)]
        self.assertIsNotNone(compare(arm_of(half), arm_of(half)).theta)
        less = [(0, each, each < 9) for each in range(1)]
        self.assertIsNone(compare(arm_of(half + less), arm_of(half)).revenue)

    def test_all_spent_the_same_before(self):
        for before in (7, Decimal("0.1"), 0.1):
            group = [(before, each, each < 9) for each in range(40)]
            found = compare(arm_of(group), arm_of(group))
            self.assertEqual(found.theta, 0)
            self.assertClose(found.revenue, 0)

    def test_no_revenue_at_all(self):
        nothing = arm_of([(0, 0, each < 5) for each in range(400)])
        found = compare(nothing, nothing)
        self.assertEqual(found.revenue, 0)
        self.assertEqual(found.revenue_interval, (0, 0))
        self.assertEqual(mean_revenue(nothing), 0)
        self.assertEqual(theta_of(nothing, nothing), 0)

    def test_too_few(self):
        customer, goal = (5, 5, False), (5, 5, True)
        twenty = arm_of([goal] * 5 + [customer] * 15)
        none = arm_of([customer] * 20)
        self.assertEqual(compare(twenty, none).state, "compared")
        # All goals in one group.
        self.assertEqual(compare(twenty, none).goal, 0.25)
        self.assertEqual(compare(none, twenty).goal, -0.25)
        for plan, control in (
            (arm_of([goal] * 19), twenty),
            (twenty, arm_of([goal] * 19)),
            (arm_of([goal] * 4 + [customer] * 96), none),
        ):
            found = compare(plan, control)
            self.assertEqual(found.state, "few")
            self.assertIsNone(found.goal)
            self.assertIsNone(found.revenue)

    def test_what_could_be_seen(self):
        plan = arm_of([(0, 0, each < 2) for each in range(200)])
        control = arm_of([(0, 0, each < 1) for each in range(25)])
        found = compare(plan, control)
        rate = 3 / 225
        size = 2 * 200 * 25 / 225
        self.assertAlmostEqual(
            sample_size(rate + found.visible, rate, 0.8), size, delta=0.01
        )

    def test_nobody_there(self):
        some = arm_of([(5, 5, True)] * 40)
        self.assertEqual(compare(ArmSums(), ArmSums()).state, "empty")
        self.assertEqual(compare(ArmSums(), some).state, "empty")
        self.assertEqual(compare(some, ArmSums()).state, "no_control")
        for figure in (goal_rate, goal_rate_interval, mean_revenue):
            self.assertIsNone(figure(ArmSums()))
