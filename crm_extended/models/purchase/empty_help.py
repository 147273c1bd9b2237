"""What fills the pages that are about purchases."""

from ..common.empty_help import HelpButton, extend_help, user_may


def import_button(env) -> HelpButton:
    return HelpButton(
        env._("Import Purchases"), "crm_extended.crm_purchase_history_import_action"
    )


def purchases_help(env, help_message: str) -> str:
    """The help of a page that stays empty until there are purchases."""
    if user_may(env["crm.purchase.history"], "create"):
        return extend_help(help_message, [import_button(env)])
    return extend_help(
        help_message,
        sentence=env._("A sales manager can import purchases of a former system."),
    )
