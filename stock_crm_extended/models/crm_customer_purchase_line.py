from odoo import models
from odoo.tools import SQL


class CrmCustomerPurchaseLine(models.Model):
    """What the deliveries of an order line were worth, where Odoo's sales know their
    deliveries (*sale_stock*)."""

    _inherit = "crm.customer.purchase.line"

    def _has_delivery_values(self) -> bool:
        return {"sale_line_id", "value", "is_out"} <= self.env[
            "stock.move"
        ]._fields.keys()

    def _purchase_line_costs(self, source, sale_line):
        costs = super()._purchase_line_costs(source, sale_line)
        if sale_line is None or not self._has_delivery_values():
            return costs
        return {**costs, "delivery": (20, self._delivered_unit(sale_line))}

    @staticmethod
    def _delivered_unit(sale_line: SQL) -> SQL:
        """Value of what was delivered for an order line, for each unit of the product.

        Of what went out, also where it came back. A kit is delivered in parts, so what
        went out and stayed is the value of the kits that did.
        """
        return SQL(
            """
            (SELECT CASE WHEN bool_and(move.product_id = line.product_id)
                         THEN sum(move.value) FILTER (WHERE move.is_out OR move.is_dropship)
                              / NULLIF(sum(move.quantity * move_unit.factor) FILTER (
                                    WHERE move.is_out OR move.is_dropship), 0)::numeric
                         ELSE sum(CASE WHEN move.is_in THEN -move.value
                                       ELSE move.value END)
                              / NULLIF(min(sale_line.qty_delivered * sale_unit.factor), 0
                                )::numeric
                    END * product_unit.factor::numeric
               FROM stock_move AS move
               JOIN uom_uom AS move_unit ON move_unit.id = move.product_uom
               JOIN sale_order_line AS sale_line ON sale_line.id = move.sale_line_id
               JOIN uom_uom AS sale_unit ON sale_unit.id = sale_line.product_uom_id
              WHERE move.sale_line_id = %s AND move.state = 'done'
                AND sale_line.product_id = line.product_id)
            """,
            sale_line,
        )
