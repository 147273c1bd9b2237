"""Which thresholds of the ladder amounts and orders meet."""

from odoo.tools import SQL

from .parameters import RUNG_COLUMNS, Assessing, Rung

TRUE = SQL("TRUE")


def rungs_sql(assessing: Assessing) -> SQL:
    columns = [list(column) for column in zip(*assessing.rungs, strict=True)]
    columns = columns[: RUNG_COLUMNS.index("rank")]
    return SQL(
        """
        SELECT * FROM unnest(%s::int[], %s::numeric[], %s::int[], %s::numeric[],
                             %s::int[], %s::bool[])
          WITH ORDINALITY AS rung(%s)
        """,
        *(columns or [[]] * RUNG_COLUMNS.index("rank")),
        SQL(", ").join(map(SQL.identifier, RUNG_COLUMNS)),
    )


def met_sql(rung: Rung, which: str, amount: str, orders: str) -> SQL:
    """Whether amount and orders meet a rung's thresholds. A criterion with a threshold of
    0 is not asked for; one that is not asked for to rise is not to keep either.

    :param which: ``rise`` or ``keep``
    :param amount: column of ``x`` with the amount
    :param orders: column of ``x`` with the number of orders
    """
    bought = {"amount": amount, "orders": orders}
    asked = [
        SQL("%s >= %s", SQL.identifier("x", column), getattr(rung, f"{which}_{name}"))
        for name, column in bought.items()
        if getattr(rung, f"rise_{name}") > 0 and getattr(rung, f"{which}_{name}") > 0
    ]
    if not asked:
        return SQL("%s > 0", SQL.identifier("x", orders)) if which == "rise" else TRUE
    return SQL("(%s)", SQL(" OR " if rung.any_of_them else " AND ").join(asked))


def highest_sql(assessing: Assessing, condition) -> SQL:
    """The number of the highest rung that fulfils a condition, 0 for none.

    Written out rung by rung: looking rungs up for every customer would take several
    times as long.

    :param condition: gives SQL for a rung and its number
    """
    cases = [
        SQL("WHEN %s THEN %s", condition(rung, rank), rank)
        for rank, rung in enumerate(assessing.rungs, 1)
    ]
    if not cases:
        return SQL("0")
    return SQL("CASE %s ELSE 0 END", SQL(" ").join(reversed(cases)))


def earned_sql(assessing: Assessing, amount: str, orders: str) -> SQL:
    """The highest rung that amount and orders earn, 0 for none."""

    def condition(rung, rank):
        met = met_sql(rung, "rise", amount, orders)
        if not rung.segment_ids:
            return met
        return SQL("x.segment_id = ANY(%s) AND %s", rung.segment_ids, met)

    return highest_sql(assessing, condition)


def kept_sql(assessing: Assessing, rank: str, amount: str, orders: str) -> SQL:
    """Whether amount and orders keep the rung of that number; not where it is none.

    :param rank: column of ``x`` with the number
    """
    cases = [
        SQL("WHEN %s THEN %s", number, met_sql(rung, "keep", amount, orders))
        for number, rung in enumerate(assessing.rungs, 1)
    ]
    if not cases:
        return SQL("FALSE")
    return SQL(
        "CASE %s %s ELSE FALSE END", SQL.identifier("x", rank), SQL(" ").join(cases)
    )
