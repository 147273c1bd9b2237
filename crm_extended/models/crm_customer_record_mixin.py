from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain


class CrmCustomerRecordMixin(models.AbstractModel):
    """What a record about a customer has in common: the customer, the company, and
    that nobody sees it who cannot see the customer.

    Record rules are evaluated as superuser, so they cannot say "the partners this
    user may read"; the two overrides below do, whatever rules an administrator has
    put on partners.
    """

    _name = "crm.customer.record.mixin"
    _description = "Record About a Customer"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True)
    company_id = fields.Many2one("res.company", required=True)

    @api.model
    def _search(
        self,
        domain,
        offset=0,
        limit=None,
        order=None,
        *,
        active_test=True,
        bypass_access=False,
    ):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self._customer_domain()
        return super()._search(
            domain,
            offset,
            limit,
            order,
            active_test=active_test,
            bypass_access=bypass_access,
        )

    @api.model
    def _customer_domain(self) -> Domain:
        """Records of customers that the user can see."""
        return Domain("partner_id", "any", Domain.TRUE)

    def _check_access(self, operation):
        denied = super()._check_access(operation)
        forbidden = denied[0] if denied else self.browse()
        allowed = self - forbidden
        # sudo: only to learn whose records these are, the user's own right to see
        # those customers is checked next.
        partners = allowed.sudo().partner_id.sudo(False)
        hidden_partners = partners - partners._filtered_access("read")
        if not hidden_partners:
            return denied
        # sudo: as above.
        forbidden += (
            allowed.sudo()
            .filtered(lambda record: record.partner_id.sudo(False) in hidden_partners)
            .sudo(False)
        )
        make_error = self.env["ir.rule"]._make_access_error
        return forbidden, partial(make_error, operation, forbidden)

    def action_open_customer(self):
        """Open the customer's contact."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "view_mode": "form",
        }
