"""Plans to begin with: each makes a draft, whose steps and texts its owner looks at before
it starts."""

from collections.abc import Callable
from dataclasses import dataclass, field

SERVICE = "crm_extended.purpose_service"
MARKETING = "crm_extended.purpose_marketing"


@dataclass(frozen=True)
class ReadyMadePlan:
    name: str
    #: what it does, in a sentence
    description: str
    #: values of the plan, for a company
    values: Callable[[object], dict]
    #: values of its steps
    steps: list[dict] = field(default_factory=list)
    #: feature without which it makes no sense
    feature: str | None = None

    def make_for(self, company):
        """A draft of it for a company.

        :return: ``crm.care.plan``
        """
        env = company.with_company(company).env
        plan = env["crm.care.plan"].create(
            {"name": self.name, "company_id": company.id, **self.values(env)}
        )
        version = plan._get_draft()
        env["crm.care.plan.step"].create(
            [
                {"version_id": version.id, "sequence": 10 * number, **step}
                for number, step in enumerate(self.steps, 1)
            ]
        )
        return plan


def ready_made_plans(env) -> dict[str, ReadyMadePlan]:
    """The plans for which the features are on, by key."""
    plans = {
        "welcome": _welcome(env),
        "inactive": _inactive(env),
        "win_back": _win_back(env),
        "birthday": _birthday(env),
        "upgraded": _upgraded(env),
        "solved": _solved(env),
    }
    feature = env["crm.feature"]
    return {
        key: plan
        for key, plan in plans.items()
        if not plan.feature or feature._is_on(plan.feature)
    }


def _ref(env, name) -> int:
    """Id of a record that the addon brings; nothing where it was deleted."""
    return env["ir.model.data"]._xmlid_to_res_id(name)


def _mail(env, name, template, **values):
    return {"name": name, "kind": "mail", "template_id": _ref(env, template), **values}


def _call(env, name, summary, **values):
    return {
        "name": name,
        "kind": "activity",
        "activity_type_id": _ref(env, "mail.mail_activity_data_call"),
        "summary": summary,
        "activity_days": 3,
        **values,
    }


def _welcome(env):
    return ReadyMadePlan(
        name=env._("Welcome New Customers"),
        description=env._(
            "Thanks customers the day after their first purchase, and reminds the "
            "salesperson to call those who have not answered after two weeks."
        ),
        values=lambda env: {
            "trigger": "first_purchase",
            "purpose_id": _ref(env, SERVICE),
        },
        steps=[
            _mail(
                env,
                env._("Thank you"),
                "crm_extended.mail_template_plan_welcome",
                delay=1,
                has_time=True,
                at_time=10,
            ),
            _call(
                env,
                env._("Call them"),
                env._("Ask whether everything arrived and fits"),
                delay=2,
                delay_unit="weeks",
                condition="not_answered",
            ),
        ],
    )


def _inactive(env):
    return ReadyMadePlan(
        name=env._("Call Inactive Customers"),
        description=env._(
            "Reminds the salesperson to call customers without any interaction for 90 "
            "days."
        ),
        values=lambda env: {
            "trigger": "inactive",
            "trigger_days": 90,
            "purpose_id": _ref(env, SERVICE),
            "reentry": "after_days",
            "reentry_days": 90,
        },
        steps=[_call(env, env._("Call them"), env._("Ask how they are"))],
        feature="timeline",
    )


def _win_back(env):
    def values(env):
        segment = env["crm.rfm.segment"]
        segments = segment._of_company(env.company)
        # Those who have bought often, and not for long.
        slipped = segments.filtered(
            lambda one: one.r_max * 2 <= one.grid_bins < one.f_max * 2
        )
        return {
            "trigger": "segment",
            "segment_ids": (slipped or segments[-1:]).ids,
            "purpose_id": _ref(env, MARKETING),
            "exit_when_left": True,
            "goal": "purchase",
            "goal_days": 60,
            "reentry": "after_days",
            "reentry_days": 365,
        }

    return ReadyMadePlan(
        name=env._("Win Back Good Customers"),
        description=env._(
            "When good customers slip into a segment of those who no longer buy: a mail, "
            "and a call two weeks later unless they have bought or answered."
        ),
        values=values,
        steps=[
            _mail(
                env,
                env._("We miss you"),
                "crm_extended.mail_template_plan_win_back",
                has_time=True,
                at_time=10,
            ),
            _call(
                env,
                env._("Call them"),
                env._("Ask what has changed for them"),
                delay=2,
                delay_unit="weeks",
                condition="not_answered",
            ),
        ],
    )


def _birthday(env):
    return ReadyMadePlan(
        name=env._("Birthday Wishes"),
        description=env._("Sends a mail on the birthdays of your contacts."),
        values=lambda env: {
            "trigger": "date",
            "date_kind_id": _ref(env, "crm_extended.date_kind_birthday"),
            "purpose_id": _ref(env, MARKETING),
            "contact_rule": "customer",
            "reentry": "after_days",
            "reentry_days": 300,
        },
        steps=[
            _mail(
                env,
                env._("Happy birthday"),
                "crm_extended.mail_template_plan_birthday",
                has_time=True,
                at_time=9,
            )
        ],
    )


def _upgraded(env):
    return ReadyMadePlan(
        name=env._("Congratulate on a New Tier"),
        description=env._(
            "Reminds the salesperson to call members who were upgraded to a tier."
        ),
        feature="loyalty",
        values=lambda env: {
            "trigger": "tier_up",
            "purpose_id": _ref(env, "crm_extended.purpose_loyalty"),
            "reentry": "after_exit",
        },
        steps=[
            _call(env, env._("Congratulate"), env._("Congratulate on the new tier"))
        ],
    )


def _solved(env):
    return ReadyMadePlan(
        name=env._("Ask After a Complaint"),
        description=env._(
            "Reminds the salesperson to call three days after a complaint was solved."
        ),
        feature="care",
        values=lambda env: {
            "trigger": "complaint_solved",
            "purpose_id": _ref(env, SERVICE),
            "reentry": "after_exit",
        },
        steps=[
            _call(
                env,
                env._("Ask whether all is well"),
                env._("Ask whether all is well after the complaint"),
                delay=3,
            )
        ],
    )
