"""The customers of documents, regardless of which documents count at present."""

from odoo import api, models
from odoo.tools import SQL

from .crm_customer_transaction import ALL_DOCUMENTS


class CrmCustomerTransaction(models.Model):
    _inherit = "crm.customer.transaction"

    @api.model
    def _get_customers_of_documents(self, partners) -> dict[tuple, int]:
        """Customers of the documents of some contacts that do not name their customer.

        A company can later count other documents, so all of them are included.

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
        """A query of documents, or several queries, restricted to some contacts."""
        if not isinstance(query, SQL):
            return tuple(self._of_partners(each, partners) for each in query)
        return SQL(
            "SELECT * FROM (%s) AS document WHERE partner_id IN %s",
            query,
            tuple(partners.ids),
        )
