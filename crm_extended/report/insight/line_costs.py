"""What the lines of purchases cost, put together from the sources of costs."""

from odoo.tools import SQL

from .line_source import CostSource

# Columns of the read model.
COST = ("cost", "cost_source", "costed_revenue", "margin")
# Those of a purchase without lines.
NO_COST = {
    "quantity": SQL("0::numeric"),
    "cost": SQL("NULL::numeric"),
    "cost_source": SQL("'none'::varchar"),
    "costed_revenue": SQL("NULL::numeric"),
    "margin": SQL("NULL::numeric"),
}


def named(columns: dict[str, SQL]) -> SQL:
    """Columns with their names, for a ``SELECT``."""
    return SQL(", ").join(
        SQL("%s AS %s", column, SQL.identifier(name))
        for name, column in columns.items()
    )


def margin_columns(amount: SQL, cost: SQL, cost_source: SQL) -> dict[str, SQL]:
    """Revenue with cost, and margin: empty where the cost is not known."""
    is_known = SQL("%s <> 'none'", cost_source)
    return {
        "costed_revenue": SQL("CASE WHEN %s THEN %s END", is_known, amount),
        "margin": SQL("CASE WHEN %s THEN %s - %s END", is_known, amount, cost),
    }


class Costs:
    """The costs of the lines of one source, the most trusted first.

    A cost of zero says nothing: Odoo has it wherever none was entered.
    """

    def __init__(self, found: dict):
        """
        :param found: :class:`CostSource`, or its values, by their names
        """
        sources = [(name, CostSource(*source)) for name, source in found.items()]
        self.sources = sorted(sources, key=lambda each: each[1].trust)
        self.joins = [source.joins for _name, source in self.sources]

    def columns(self, source, quantity: SQL, amount: SQL) -> dict[str, SQL]:
        """The columns of the read model.

        A line with a negative price lowers that of others, and costs nothing whatever
        its product costs; nor does an allowance. Where no cost is known, so does one
        whose amount is against the direction of its document.

        :param source: :class:`LineSource`
        :param quantity: of the line, in units of the product
        :param amount: of the line
        """
        units = [(name, SQL("NULLIF(%s, 0)", each.unit)) for name, each in self.sources]
        reduces = SQL(
            "(%(amount)s < 0 AND bought.amount >= 0"
            " OR %(amount)s > 0 AND bought.amount < 0) AND %(is_reduction)s",
            amount=amount,
            is_reduction=source.is_reduction,
        )
        # Of sources whose prices are not known, quantity and amount say it.
        lowers = SQL("%s * %s < 0", quantity, amount)
        if source.rate is not None:
            lowers = SQL("line.price_unit < 0")
        lowers = SQL("(%s AND %s)", lowers, source.is_reduction)
        if source.is_allowance is not None:
            lowers = SQL("(%s OR %s)", lowers, source.is_allowance)
        cost = SQL(
            "CASE WHEN %s THEN 0"
            " ELSE COALESCE((%s) * COALESCE(%s), CASE WHEN %s THEN 0 END) END",
            lowers,
            quantity,
            SQL(", ").join(unit for _name, unit in units),
            reduces,
        )
        cost_source = SQL(
            "CASE WHEN %s THEN 'reduction' %s"
            " WHEN %s THEN 'reduction' ELSE 'none' END::varchar",
            lowers,
            SQL(" ").join(
                SQL("WHEN %s IS NOT NULL THEN %s", unit, name) for name, unit in units
            ),
            reduces,
        )
        return {
            "cost": cost,
            "cost_source": cost_source,
            **margin_columns(amount, cost, cost_source),
        }
