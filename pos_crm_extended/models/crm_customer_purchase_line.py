from odoo import fields, models
from odoo.tools import SQL

AMOUNT = SQL("line.price_subtotal / COALESCE(NULLIF(document.currency_rate, 0), 1)")


class CrmCustomerPurchaseLine(models.Model):
    """Lines of orders at the till: what was sold, and what was taken back of which."""

    _inherit = "crm.customer.purchase.line"

    _depends = {
        "pos.order": ["user_id"],
        "pos.order.line": ["product_id", "qty", "total_cost", "price_unit", "discount"],
    }

    cost_source = fields.Selection(selection_add=[("till", "Cost at the Till")])

    def _purchase_line_sources(self):
        # The point of sale has a team only with Odoo's sales app for it.
        dimensions = {"user_id": SQL("document.user_id")}
        if "crm_team_id" in self.env["pos.order"]._fields:
            dimensions["team_id"] = SQL("document.crm_team_id")
        common = {
            "dimensions": dimensions,
            "amount": AMOUNT,
            "rate": SQL("document.currency_rate"),
        }
        return {
            **super()._purchase_line_sources(),
            "pos": {"query": self._pos_lines(), **common},
            "pos_refund": {
                "query": self._pos_refund_lines(),
                "condition": SQL("line.purchase_key = bought.purchase_key"),
                "is_allowance": SQL("line.is_allowance"),
                **common,
            },
        }

    def _pos_lines(self) -> SQL:
        """What was sold. Where sales orders count, without what was paid of them."""
        condition = SQL("TRUE")
        if self.env["crm.customer.transaction"]._is_with_sale():
            condition = SQL(
                "(line.sale_order_origin_id IS NULL OR NOT %s)",
                self.env["crm.customer.transaction"]._is_company_counting(
                    "sale", SQL("line.company_id")
                ),
            )
        return SQL(
            """
            SELECT line.order_id AS document_id, line.id AS line_id, line.product_id,
                   line.qty AS quantity, NULL::int AS uom_id, line.price_subtotal,
                   line.price_unit, line.discount, NULL::int AS currency_id,
                   %s AS reward_id, line.total_cost AS cost
              FROM pos_order_line AS line
             WHERE line.refunded_orderline_id IS NULL AND %s
            """,
            SQL("line.reward_id") if self._has_rewards() else SQL("NULL::int"),
            condition,
        )

    def _pos_refund_lines(self) -> SQL:
        reward = SQL("COALESCE(line.reward_id, bought_line.reward_id)")
        return SQL(
            """
            SELECT line.order_id AS document_id, line.id AS line_id, line.product_id,
                   line.qty AS quantity, NULL::int AS uom_id, line.price_subtotal,
                   line.price_unit, line.discount, NULL::int AS currency_id,
                   %s AS reward_id, line.total_cost AS cost,
                   'pos.order,' || bought_line.order_id AS purchase_key,
                   -- Below half of what it was sold for: see line_allowances.py.
                   line.qty < 0 AND line.price_subtotal <= 0
                       AND bought_line.price_subtotal > 0
                       AND -line.price_subtotal < round(
                           (-line.qty * bought_line.price_subtotal
                            / NULLIF(bought_line.qty, 0) / 2)::numeric, 6)
                       IS TRUE AS is_allowance
              FROM pos_order_line AS line
              JOIN pos_order_line AS bought_line
                ON bought_line.id = line.refunded_orderline_id
            """,
            reward if self._has_rewards() else SQL("NULL::int"),
        )

    def _has_rewards(self) -> bool:
        """Whether lines can be rewards, which they are with Odoo's loyalty at the till."""
        return "reward_id" in self.env["pos.order.line"]._fields

    def _purchase_line_payments(self, source, sale_line):
        """Gift cards and eWallets pay; they are no discount."""
        payments = super()._purchase_line_payments(source, sale_line)
        if source not in ("pos", "pos_refund") or not self._has_rewards():
            return payments
        card = SQL(
            """
            EXISTS (SELECT FROM loyalty_reward AS reward
                      JOIN loyalty_program AS program ON program.id = reward.program_id
                     WHERE reward.id = line.reward_id
                       AND program.program_type IN ('gift_card', 'ewallet'))
            """
        )
        return [*payments, card]

    def _purchase_line_costs(self, source, sale_line):
        costs = super()._purchase_line_costs(source, sale_line)
        if source not in ("pos", "pos_refund"):
            return costs
        # In the order's currency.
        unit = SQL(
            """
            line.cost::numeric / NULLIF(line.quantity, 0)::numeric
            / COALESCE(NULLIF(document.currency_rate, 0), 1)::numeric
            """
        )
        return {**costs, "till": (10, unit)}
