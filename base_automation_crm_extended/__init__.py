from . import models


def uninstall_hook(env):
    """Take back what other modules noted about changes having activities.

    Modules that extend ``mail.activity.mixin`` leave such a note in their own name, and
    so does the mixin's for the values of its selections; Odoo would leave them behind.
    """
    env["ir.model.inherit"].search(
        [
            ("model_id.model", "in", ("crm.rfm.change", "crm.loyalty.change")),
            ("parent_id.model", "=", "mail.activity.mixin"),
        ]
    ).unlink()
    env["ir.model.data"].search(
        [
            ("model", "=", "ir.model.fields.selection"),
            ("module", "=", "mail"),
            "|",
            ("name", "=like", "selection__crm_rfm_change__activity_%"),
            ("name", "=like", "selection__crm_loyalty_change__activity_%"),
        ]
    ).unlink()
