from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """The contact policy is on in a new database, and so it is where it has never been."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["crm.feature"]._switch(consent=True)
