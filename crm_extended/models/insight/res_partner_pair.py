from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .groups import USE_INSIGHT
from .res_partner_bought import NOT_IN


class ResPartner(models.Model):
    """Contacts are found by a pair of products of which their customer bought one and not
    the other: by what the pair was counted from, so that the numbers agree."""

    _inherit = "res.partner"

    only_first_pair_ids = fields.Many2many(
        "crm.product.pair",
        string="Bought Only the First of Pairs",
        compute="_compute_only_pair_ids",
        search="_search_only_first_pair_ids",
        exportable=False,
        groups=USE_INSIGHT,
        help="In the period of pairs, the customer bought the first of two products, "
        "variants or categories, and not the second one.",
    )
    only_second_pair_ids = fields.Many2many(
        "crm.product.pair",
        string="Bought Only the Second of Pairs",
        compute="_compute_only_pair_ids",
        search="_search_only_second_pair_ids",
        exportable=False,
        groups=USE_INSIGHT,
        help="In the period of pairs, the customer bought the second of two products, "
        "variants or categories, and not the first one.",
    )

    def _compute_only_pair_ids(self):
        """To filter by: a contact is on one side of thousands of pairs."""
        self.only_first_pair_ids = False
        self.only_second_pair_ids = False

    def _search_only_first_pair_ids(self, operator, value):
        return self._search_only_one("only_first_pair_ids", operator, value, "a", "b")

    def _search_only_second_pair_ids(self, operator, value):
        return self._search_only_one("only_second_pair_ids", operator, value, "b", "a")

    def _search_only_one(self, name, operator, value, bought, other):
        """Of some pairs, those who bought one side and not the other."""
        if operator not in ("in", "not in"):
            return NotImplemented
        if not self._may_filter_purchases(name):
            return Domain.FALSE
        pairs = self.env["crm.product.pair"].search([("id", "in", list(value))])
        # sudo: which purchases the user sees is asked of the contact, below.
        found = [pair.sudo()._customers_of_one(bought, other) for pair in pairs]

        def to_sql(model, alias, query):
            customer = model._field_to_sql(alias, "commercial_partner_id", query)
            among = SQL("NOT IN") if operator in NOT_IN else SQL("IN")
            nobody = SQL("SELECT 0")
            return SQL(
                "%s %s (%s)",
                customer,
                among,
                SQL(" UNION ALL ").join(found) if found else nobody,
            )

        return Domain.custom(to_sql=to_sql) & self._seen_purchases_domain()
