from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

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
        recommendation = self.env["crm.product.recommendation"]
        lines = []
        for found in order._recommend(OFFERED):
            product = self._variant_to_add(found)
            # A product whose variants are made on demand may have none.
            if product is not None:
                lines.append((found, product))
        if not lines:
            return False
        # Prices as of the order, in one go.
        products = self.env["product.product"].union(*(line[1] for line in lines))
        prices = order.pricelist_id._get_products_price(
            products, 1.0, currency=order.currency_id, date=order.date_order
        )
        wizard = self.create(
            {
                "order_id": order.id,
                "line_ids": [
                    Command.create(
                        {
                            "product_tmpl_id": found.product.id,
                            "product_id": product.id,
                            "reason": recommendation._reason(found),
                            "price": prices.get(product.id, 0),
                        }
                    )
                    for found, product in lines
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
    def _variant_to_add(self, found):
        """The variant that a recommendation means: nothing chosen where it is one of
        several, and none of them is known to be bought most.

        :return: ``product.product``, empty where the user has to choose; None where there
            is nothing to choose from
        """
        if found.variant.active:
            return found.variant
        variants = found.product.product_variant_ids
        if not variants:
            return None
        return variants if len(variants) == 1 else variants.browse()

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
    product_tmpl_id = fields.Many2one(
        "product.template", string="Product", readonly=True, ondelete="cascade"
    )
    product_id = fields.Many2one(
        "product.product",
        string="Variant",
        readonly=True,
        ondelete="cascade",
        help="Empty where the variant is still to be chosen.",
    )
    name = fields.Char(compute="_compute_name")
    reason = fields.Char(string="Why", readonly=True)
    price = fields.Monetary(
        readonly=True, help="By the pricelist of the quotation, for one unit."
    )

    @api.depends("product_tmpl_id", "product_id")
    @api.depends_context("lang")
    def _compute_name(self):
        for line in self:
            line.name = (line.product_id or line.product_tmpl_id).display_name

    def action_add(self):
        """Add the product to the quotation, and offer the others. Where it is not known
        which of its variants, Odoo's catalog shows them to choose from.

        :raise UserError: if it is no longer a quotation
        """
        self.ensure_one()
        order = self.wizard_id.order_id
        self.env["crm.product.recommendation"]._check_may_see()
        if order.state not in ("draft", "sent"):
            raise UserError(
                self.env._("%s is no longer a quotation.", order.display_name)
            )
        if not self.product_id:
            catalog = order.action_add_from_catalog()
            mine = Domain("product_tmpl_id", "=", self.product_tmpl_id.id)
            return {**catalog, "domain": list(Domain(catalog["domain"]) & mine)}
        order.write(
            {"order_line": [Command.create({"product_id": self.product_id.id})]}
        )
        return self.wizard_id._open(order) or {"type": "ir.actions.act_window_close"}
