from odoo import fields
from odoo.fields import Domain


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
    """Not rounded again: that would need the rest of the currency for each list."""

    def convert_to_cache(self, value, record, validate=True):
        return super().convert_to_cache(value, record, validate=False)


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
