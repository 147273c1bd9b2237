from odoo import models
from odoo.tools import SQL


class CrmCustomerPurchaseLine(models.Model):
    """Lines by which a gift card or an eWallet paid; rewards are discounts as they are."""

    _inherit = "crm.customer.purchase.line"

    _depends = {
        "sale.order.line": ["reward_id"],
        "loyalty.reward": ["program_id"],
        "loyalty.program": ["program_type"],
    }

    def _purchase_line_payments(self, source, sale_line):
        payments = super()._purchase_line_payments(source, sale_line)
        if sale_line is None:
            return payments
        card = SQL(
            """
            EXISTS (SELECT FROM sale_order_line AS reward_line
                      JOIN loyalty_reward AS reward ON reward.id = reward_line.reward_id
                      JOIN loyalty_program AS program ON program.id = reward.program_id
                     WHERE reward_line.id = %s
                       AND program.program_type IN ('gift_card', 'ewallet'))
            """,
            sale_line,
        )
        return [*payments, card]
