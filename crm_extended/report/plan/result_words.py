"""What a plan brought, in sentences: what the figures say, and no more."""

from odoo.tools.misc import formatLang

from ...analytics.plan.uplift import (
    MIN_CUSTOMERS,
    MIN_GOALS,
    MIN_UNADJUSTED,
    SURE_CUSTOMERS,
    goal_rate,
    mean_revenue,
)
from ...models.common.formats import format_day, format_share


class ResultWords:
    """The sentences about one plan.

    :param plan: ``crm.care.plan``
    :param outcome: ``Outcome`` of ``crm.care.plan._get_outcomes``
    """

    def __init__(self, plan, outcome):
        self.env, self.plan, self.outcome = plan.env, plan, outcome
        self.uplift = outcome.uplift
        # sudo: what the goal is, also for users who may not read products.
        mine = plan.sudo()
        has_choice = mine.goal and (
            mine.goal_amount or mine.goal_product_tmpl_ids or mine.goal_categ_ids
        )
        self.did = (
            self.env._("reached the goal") if has_choice else self.env._("bought")
        )

    # -- In a list

    def short(self) -> str:
        """The difference of the goal rates, or why there is none, in a few words."""
        env, state = self.env, self.uplift.state
        if state == "compared":
            return env._(
                "%(difference)s points (%(low)s to %(high)s)",
                **self._points(signed=True),
            )
        if state == "few":
            return env._("Too few yet")
        if state == "no_control":
            return env._("No control group")
        if self.outcome.first_over:
            return env._(
                "First results on %s", format_day(env, self.outcome.first_over)
            )
        return ""

    # -- On the page

    def goal(self) -> str:
        """Who did what the plan is for, compared, in plain words."""
        return getattr(self, f"_goal_{self.uplift.state}")()

    def _goal_empty(self):
        if self.outcome.first_over:
            return self.env._(
                "The %(days)s days in which purchases count are not over for any customer "
                "yet. The first results are there on %(date)s.",
                days=self.plan.goal_days,
                date=format_day(self.env, self.outcome.first_over),
            )
        return self.env._("No customers have begun the plan yet.")

    def _goal_no_control(self):
        plan = self.uplift.plan
        found = self.env._(
            "Of %(customers)s in the plan %(share)s %(did)s within %(days)s days.",
            customers=self._customers(plan.customers),
            share=self._share(plan),
            did=self.did,
            days=self.plan.goal_days,
        )
        if plan.goals:
            conclusion = self.env._(
                "Without a control group this is no proof: they might have done so anyway."
            )
        else:
            conclusion = self.env._(
                "Without a control group, there is nothing to compare this with."
            )
        return f"{found} {conclusion}"

    def _goal_few(self):
        plan, control = self.uplift.plan, self.uplift.control
        if not control.customers:
            return self.env._(
                "Too few yet: of %(customers)s in the plan %(goals)s %(did)s within "
                "%(days)s days. Those days are not over for any customer in the control "
                "group yet, so there is nothing to compare this with.",
                customers=self._customers(plan.customers),
                goals=plan.goals,
                did=self.did,
                days=self.plan.goal_days,
            )
        return " ".join(
            filter(
                None,
                (
                    self.env._(
                        "Too few yet: of %(customers)s in the plan %(goals)s %(did)s "
                        "within %(days)s days, of %(control)s in the control group "
                        "%(others)s. It takes %(enough)s customers in each group, and "
                        "%(least)s of both who did.",
                        customers=self._customers(plan.customers),
                        goals=plan.goals,
                        did=self.did,
                        days=self.plan.goal_days,
                        control=control.customers,
                        others=control.goals,
                        enough=MIN_CUSTOMERS,
                        least=MIN_GOALS,
                    ),
                    self._visible(),
                ),
            )
        )

    def _goal_compared(self):
        low, high = self.uplift.goal_interval
        if low > 0:
            conclusion = self.env._("The plan helped.")
        elif high < 0:
            conclusion = self.env._("Fewer did with the plan than without it.")
        else:
            conclusion = self.env._("This is no proof yet.")
        sentences = [
            self.env._(
                "Of %(customers)s in the plan %(share)s %(did)s within %(days)s days, of "
                "%(control)s in the control group %(other)s.",
                customers=self._customers(self.uplift.plan.customers),
                share=self._share(self.uplift.plan),
                did=self.did,
                days=self.plan.goal_days,
                control=self.uplift.control.customers,
                other=self._share(self.uplift.control),
            ),
            self.env._(
                "The difference is %(difference)s percentage points, with 95%% certainty "
                "between %(low)s and %(high)s.",
                **self._points(),
            ),
            conclusion,
        ]
        if low <= 0 <= high:
            sentences.append(self._visible())
        return " ".join(filter(None, sentences))

    def _visible(self) -> str:
        if self.uplift.visible is None:
            return self.env._("Groups of these sizes are too small to show anything.")
        return self.env._(
            "Groups of these sizes can be expected to show a difference of %s percentage "
            "points or more.",
            self._number(self.uplift.visible, self.uplift.visible < 0.1),
        )

    def revenue(self) -> str:
        """What they brought, compared; empty where there is nothing to say."""
        uplift = self.uplift
        if uplift.state == "empty":
            return ""
        if not (uplift.plan.revenue or uplift.control.revenue):
            return self.env._("They brought no revenue in this time.")
        if uplift.state != "compared":
            return self.env._(
                "Revenue per customer in this time: %s in the plan.", self._mean("plan")
            )
        means = self.env._(
            "Revenue per customer in this time: %(plan)s in the plan, %(control)s in the "
            "control group.",
            plan=self._mean("plan"),
            control=self._mean("control"),
        )
        return f"{means} {self._compare_revenue()}"

    def _compare_revenue(self) -> str:
        interval = self.uplift.revenue_interval
        if not interval:
            return self._why_no_revenue()
        figures = {
            "difference": self._money(self.uplift.revenue),
            "low": self._money(interval[0]),
            "high": self._money(interval[1]),
        }
        if self.uplift.theta is None:
            compared = self.env._(
                "With the largest 1%% of amounts cut, the difference is %(difference)s, "
                "with 95%% certainty between %(low)s and %(high)s.",
                **figures,
            )
        else:
            compared = self.env._(
                "With the largest 1%% of amounts cut, and set off against what the "
                "customers spent before, the difference is %(difference)s, with 95%% "
                "certainty between %(low)s and %(high)s.",
                **figures,
            )
        if interval[0] <= 0 <= interval[1]:
            return f"{compared} {self.env._('This is no proof yet.')}"
        return compared

    def _why_no_revenue(self) -> str:
        both = self.uplift.plan.customers + self.uplift.control.customers
        if 2 * (self.uplift.plan.before + self.uplift.control.before) >= both:
            return self.env._("Too few bought to compare them.")
        return self.env._(
            "They are not compared: fewer than half of these customers bought in the "
            "%(days)s days before, and then it takes %(enough)s customers in each group.",
            days=2 * self.plan.goal_days,
            enough=MIN_UNADJUSTED,
        )

    def _is_narrow(self) -> bool:
        return (
            min(self.uplift.plan.customers, self.uplift.control.customers)
            < SURE_CUSTOMERS
        )

    def notes(self) -> str:
        """What else is to be known, a line each."""
        env, outcome, lines = self.env, self.outcome, []
        if outcome.pending and self.uplift.state != "empty":
            lines.append(
                env._(
                    "Not counted yet, because their %(days)s days are not over: "
                    "%(customers)s.",
                    days=self.plan.goal_days,
                    customers=self._customers(outcome.pending),
                )
            )
        if outcome.mixed:
            lines.append(
                env._(
                    "Left out, because contacts of both groups were merged: %s.",
                    self._customers(outcome.mixed),
                )
            )
        if self.uplift.revenue_interval and self._is_narrow():
            lines.append(
                env._(
                    "With fewer than %s customers in a group, the range of the difference "
                    "in revenue is a little too narrow: it holds the true one in about 90 "
                    "of 100 cases, not in 95.",
                    SURE_CUSTOMERS,
                )
            )
        if self.uplift.control.customers:
            lines.append(
                env._(
                    "Customers count in their group from when they first began, also when "
                    "they left the plan."
                )
            )
            lines.append(
                env._(
                    "Decide when to look before you look: looking every day, until there "
                    "is a difference, makes false alarms likelier."
                )
            )
        return "\n".join(lines)

    # -- Figures

    def _customers(self, count) -> str:
        if count == 1:
            return self.env._("1 customer")
        return self.env._("%s customers", count)

    def _share(self, arm) -> str:
        return format_share(self.env, goal_rate(arm))

    def _points(self, signed=False) -> dict[str, str]:
        """The difference and its interval, in percentage points."""
        low, high = self.uplift.goal_interval
        fine = max(abs(low), abs(high)) < 0.1
        figures = {"difference": self.uplift.goal, "low": low, "high": high}
        return {
            name: self._number(value, fine, signed) for name, value in figures.items()
        }

    def _number(self, share, fine=False, signed=False) -> str:
        """A share in points of a hundred: "−4", with a decimal where it is fine."""
        digits = 1 if fine else 0
        value = round(100 * share, digits) + 0.0
        text = formatLang(self.env, abs(value), digits=digits)
        sign = "−" if value < 0 else "+" if signed and value > 0 else ""
        return f"{sign}{text}"

    def _mean(self, name) -> str:
        return self._money(mean_revenue(getattr(self.uplift, name)))

    def _money(self, amount) -> str:
        currency = self.plan.currency_id
        # As fields round it.
        amount = currency.round(amount)
        text = formatLang(self.env, abs(amount), currency_obj=currency)
        return f"−{text}" if amount < 0 else text
