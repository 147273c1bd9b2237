"""What fills the pages that are about tiers."""

from ..common.empty_help import HelpButton, extend_help, user_may


def tiers_help(env, help_message: str) -> str:
    """The help of a page that stays empty until customers have tiers."""
    tiers = env["crm.loyalty.tier"]
    if not user_may(tiers, "write"):
        return extend_help(
            help_message,
            sentence=env._("A sales manager can assess the tiers at any time."),
        )
    if not tiers._of_company(env.company):
        button = HelpButton(
            env._("Create Tiers"), "crm_extended.crm_loyalty_tier_action"
        )
    else:
        button = HelpButton(
            env._("Assess Now"), "crm_extended.crm_loyalty_assess_server_action"
        )
    return extend_help(help_message, [button])
