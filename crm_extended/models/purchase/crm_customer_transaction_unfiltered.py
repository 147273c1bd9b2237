"""Whom documents were bought for, whichever of them count at present."""

from odoo import api, models
from odoo.tools import SQL

# Put into the context where documents are asked for whether their company counts them or
# not. An object, because a string could come from outside.
ALL_DOCUMENTS = object()


class CrmCustomerTransaction(models.Model):
    _inherit = "crm.customer.transaction"

    @api.model
    def _get_customers_of_documents(self, partners) -> dict[tuple, int]:
        """Customers of those documents of these contacts that do not say by themselves
        for whom they were made.

        What a company counts can be changed later, so all of its documents are looked at.

        :return: id of the customer by model and id of the document
        """
        if not partners:
            return {}
        self.env.flush_all()
        transactions = self.with_context(
            transaction_all=ALL_DOCUMENTS,
            transaction_company_id=None,
            transaction_by_contact=None,
        )
        sources = [
            source._replace(query=self._of_partners(source.query, partners))
            for source in transactions._get_sources().values()
            if "customer_id" not in source.columns and not source.bought_with
        ]
        rows = SQL(" UNION ALL ").join(
            rows
            for source in sources
            for rows in transactions._rows_of(source, "", number=0, arms=1)
        )
        return {
            (model, res_id): customer_id
            for model, res_id, customer_id in self.env.execute_query(
                SQL("SELECT res_model, res_id, partner_id FROM (%s) AS t", rows)
            )
        }

    def _of_partners(self, query, partners):
        """A query of documents, or each of several, for those of these contacts only."""
        if not isinstance(query, SQL):
            return tuple(self._of_partners(each, partners) for each in query)
        return SQL(
            "SELECT * FROM (%s) AS document WHERE partner_id IN %s",
            query,
            tuple(partners.ids),
        )

    def _is_company_counting(self, source, column):
        if self.env.context.get("transaction_all") is ALL_DOCUMENTS:
            return SQL("TRUE")
        return super()._is_company_counting(source, column)

    def _invoice_numbers(self):
        return self._numbers_or_none(super()._invoice_numbers())

    def _sale_numbers(self):
        return self._numbers_or_none(super()._sale_numbers())

    def _numbers_or_none(self, numbers: SQL) -> SQL:
        """Numbers of documents that count in the place of imported ones: none where all
        documents are looked at."""
        if self.env.context.get("transaction_all") is ALL_DOCUMENTS:
            return SQL("SELECT * FROM (%s) AS numbers WHERE FALSE", numbers)
        return numbers
