"""What ready-made plans have in common: a draft, and short words for its steps."""

from collections.abc import Callable
from dataclasses import dataclass, field

SERVICE = "crm_extended.purpose_service"
LOYALTY = "crm_extended.purpose_loyalty"
MARKETING = "crm_extended.purpose_marketing"


@dataclass(frozen=True)
class ReadyMadePlan:
    name: str
    #: what it does, in a sentence
    description: str
    #: values of the plan, for the environment of a company
    values: Callable[[object], dict]
    #: values of its steps
    steps: list[dict] = field(default_factory=list)
    #: what has to be there for it to find customers, in a sentence
    needs: str | None = None
    #: feature without which it makes no sense
    feature: str | None = None
    #: what its user says about it: names of fields of the plan
    asks: tuple[str, ...] = ()
    #: for several plans at once: name and further values of each, for the environment of
    #: a company
    variants: Callable[[object], list[dict]] | None = None

    def make_for(self, company, **answers):
        """Drafts of it for a company.

        :param answers: values of the fields it asks for
        :raise odoo.exceptions.UserError: where the company lacks what it is about
        :return: ``crm.care.plan``, one or several
        """
        env = company.with_company(company).env
        variants = self.variants(env) if self.variants else [{}]
        plans = env["crm.care.plan"].create(
            [
                {
                    "name": self.name,
                    "company_id": company.id,
                    **self.values(env),
                    **variant,
                    **answers,
                }
                for variant in variants
            ]
        )
        env["crm.care.plan.step"].create(
            [
                {"version_id": plan._get_draft().id, "sequence": 10 * number, **step}
                for plan in plans
                for number, step in enumerate(self.steps, 1)
            ]
        )
        return plans


def ref(env, name) -> int:
    """Id of a record that the addon brings; nothing where it was deleted."""
    return env["ir.model.data"]._xmlid_to_res_id(name)


def mail(env, name, template, **values):
    """A mail at ten in the morning, unless the values say otherwise."""
    return {
        "name": name,
        "kind": "mail",
        "template_id": ref(env, f"crm_extended.mail_template_plan_{template}"),
        "has_time": True,
        "at_time": 10,
        **values,
    }


def call(env, name, summary, **values):
    return activity(env, "call", name, summary, **values)


def visit(env, name, summary, **values):
    return activity(env, "meeting", name, summary, **{"activity_days": 14, **values})


def note(name, text, **values):
    return {"name": name, "kind": "log", "note": text, **values}


def activity(env, kind, name, summary, **values):
    return {
        "name": name,
        "kind": "activity",
        "activity_type_id": ref(env, f"mail.mail_activity_data_{kind}"),
        "summary": summary,
        "activity_days": 3,
        **values,
    }
