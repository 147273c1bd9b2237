"""The transactions of one company as of a day, to be summed up.

Millions of invoices are read in the order they lie in, and shared among processes. What
credit notes took back of them is worked out first, of those on that are few, and handed
to that query as a list.
"""

from datetime import date

from odoo import api, models
from odoo.tools import SQL

from ..common.bulk_sql import tune_for_bulk
from .crm_customer_transaction import BY_CONTACT
from .crm_customer_transaction_invoice import (
    GONE,
    MAX_REVERSALS,
    STAYS,
    Settled,
    Tied,
    is_counted,
)


class CrmCustomerTransaction(models.Model):
    _inherit = "crm.customer.transaction"

    @api.model
    def _for_sums(self, company, as_of: date) -> SQL:
        """The transactions of a company as of a day, as a table expression.

        Its columns are ``partner_id`` (whichever contact of the customer bought: to be
        summed up before contacts are rolled up), ``company_id``, ``date``,
        ``posted_date``, ``amount``, ``is_purchase`` and ``tied_key``. Sums are the same
        as those of :meth:`_of_company`, rows are not: what was taken back of an invoice
        until that day is deducted from it.
        """
        this = self.with_context(
            transaction_company_id=company.id, transaction_by_contact=BY_CONTACT
        )
        self.env.flush_all()
        # Before the first of the statements, which it would take longer to compile than
        # to run.
        tune_for_bulk(self.env)
        if this._counted_source() != "invoice":
            return this._table_sql
        [lists] = self.env.execute_query(this._settled_query(as_of))
        return this.with_context(transaction_settled=Settled(*lists))._table_sql

    @api.model
    def _for_every_day(self, company, until: date) -> tuple[SQL, SQL]:
        """The transactions of a company as of any day until the given one, as two table
        expressions with the columns of :meth:`_for_sums`.

        :return: documents that stay the purchase or refund that they are, and documents
            whose purchase other documents change, with ``purchase_key`` and
            ``posted_date``; a credit note that takes nothing back is in both
        """
        this = self.with_context(
            transaction_company_id=company.id, transaction_by_contact=BY_CONTACT
        )
        self.env.flush_all()
        tune_for_bulk(self.env)
        plain = tied = this
        is_invoiced = this._counted_source() == "invoice"
        if is_invoiced:
            [lists] = self.env.execute_query(this._settled_query(until))
            settled = Settled(*lists, apart=True)
            plain = this.with_context(transaction_settled=settled)
            tied = this.with_context(transaction_tied=Tied(settled.ids))
        found = []
        for transactions, condition in ((plain, SQL("NULL")), (tied, SQL("NOT NULL"))):
            rows = [
                # Invoices are told apart by their ids.
                query
                if is_invoiced and name == "invoice"
                else SQL(
                    "SELECT * FROM (%s) AS t WHERE tied_key IS %s", query, condition
                )
                for name, source in transactions._get_rows_by_source().items()
                for query in source[1]
            ]
            found.append(SQL("(%s)", SQL(" UNION ALL ").join(rows)))
        return tuple(found)

    def _settled_query(self, as_of: date) -> SQL:
        """What is to be known of invoices and credit notes that are not a purchase by
        themselves: one row with lists of their ids, amounts taken back, orders and marks.
        """
        return SQL(
            """
            WITH %(pairs)s, %(firsts)s
            SELECT array_agg(id)::text, array_agg(amount)::text,
                   array_agg(order_id)::text, array_agg(mark)::text,
                   bool_or(mark = %(stays)s)
              FROM (
                    SELECT id, sum(amount) AS amount, max(order_id) AS order_id,
                           max(mark) AS mark
                      FROM (
                            SELECT first_id AS id, amount, NULL::int AS order_id,
                                   NULL::int AS mark
                              FROM first
                             WHERE first_id IS NOT NULL AND posted_date <= %(as_of)s
                         UNION ALL
                            SELECT id, 0, NULL, %(stays)s FROM first WHERE first_id IS NULL
                         UNION ALL
                            SELECT id, 0, NULL, %(stays)s FROM reversal
                             WHERE (above_id IN (SELECT id FROM uncounted)) IS TRUE
                         UNION ALL
                            SELECT id, 0, NULL, %(gone)s FROM matching
                         UNION ALL
                            SELECT deposit.move_id, 0, deposit.order_id, NULL
                              FROM (%(deposits)s) AS deposit
                           ) AS known
                  GROUP BY id
                  -- Documents are looked up faster in the order they lie in.
                  ORDER BY id
                   ) AS settled
            """,
            pairs=self._reversals_sql(),
            firsts=self._firsts_sql(),
            as_of=as_of,
            gone=GONE,
            stays=STAYS,
            deposits=self._deposits_query(),
        )

    def _reversals_sql(self) -> SQL:
        """Documents that reverse another one, and credit notes that are reconciled with
        one invoice only: the steps ``reversal``, ``matching`` and ``pair``.

        What is no posted invoice is looked for among those that are not, by Odoo's own
        index: there are fewer of them than of reversed ones.
        """
        return SQL(
            """
            reversal AS MATERIALIZED (
                SELECT back.id, back.reversed_entry_id AS above_id,
                       back.invoice_date AS posted_date,
                       back.amount_untaxed_signed AS amount
                  FROM account_move AS back
                 WHERE back.reversed_entry_id IS NOT NULL
                   AND %(is_counted)s AND %(counting_back)s
            ),
            uncounted AS MATERIALIZED (
                SELECT id
                  FROM account_move
                 WHERE journal_id = ANY(ARRAY(
                           SELECT id FROM account_journal
                            WHERE type = 'sale' AND company_id = %(company_id)s))
                   AND state IN ('draft', 'cancel')
             UNION ALL
                SELECT id
                  FROM account_move
                 WHERE move_type = 'out_receipt' AND company_id = %(company_id)s
            ),
            matching AS MATERIALIZED (
                SELECT root.id, matched.id AS above_id,
                       root.invoice_date AS posted_date,
                       root.amount_untaxed_signed AS amount
                  FROM account_move AS root
            CROSS JOIN LATERAL (%(matched)s) AS matched
                 WHERE root.state = 'posted' AND root.move_type = 'out_refund'
                   AND root.reversed_entry_id IS NULL
                   AND root.amount_residual IS DISTINCT FROM root.amount_total
                   AND %(counting_root)s
            ),
            pair AS MATERIALIZED (
                SELECT *
                  FROM reversal
                 WHERE above_id NOT IN (SELECT id FROM uncounted)
             UNION ALL
                SELECT * FROM matching
            )
            """,
            is_counted=is_counted("back"),
            counting_back=self._is_company_counting("invoice", SQL("back.company_id")),
            company_id=self.env.context["transaction_company_id"],
            matched=self._matched_query(),
            counting_root=self._is_company_counting("invoice", SQL("root.company_id")),
        )

    @staticmethod
    def _firsts_sql() -> SQL:
        """The first document that each of the step ``pair`` leads back to: the step
        ``first``; none where it is too far away."""
        names = ["far", *(f"pair_{number}" for number in range(2, MAX_REVERSALS + 2))]
        return SQL(
            """
            -- Not joined: PostgreSQL does not know how few there are.
            far AS MATERIALIZED (
                SELECT * FROM pair WHERE (above_id IN (SELECT id FROM pair)) IS TRUE
            ),
            first AS MATERIALIZED (
                SELECT id, posted_date, amount, above_id AS first_id
                  FROM pair
                 WHERE above_id NOT IN (SELECT id FROM pair)
             UNION ALL
                SELECT far.id, far.posted_date, far.amount,
                       CASE WHEN %(last)s.id IS NULL THEN COALESCE(%(above)s) END
                  FROM far
                       %(steps)s
            )
            """,
            above=SQL(", ").join(
                SQL.identifier(name, "above_id") for name in reversed(names[:-1])
            ),
            steps=SQL(" ").join(
                SQL(
                    "LEFT JOIN pair AS %(this)s ON %(this)s.id = %(last)s.above_id",
                    this=SQL.identifier(this),
                    last=SQL.identifier(last),
                )
                for last, this in zip(names, names[1:], strict=False)
            ),
            last=SQL.identifier(names[-1]),
        )
