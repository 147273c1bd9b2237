from . import models


def uninstall_hook(env):
    """Take back what other modules noted about moves having activities.

    Modules that extend ``mail.activity.mixin`` leave such a note in their own name, and
    Odoo would leave it behind.
    """
    env["ir.model.inherit"].search(
        [
            ("model_id.model", "=", "crm.rfm.change"),
            ("parent_id.model", "=", "mail.activity.mixin"),
        ]
    ).unlink()
