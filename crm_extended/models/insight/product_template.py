from odoo import models


class ProductTemplate(models.Model):
    """Products open the customers who will need them again."""

    _inherit = "product.template"

    def action_customer_replenishments(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_customer_product_replenishment_action"
        )
        return {
            **action,
            "domain": [("product_tmpl_id", "=", self.id), ("due_until", ">=", "today")],
            "context": {},
        }
