from odoo.tools import sql

COLUMNS = {
    ("crm_loyalty_change", "to_tell"): "notification_pending",
    ("crm_loyalty_membership", "to_tell"): "notification_pending",
    ("crm_loyalty_membership", "told_valid_date"): "notified_valid_date",
}


def migrate(cr, version):
    """Pending notifications are called so: their columns keep what they say."""
    for (table, old), new in COLUMNS.items():
        if sql.column_exists(cr, table, old) and not sql.column_exists(cr, table, new):
            sql.rename_column(cr, table, old, new)
        # Made again under its new name.
        sql.drop_index(cr, f"{table}_{old}_index", table)
