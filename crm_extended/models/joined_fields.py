from odoo import fields
from odoo.fields import Domain


class _Joined:
    """A related number that compares only where there is something to compare.

    Odoo's own search of a related field also finds the records whose path is empty for
    ``= 0``, and even for ``> 0``: everybody who never bought would have more than no
    purchases. Here 0 is a number that somebody has, and ``False`` means nobody's.
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
