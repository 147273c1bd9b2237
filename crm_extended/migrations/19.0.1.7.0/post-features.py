from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """What users could use before there were features to switch, they go on using."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    features = env["crm.feature"]
    for feature in features._features().values():
        features._set_groups(feature, on=True)
