"""Ready-made plans about what customers have become, and what went wrong with them."""

from .base import LOYALTY, SERVICE, ReadyMadePlan, call, mail, ref

__all__ = ["champions", "solved", "tier_risk", "upgraded"]


def champions(env):
    def values(env):
        return {
            "trigger": "segment",
            "segment_ids": _best_segments(env).ids,
            "purpose_id": ref(env, LOYALTY),
            "goal": "purchase",
            "goal_days": 90,
            "reentry": "after_days",
            "reentry_days": 365,
        }

    return ReadyMadePlan(
        name=env._("Thank Champions"),
        description=env._(
            "Thanks customers who move to your best segment, once a year at most."
        ),
        values=values,
        steps=[mail(env, env._("Thank you"), "champions")],
        needs=env._("Customers who refused profiling are left out."),
    )


def _best_segments(env):
    """The segment that the best scores belong to; the best of all where none covers
    them."""
    segments = env["crm.rfm.segment"]
    owners, _lost = segments._get_grid(env.company)
    best = owners.get((env.company._get_rfm_bins(),) * 3)
    ranked = segments._of_company(env.company).filtered(lambda one: not one.is_lost)
    return best or ranked.sorted(lambda one: one._get_rank())[-1:]


def upgraded(env):
    return ReadyMadePlan(
        name=env._("Congratulate on a New Tier"),
        description=env._(
            "Reminds the salesperson to call members who were upgraded to a tier."
        ),
        feature="loyalty",
        values=lambda env: {
            "trigger": "tier_up",
            "purpose_id": ref(env, LOYALTY),
            "reentry": "after_exit",
            "goal": "purchase",
            "goal_days": 60,
        },
        steps=[call(env, env._("Congratulate"), env._("Congratulate on the new tier"))],
        needs=env._("Needs tiers."),
    )


def tier_risk(env):
    return ReadyMadePlan(
        name=env._("Tier at Risk"),
        description=env._(
            "Writes to members who may lose their tier, and reminds the salesperson to call "
            "those who have not bought after two weeks."
        ),
        feature="loyalty",
        values=lambda env: {
            "trigger": "tier_risk",
            "purpose_id": ref(env, LOYALTY),
            "goal": "purchase",
            "goal_days": 60,
            "reentry": "after_days",
            "reentry_days": 180,
        },
        steps=[
            mail(env, env._("Keep your tier"), "tier_risk"),
            call(
                env,
                env._("Call them"),
                env._("Offer help to keep the tier"),
                delay=2,
                delay_unit="weeks",
                condition="not_bought",
            ),
        ],
        needs=env._("Needs tiers."),
    )


def solved(env):
    return ReadyMadePlan(
        name=env._("Ask After a Complaint"),
        description=env._(
            "Reminds the salesperson to call three days after a complaint was solved."
        ),
        feature="care",
        values=lambda env: {
            "trigger": "complaint_solved",
            "purpose_id": ref(env, SERVICE),
            "reentry": "after_exit",
        },
        steps=[
            call(
                env,
                env._("Ask whether all is well"),
                env._("Ask whether all is well after the complaint"),
                delay=3,
            )
        ],
        needs=env._("Needs complaints in service care."),
    )
