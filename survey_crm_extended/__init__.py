from . import models, report, wizards


def uninstall_hook(env):
    """Odoo deletes the column of a field on a table that stays, and leaves the note of its
    foreign key. Without the surveys, no one keeps what customers answered."""
    env["crm.satisfaction.answer"].search(
        [("res_model", "=", "survey.user_input")]
    ).unlink()
    env["crm.contact.hold"].search([("sender", "=", "satisfaction")]).unlink()
    env["ir.model.constraint"].search(
        [("module.name", "=", "survey_crm_extended"), ("type", "=", "f")]
    ).unlink()
