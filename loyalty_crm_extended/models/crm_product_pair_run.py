from odoo import api, models
from odoo.tools import SQL


class CrmProductPairRun(models.Model):
    """Nobody chose the products that rewards are booked with."""

    _inherit = "crm.product.pair.run"

    @api.model
    def _left_out_products(self, company):
        rewards = SQL(
            """
            SELECT discount_line_product_id FROM loyalty_reward
             WHERE discount_line_product_id IS NOT NULL
            """
        )
        return [*super()._left_out_products(company), rewards]
