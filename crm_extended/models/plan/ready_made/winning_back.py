"""Ready-made plans for customers who slip away. They are in one exclusion group: a customer
is in one of them at a time. Each lasts for some weeks, that the next does not ask them again
a day later. What they want is a purchase: they leave out who refused marketing."""

from .base import MARKETING, ReadyMadePlan, call, mail, note, ref, visit

__all__ = ["at_risk", "inactive", "win_back"]


def _group_id(env) -> int:
    groups = env["crm.care.plan.group"]
    name = env._("Winning Back")
    mine = groups.search(
        [("company_id", "=", env.company.id), ("name", "=", name)], limit=1
    )
    return (mine or groups.create({"name": name, "company_id": env.company.id})).id


def _slipped_segments(env):
    """Segments of customers who have bought often, and not for long."""
    segments = env["crm.rfm.segment"]._of_company(env.company)
    slipped = segments.filtered(
        lambda one: one.r_max * 2 <= one.grid_bins < one.f_max * 2
    )
    return slipped or segments[-1:]


def inactive(env):
    return ReadyMadePlan(
        name=env._("Call Inactive Customers"),
        description=env._(
            "Reminds the salesperson to call customers without any interaction for 90 "
            "days, and notes it on those who have not bought four weeks later."
        ),
        values=lambda env: {
            "trigger": "inactive",
            "trigger_days": 90,
            "purpose_id": ref(env, MARKETING),
            "reentry": "after_days",
            "reentry_days": 90,
            "goal": "purchase",
            "goal_days": 60,
            "exclusion_group_id": _group_id(env),
        },
        steps=[
            call(env, env._("Call them"), env._("Ask how they are")),
            note(
                env._("Note the result"),
                env._("No purchase within four weeks of the reminder to call."),
                delay=4,
                delay_unit="weeks",
                condition="not_bought",
            ),
        ],
        feature="timeline",
        needs=env._(
            "Needs logged interactions. Customers who refused marketing are left out."
        ),
    )


def at_risk(env):
    def values(env):
        high = max(env.company._get_rfm_bins() - 1, 1)
        return {
            "trigger": "segment",
            "segment_ids": _slipped_segments(env).ids,
            "domain": repr([("rfm_monetary_score", ">=", high)]),
            "purpose_id": ref(env, MARKETING),
            "exit_when_left": True,
            "goal": "purchase",
            "goal_days": 90,
            "reentry": "after_days",
            "reentry_days": 365,
            # They get a visit, and not the mail of the others.
            "priority": 20,
            "exclusion_group_id": _group_id(env),
        }

    return ReadyMadePlan(
        name=env._("Visit At-Risk High-Value Customers"),
        description=env._(
            "When customers with a high revenue slip into a segment of those who no "
            "longer buy: reminds the salesperson to visit them within two weeks, and to "
            "call four weeks later those who have not bought."
        ),
        values=values,
        steps=[
            visit(env, env._("Visit them"), env._("Ask what has changed for them")),
            call(
                env,
                env._("Call them"),
                env._("Follow up on the visit"),
                delay=4,
                delay_unit="weeks",
                condition="not_bought",
            ),
        ],
        needs=env._("Customers who refused marketing or profiling are left out."),
    )


def win_back(env):
    return ReadyMadePlan(
        name=env._("Win Back Good Customers"),
        description=env._(
            "When good customers slip into a segment of those who no longer buy: an email, "
            "and a call two weeks later unless they have bought or answered."
        ),
        values=lambda env: {
            "trigger": "segment",
            "segment_ids": _slipped_segments(env).ids,
            "purpose_id": ref(env, MARKETING),
            "exit_when_left": True,
            "goal": "purchase",
            "goal_days": 60,
            "reentry": "after_days",
            "reentry_days": 365,
            "exclusion_group_id": _group_id(env),
        },
        steps=[
            mail(env, env._("We miss you"), "win_back"),
            call(
                env,
                env._("Call them"),
                env._("Ask what has changed for them"),
                delay=2,
                delay_unit="weeks",
                condition="not_answered",
            ),
        ],
        needs=env._(
            "Only customers who agreed to marketing get the email. Customers who "
            "refused profiling are left out."
        ),
    )
