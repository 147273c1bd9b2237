from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.common.client_actions import CLOSE, notification
from ...models.common.groups import SALES_MANAGER


class CrmCustomerListWizard(models.TransientModel):
    """Puts the customers of chosen contacts on a list, or takes them off."""

    _name = "crm.customer.list.wizard"
    _description = "Add to a Customer List"

    partner_ids = fields.Many2many(
        "res.partner",
        string="Contacts",
        default=lambda self: self._default_partner_ids(),
    )
    customer_count = fields.Integer(
        string="Customers", compute="_compute_customer_count"
    )
    list_id = fields.Many2one(
        "crm.customer.list",
        string="Customer List",
        domain=lambda self: self._list_domain(),
    )
    name = fields.Char(string="New List", help="Creates a list with this name.")
    what = fields.Selection(
        [("add", "Add"), ("leave_out", "Leave Out")], required=True, default="add"
    )

    @api.model
    def _default_partner_ids(self):
        if self.env.context.get("active_model") != "res.partner":
            return self.env["res.partner"]
        ids = self.env.context.get("active_ids") or []
        return self.env["res.partner"].browse(ids).commercial_partner_id

    @api.model
    def _list_domain(self):
        """Lists that the user may change."""
        if self.env.user.has_group(SALES_MANAGER):
            return []
        return [("user_id", "=", self.env.uid)]

    @api.depends("partner_ids")
    def _compute_customer_count(self):
        for wizard in self:
            wizard.customer_count = len(wizard.partner_ids)

    def action_apply(self):
        """Change the list, or create it.

        :raise UserError: where there is no customer, or no list
        """
        self.ensure_one()
        if not self.partner_ids:
            raise UserError(self.env._("Choose at least one customer first."))
        chosen = self.list_id
        if not chosen:
            if not self.name or self.what != "add":
                raise UserError(self.env._("Choose a list, or enter a name for one."))
            chosen = chosen.create({"name": self.name, "is_filtered": False})
        if self.what == "add":
            chosen._add(self.partner_ids)
        else:
            chosen._leave_out(self.partner_ids)
        return notification(
            self.env._(
                "“%(list)s” has been changed for %(count)s customers.",
                list=chosen.name,
                count=len(self.partner_ids),
            ),
            next=CLOSE,
        )
