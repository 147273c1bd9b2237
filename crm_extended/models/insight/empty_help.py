"""What fills the pages that a nightly update computes."""

from ..common.empty_help import HelpButton, extend_help, user_may
from ..common.groups import SALES_MANAGER
from ..purchase.empty_help import import_button


def preferences_help(env, help_message: str) -> str:
    """The help of a page that stays empty until purchases have been looked at."""
    if user_may(env["crm.insight.run"], "read"):
        button = HelpButton(
            env._("Update Now"), "crm_extended.crm_insight_run_server_action"
        )
        return extend_help(help_message, [button])
    return extend_help(help_message)


def referral_help(env, help_message: str) -> str:
    """The help of a page that stays empty until someone enters who recommended whom."""
    button = HelpButton(env._("Open Contacts"), "base.action_partner_form")
    return extend_help(help_message, [button])


def campaigns_help(env, help_message: str) -> str:
    """The help of a page that stays empty until a campaign has reached anyone."""
    if not user_may(env["crm.campaign.plan"], "create"):
        return extend_help(
            help_message, sentence=env._("A sales manager can plan campaigns.")
        )
    button = HelpButton(
        env._("Update Now"), "crm_extended.crm_insight_run_server_action"
    )
    return extend_help(help_message, [button])


def lifecycle_help(env, help_message: str) -> str:
    """The help of a page that stays empty until stages are computed."""
    if not env.user.has_group(SALES_MANAGER):
        return extend_help(
            help_message,
            sentence=env._("A sales manager can update the stages at any time."),
        )
    return extend_help(
        help_message,
        [
            HelpButton(
                env._("Update Stages"), "crm_extended.crm_lifecycle_server_action"
            ),
            import_button(env),
        ],
    )
