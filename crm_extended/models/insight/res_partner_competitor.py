from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .groups import USE_INSIGHT


class ResPartner(models.Model):
    """Contacts show the competitors that the customer they belong to is in contact with:
    tags, read together with the score and the tier."""

    _inherit = "res.partner"

    competitor_ids = fields.Many2many(
        "crm.competitor",
        string="Competitors",
        compute="_compute_competitor_ids",
        inverse="_inverse_competitor_ids",
        search="_search_competitor_ids",
        groups=USE_INSIGHT,
        help="Competitors that the customer is in contact with.",
    )

    @api.model
    def _get_customer_terms(self, customer):
        # sudo: the table, as for referrals; the groups of the field exclude other users.
        self.env["crm.competitor"].sudo().flush_model()
        return super()._get_customer_terms(customer) | {
            "competitor_ids": self.env["crm.competitor"]._ids_of_customer(customer),
        }

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_competitor_ids(self):
        self._compute_customer_join("competitor_ids")

    def _inverse_competitor_ids(self):
        self.env["crm.competitor"]._tag_customers(
            {partner.commercial_partner_id: partner.competitor_ids for partner in self}
        )

    def _search_competitor_ids(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        competitors = self.env["crm.competitor"]
        if operator == "in":
            chosen = Domain("id", "in", [id_ for id_ in value if id_])
            found = self._with_competitors(competitors._search(chosen))
            if False in value:
                found |= ~self._with_competitors(competitors._search([]))
            return found
        return self._with_competitors(competitors._search(value))

    def _with_competitors(self, competitors) -> Domain:
        """Contacts of customers with one of these competitors (a query)."""

        def to_sql(model, alias, query):
            model._check_customer_join("competitor_ids")
            self.env["crm.competitor"].flush_model()
            return SQL(
                """
                %s IN (SELECT tagged.commercial_partner_id
                         FROM crm_competitor_partner_rel AS tag
                         JOIN res_partner AS tagged ON tagged.id = tag.partner_id
                        WHERE tag.competitor_id IN %s)
                """,
                SQL.identifier(alias, "commercial_partner_id"),
                competitors.subselect(),
            )

        return Domain.custom(to_sql=to_sql)
