from odoo import models
from odoo.tools import SQL


class CrmSelectionOrderMixin(models.AbstractModel):
    """Selections whose values have an order, such as stages: lists and groups come in it,
    not in that of the letters of their keys."""

    _name = "crm.selection.order.mixin"
    _description = "Order of Selections"

    #: names of such fields
    _ordered_selections = ()

    def _place_sql(self, name: str, value: SQL) -> SQL:
        """The place of a value of a field among its values."""
        keys = self._fields[name].get_values(self.env)
        return SQL("array_position(%s::varchar[], %s::varchar)", keys, value)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name not in self._ordered_selections:
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        value = self._field_to_sql(alias, field_name, query)
        return SQL("%s %s %s", self._place_sql(field_name, value), direction, nulls)

    def _read_group_orderby(self, order, groupby_terms, query):
        ours = {
            spec: term
            for spec, term in groupby_terms.items()
            if spec in self._ordered_selections
        }
        places = {spec: self._place_sql(spec, term) for spec, term in ours.items()}
        terms = groupby_terms | places
        result = super()._read_group_orderby(order, terms, query)
        # What it groups by may have changed, but not for these.
        groupby_terms.update(terms | ours)
        return result
