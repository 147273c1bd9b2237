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

    def _delivered_unit(self, sale_line: SQL) -> SQL:
        """Value of what was delivered for an order line, for each unit of the product.

        Of what went out, less what came back. Where all came back, of what went out alone:
        until a credit note says so, it is what the goods of the line cost.

        A kit is delivered in parts: each counts as often as the kit has it. Where that is
        not known (a kit of kits, or without Odoo's kits), the value of all parts is that
        of the kits delivered, or else of those ordered.
        """
        # Of one kit, in units that all others are multiples of.
        share, joins = SQL("NULL::numeric"), SQL()
        if "bom_line_id" in self.env["stock.move"]._fields:
            share = SQL(
                """
                CASE WHEN bom.product_id = line.product_id OR bom.product_id IS NULL
                      AND bom.product_tmpl_id = product.product_tmpl_id
                     THEN part.product_qty * part_unit.factor
                          / NULLIF(bom.product_qty * bom_unit.factor, 0) END::numeric
                """
            )
            joins = SQL(
                """
                LEFT JOIN mrp_bom_line AS part ON part.id = moved.part_id
                LEFT JOIN uom_uom AS part_unit ON part_unit.id = part.product_uom_id
                LEFT JOIN mrp_bom AS bom ON bom.id = part.bom_id
                LEFT JOIN uom_uom AS bom_unit ON bom_unit.id = bom.product_uom_id
                """
            )
        return SQL(
            """
            (SELECT CASE WHEN bool_and(share IS NOT NULL)
                         -- Unknown as long as a part of a kit was not delivered.
                         THEN CASE WHEN bool_and(unit IS NOT NULL) THEN sum(unit * share) END
                         WHEN sum(left_value) > 0 AND min(delivered) > 0
                         THEN sum(left_value) / min(delivered)
                         ELSE sum(out_value) / NULLIF(min(ordered), 0)
                    END * product_unit.factor::numeric
               FROM (SELECT moved.*,
                            out_value - COALESCE(in_value, 0) AS left_value,
                            CASE WHEN out_quantity > COALESCE(in_quantity, 0)
                                 THEN (out_value - COALESCE(in_value, 0))
                                      / (out_quantity - COALESCE(in_quantity, 0))
                                 ELSE out_value / NULLIF(out_quantity, 0) END AS unit,
                            CASE WHEN moved.product_id = line.product_id THEN 1
                                 ELSE %(share)s END AS share
                       FROM (%(moved)s) AS moved
                            %(joins)s
                    ) AS moved)
            """,
            share=share,
            joins=joins,
            moved=self._moved_query(sale_line),
        )

    def _moved_query(self, sale_line: SQL) -> SQL:
        """What was moved for an order line, by product and part of a kit."""
        is_kit = "bom_line_id" in self.env["stock.move"]._fields
        return SQL(
            """
            SELECT moved.product_id, moved.part_id,
                   sum(value) FILTER (WHERE is_out) AS out_value,
                   sum(quantity) FILTER (WHERE is_out) AS out_quantity,
                   sum(value) FILTER (WHERE is_in) AS in_value,
                   sum(quantity) FILTER (WHERE is_in) AS in_quantity,
                   min(ordered) AS ordered, min(delivered) AS delivered
              FROM (
                    SELECT move.product_id, %(part)s AS part_id,
                           move.value::numeric AS value,
                           (move.quantity * move_unit.factor)::numeric AS quantity,
                           move.is_out OR move.is_dropship AND destination.usage = 'customer'
                               AS is_out,
                           move.is_in OR move.is_dropship AND destination.usage <> 'customer'
                               AS is_in,
                           (sale_line.product_uom_qty * sale_unit.factor)::numeric
                               AS ordered,
                           (sale_line.qty_delivered * sale_unit.factor)::numeric
                               AS delivered
                      FROM stock_move AS move
                      JOIN stock_location AS destination
                        ON destination.id = move.location_dest_id
                      JOIN uom_uom AS move_unit ON move_unit.id = move.product_uom
                      JOIN sale_order_line AS sale_line ON sale_line.id = move.sale_line_id
                      JOIN uom_uom AS sale_unit ON sale_unit.id = sale_line.product_uom_id
                     WHERE move.sale_line_id = %(sale_line)s AND move.state <> 'cancel'
                       AND sale_line.product_id = line.product_id
                   ) AS moved
          GROUP BY moved.product_id, moved.part_id
            """,
            part=SQL("move.bom_line_id") if is_kit else SQL("NULL::int"),
            sale_line=sale_line,
        )
