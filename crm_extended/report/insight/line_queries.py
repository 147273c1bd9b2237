"""The lines of invoices and orders, as queries."""

from odoo.tools import SQL

from ...models.purchase.crm_customer_transaction_sale import (
    FREE_LINES,
    INVOICE_LINES,
    MATCHED,
    REVERSED,
)
from .line_allowances import IS_ALLOWANCE, allowance_joins
from .line_source import LineSource

# A credit note has positive quantities, too; it is known from the other side that its lines
# are posted on, free goods from their document. Reading its type would cost a join of all.
INVOICE_SIGN = SQL(
    """
    CASE WHEN line.balance < 0 AND line.price_subtotal > 0
           OR line.balance > 0 AND line.price_subtotal < 0 THEN 1
         WHEN line.balance <> 0 AND line.price_subtotal <> 0 OR bought.amount < 0 THEN -1
         ELSE 1 END
    """
)
# The order line of a line of an invoice: one query for all of them, or one for each.
ORDER_LINES = SQL(
    """
    LEFT JOIN (
        SELECT invoice_line_id, min(order_line_id) AS sale_line_id
          FROM sale_order_line_invoice_rel
      GROUP BY invoice_line_id
    ) AS rel ON rel.invoice_line_id = line.id
    """
)
ORDER_LINE = SQL(
    """
    (SELECT min(rel.order_line_id)
       FROM sale_order_line_invoice_rel AS rel
      WHERE rel.invoice_line_id = line.line_id)
    """
)

# The final invoice deducts a deposit, which is no discount; its credit note gives it back.
IS_NO_DEPOSIT = SQL("line.is_downpayment IS NOT TRUE")


def invoice_lines(with_roundings: bool, for_sums: bool) -> LineSource:
    """Lines of invoices and credit notes. With the cash rounding, which Odoo counts
    among the untaxed, they sum up to the document.

    :param with_roundings: whether any invoice was rounded to coins
    :param for_sums: whether all lines of a company are read at once
    """
    rounding, join = SQL("0"), SQL()
    if with_roundings:
        rounding = SQL("COALESCE(rounding.amount, 0)")
        join = SQL(
            "LEFT JOIN (%s) AS rounding ON rounding.line_id = line.id",
            cash_roundings(),
        )
    query = SQL(
        """
        SELECT line.move_id AS document_id, line.id AS line_id, line.product_id,
               line.quantity, line.product_uom_id AS uom_id,
               line.balance, line.price_subtotal, line.is_downpayment,
               line.price_unit, line.discount, line.currency_id,
               %s AS sale_line_id,
               %s - line.balance AS amount
          FROM account_move_line AS line
               %s %s
         WHERE line.display_type = 'product'
        """,
        SQL("rel.sale_line_id") if for_sums else SQL("NULL::int"),
        rounding,
        join,
        ORDER_LINES if for_sums else SQL(),
    )
    return LineSource(
        query,
        {
            "team_id": SQL("document.team_id"),
            "user_id": SQL("document.invoice_user_id"),
            "medium_id": SQL("document.medium_id"),
            "source_id": SQL("document.source_id"),
            "campaign_id": SQL("document.campaign_id"),
        },
        sale_line=SQL("line.sale_line_id") if for_sums else ORDER_LINE,
        is_reduction=IS_NO_DEPOSIT,
        is_allowance=IS_ALLOWANCE,
        allowance_joins=allowance_joins(
            SQL("bought.origin_id"), SQL("sale_line.id = %s", ORDER_LINE)
        ),
        sign=INVOICE_SIGN,
        is_exact=True,
        rate=SQL("document.invoice_currency_rate"),
        net=SQL("-line.balance"),
    )


def cash_roundings() -> SQL:
    """Cash roundings of documents: ``move_id``, ``amount`` and ``line_id``, the
    largest line of the document; none if it has no lines."""
    return SQL(
        """
        SELECT rounding.move_id, -sum(rounding.balance) AS amount,
               (SELECT line.id
                  FROM account_move_line AS line
                 WHERE line.move_id = rounding.move_id
                   AND line.display_type = 'product'
              ORDER BY abs(line.balance) DESC, line.id
                 LIMIT 1) AS line_id
          FROM account_move_line AS rounding
         WHERE rounding.display_type = 'rounding'
           AND rounding.tax_repartition_line_id IS NULL
      GROUP BY rounding.move_id
        """
    )


def sale_lines() -> LineSource:
    """Lines of orders, without sections, notes and deposits."""
    query = SQL(
        """
        SELECT line.order_id AS document_id, line.id AS line_id, line.product_id,
               line.product_uom_qty AS quantity, line.product_uom_id AS uom_id,
               line.price_unit, line.discount, line.price_subtotal, line.currency_id
          FROM sale_order_line AS line
         WHERE line.display_type IS NULL AND line.is_downpayment IS NOT TRUE
        """
    )
    names = ("team_id", "user_id", "medium_id", "source_id", "campaign_id")
    return LineSource(
        query,
        {name: SQL.identifier("document", name) for name in names},
        sale_line=SQL("line.line_id"),
        amount=SQL(
            "line.price_subtotal / COALESCE(NULLIF(document.currency_rate, 0), 1)"
        ),
        rate=SQL("document.currency_rate"),
    )


def sale_credit_lines() -> LineSource:
    """Lines of the documents that changed what counts of an order: of a credit note,
    or of an invoice of what had been credited. Each is a part of the change."""
    query = SQL(
        """
        SELECT bought.res_id AS document_id, line.id AS line_id, line.product_id,
               CASE WHEN move.move_type = 'out_refund' THEN -line.quantity
                    ELSE line.quantity END AS quantity,
               line.product_uom_id AS uom_id,
               line.price_unit, line.discount, line.currency_id, line.balance,
               line.is_downpayment, sale.id AS order_id,
               CASE WHEN move.move_type = 'out_refund' THEN -line.price_subtotal
                    ELSE line.price_subtotal END AS price_subtotal,
               -CASE WHEN line.currency_id = sale.currency_id
                     THEN line.amount_currency
                          / COALESCE(NULLIF(sale.currency_rate, 0), 1)
                     ELSE line.balance END AS amount,
               sale.team_id, sale.user_id, sale.medium_id, sale.source_id,
               sale.campaign_id
          FROM sale_order AS sale
    CROSS JOIN LATERAL (
                SELECT rel.invoice_line_id AS line_id %(lines)s
                 UNION
                SELECT free.id AS line_id %(reversed)s %(free)s
                 UNION
                SELECT free.id AS line_id %(matched)s %(free)s
               ) AS own
          JOIN account_move_line AS line
            ON line.id = own.line_id AND line.move_id = bought.res_id
          JOIN account_move AS move ON move.id = line.move_id
         WHERE sale.id = split_part(bought.purchase_key, ',', 2)::int
           AND line.display_type = 'product'
        """,
        lines=SQL("%s WHERE sale_line.order_id = sale.id", INVOICE_LINES),
        reversed=REVERSED,
        matched=MATCHED,
        free=FREE_LINES,
    )
    names = ("team_id", "user_id", "medium_id", "source_id", "campaign_id")
    return LineSource(
        query,
        {name: SQL.identifier("line", name) for name in names},
        sale_line=ORDER_LINE,
        is_reduction=IS_NO_DEPOSIT,
        is_allowance=IS_ALLOWANCE,
        # Invoices that invoice once more what was credited are compared with the order.
        allowance_joins=allowance_joins(
            SQL(
                "CASE WHEN document.move_type = 'out_refund'"
                " THEN document.reversed_entry_id END"
            ),
            SQL("sale_line.order_id = line.order_id"),
        ),
        is_scaled=True,
        rate=SQL("document.invoice_currency_rate"),
    )
