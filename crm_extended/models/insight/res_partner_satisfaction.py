from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .groups import USE_INSIGHT


class ResPartner(models.Model):
    """Contacts whose customer is satisfied and does not buy again, in the current company."""

    _inherit = "res.partner"

    is_satisfied_away = fields.Boolean(
        string="Satisfied, Not Buying Again",
        compute="_compute_is_satisfied_away",
        search="_search_is_satisfied_away",
        groups=USE_INSIGHT,
        help="The customer said in the last 12 months that they are satisfied, and does not "
        "buy again, although nothing is open with them.",
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid", "tz")
    def _compute_is_satisfied_away(self):
        found = self.env["crm.satisfaction.trap"].search(
            [
                ("partner_id", "in", self.commercial_partner_id._origin.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        for partner in self:
            partner.is_satisfied_away = (
                partner.commercial_partner_id in found.partner_id
            )

    @api.model
    def _search_is_satisfied_away(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        found = self._filter_satisfied_away(negate=False)
        others = self._filter_satisfied_away(negate=True)
        return self._search_flag(operator, value, found, others)

    @api.model
    def _filter_satisfied_away(self, negate: bool) -> Domain:
        """Contacts whose customer is one of them, or is not."""
        if not self._may_filter_purchases("is_satisfied_away"):
            return Domain.FALSE
        company = self.env.company

        def to_sql(model, alias, query):
            # sudo: which customers the user sees is asked of the contact, below.
            trap = model.env["crm.satisfaction.trap"].sudo().with_company(company)
            trap = trap.with_context(allowed_company_ids=company.ids)
            rows = trap._search([("company_id", "=", company.id)])
            customer = model._field_to_sql(alias, "commercial_partner_id", query)
            customers = rows.subselect(SQL.identifier(rows.table, "partner_id"))
            return SQL(
                "%s %s %s", customer, SQL("NOT IN" if negate else "IN"), customers
            )

        return Domain.custom(to_sql=to_sql) & self._seen_purchases_domain()
