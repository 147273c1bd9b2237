"""Invoices and credit notes: which of them are one purchase, and on which day."""

from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

# How often a reversal may itself be reversed, and be followed back to its invoice.
MAX_REVERSALS = 3
# An invoice that reverses a credit note.
REVERSED_AGAIN = [("move_type", "=", "out_invoice"), ("reversed_entry_id", "!=", False)]
# How sums treat a document: it counts by itself although it reverses another one, or it
# counts with another one although it reverses none.
STAYS, GONE = 1, 2


class Settled(NamedTuple):
    """In the context: invoices and credit notes that are not a purchase by themselves, in
    lists as PostgreSQL writes them. A class, because RPC callers can only send JSON."""

    ids: str | None
    amounts: str | None
    orders: str | None
    marks: str | None
    # Whether any document counts by itself although it reverses another one.
    any_stays: bool | None
    # Whether these documents are left out, instead of what was taken back of them.
    apart: bool = False


class Tied(NamedTuple):
    """In the context: ids, in a list as PostgreSQL writes it, of the only invoices to be
    read that reverse nothing. A class, because RPC callers can only send JSON."""

    ids: str | None


def is_counted(alias: str) -> SQL:
    """Whether a journal entry is a posted customer invoice or credit note."""
    return SQL(
        "%(alias)s.state = 'posted' AND %(alias)s.move_type IN ('out_invoice', 'out_refund')",
        alias=SQL.identifier(alias),
    )


class CrmCustomerTransaction(models.Model):
    _inherit = "crm.customer.transaction"

    def _invoice_numbers(self) -> SQL:
        """Number, company and day of the invoices that count."""
        return SQL(
            """
            SELECT move.name AS reference, move.company_id, move.invoice_date AS date
              FROM account_move AS move
             WHERE %s AND %s
            """,
            is_counted("move"),
            self._is_company_counting("invoice", SQL("move.company_id")),
        )

    def _invoice_queries(self) -> tuple[SQL, ...]:
        """Posted customer invoices and credit notes of companies that count those.

        The first query has what takes nothing back.

        A credit note is on the day of the invoice it takes back, and belongs to the same
        customer and purchase; so does an invoice that reverses a credit note. They are
        found from that invoice on, so that all of a customer's come by index.
        """
        settled = self.env.context.get("transaction_settled")
        if isinstance(settled, Settled):
            return self._settled_queries(settled)
        # sudo: only whether there is any, for users who may sum up documents.
        if not self.env["account.move"].sudo().search_count(REVERSED_AGAIN, limit=1):
            return (
                self._plain_invoices_query(SQL("move.reversed_entry_id IS NULL")),
                self._reversals_query(0),
                self._reversals_query(1, only=True),
            )
        return (
            self._plain_invoices_query(self._is_first("move")),
            *(self._reversals_query(depth) for depth in range(MAX_REVERSALS + 1)),
            self._endless_reversals_query(),
        )

    def _settled_queries(self, settled: Settled) -> tuple[SQL, ...]:
        """The same as they are on one day: invoices less what was taken back of them.

        The first gives what reverses nothing, out of an index; the other, of what else
        counts by itself, is left out where there is nothing of it: PostgreSQL would not
        share the sums of both among processes. See :meth:`_for_sums`.
        """
        columns = SQL(
            """
            move.id, move.partner_id, move.commercial_partner_id AS customer_id,
            move.company_id, move.invoice_date AS date,
            move.invoice_date AS posted_date,
            -- Nothing is added to most of them.
            CASE WHEN settled.amount IS NULL THEN move.amount_untaxed_signed
                 ELSE move.amount_untaxed_signed + settled.amount END AS amount,
            CASE WHEN settled.amount IS NULL OR settled.order_id IS NOT NULL
                 THEN move.amount_untaxed_signed > 0
                 ELSE move.amount_untaxed_signed + settled.amount > 0 END AS is_purchase,
            move.name AS reference, 'sale.order,' || settled.order_id AS purchase_key,
            NULL::int AS origin_id
            """
        )
        # As subqueries: PostgreSQL takes lists of unknown length to be short, and then
        # still shares the sums among processes.
        known = SQL(
            """
            unnest((SELECT %(ids)s::int[]), (SELECT %(amounts)s::numeric[]),
                   (SELECT %(orders)s::int[]), (SELECT %(marks)s::int[]))
                AS settled (id, amount, order_id, mark)
            """,
            ids=settled.ids or "{}",
            amounts=settled.amounts or "{}",
            orders=settled.orders or "{}",
            marks=settled.marks or "{}",
        )
        counted = SQL(
            "%s AND %s",
            is_counted("move"),
            self._is_company_counting("invoice", SQL("move.company_id")),
        )
        plain = SQL(
            """
            SELECT %s
              FROM account_move AS move
         LEFT JOIN %s
                ON settled.id = move.id
             WHERE %s AND move.reversed_entry_id IS NULL AND %s
            """,
            columns,
            known,
            counted,
            SQL("settled.id IS NULL")
            if settled.apart
            else SQL("settled.mark IS DISTINCT FROM %s", GONE),
        )
        if settled.apart or not settled.any_stays:
            return (plain,)
        staying = SQL(
            """
            SELECT %s
              FROM %s
              JOIN account_move AS move
                ON move.id = settled.id
             WHERE settled.mark = %s AND %s AND move.reversed_entry_id IS NOT NULL
            """,
            columns,
            known,
            STAYS,
            counted,
        )
        return (plain, staying)

    def _plain_invoices_query(self, is_first: SQL) -> SQL:
        """Invoices that reverse nothing: nearly all rows.

        :param is_first: that of ``move``; without a subquery, where it needs none, or
            PostgreSQL would not share sums among processes
        """
        tied = self.env.context.get("transaction_tied")
        return SQL(
            """
            SELECT move.id, move.partner_id, move.commercial_partner_id AS customer_id,
                   move.company_id, move.invoice_date AS date,
                   move.invoice_date AS posted_date,
                   move.amount_untaxed_signed AS amount, move.name AS reference,
                   COALESCE(%(order_key)s, CASE WHEN %(is_taken_back)s
                       THEN 'account.move,' || move.id END) AS purchase_key,
                   NULL::int AS origin_id
              FROM account_move AS move
             WHERE move.state = 'posted' AND move.move_type = 'out_invoice'
               AND %(is_first)s AND %(counting)s AND %(chosen)s
            """,
            order_key=self._order_key_sql(SQL("move.id")),
            is_taken_back=self._is_taken_back_sql(),
            is_first=is_first,
            counting=self._is_company_counting("invoice", SQL("move.company_id")),
            chosen=SQL("move.id = ANY((SELECT %s::int[])::int[])", tied.ids or "{}")
            if isinstance(tied, Tied)
            else SQL("TRUE"),
        )

    def _reversals_query(self, depth: int, only: bool = False) -> SQL:
        """Documents at a given number of reversals from the first one.

        :param depth: 0 for credit notes that reverse nothing
        :param only: whether no reversal is itself reversed
        """
        names = ["root", *(f"back_{number}" for number in range(1, depth + 1))]
        return SQL(
            """
            SELECT %(move)s.id, %(move)s.partner_id,
                   root.commercial_partner_id AS customer_id, %(move)s.company_id,
                   COALESCE(matched.date, root.invoice_date) AS date,
                   %(move)s.invoice_date AS posted_date,
                   %(move)s.amount_untaxed_signed AS amount, %(move)s.name AS reference,
                   COALESCE(%(order_key)s, 'account.move,' || COALESCE(matched.id, root.id))
                       AS purchase_key,
                   %(origin_id)s AS origin_id
              FROM account_move AS root
                   %(steps)s
         LEFT JOIN LATERAL (%(matched)s) AS matched
                ON TRUE
             WHERE %(is_root)s AND %(is_first)s AND %(counting)s
            """,
            move=SQL.identifier(names[-1]),
            # Only where it is needed, so that PostgreSQL need not look for the other.
            origin_id=SQL("root.id") if depth else SQL("matched.id"),
            order_key=self._order_key_sql(SQL("COALESCE(matched.id, root.id)")),
            steps=self._steps_sql(names),
            matched=self._matched_query(),
            is_root=is_counted("root")
            if depth
            else SQL("root.state = 'posted' AND root.move_type = 'out_refund'"),
            is_first=SQL("TRUE") if only else self._is_first("root"),
            counting=self._is_company_counting("invoice", SQL("root.company_id")),
        )

    def _endless_reversals_query(self) -> SQL:
        """Documents further away from the first one than we follow: each counts by
        itself."""
        names = ["root", *(f"back_{number}" for number in range(1, MAX_REVERSALS + 2))]
        return SQL(
            """
            SELECT %(move)s.id, %(move)s.partner_id,
                   %(move)s.commercial_partner_id AS customer_id, %(move)s.company_id,
                   %(move)s.invoice_date AS date, %(move)s.invoice_date AS posted_date,
                   %(move)s.amount_untaxed_signed AS amount, %(move)s.name AS reference,
                   NULL::text AS purchase_key, NULL::int AS origin_id
              FROM account_move AS root
                   %(steps)s
             WHERE %(is_root)s AND %(counting)s
            """,
            move=SQL.identifier(names[-1]),
            steps=self._steps_sql(names),
            is_root=is_counted("root"),
            counting=self._is_company_counting("invoice", SQL("root.company_id")),
        )

    @staticmethod
    def _steps_sql(names: list[str]) -> SQL:
        """The joins from a document to one that reverses it, and so on.

        :param names: aliases, from the first document on
        """
        return SQL(" ").join(
            SQL(
                "JOIN account_move AS %(this)s"
                " ON %(this)s.reversed_entry_id = %(last)s.id AND %(is_counted)s",
                this=SQL.identifier(this),
                last=SQL.identifier(last),
                is_counted=is_counted(this),
            )
            for last, this in zip(names, names[1:], strict=False)
        )

    @staticmethod
    def _is_first(alias: str) -> SQL:
        """Whether a document reverses nothing that counts."""
        return SQL(
            """
            (%(reversed)s IS NULL OR (
                -- Not EXISTS, for which PostgreSQL would read all invoices first.
                SELECT TRUE FROM account_move AS parent
                 WHERE parent.id = %(reversed)s AND %(is_counted)s) IS NULL)
            """,
            reversed=SQL.identifier(alias, "reversed_entry_id"),
            is_counted=is_counted("parent"),
        )

    @staticmethod
    def _order_key_sql(move_id: SQL) -> SQL:
        """The key of the order of which an invoice is the deposit, or deducts it."""
        return SQL(
            """
            (SELECT 'sale.order,' || min(sale_line.order_id)
               FROM account_move_line AS line
               JOIN sale_order_line_invoice_rel AS rel ON rel.invoice_line_id = line.id
               JOIN sale_order_line AS sale_line ON sale_line.id = rel.order_line_id
              WHERE line.move_id = %s AND sale_line.is_downpayment)
            """,
            move_id,
        )

    @staticmethod
    def _is_taken_back_sql() -> SQL:
        """Whether there may be a credit note of the invoice ``move``."""
        return SQL(
            """
            (EXISTS (
                SELECT FROM account_move AS back
                 WHERE back.reversed_entry_id = move.id AND %(is_counted)s)
             OR EXISTS (
                SELECT FROM account_move_line AS line
                  JOIN account_partial_reconcile AS partial
                    ON partial.debit_move_id = line.id
                  JOIN account_move_line AS other ON other.id = partial.credit_move_id
                  JOIN account_move AS back ON back.id = other.move_id
                 WHERE line.move_id = move.id AND back.move_type = 'out_refund'
                   AND back.state = 'posted'))
            """,
            is_counted=is_counted("back"),
        )

    def _deposits_query(self) -> SQL:
        """Deposit invoices of orders, and those that deduct them: ``move_id`` and
        ``order_id``. They are found from the order lines, which are few."""
        company_id = self.env.context.get("transaction_company_id")
        return SQL(
            """
            SELECT line.move_id, min(sale_line.order_id) AS order_id
              FROM sale_order_line AS sale_line
              JOIN sale_order_line_invoice_rel AS rel
                ON rel.order_line_id = sale_line.id
              JOIN account_move_line AS line ON line.id = rel.invoice_line_id
             WHERE sale_line.is_downpayment AND %s
          GROUP BY line.move_id
            """,
            SQL("TRUE")
            if company_id is None
            else SQL("line.company_id = %s", company_id),
        )

    @staticmethod
    def _matched_query() -> SQL:
        """The only invoice that the credit note ``root`` is reconciled with."""
        return SQL(
            """
            SELECT min(invoice.id) AS id, min(invoice.invoice_date) AS date
              FROM account_move_line AS line
              JOIN account_partial_reconcile AS partial
                ON partial.credit_move_id = line.id
              JOIN account_move_line AS other ON other.id = partial.debit_move_id
              JOIN account_move AS invoice ON invoice.id = other.move_id
             WHERE root.move_type = 'out_refund' AND line.move_id = root.id
               AND invoice.state = 'posted' AND invoice.move_type = 'out_invoice'
               AND invoice.reversed_entry_id IS NULL
            HAVING min(invoice.id) = max(invoice.id)
            """
        )
