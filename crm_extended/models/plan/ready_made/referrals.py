"""The ready-made plan about referrals."""

from .base import SERVICE, ReadyMadePlan, call, mail, ref

__all__ = ["thank"]


def thank(env):
    return ReadyMadePlan(
        name=env._("Thank for a Recommendation"),
        description=env._(
            "Thanks customers whose recommendation brought you a new customer, and reminds "
            "the salesperson to call two weeks later if they have not answered."
        ),
        feature="insight",
        values=lambda env: {
            "trigger": "recommended",
            "purpose_id": ref(env, SERVICE),
            "reentry": "after_exit",
        },
        steps=[
            mail(env, env._("Thank you"), "recommended"),
            call(
                env,
                env._("Call them"),
                env._("Thank them in person for the recommendation"),
                delay=2,
                delay_unit="weeks",
                condition="not_answered",
            ),
        ],
        needs=env._(
            "Needs who recommended a customer, on contacts or leads. Customers who were "
            "thanked already are left out."
        ),
    )
