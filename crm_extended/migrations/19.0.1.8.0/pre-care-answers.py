from odoo.tools import sql


def migrate(cr, version):
    """Answers move cases in teams that are made from now on. The column of teams made
    before begins empty, which is off: with the default it would be on for all."""
    if sql.table_exists(cr, "crm_care_team") and not sql.column_exists(
        cr, "crm_care_team", "take_on_answer"
    ):
        sql.create_column(cr, "crm_care_team", "take_on_answer", "boolean")
