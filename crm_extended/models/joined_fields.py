from odoo import fields
from odoo.fields import Domain


class _Joined:
    """A related number that compares only where there is something to compare.

    For ``> 0`` Odoo's own search of a related field also finds the records whose path
    is empty, as it does for ``= 0``: everybody who never bought would have more than
    no purchases.
    """

    def _search_related(self, records, operator, value):
        if operator not in ("<", "<=", ">", ">="):
            return super()._search_related(records, operator, value)
        *path, last = self.related.split(".")
        domain = Domain(last, operator, value)
        for name in reversed(path):
            domain = Domain(name, "any!" if self.compute_sudo else "any", domain)
        return domain


class JoinedInteger(_Joined, fields.Integer):
    pass


class JoinedMonetary(_Joined, fields.Monetary):
    pass
