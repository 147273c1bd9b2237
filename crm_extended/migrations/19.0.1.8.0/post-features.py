from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Features that are on also imply the groups that this release brings."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    features = env["crm.feature"]
    for key, feature in features._features().items():
        if features._is_on(key):
            features._set_groups(feature, on=True)
