"""What fills the pages that are about scores and purchases."""

from ..common.empty_help import HelpButton, extend_help
from ..common.groups import SALES_MANAGER
from ..purchase.empty_help import import_button


def scores_help(env, help_message: str) -> str:
    """The help of a page that stays empty until customers are scored."""
    if not env.user.has_group(SALES_MANAGER):
        return extend_help(
            help_message,
            sentence=env._("A sales manager can update the scores at any time."),
        )
    return extend_help(
        help_message,
        [
            HelpButton(
                env._("Update Scores"), "crm_extended.crm_rfm_refresh_server_action"
            ),
            import_button(env),
        ],
    )
