"""What fills the pages that a nightly update computes."""

from ..common.empty_help import HelpButton, extend_help, user_may


def preferences_help(env, help_message: str) -> str:
    """The help of a page that stays empty until purchases have been looked at."""
    if user_may(env["crm.insight.run"], "read"):
        button = HelpButton(
            env._("Update Now"), "crm_extended.crm_insight_run_server_action"
        )
        return extend_help(help_message, [button])
    return extend_help(help_message)
