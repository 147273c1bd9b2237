"""Purchases imported from a former system."""

from odoo import models
from odoo.tools import SQL

from .crm_customer_transaction import ALL_DOCUMENTS


class CrmCustomerTransaction(models.Model):
    _inherit = "crm.customer.transaction"

    def _is_in_history(self, comparison: SQL) -> SQL:
        """Whether an imported purchase is in, or not in, its company's own currency.

        :param comparison: ``=`` or ``<>``
        """
        condition = SQL("history.currency_id %s company.currency_id", comparison)
        company_id = self.env.context.get("transaction_company_id")
        if company_id is None:
            return condition
        [[found]] = self.env.execute_query(
            SQL(
                """
                SELECT EXISTS (
                       SELECT FROM crm_purchase_history AS history
                         JOIN res_company AS company ON company.id = history.company_id
                        WHERE history.company_id = %s AND %s)
                """,
                company_id,
                condition,
            )
        )
        if not found:
            return SQL("FALSE")
        return SQL("%s AND history.company_id = %s", condition, company_id)

    def _history_query(self) -> SQL:
        """Imported purchases, converted at the rate of their day.

        They are converted when read, not when imported: rates that are entered or
        corrected later count. The rate is chosen as ``res.currency`` chooses it.

        An import with the number and the day of an invoice or order that counts already
        is that document, and is left out.
        """
        converted = self._rounded_sql(
            SQL(
                "history.amount * %s / %s",
                self._rate_sql(SQL("company.currency_id")),
                self._rate_sql(SQL("history.currency_id")),
            )
        )
        # Two halves, so that only the plan of foreign ones includes the rates.
        return SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT history.id, history.partner_id, history.company_id, history.date,
                       %(amount)s AS amount, history.reference
                  FROM crm_purchase_history AS history
                  JOIN res_company AS company ON company.id = history.company_id
                  JOIN res_currency AS currency ON currency.id = company.currency_id
                 WHERE %(in_history)s
                   AND NOT EXISTS (
                       SELECT
                         FROM (%(invoices)s UNION ALL %(orders)s) AS counted
                        WHERE counted.reference = history.reference
                          AND counted.company_id = history.company_id
                          AND counted.date = history.date)
                """,
                invoices=self._numbers_or_none(self._invoice_numbers()),
                orders=self._numbers_or_none(self._sale_numbers()),
                amount=amount,
                in_history=self._is_in_history(comparison),
            )
            for amount, comparison in (
                (SQL("history.amount"), SQL("=")),
                (converted, SQL("<>")),
            )
        )

    def _numbers_or_none(self, numbers: SQL) -> SQL:
        """Numbers of documents that count instead of imported ones: none while all
        documents are included."""
        if self.env.context.get("transaction_all") is ALL_DOCUMENTS:
            return SQL("SELECT * FROM (%s) AS numbers WHERE FALSE", numbers)
        return numbers

    @staticmethod
    def _rate_sql(currency_id: SQL) -> SQL:
        """Rate of a currency on the day of the row of ``history``: the last rate until
        that day, or else the first one after it; the company's own before a shared one."""
        own = SQL("rate.company_id = split_part(company.parent_path, '/', 1)::int")
        shared = SQL("rate.company_id IS NULL")
        until = SQL("rate.name <= history.date ORDER BY rate.name DESC")
        after = SQL("rate.name > history.date ORDER BY rate.name")
        found = [
            SQL(
                """
                (SELECT rate.rate
                   FROM res_currency_rate AS rate
                  WHERE rate.currency_id = %s AND %s AND %s
                  LIMIT 1)
                """,
                currency_id,
                owner,
                period,
            )
            for period in (until, after)
            for owner in (own, shared)
        ]
        return SQL("COALESCE(%s, 1.0)", SQL(", ").join(found))
