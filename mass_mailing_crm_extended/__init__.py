from . import models, report, wizards


def uninstall_hook(env):
    """Odoo deletes the column of a field on a table that stays, and leaves the note of its
    foreign key."""
    env["ir.model.constraint"].search(
        [("module.name", "=", "mass_mailing_crm_extended"), ("type", "=", "f")]
    ).unlink()
