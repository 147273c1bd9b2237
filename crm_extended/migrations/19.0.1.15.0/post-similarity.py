from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Recommendations read similarities, which are in a table of their own now: out of the
    pairs that are there."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for company in env["res.company"].search([]):
        env["crm.product.similarity"]._update(company)
