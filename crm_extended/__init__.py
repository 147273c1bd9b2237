from . import controllers, models, report, wizards


def uninstall_hook(env):
    """Customers get back the prices they had before their tier."""
    env["crm.loyalty.pricelist"]._take_all_back()
