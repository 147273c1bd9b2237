from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Give the teams that are there the template of the mail that asks for a rating.

    Nothing is sent: teams do not ask until they are set to.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["crm.care.team"]._give_rating_template()
