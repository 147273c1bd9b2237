from odoo import Command, api, fields, models
from odoo.exceptions import UserError

# How many products the dialog offers.
OFFERED = 10


class CrmProductRecommendationWizard(models.TransientModel):
    """What customers like that of a quotation also bought, to be added to it."""

    _name = "crm.product.recommendation.wizard"
    _description = "Customers Like This Also Bought"

    order_id = fields.Many2one(
        "sale.order", required=True, readonly=True, ondelete="cascade"
    )
    line_ids = fields.One2many(
        "crm.product.recommendation.wizard.line", "wizard_id", string="Products"
    )

    @api.model
    def _open(self, order):
        """The dialog, or nothing where there is nothing to recommend."""
        # A product whose variants are made on demand may have none.
        found = [
            each
            for each in order._recommend(OFFERED)
            if each.product.product_variant_id
        ]
        if not found:
            return False
        # Prices as of the order, in one go.
        products = self.env["product.product"].concat(
            *(each.product.product_variant_id for each in found)
        )
        prices = order.pricelist_id._get_products_price(
            products, 1.0, currency=order.currency_id, date=order.date_order
        )
        recommendation = self.env["crm.product.recommendation"]
        wizard = self.create(
            {
                "order_id": order.id,
                "line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "reason": recommendation._reason(each),
                            "price": prices[product.id],
                        }
                    )
                    for each, product in zip(found, products, strict=True)
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self._description_of(order),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _description_of(self, order) -> str:
        return self.env._(
            "Customers like %s also bought", order.partner_id.display_name
        )


class CrmProductRecommendationWizardLine(models.TransientModel):
    _name = "crm.product.recommendation.wizard.line"
    _description = "Recommended Product"

    wizard_id = fields.Many2one(
        "crm.product.recommendation.wizard",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="wizard_id.order_id.currency_id")
    product_id = fields.Many2one(
        "product.product",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    reason = fields.Char(string="Why", readonly=True)
    price = fields.Monetary(
        readonly=True, help="By the pricelist of the quotation, for one unit."
    )

    def action_add(self):
        """Add the product to the quotation, and offer the others.

        :raise UserError: if it is no longer a quotation
        """
        self.ensure_one()
        order = self.wizard_id.order_id
        self.env["crm.product.recommendation"]._check_may_see()
        if order.state not in ("draft", "sent"):
            raise UserError(
                self.env._("%s is no longer a quotation.", order.display_name)
            )
        order.write(
            {"order_line": [Command.create({"product_id": self.product_id.id})]}
        )
        return self.wizard_id._open(order) or {"type": "ir.actions.act_window_close"}
