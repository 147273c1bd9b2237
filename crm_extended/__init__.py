from . import controllers, models, report, wizards


def uninstall_hook(env):
    """Customers get back the prices they had before their tier; then nobody holds a
    tier any more, and what came as data can be deleted."""
    env["crm.loyalty.pricelist"]._take_all_back()
    env["crm.loyalty.tier"]._let_go()
