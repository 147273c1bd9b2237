"""Which lines of credit notes give back a part of the price, and no goods.

A line takes the goods back where it gives back at least half of what one unit was sold for;
below that it is an allowance. Where a product was sold at several prices, the lowest counts,
so that no return is taken for an allowance. Where it is not known what it was sold for, the
goods came back.
"""

from odoo.tools import SQL

# Prices of one unit, of the lines that a product was sold with: the lowest, whether any was
# free (empty if there are no such lines), and whether they are in the currency of ``line``.
SOLD = SQL(
    """
    SELECT min(price) FILTER (WHERE price > 0) AS price, bool_or(price = 0) AS is_free,
           bool_and(is_same) AS is_same
    """
)
# Of one unit that all units of a product are multiples of.
PRICE = SQL(
    """
    abs(CASE WHEN sold.currency_id = line.currency_id THEN sold.price_subtotal
             ELSE %s END)::numeric
    / abs(%s * COALESCE(unit.factor, 1))::numeric AS price,
    sold.currency_id = line.currency_id AS is_same
    """,
    SQL("sold.own_amount"),
    SQL("sold.quantity"),
)


def allowance_joins(invoice: SQL, order_lines: SQL) -> SQL:
    """What the product of ``line`` was sold for: ``invoiced``, and ``ordered`` where no
    line of the invoice has it.

    :param invoice: id of the invoice that the document takes back
    :param order_lines: condition on lines of orders, ``sale_line``
    """
    invoiced = SQL(
        """
        SELECT sold.currency_id, sold.price_subtotal, sold.quantity,
               sold.balance AS own_amount, sold.product_uom_id AS uom_id
          FROM account_move_line AS sold
         WHERE sold.move_id = %s AND sold.product_id = line.product_id
           AND sold.display_type = 'product'
        """,
        invoice,
    )
    ordered = SQL(
        """
        SELECT sale_line.currency_id, sale_line.price_subtotal,
               sale_line.product_uom_qty AS quantity,
               sale_line.price_subtotal / COALESCE(NULLIF(sale.currency_rate, 0), 1)
                   AS own_amount,
               sale_line.product_uom_id AS uom_id
          FROM sale_order_line AS sale_line
          JOIN sale_order AS sale ON sale.id = sale_line.order_id
         WHERE invoiced.is_free IS NULL AND sale_line.product_id = line.product_id
           AND %s
        """,
        order_lines,
    )
    return SQL(" ").join(
        SQL(
            """
            LEFT JOIN LATERAL (
                %s FROM (
                    SELECT %s
                      FROM (%s) AS sold
                 LEFT JOIN uom_uom AS unit ON unit.id = sold.uom_id
                     -- What lowers the price was not sold.
                     WHERE sold.quantity > 0 AND sold.price_subtotal >= 0
                        OR sold.quantity < 0 AND sold.price_subtotal <= 0
                    ) AS price
                ) AS %s ON TRUE
            """,
            SOLD,
            PRICE,
            lines,
            SQL.identifier(name),
        )
        for name, lines in (("invoiced", invoiced), ("ordered", ordered))
    )


# Over ``line``, ``line_unit`` and these joins. What is exactly half is not lost to a division.
IS_ALLOWANCE = SQL(
    """
    (CASE WHEN line.quantity > 0 AND line.price_subtotal > 0
            OR line.quantity < 0 AND line.price_subtotal < 0
          THEN abs(CASE WHEN COALESCE(invoiced.is_same, ordered.is_same)
                        THEN line.price_subtotal ELSE line.balance END)::numeric
               < round(abs(line.quantity * COALESCE(line_unit.factor, 1))::numeric
                       * COALESCE(invoiced.price, ordered.price) / 2, 6)
          WHEN line.quantity <> 0 AND line.price_subtotal = 0
          THEN COALESCE(invoiced.price, ordered.price) IS NOT NULL
               AND NOT COALESCE(invoiced.is_free, ordered.is_free)
     END IS TRUE)
    """
)
