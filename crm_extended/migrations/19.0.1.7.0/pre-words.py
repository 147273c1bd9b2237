from odoo.tools import SQL

# What an update renames, with the names that have translations: it leaves these alone.
RENAMED = {
    "ir.model": ("ir_model", "name"),
    "ir.model.fields": ("ir_model_fields", "field_description", "help"),
    "ir.model.fields.selection": ("ir_model_fields_selection", "name"),
    "ir.actions.act_window": ("ir_act_window", "name", "help"),
    "ir.actions.server": ("ir_act_server", "name"),
    "ir.ui.menu": ("ir_ui_menu", "name"),
    "res.groups": ("res_groups", "name", "comment"),
}


def migrate(cr, version):
    """Note the English names before the update, for the script that runs after it."""
    query = SQL(" UNION ALL ").join(
        SQL(
            """
            SELECT %(table)s AS table_name, %(column)s AS column_name, named.id,
                   named.%(identifier)s->>'en_US' AS text
              FROM %(from)s AS named
              JOIN ir_model_data AS data
                ON data.model = %(model)s AND data.res_id = named.id
             WHERE data.module = 'crm_extended'
            """,
            table=table,
            column=column,
            identifier=SQL.identifier(column),
            model=model,
            **{"from": SQL.identifier(table)},
        )
        for model, (table, *columns) in RENAMED.items()
        for column in columns
    )
    cr.execute(SQL("CREATE TABLE crm_extended_words_before AS %s", query))
