from odoo import models
from odoo.tools import SQL


class CrmCustomerPurchaseLine(models.Model):
    """The cost of the day, which is on the order line: for orders, and for the invoices
    and credit notes that invoice them."""

    _inherit = "crm.customer.purchase.line"

    _depends = {
        "sale.order.line": ["purchase_price", "product_uom_id", "order_id"],
        "sale.order": ["currency_rate"],
    }

    def _purchase_line_costs(self, source, sale_line):
        costs = super()._purchase_line_costs(source, sale_line)
        if sale_line is None:
            return costs
        joins = SQL(
            """
            LEFT JOIN sale_order_line AS cost_line ON cost_line.id = %s
            LEFT JOIN sale_order AS cost_order ON cost_order.id = cost_line.order_id
            LEFT JOIN uom_uom AS cost_unit ON cost_unit.id = cost_line.product_uom_id
            """,
            sale_line,
        )
        # In the order's currency, for the order's unit.
        unit = SQL(
            """
            CASE WHEN cost_line.product_id = line.product_id
                 THEN cost_line.purchase_price::numeric
                      / COALESCE(NULLIF(cost_order.currency_rate, 0), 1)::numeric
                      * COALESCE(
                          product_unit.factor::numeric / NULLIF(cost_unit.factor, 0)::numeric,
                          1)
             END
            """
        )
        return {**costs, "order": (10, unit, joins)}
