from odoo import fields, models
from odoo.tools import SQL


class CrmCustomerTransaction(models.Model):
    """Purchases at the till by known customers, unless their invoice or their sales order
    counts already."""

    _inherit = "crm.customer.transaction"

    _depends = {
        "pos.order": [
            "name",
            "state",
            "partner_id",
            "company_id",
            "date_order",
            "amount_total",
            "amount_tax",
            "currency_rate",
            "account_move",
        ],
    }

    source = fields.Selection(selection_add=[("pos", "Point of Sale")])

    def _transaction_sources(self):
        return {
            **super()._transaction_sources(),
            "pos": ("pos.order", self._pos_query()),
        }

    def _pos_query(self) -> SQL:
        """Paid orders, on the day it was in the company's time zone."""
        return SQL(
            """
            SELECT pos.id, pos.partner_id, pos.company_id,
                   (pos.date_order AT TIME ZONE 'UTC'
                       AT TIME ZONE COALESCE(company_partner.tz, 'UTC'))::date AS date,
                   %(amount)s AS amount, pos.name AS reference
              FROM pos_order AS pos
              JOIN res_company AS company ON company.id = pos.company_id
              JOIN res_partner AS company_partner
                ON company_partner.id = company.partner_id
              JOIN res_currency AS currency ON currency.id = company.currency_id
             WHERE pos.state IN ('paid', 'done')
               AND pos.partner_id IS NOT NULL
               AND (%(by_invoice)s AND pos.account_move IS NULL
                    OR %(by_sale)s AND NOT %(is_of_sale)s)
            """,
            amount=self._rounded_sql(
                SQL(
                    "(pos.amount_total - pos.amount_tax)"
                    " / COALESCE(NULLIF(pos.currency_rate, 0), 1)"
                )
            ),
            by_invoice=self._is_company_counting("invoice", SQL("pos.company_id")),
            by_sale=self._is_company_counting("sale", SQL("pos.company_id")),
            is_of_sale=self._is_of_sale(),
        )

    def _is_of_sale(self) -> SQL:
        """Whether the till was paid what a sales order, which counts, had asked for."""
        if "sale_order_origin_id" not in self.env["pos.order.line"]._fields:
            return SQL("FALSE")
        return SQL(
            """
            EXISTS (
                SELECT
                  FROM pos_order_line AS line
                 WHERE line.order_id = pos.id AND line.sale_order_origin_id IS NOT NULL)
            """
        )
