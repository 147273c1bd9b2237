"""What each choice of documents would count, to choose by."""

from datetime import date
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..common.bulk_sql import tune_for_bulk
from ..common.seen_customers import seen_condition
from .crm_customer_transaction import Assumed


class Count(NamedTuple):
    """Customers and purchases of a company up to today."""

    customers: int
    purchases: int
    #: day of the first purchase
    first: date | None


class CrmCustomerTransaction(models.Model):
    _inherit = "crm.customer.transaction"

    @api.model
    def _count_of_source(self, company, source: str) -> Count:
        """What a company's purchases would be if it counted the given documents: those of
        customers whom the user may see, imported ones included, refunded ones not.

        :param source: a value of ``rfm_source``
        """
        this = self.with_context(transaction_assumed=Assumed(source))
        transactions = this._of_company(company)
        tune_for_bulk(self.env)
        [[customers, purchases, first]] = self.env.execute_query(
            SQL(
                """
                SELECT count(DISTINCT partner_id), count(*), min(date)
                  FROM (
                        SELECT partner_id, purchase_key, min(date) AS date
                          FROM %s AS bought
                         WHERE date <= %s AND %s
                      GROUP BY partner_id, purchase_key
                        HAVING bool_or(is_purchase) AND sum(amount) > 0
                       ) AS purchase
                """,
                transactions,
                fields.Date.context_today(self),
                seen_condition(self.env, SQL.identifier("bought", "partner_id")),
            )
        )
        return Count(customers, purchases, first)
