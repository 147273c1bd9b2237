from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .groups import USE_INSIGHT

IN = ("in", "any", "any!")
NOT_IN = ("not in", "not any", "not any!")


class ResPartner(models.Model):
    """Contacts are found by the profile of their customer, for customer lists."""

    _inherit = "res.partner"

    profile_ids = fields.One2many(
        "crm.customer.profile",
        string="Customer Profile",
        compute="_compute_profile_ids",
        search="_search_profile_ids",
        groups=USE_INSIGHT,
        help="Who the customer is, and how they buy, in your current company.",
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid")
    def _compute_profile_ids(self):
        profiles = self.env["crm.customer.profile"].search(
            [
                ("partner_id", "in", self.commercial_partner_id._origin.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        profile_of = profiles.grouped(lambda row: row.partner_id.id)
        for partner in self:
            customer = partner.commercial_partner_id._origin
            partner.profile_ids = profile_of.get(customer.id, False)

    @api.model
    def _search_profile_ids(self, operator, value):
        if operator not in IN + NOT_IN:
            return NotImplemented
        # Odoo does not ask for the groups of a field that a method searches.
        self.sudo(False)._check_field_access(self._fields["profile_ids"], "read")
        if not self.env["crm.feature"]._is_on("insight"):
            # A plan with such a filter finds no one.
            return Domain.FALSE
        if operator in ("in", "not in"):
            ids = [id_ for id_ in value if id_]
            if len(ids) < len(set(value)):
                return NotImplemented
            value = Domain("id", "in", ids)
        chosen = value if isinstance(value, Domain) else Domain("id", "any", value)
        chosen &= Domain("company_id", "=", self.env.company.id)

        def to_sql(model, alias, query):
            # As the user: the filter is their own, and may lead anywhere.
            profiles = model.env["crm.customer.profile"].sudo(model.env.su)
            profiles = profiles.with_context(active_test=False)
            found = profiles._search(chosen)
            return SQL(
                "%s %s %s",
                model._field_to_sql(alias, "commercial_partner_id", query),
                SQL("NOT IN" if operator in NOT_IN else "IN"),
                found.subselect(SQL.identifier(found.table, "partner_id")),
            )

        return Domain.custom(to_sql=to_sql)
