from odoo.tools import SQL

from . import controllers, models


def uninstall_hook(env):
    """No form opens a case any more: nobody would look at what comes with it."""
    env["ir.model"]._get("crm.care.case").website_form_access = False
    # As Odoo white-lists them: its ORM refuses to write on fields that are not custom.
    env.cr.execute(
        SQL(
            "UPDATE ir_model_fields SET website_form_blacklisted = TRUE "
            "WHERE model = 'crm.care.case'"
        )
    )
