from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


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
            domain = Domain(domain) & self._readable_customers_domain()
        return super()._search(
            domain,
            offset,
            limit,
            order,
            active_test=active_test,
            bypass_access=bypass_access,
        )

    def _check_access(self, operation):
        denied = super()._check_access(operation)
        forbidden = denied[0] if denied else self.browse()
        allowed = self - forbidden
        hidden = allowed._hidden_records()
        if not hidden:
            return denied
        forbidden += hidden
        make_error = self.env["ir.rule"]._make_access_error
        return forbidden, partial(make_error, operation, forbidden)

    @api.model
    def _readable_customers_domain(self):
        """What a record must fulfil to be about a customer the user may read."""
        return Domain("partner_id", "any", Domain.TRUE)

    @api.model
    def _empty_or_readable(self, name) -> Domain:
        """Records that lead nowhere by a field, or to what the user may read.

        A join, in which PostgreSQL looks up what it needs by its key. For "empty, or one
        of those" it would collect all that the user may read, for a page of a few.

        :param str name: stored many2one field
        """

        def to_sql(model, alias, query):
            column = SQL.identifier(alias, name)
            comodel = self.env[self._fields[name].comodel_name]
            if not comodel.has_access("read"):
                return SQL("%s IS NULL", column)
            readable = comodel.with_context(active_test=False)._search([])
            joined = query.make_alias(alias, f"readable_{name}")
            query.add_join(
                "LEFT JOIN",
                joined,
                SQL("(%s)", readable.select()),
                SQL("%s = %s", column, SQL.identifier(joined, "id")),
            )
            return SQL(
                "(%s IS NULL OR %s IS NOT NULL)", column, SQL.identifier(joined, "id")
            )

        return Domain.custom(to_sql=to_sql)

    def _hidden_records(self):
        """Those of the records that are about a customer the user may not read."""
        # sudo: only to learn whose records these are, the user's own right to see
        # those customers is checked next.
        partners = self.sudo().partner_id.sudo(False)
        hidden_partners = partners - partners._filtered_access("read")
        if not hidden_partners:
            return self.browse()
        # sudo: as above.
        about_hidden = self.sudo().filtered(
            lambda record: record.partner_id.sudo(False) in hidden_partners
        )
        return about_hidden.sudo(False)

    def action_open_customer(self):
        """Open the customer's contact."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "view_mode": "form",
        }
