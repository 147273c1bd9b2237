from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmCustomerRecordMixin(models.AbstractModel):
    """A record about a customer: it has the customer and the company, and is visible
    only to users who can see the customer."""

    _name = "crm.customer.record.mixin"
    _inherit = "crm.parent.access.mixin"
    _description = "Customer Record"
    _seen_with = "partner_id"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True)
    company_id = fields.Many2one("res.company", required=True)

    @api.model
    def _empty_or_readable(self, name) -> Domain:
        """Records with an empty field, or with one that leads to a record the user may
        read.

        A join, because PostgreSQL looks up joined rows by their key. For "empty, or one
        of these" it would collect everything the user may read, for a page of a few.

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

    @api.model
    def _in_order(self, records):
        """Columns of a board in their own order, also columns that are archived or come
        from records of another company."""
        # sudo: only their order; the columns themselves were found as the user.
        found = records.sudo().with_context(active_test=False)
        return found.search([("id", "in", records.ids)]).with_env(records.env)

    def action_open_customer(self):
        """Open the customer's contact."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "view_mode": "form",
        }
