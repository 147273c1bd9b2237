"""Sales orders, and their credit notes."""

from odoo import models
from odoo.tools import SQL

from .crm_customer_transaction_invoice import is_counted

# Day of an order in the company's time zone.
ORDER_DAY = SQL(
    """
    (sale.date_order AT TIME ZONE 'UTC'
        AT TIME ZONE COALESCE(company_partner.tz, 'UTC'))::date
    """
)
ORDER_COMPANY = SQL(
    """
    JOIN res_company AS company ON company.id = sale.company_id
    JOIN res_partner AS company_partner ON company_partner.id = company.partner_id
    JOIN res_currency AS currency ON currency.id = company.currency_id
    """
)
# Lines of invoices and credit notes that invoice a line of the order.
INVOICE_LINES = SQL(
    """
    FROM sale_order_line AS sale_line
    JOIN sale_order_line_invoice_rel AS rel ON rel.order_line_id = sale_line.id
    JOIN account_move_line AS line ON line.id = rel.invoice_line_id
    """
)
# Credit notes of invoices of the order: of those they reverse, and of those they are
# reconciled with where they reverse none.
REVERSED = SQL(
    """
    %s JOIN account_move AS back
         ON back.reversed_entry_id = line.move_id AND back.move_type = 'out_refund'
        AND back.state = 'posted'
    """,
    INVOICE_LINES,
)
MATCHED = SQL(
    """
    %s JOIN account_move_line AS due ON due.move_id = line.move_id
       JOIN account_partial_reconcile AS partial ON partial.debit_move_id = due.id
       JOIN account_move_line AS paid ON paid.id = partial.credit_move_id
       JOIN account_move AS back
         ON back.id = paid.move_id AND back.move_type = 'out_refund'
        AND back.state = 'posted' AND back.reversed_entry_id IS NULL
    """,
    INVOICE_LINES,
)
# Of these, lines that name no order line, where the order is the invoice's first, and
# the invoice the only one that is reconciled.
FREE_LINES = SQL(
    """
    JOIN account_move_line AS free
      ON free.move_id = back.id AND free.display_type = 'product'
   WHERE sale_line.order_id = sale.id
     AND NOT EXISTS (
         SELECT FROM sale_order_line_invoice_rel AS named
          WHERE named.invoice_line_id = free.id)
     AND NOT EXISTS (
         SELECT FROM account_move_line AS other_line
           JOIN sale_order_line_invoice_rel AS other_rel
             ON other_rel.invoice_line_id = other_line.id
           JOIN sale_order_line AS other ON other.id = other_rel.order_line_id
          WHERE other_line.move_id = line.move_id AND other.order_id < sale.id)
     AND (back.reversed_entry_id IS NOT NULL OR NOT EXISTS (
         SELECT FROM account_move_line AS back_line
           JOIN account_partial_reconcile AS other_partial
             ON other_partial.credit_move_id = back_line.id
           JOIN account_move_line AS other_due
             ON other_due.id = other_partial.debit_move_id
           JOIN account_move AS invoice ON invoice.id = other_due.move_id
          WHERE back_line.move_id = back.id AND invoice.id <> line.move_id
            AND invoice.state = 'posted' AND invoice.move_type = 'out_invoice'))
    """
)


class CrmCustomerTransaction(models.Model):
    _inherit = "crm.customer.transaction"

    def _sale_numbers(self) -> SQL:
        """Number, company and day of the orders that count."""
        return SQL(
            """
            SELECT sale.name AS reference, sale.company_id, %(day)s AS date
              FROM sale_order AS sale
                   %(company)s
             WHERE sale.state = 'sale' AND %(counting)s
            """,
            day=ORDER_DAY,
            company=ORDER_COMPANY,
            counting=self._is_company_counting("sale", SQL("sale.company_id")),
        )

    def _sale_query(self) -> SQL:
        """Confirmed sales orders of companies that count those."""
        return SQL(
            """
            SELECT sale.id, sale.partner_id, sale.company_id, %(day)s AS date,
                   %(amount)s AS amount, sale.name AS reference,
                   CASE WHEN %(is_credited)s
                        THEN 'sale.order,' || sale.id END AS purchase_key
              FROM sale_order AS sale
                   %(company)s
             WHERE sale.state = 'sale' AND %(counting)s
            """,
            day=ORDER_DAY,
            company=ORDER_COMPANY,
            is_credited=self._is_credited_sql(),
            counting=self._is_company_counting("sale", SQL("sale.company_id")),
            amount=self._order_amount_sql(),
        )

    def _order_amount_sql(self) -> SQL:
        """Amount of the order ``sale`` in its company's currency."""
        return self._rounded_sql(
            SQL("sale.amount_untaxed / COALESCE(NULLIF(sale.currency_rate, 0), 1)")
        )

    def _sale_credit_query(self) -> SQL:
        """What credit notes took back of orders: a row for each document that changes
        it, on the day of the order.

        Taken back is what was credited, less what was invoiced once more: invoices of
        more than was ordered. So an order that was invoiced, credited and invoiced again
        counts in full.
        """
        return SQL(
            """
            SELECT change.id, change.move_id AS res_id, sale.id AS order_id,
                   sale.partner_id, sale.company_id, %(day)s AS date,
                   change.posted_date, change.amount, change.reference,
                   'sale.order,' || sale.id AS purchase_key
              FROM sale_order AS sale
                   %(company)s
        CROSS JOIN LATERAL (%(changes)s) AS change
             WHERE sale.state = 'sale' AND %(counting)s
               AND %(is_credited)s
               AND change.amount <> 0
            """,
            day=ORDER_DAY,
            company=ORDER_COMPANY,
            changes=self._credit_changes_query(),
            is_credited=self._is_credited_sql(),
            counting=self._is_company_counting("sale", SQL("sale.company_id")),
        )

    def _credit_changes_query(self) -> SQL:
        """The change that each document of the order ``sale`` makes to its amount."""
        taken_back = SQL(
            """
            GREATEST(
                sum(credited) OVER course
                - GREATEST(sum(invoiced) OVER course - %(ordered)s, 0), 0)
            """,
            ordered=self._order_amount_sql(),
        )
        return SQL(
            """
            SELECT id, move_id, posted_date, reference,
                   lag(taken_back, 1, 0) OVER (ORDER BY posted_date, move_id) - taken_back
                       AS amount
              FROM (
                    SELECT document.*, %(taken_back)s AS taken_back
                      FROM (%(documents)s) AS document
                    WINDOW course AS (ORDER BY posted_date, move_id)
                   ) AS state
            """,
            taken_back=self._rounded_sql(taken_back),
            documents=self._order_documents_query(),
        )

    def _order_documents_query(self) -> SQL:
        """Posted invoices and credit notes of the order ``sale``, with their amounts in
        its company's currency at its own rate.

        A line belongs to the order whose lines it invoices. A line of a credit note that
        names none belongs to the first order of the invoice that is credited.
        """
        amount = SQL(
            """
            CASE WHEN line.currency_id = sale.currency_id
                 THEN line.amount_currency / COALESCE(NULLIF(sale.currency_rate, 0), 1)
                 ELSE line.balance END
            """
        )
        return SQL(
            """
            SELECT min(line.id) AS id, move.id AS move_id,
                   move.invoice_date AS posted_date, move.name AS reference,
                   CASE WHEN move.move_type = 'out_refund'
                        THEN sum(%(amount)s) ELSE 0 END AS credited,
                   CASE WHEN move.move_type = 'out_invoice'
                        THEN -sum(%(amount)s) ELSE 0 END AS invoiced
              FROM (
                    SELECT rel.invoice_line_id AS line_id %(lines)s
                     UNION
                    SELECT free.id AS line_id %(reversed)s %(free)s
                     UNION
                    SELECT free.id AS line_id %(matched)s %(free)s
                   ) AS own
              JOIN account_move_line AS line ON line.id = own.line_id
              JOIN account_move AS move ON move.id = line.move_id
             WHERE %(is_counted)s
          GROUP BY move.id
            """,
            amount=amount,
            lines=SQL("%s WHERE sale_line.order_id = sale.id", INVOICE_LINES),
            reversed=REVERSED,
            matched=MATCHED,
            free=FREE_LINES,
            is_counted=is_counted("move"),
        )

    @staticmethod
    def _is_credited_sql() -> SQL:
        """Whether there may be a credit note of the order ``sale``.

        In three questions, each of which PostgreSQL answers for one order by index and
        for many at once.
        """
        return SQL(
            """
            (EXISTS (
                SELECT %(lines)s
                  JOIN account_move AS back
                    ON back.id = line.move_id AND back.move_type = 'out_refund'
                   AND back.state = 'posted'
                 WHERE sale_line.order_id = sale.id)
             OR EXISTS (SELECT %(reversed)s WHERE sale_line.order_id = sale.id)
             OR EXISTS (SELECT %(matched)s WHERE sale_line.order_id = sale.id))
            """,
            lines=INVOICE_LINES,
            reversed=REVERSED,
            matched=MATCHED,
        )
