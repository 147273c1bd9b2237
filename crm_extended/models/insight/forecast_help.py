"""What fills the pages that are about the forecasts of customers."""

from ..common.empty_help import HelpButton, extend_help
from ..common.groups import SALES_MANAGER
from ..purchase.empty_help import import_button


def forecasts_help(env, help_message: str) -> str:
    """The help of a page that stays empty until forecasts are computed."""
    if not env.user.has_group(SALES_MANAGER):
        return extend_help(
            help_message,
            sentence=env._("A sales manager can update the forecasts at any time."),
        )
    return extend_help(
        help_message,
        [
            HelpButton(env._("Update Now"), "crm_extended.crm_forecast_server_action"),
            import_button(env),
        ],
    )
