"""What fills the pages that are about cases."""

from ..common.empty_help import HelpButton, extend_help, user_may
from ..common.groups import SETTINGS
from .groups import MANAGER


def team_help(env, help_message: str) -> str | None:
    """The help of a page that stays empty until the company has a team; nothing where it
    has one."""
    # sudo: only whether there is one, for users who are in none.
    teams = env["crm.care.team"].sudo()
    if teams.search_count([("company_id", "in", env.companies.ids)], limit=1):
        return None
    if env.user.has_group(MANAGER) or env.user.has_group(SETTINGS):
        return extend_help(
            help_message,
            [
                HelpButton(
                    env._("Create Your First Team"),
                    "crm_extended.crm_care_setup_wizard_action",
                )
            ],
        )
    return extend_help(
        help_message,
        sentence=env._("A care manager creates the first team under Configuration."),
    )


def cases_help(env, help_message: str) -> str:
    """The help of a page that stays empty until there are cases."""
    if (found := team_help(env, help_message)) is not None:
        return found
    if not user_may(env["crm.care.case"], "create"):
        return extend_help(
            help_message, sentence=env._("Cases are opened by agents and customers.")
        )
    return extend_help(
        help_message,
        [HelpButton(env._("New Case"), "crm_extended.crm_care_case_new_action")],
    )


def targets_help(env, help_message: str) -> str:
    """The help of a page that stays empty until cases have targets."""
    targets = env["crm.care.sla"]
    if (found := team_help(env, help_message)) is not None:
        return found
    if user_may(targets, "create") and not targets.search_count([], limit=1):
        return extend_help(
            help_message,
            [
                HelpButton(
                    env._("Create an SLA Target"), "crm_extended.crm_care_sla_action"
                )
            ],
        )
    return cases_help(env, help_message)


def ratings_help(env, help_message: str) -> str:
    """The help of a page that stays empty until customers are asked for a rating."""
    if (found := team_help(env, help_message)) is not None:
        return found
    if user_may(env["crm.care.team"], "write"):
        return extend_help(
            help_message,
            [HelpButton(env._("Open Teams"), "crm_extended.crm_care_team_action")],
        )
    return extend_help(
        help_message, sentence=env._("A care manager switches it on for a team.")
    )


def examples_help(env, help_message: str) -> str:
    """The help of the escalation rules, which has examples in the archive."""
    return extend_help(
        help_message,
        [
            HelpButton(
                env._("Show Examples"),
                "crm_extended.crm_care_escalation_action",
                "{'search_default_archived': 1}",
            )
        ],
    )
