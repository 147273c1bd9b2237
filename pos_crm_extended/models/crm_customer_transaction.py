from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_extended.models.purchase import PurchaseSource

POS_COMPANY = SQL(
    """
    JOIN res_company AS company ON company.id = pos.company_id
    JOIN res_partner AS company_partner ON company_partner.id = company.partner_id
    JOIN res_currency AS currency ON currency.id = company.currency_id
    """
)
# Orders of which something was taken back, found from the lines that did, which are few.
REFUNDED_ORDERS = SQL(
    """
    SELECT bought_line.order_id
      FROM pos_order_line AS line
      JOIN pos_order_line AS bought_line ON bought_line.id = line.refunded_orderline_id
     WHERE line.refunded_orderline_id IS NOT NULL
  GROUP BY bought_line.order_id
    """
)
# What orders took back of others.
TAKEN_BACK = SQL(
    """
    SELECT order_id, sum(price_subtotal) AS amount
      FROM pos_order_line
     WHERE refunded_orderline_id IS NOT NULL
  GROUP BY order_id
    """
)


class CrmCustomerTransaction(models.Model):
    """Purchases at the till by known customers, unless their invoice or their sales order
    counts already.

    What is taken back at the till is of the day and the customer of what was bought, in
    rows of their own: an order can take back and sell at once."""

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
        "pos.order.line": [
            "order_id",
            "price_subtotal",
            "refunded_orderline_id",
        ],
    }

    source = fields.Selection(selection_add=[("pos", "Point of Sale")])

    def _transaction_sources(self):
        return {
            **super()._transaction_sources(),
            "pos": PurchaseSource("pos.order", self._pos_query(), ("purchase_key",)),
            "pos_refund": PurchaseSource(
                "pos.order",
                self._pos_refund_query(),
                ("posted_date", "purchase_key", "res_id"),
                source="pos",
                bought_with=("pos.order", "order_id"),
            ),
        }

    def _purchase_lines(self):
        return {
            **super()._purchase_lines(),
            "pos.order": SQL(
                """
                SELECT line.order_id AS document_id, line.product_id
                  FROM pos_order_line AS line
                 WHERE line.qty > 0 AND line.refunded_orderline_id IS NULL
                """
            ),
        }

    def _purchase_times(self):
        return {**super()._purchase_times(), "pos.order": "date_order"}

    def _pos_query(self) -> SQL:
        """Paid orders, on the day it was in the company's time zone. Without what was
        taken back of other orders and, where sales orders count, without what the till
        was paid for them."""
        by_sale = self._is_company_counting("sale", SQL("pos.company_id"))
        return SQL(
            """
            SELECT pos.id, pos.partner_id, pos.company_id, %(day)s AS date,
                   %(amount)s AS amount, pos.name AS reference,
                   CASE WHEN tie.order_id IS NOT NULL
                        THEN 'pos.order,' || pos.id END AS purchase_key
              FROM pos_order AS pos
                   %(company)s
         LEFT JOIN (%(refunded)s) AS tie ON tie.order_id = pos.id
         LEFT JOIN (%(taken_back)s) AS back ON back.order_id = pos.id
             WHERE pos.state IN ('paid', 'done')
               AND pos.partner_id IS NOT NULL
               AND (%(by_invoice)s AND pos.account_move IS NULL OR %(by_sale)s)
               AND NOT ((back.order_id IS NOT NULL OR %(by_sale)s) AND %(is_all_apart)s)
            """,
            day=self._pos_day("pos"),
            company=POS_COMPANY,
            refunded=REFUNDED_ORDERS,
            taken_back=TAKEN_BACK,
            amount=self._rounded_sql(
                SQL(
                    "(pos.amount_total - pos.amount_tax - COALESCE(back.amount, 0)"
                    " - CASE WHEN %s THEN %s ELSE 0 END)"
                    " / COALESCE(NULLIF(pos.currency_rate, 0), 1)",
                    by_sale,
                    self._amount_of_sale(),
                )
            ),
            by_invoice=self._is_company_counting("invoice", SQL("pos.company_id")),
            by_sale=by_sale,
            is_all_apart=self._is_all_apart(by_sale),
        )

    def _pos_refund_query(self) -> SQL:
        """What orders took back of others: on the day of the other order, and of the
        customer who bought then. A row for each order that was taken back of."""
        by_sale = self._is_company_counting("sale", SQL("pos.company_id"))
        of_sale = (
            SQL("line.sale_order_origin_id IS NOT NULL")
            if self._is_with_sale()
            else SQL("FALSE")
        )
        return SQL(
            """
            SELECT min(line.id) AS id, pos.id AS res_id, bought.id AS order_id,
                   bought.partner_id, pos.company_id, %(day)s AS date,
                   %(posted_day)s AS posted_date, %(amount)s AS amount,
                   pos.name AS reference, 'pos.order,' || bought.id AS purchase_key
              FROM pos_order_line AS line
              JOIN pos_order AS pos ON pos.id = line.order_id
              JOIN pos_order_line AS bought_line
                ON bought_line.id = line.refunded_orderline_id
              JOIN pos_order AS bought ON bought.id = bought_line.order_id
                   %(company)s
             WHERE line.refunded_orderline_id IS NOT NULL
               AND pos.state IN ('paid', 'done')
               AND bought.partner_id IS NOT NULL
               AND (%(by_invoice)s AND pos.account_move IS NULL
                    OR %(by_sale)s AND NOT %(of_sale)s)
          GROUP BY pos.id, bought.id, company_partner.tz, currency.rounding
            """,
            day=self._pos_day("bought"),
            posted_day=self._pos_day("pos"),
            amount=self._rounded_sql(
                SQL(
                    "sum(line.price_subtotal)"
                    " / COALESCE(NULLIF(pos.currency_rate, 0), 1)"
                )
            ),
            company=POS_COMPANY,
            by_invoice=self._is_company_counting("invoice", SQL("pos.company_id")),
            by_sale=by_sale,
            of_sale=of_sale,
        )

    @staticmethod
    def _pos_day(alias: str) -> SQL:
        """The day of an order in its company's time zone."""
        return SQL(
            "(%s AT TIME ZONE 'UTC'"
            " AT TIME ZONE COALESCE(company_partner.tz, 'UTC'))::date",
            SQL.identifier(alias, "date_order"),
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
                   AND line.refunded_orderline_id IS NULL
                   AND line.sale_order_origin_id IS NOT NULL), 0)
            """
        )

    def _is_all_apart(self, by_sale: SQL) -> SQL:
        """Whether an order is of nothing but what counts elsewhere: what it takes back,
        and sales orders where those count."""
        is_apart = SQL("line.refunded_orderline_id IS NOT NULL")
        if self._is_with_sale():
            is_apart = SQL(
                "(%s OR %s AND line.sale_order_origin_id IS NOT NULL)",
                is_apart,
                by_sale,
            )
        return SQL(
            """
            COALESCE((
                SELECT bool_and(%s)
                  FROM pos_order_line AS line
                 WHERE line.order_id = pos.id), FALSE)
            """,
            is_apart,
        )
