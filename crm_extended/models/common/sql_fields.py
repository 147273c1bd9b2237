"""Computed fields that ``_field_to_sql`` gives in SQL."""

from odoo.fields import Domain
from odoo.tools import SQL


def search_state(field_name, keys):
    """The search method of a selection field that ``_field_to_sql`` gives in SQL.

    :param keys: the values that the field can have
    """

    def search(model, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = [key for key in value if key in keys]

        def to_sql(records, alias, query):
            state = records._field_to_sql(alias, field_name, query)
            found = SQL("COALESCE(%s = ANY(%s), FALSE)", state, wanted)
            return SQL("(%s OR %s IS NULL)", found, state) if False in value else found

        return Domain.custom(to_sql=to_sql)

    return search
