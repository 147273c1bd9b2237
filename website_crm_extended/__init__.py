from . import controllers, models


def uninstall_hook(env):
    """No form opens a case any more: without this addon nobody would look at what comes
    with it."""
    model = env["ir.model"]._get("crm.care.case")
    model.website_form_access = False
    model.field_id.website_form_blacklisted = True
