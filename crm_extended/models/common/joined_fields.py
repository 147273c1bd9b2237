from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL


class _Joined:
    """A related number that compares only where there is something to compare.

    Odoo's own search of a related field also finds records whose path is empty for
    ``= 0``, and even for ``> 0``: people who never bought would have more than 0
    purchases. Here 0 is a customer's number, and ``False`` means no customer.
    """

    def _search_related(self, records, operator, value):
        if operator == "in":
            numbers = [number for number in value if number is not False]
            domain = self._path_domain("in", numbers) if numbers else Domain.FALSE
            if len(numbers) < len(value):
                domain |= Domain(self.related.split(".")[0], "=", False)
            return domain
        if operator in ("<", "<=", ">", ">="):
            return self._path_domain(operator, value)
        return NotImplemented

    def _path_domain(self, operator, value):
        *path, last = self.related.split(".")
        domain = Domain(last, operator, value)
        for name in reversed(path):
            domain = Domain(name, "any!" if self.compute_sudo else "any", domain)
        return domain


class JoinedInteger(_Joined, fields.Integer):
    pass


class JoinedFloat(_Joined, fields.Float):
    pass


class JoinedMonetary(_Joined, fields.Monetary):
    pass


class _Shown:
    """A related field that more people see than what it is joined through.

    Odoo searches for nothing at its end by asking whether the beginning of its path is
    empty, which is a question about a field that these people may not ask.
    """

    def _search_related(self, records, operator, value):
        domain = super()._search_related(records, operator, value)
        if domain is NotImplemented:
            return domain
        name = self.related.split(".")[0]
        nothing = ~Domain(name, "any!", Domain("id", "!=", False))
        return domain.map_conditions(
            lambda condition: (
                nothing
                if condition.field_expr == name and condition.operator == "="
                else condition
            )
        )


class ShownInteger(_Shown, fields.Integer):
    pass


class ShownMany2one(_Shown, fields.Many2one):
    pass


class ShownSelection(_Shown, fields.Selection):
    pass


def search_joined(model, name, operator, value):
    """Search by a many2one field that is not stored but joined.

    :param model: has ``_join_by_customer(name, alias, query)``, which gives the alias of
        the joined table and sees to it that only who may gets anything
    :param str name: the field
    :return: domain, or ``NotImplemented`` for operators that Odoo has to turn into others
    """
    if operator not in ("in", "any", "any!"):
        return NotImplemented
    Record = model.env[model._fields[name].comodel_name]

    def to_sql(model, alias, query):
        joined = model._join_by_customer(name, alias, query)
        record_id = SQL.identifier(joined, "id")
        if operator == "any!":
            # sudo: "any!" comes from the related fields alone, and the join above has
            # asked whether the user may.
            condition = value.optimize_full(Record.sudo())
            condition = condition._to_sql(Record.sudo(), joined, query)
            # Never NULL, so that its negation is right too.
            return SQL("(%s IS NOT NULL AND %s)", record_id, condition)
        if operator == "any":
            chosen = Record._search(value).subselect()
            return SQL("(%s IS NOT NULL AND %s IN %s)", record_id, record_id, chosen)
        ids = [id_ for id_ in value if id_]
        found = SQL("(%s IS NOT NULL AND %s = ANY(%s))", record_id, record_id, ids)
        if False in value:
            return SQL("(%s IS NULL OR %s)", record_id, found)
        return found

    return Domain.custom(to_sql=to_sql)
