from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Companies that have scores already are past their first hour: their checklist begins
    closed. The gear menu of the Segments page shows it."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    onboarding = env.ref(
        "crm_extended.onboarding_first_steps", raise_if_not_found=False
    )
    if not onboarding:
        return
    groups = env["crm.rfm.score"]._read_group([], ["company_id"])
    for [company] in groups:
        progress = onboarding.with_company(company)._search_or_create_progress()
        progress.is_onboarding_closed = True
