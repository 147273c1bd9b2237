"""The thresholds of the tiers: which tier level amounts and orders earn and keep, and
what the next one still asks for."""

from odoo.tools import SQL

from .parameters import LEVEL_COLUMNS, Parameters, TierLevel

TRUE = SQL("TRUE")


def tier_levels_sql(params: Parameters) -> SQL:
    columns = [list(column) for column in zip(*params.levels, strict=True)]
    columns = columns[: LEVEL_COLUMNS.index("rank")]
    return SQL(
        """
        SELECT * FROM unnest(%s::int[], %s::numeric[], %s::int[], %s::numeric[],
                             %s::int[], %s::bool[])
          WITH ORDINALITY AS level(%s)
        """,
        *(columns or [[]] * LEVEL_COLUMNS.index("rank")),
        SQL(", ").join(map(SQL.identifier, LEVEL_COLUMNS)),
    )


def met_sql(level: TierLevel, which: str, amount: str, orders: str) -> SQL:
    """Whether amount and orders meet a level's thresholds. A criterion with a threshold
    of 0 is not required; a criterion not required to rise is not required to keep.

    :param which: ``rise`` or ``keep``
    :param amount: column of ``x`` with the amount
    :param orders: column of ``x`` with the number of orders
    """
    bought = {"amount": amount, "orders": orders}
    asked = [
        SQL("%s >= %s", SQL.identifier("x", column), getattr(level, f"{which}_{name}"))
        for name, column in bought.items()
        if getattr(level, f"rise_{name}") > 0 and getattr(level, f"{which}_{name}") > 0
    ]
    if not asked:
        return SQL("%s > 0", SQL.identifier("x", orders)) if which == "rise" else TRUE
    return SQL("(%s)", SQL(" OR " if level.any_of_them else " AND ").join(asked))


def highest_sql(params: Parameters, condition) -> SQL:
    """The number of the highest level that fulfills a condition, 0 for none.

    Written out level by level: looking levels up for each customer would take several
    times as long.

    :param condition: gives SQL for a level and its number
    """
    cases = [
        SQL("WHEN %s THEN %s", condition(level, rank), rank)
        for rank, level in enumerate(params.levels, 1)
    ]
    if not cases:
        return SQL("0")
    return SQL("CASE %s ELSE 0 END", SQL(" ").join(reversed(cases)))


def earned_sql(params: Parameters, amount: str, orders: str) -> SQL:
    """The highest level that amount and orders earn, 0 for none."""

    def condition(level, rank):
        met = met_sql(level, "rise", amount, orders)
        if not level.segment_ids:
            return met
        return SQL("x.segment_id = ANY(%s) AND %s", level.segment_ids, met)

    return highest_sql(params, condition)


def kept_sql(params: Parameters, rank: str, amount: str, orders: str) -> SQL:
    """Whether amount and orders keep the level of that number; false without one.

    :param rank: column of ``x`` with the number
    """
    cases = [
        SQL("WHEN %s THEN %s", number, met_sql(level, "keep", amount, orders))
        for number, level in enumerate(params.levels, 1)
    ]
    if not cases:
        return SQL("FALSE")
    return SQL(
        "CASE %s %s ELSE FALSE END", SQL.identifier("x", rank), SQL(" ").join(cases)
    )


def to_next_sql(candidate: str) -> dict[str, SQL]:
    """What the level ``above`` still asks for.

    :param candidate: table with ``amount`` and ``orders``
    :return: the values, by their columns of a membership
    """
    amount = SQL.identifier(candidate, "amount")
    orders = SQL.identifier(candidate, "orders")
    # Percent of the way; what is not required does not count.
    amount_share = SQL(
        "(CASE WHEN above.rise_amount > 0 THEN "
        "LEAST(GREATEST(%s, 0) / above.rise_amount, 1) * 100 END)",
        amount,
    )
    orders_share = SQL(
        "(CASE WHEN above.rise_orders > 0 THEN "
        "LEAST(%s::numeric / above.rise_orders, 1) * 100 END)",
        orders,
    )
    return {
        "next_tier_id": SQL("above.tier_id"),
        "amount_to_next": SQL(
            """
            CASE WHEN above.rise_amount > 0
                 THEN GREATEST(above.rise_amount - %s, 0) ELSE 0 END
            """,
            amount,
        ),
        "orders_to_next": SQL(
            """
            CASE WHEN above.rise_orders > 0
                 THEN GREATEST(above.rise_orders - %s, 0) ELSE 0 END
            """,
            orders,
        ),
        "next_progress": SQL(
            """
            CASE WHEN above.any_of_them
                 THEN GREATEST(%(amount_share)s, %(orders_share)s)
                 ELSE LEAST(%(amount_share)s, %(orders_share)s) END
            """,
            amount_share=amount_share,
            orders_share=orders_share,
        ),
    }
