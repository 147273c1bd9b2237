from odoo import models


class CrmCustomerList(models.Model):
    _inherit = "crm.customer.list"

    def action_new_mailing(self):
        """Open a new mailing to the customers on the list.

        :raise AccessError: unless the user may send mailings
        """
        self.ensure_one()
        self.env["mailing.mailing"].check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mailing to %s", self.name),
            "res_model": "mailing.mailing",
            "view_mode": "form",
            "context": {
                "default_mailing_type": "mail",
                "default_mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "default_customer_list_id": self.id,
                "default_mailing_domain": repr([("customer_list_id", "=", self.id)]),
            },
        }
