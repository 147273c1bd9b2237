from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Managers see the dashboard where analytics are on already, with its months from the
    next run on."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    features = env["crm.feature"]
    if features._is_on("insight"):
        features._set_groups(features._features()["insight"], on=True)
        env.ref("crm_extended.ir_cron_insight")._trigger()
