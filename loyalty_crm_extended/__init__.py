from . import models


def uninstall_hook(env):
    """Take back what Odoo noted about the table that links programs and tiers.

    The note is kept with the model of programs, which stays, and Odoo would leave it
    behind.
    """
    env["ir.model.constraint"].search(
        [("module.name", "=", "loyalty_crm_extended"), ("type", "=", "f")]
    ).unlink()
