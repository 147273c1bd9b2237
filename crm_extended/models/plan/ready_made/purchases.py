"""Ready-made plans about purchases."""

from .base import MARKETING, SERVICE, ReadyMadePlan, call, mail, ref

__all__ = ["replenishment", "second_purchase", "welcome"]

# What a shop that sells consumables begins with, in days.
USUAL_DAYS = 60
# Customers whose last purchase is as far back, but for some days that scores are late.
GRACE_DAYS = 3


def welcome(env):
    return ReadyMadePlan(
        name=env._("Welcome New Customers"),
        description=env._(
            "Thanks customers the day after their first purchase, and reminds the "
            "salesperson to call those who have not answered after two weeks."
        ),
        values=lambda env: {
            "trigger": "first_purchase",
            "purpose_id": ref(env, SERVICE),
            "goal": "purchase",
            "goal_days": 60,
        },
        steps=[
            mail(env, env._("Thank you"), "welcome", delay=1),
            call(
                env,
                env._("Call them"),
                env._("Ask whether everything arrived and fits"),
                delay=2,
                delay_unit="weeks",
                condition="not_answered",
            ),
        ],
    )


def second_purchase(env):
    return ReadyMadePlan(
        name=env._("Second Purchase"),
        description=env._(
            "Writes to new customers four weeks after their first purchase, and reminds the "
            "salesperson to call two weeks later, unless they have bought again."
        ),
        values=lambda env: {
            "trigger": "first_purchase",
            "purpose_id": ref(env, MARKETING),
            "goal": "purchase",
            "goal_days": 90,
        },
        steps=[
            mail(
                env,
                env._("How do you like it?"),
                "second_purchase",
                delay=4,
                delay_unit="weeks",
                condition="not_bought",
            ),
            call(
                env,
                env._("Call them"),
                env._("Ask how they like their first purchase"),
                delay=2,
                delay_unit="weeks",
                condition="not_bought",
            ),
        ],
        needs=env._("Only customers who agreed to marketing get the email."),
    )


def replenishment(env):
    def values(env):
        return {
            "trigger": "purchase",
            "trigger_days": USUAL_DAYS,
            "purpose_id": ref(env, MARKETING),
            "goal": "purchase",
            "goal_days": 30,
            "reentry": "after_exit",
        }

    return _Replenishment(
        name=env._("Replenishment"),
        description=env._(
            "Reminds customers so many days after a purchase that it may be used up, "
            "unless they have bought again."
        ),
        values=values,
        steps=[mail(env, env._("Time for more?"), "replenishment")],
        needs=env._(
            "Set how long a purchase lasts, and for which products. Only customers who "
            "agreed to marketing get the email."
        ),
        asks=("trigger_days", "product_tmpl_ids", "product_categ_ids"),
    )


class _Replenishment(ReadyMadePlan):
    """What reaches its goal is what the reminder is about; those who have bought since
    are not reminded."""

    def make_for(self, company, **answers):
        days = answers.get("trigger_days") or USUAL_DAYS
        bought_since = max(days - GRACE_DAYS, 0)
        return super().make_for(
            company,
            **{**answers, "trigger_days": days},
            domain=repr([("rfm_recency", ">=", bought_since)]),
            goal_product_tmpl_ids=answers.get("product_tmpl_ids", []),
            goal_categ_ids=answers.get("product_categ_ids", []),
        )
