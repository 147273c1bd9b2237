"""Populations of statements that go past the ORM: the customers a reader may see."""

from odoo.tools import SQL


def seen_condition(env, column: SQL, *, of_all=False) -> SQL:
    """A condition that a customer is one the user may see as a contact.

    :param column: id of the customer in the statement
    :param of_all: whether the statement sums up all customers of a company: then it is
        worth looking first whether any contact is hidden at all
    :return: ``TRUE`` where no rule hides contacts from the user, so that the plan is the
        one without it
    :raise AccessError: if the user may not see contacts at all
    """
    partners = env["res.partner"].with_context(active_test=False)
    query = partners._search([])
    if query.is_empty():
        return SQL("FALSE")
    if not query.where_clause:
        return SQL("TRUE")
    if of_all and query.from_clause == SQL.identifier(query.table):
        hidden = SQL("(%s) IS NOT TRUE", query.where_clause)
        [[any_hidden]] = env.execute_query(
            SQL("SELECT EXISTS (SELECT FROM res_partner WHERE %s)", hidden)
        )
        if not any_hidden:
            return SQL("TRUE")
    return SQL("%s IN (%s)", column, query.select())
