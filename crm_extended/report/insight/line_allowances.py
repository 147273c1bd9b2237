"""Which lines of credit notes give back a part of the price, and no goods.

A line takes the goods back where it gives back at least half of what one unit was sold for;
below that it is an allowance. Where a product was sold at several prices, the lowest counts,
so that no return is taken for an allowance. Where it is not known what it was sold for, the
goods came back.
"""

from odoo.tools import SQL

# Over the joins.
IS_ALLOWANCE = SQL("allowance.is_allowance")

# Price of one unit of ``line`` that each of the lines ``sold`` has, in the currency of both,
# or else in that of the company; without lines that lower the price.
PRICES = SQL(
    """
    SELECT sold.currency_id = line.currency_id AS is_same,
           abs(CASE WHEN sold.currency_id = line.currency_id THEN sold.price_subtotal
                    ELSE sold.own_amount END)::numeric
           / abs(sold.quantity * CASE
                 WHEN sold.uom_id IS NOT DISTINCT FROM line.uom_id THEN 1
                 ELSE COALESCE((SELECT unit.factor FROM uom_uom AS unit
                                 WHERE unit.id = sold.uom_id)
                               / NULLIF(line_unit.factor, 0), 1)
                 END)::numeric AS price
    """
)
WAS_SOLD = SQL(
    """
    (sold.quantity > 0 AND sold.price_subtotal >= 0
     OR sold.quantity < 0 AND sold.price_subtotal <= 0)
    """
)
# Over the prices. What is exactly half is not lost to the division.
IS_BELOW_HALF = SQL(
    """
    CASE WHEN line.quantity > 0 AND line.price_subtotal > 0
           OR line.quantity < 0 AND line.price_subtotal < 0
         THEN abs(CASE WHEN bool_and(is_same) THEN line.price_subtotal
                       ELSE line.balance END)::numeric
              < round(abs(line.quantity)::numeric
                      * min(price) FILTER (WHERE price > 0) / 2, 6)
         WHEN line.quantity <> 0 AND line.price_subtotal = 0
         THEN min(price) > 0
    END
    """
)


def allowance_joins(invoice: SQL, order_lines: SQL) -> SQL:
    """Whether ``line`` is an allowance: ``allowance``, one row for each line.

    :param invoice: id of the invoice that the document takes back. If it has the product,
        its prices count
    :param order_lines: condition on ``sale_line``, lines of orders whose prices count
        otherwise
    """
    ordered = SQL(
        """
        SELECT %s
          FROM (%s
                  FROM (SELECT sale_line.currency_id, sale_line.price_subtotal,
                               sale_line.product_uom_qty AS quantity,
                               sale_line.price_subtotal
                               / COALESCE(NULLIF(sale.currency_rate, 0), 1) AS own_amount,
                               sale_line.product_uom_id AS uom_id
                          FROM sale_order_line AS sale_line
                          JOIN sale_order AS sale ON sale.id = sale_line.order_id
                         WHERE sale_line.product_id = line.product_id AND %s
                       ) AS sold
                 WHERE %s
               ) AS price
        """,
        IS_BELOW_HALF,
        PRICES,
        order_lines,
        WAS_SOLD,
    )
    return SQL(
        """
        LEFT JOIN LATERAL (
            SELECT COALESCE(CASE WHEN count(*) > 0 THEN %s ELSE (%s) END, FALSE)
                       AS is_allowance
              FROM (%s
                      FROM (SELECT sold.currency_id, sold.price_subtotal, sold.quantity,
                                   sold.balance AS own_amount,
                                   sold.product_uom_id AS uom_id
                              FROM account_move_line AS sold
                             WHERE sold.move_id = %s
                               AND sold.product_id = line.product_id
                               AND sold.display_type = 'product'
                           ) AS sold
                     WHERE %s
                   ) AS price
            ) AS allowance ON TRUE
        """,
        IS_BELOW_HALF,
        ordered,
        PRICES,
        invoice,
        WAS_SOLD,
    )
