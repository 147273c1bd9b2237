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
        "pos.order.line": ["order_id", "price_subtotal"],
    }

    source = fields.Selection(selection_add=[("pos", "Point of Sale")])

    def _transaction_sources(self):
        return {
            **super()._transaction_sources(),
            "pos": ("pos.order", self._pos_query()),
        }

    def _pos_query(self) -> SQL:
        """Paid orders, on the day it was in the company's time zone. Where sales orders
        count, without what the till was paid for them."""
        by_sale = self._is_company_counting("sale", SQL("pos.company_id"))
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
                    OR %(by_sale)s AND NOT %(is_all_of_sale)s)
            """,
            amount=self._rounded_sql(
                SQL(
                    "(pos.amount_total - pos.amount_tax"
                    " - CASE WHEN %s THEN %s ELSE 0 END)"
                    " / COALESCE(NULLIF(pos.currency_rate, 0), 1)",
                    by_sale,
                    self._amount_of_sale(),
                )
            ),
            by_invoice=self._is_company_counting("invoice", SQL("pos.company_id")),
            by_sale=by_sale,
            is_all_of_sale=self._is_all_of_sale(),
        )

    def _is_with_sale(self) -> bool:
        """Whether sales orders can be paid at the till."""
        return "sale_order_origin_id" in self.env["pos.order.line"]._fields

    def _amount_of_sale(self) -> SQL:
        """What the till was paid for sales orders, which count by themselves."""
        if not self._is_with_sale():
            return SQL("0")
        return SQL(
            """
            COALESCE((
                SELECT sum(line.price_subtotal)
                  FROM pos_order_line AS line
                 WHERE line.order_id = pos.id
                   AND line.sale_order_origin_id IS NOT NULL), 0)
            """
        )

    def _is_all_of_sale(self) -> SQL:
        """Whether the till was paid for sales orders, and for nothing else."""
        if not self._is_with_sale():
            return SQL("FALSE")
        return SQL(
            """
            COALESCE((
                SELECT bool_and(line.sale_order_origin_id IS NOT NULL)
                  FROM pos_order_line AS line
                 WHERE line.order_id = pos.id), FALSE)
            """
        )
