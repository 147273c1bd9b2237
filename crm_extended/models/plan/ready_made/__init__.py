"""Plans to begin with: each makes drafts, whose steps and texts their owner looks at before
they start."""

from . import dates, purchases, referrals, relationship, winning_back
from .base import ReadyMadePlan

__all__ = ["ReadyMadePlan", "ready_made_plans"]


def ready_made_plans(env) -> dict[str, ReadyMadePlan]:
    """The plans for which the features are on, by key, in the order of a customer's
    life."""
    plans = {
        "welcome": purchases.welcome(env),
        "second_purchase": purchases.second_purchase(env),
        "replenishment": purchases.replenishment(env),
        "champions": relationship.champions(env),
        "birthday": dates.birthday(env),
        "regular_visit": dates.regular_visit(env),
        "upgraded": relationship.upgraded(env),
        "tier_risk": relationship.tier_risk(env),
        "solved": relationship.solved(env),
        "recommended": referrals.thank(env),
        "inactive": winning_back.inactive(env),
        "at_risk": winning_back.at_risk(env),
        "win_back": winning_back.win_back(env),
    }
    feature = env["crm.feature"]
    return {
        key: plan
        for key, plan in plans.items()
        if not plan.feature or feature._is_on(plan.feature)
    }
