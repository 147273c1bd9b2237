from odoo import Command, models


class CrmMailingListMixin(models.AbstractModel):
    """A button that puts customers on a mailing list."""

    _name = "crm.mailing.list.mixin"
    _description = "Customers for a Mailing List"

    def _mailing_list_customers(self):
        """The customers behind these records.

        :rtype: res.partner
        """
        return self.partner_id

    def action_add_to_mailing_list(self):
        """Ask for the list.

        :raise AccessError: unless the user may send mailings
        """
        # The customers stay here, however many there are: the browser gets one id.
        wizard = self.env["crm.customer.to.mailing.list"].create(
            {
                "partner_ids": [Command.set(self._mailing_list_customers().ids)],
                "company_ids": [Command.set(self.company_id.ids)],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Add to Mailing List"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }
