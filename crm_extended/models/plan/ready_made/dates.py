"""Ready-made plans about days."""

from odoo.exceptions import UserError

from .base import LOYALTY, MARKETING, ReadyMadePlan, mail, ref, visit

__all__ = ["birthday", "regular_visit"]

# Days between two visits: of the upper third of the tiers, the middle one, the others.
VISITS = (30, 60, 90)


def birthday(env):
    return ReadyMadePlan(
        name=env._("Birthday Wishes"),
        description=env._("Sends an email to private customers on their birthday."),
        values=lambda env: {
            "trigger": "date",
            "date_kind_id": ref(env, "crm_extended.date_kind_birthday"),
            "purpose_id": ref(env, MARKETING),
            "contact_rule": "customer",
            # Birthdays of people at a company would congratulate the company.
            "domain": repr([("is_company", "=", False)]),
            "reentry": "after_days",
            "reentry_days": 300,
            "goal": "purchase",
            "goal_days": 30,
        },
        steps=[mail(env, env._("Happy birthday"), "birthday", at_time=9)],
        needs=env._(
            "Needs birthdays on your contacts. Only customers who agreed to marketing "
            "get the email. Companies are left out."
        ),
    )


def regular_visit(env):
    return ReadyMadePlan(
        name=env._("Regular Visit by Tier"),
        description=env._(
            "Makes up to three plans that remind the salesperson to visit members: those "
            "of the highest tiers every 30 days, of the middle ones every 60 days, of the "
            "others every 90 days."
        ),
        feature="loyalty",
        values=lambda env: {"trigger": "regular", "purpose_id": ref(env, LOYALTY)},
        steps=[
            visit(env, env._("Visit them"), env._("Visit, and ask what they need next"))
        ],
        needs=env._(
            "Needs tiers. Customers who refused the loyalty program are left out."
        ),
        variants=_visits_by_tier,
    )


def _visits_by_tier(env) -> list[dict]:
    tiers = env["crm.loyalty.tier"]._of_company(env.company)[::-1]
    if not tiers:
        raise UserError(env._("Create a tier first: visits go by tiers."))
    groups = {}
    for place, tier in enumerate(tiers):
        days = VISITS[place * len(VISITS) // len(tiers)]
        groups[days] = groups.get(days, tiers.browse()) | tier
    return [
        {
            "name": env._(
                "Visit Every %(days)s Days: %(tiers)s",
                days=days,
                tiers=", ".join(theirs.mapped("name")),
            ),
            "trigger_days": days,
            "tier_ids": theirs.ids,
        }
        for days, theirs in groups.items()
    ]
