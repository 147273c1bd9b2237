from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.groups import ALL_DOCUMENTS
from .groups import USE_INSIGHT

# Operators of filters.
IN = ("in", "any", "any!")
NOT_IN = ("not in", "not any", "not any!")


class ResPartner(models.Model):
    """Contacts are found by what their customer bought.

    What the customer bought in the current company is not stored with contacts:
    ``crm.customer.product`` is asked. Salespeople find the customers whose purchases they
    see, also with a filter on what was never bought.
    """

    _inherit = "res.partner"

    bought_product_ids = fields.Many2many(
        "product.template",
        string="Products Bought",
        compute="_compute_bought",
        search="_search_bought_product_ids",
        # What is no longer sold was bought, too.
        context={"active_test": False},
        groups=USE_INSIGHT,
        help="What the customer ever bought in your current company. What was taken back "
        "in full does not count.",
    )
    bought_categ_ids = fields.Many2many(
        "product.category",
        string="Product Categories Bought",
        compute="_compute_bought",
        search="_search_bought_categ_ids",
        groups=USE_INSIGHT,
        help="Categories of the products that the customer ever bought in your current "
        "company. A category contains those below it.",
    )
    bought_ids = fields.One2many(
        "crm.customer.product",
        string="Products Bought, in Detail",
        compute="_compute_bought_ids",
        search="_search_bought_ids",
        groups=USE_INSIGHT,
        help="How often, how much and when the customer bought each product in your "
        "current company.",
    )
    is_replenishment_due = fields.Boolean(
        string="Due for Replenishment",
        compute="_compute_is_replenishment_due",
        search="_search_is_replenishment_due",
        groups=USE_INSIGHT,
        help="The customer usually buys a product again by now, and has not done so. After "
        "twice the usual interval they are no longer expected to.",
    )
    bought_last_year_only = fields.Boolean(
        string="Bought Last Year, Not This",
        compute="_compute_bought_last_year_only",
        search="_search_bought_last_year_only",
        groups=USE_INSIGHT,
        help="The customer's last purchase in your current company was in the last "
        "calendar year: they have bought nothing since January 1.",
    )

    # -- Values, for all contacts of a list at once

    def _bought_rows(self, domain=Domain.TRUE):
        """What the customers of these contacts bought, by customer."""
        domain = Domain(domain) & Domain(
            [
                ("partner_id", "in", self.commercial_partner_id._origin.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        found = self.env["crm.customer.product"].search(domain, order="id")
        return found.grouped(lambda row: row.partner_id.id)

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid")
    def _compute_bought(self):
        nothing = self.env["crm.customer.product"]
        rows = self._bought_rows()
        # Of all customers together, not of one after the other.
        products = nothing.union(*rows.values()).product_tmpl_id
        products.categ_id.fetch(["parent_path"])
        for partner in self:
            mine = rows.get(partner.commercial_partner_id._origin.id, nothing)
            partner.bought_product_ids = mine.product_tmpl_id
            categories = mine.product_tmpl_id.categ_id
            # With those above: a filter by one of them finds the customer, too.
            ids = {
                int(id_) for c in categories for id_ in c.parent_path.split("/")[:-1]
            }
            partner.bought_categ_ids = categories.browse(sorted(ids))

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid")
    def _compute_bought_ids(self):
        rows = self._bought_rows()
        for partner in self:
            customer = partner.commercial_partner_id._origin
            partner.bought_ids = rows.get(customer.id, False)

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid", "tz")
    def _compute_is_replenishment_due(self):
        rows = self._bought_rows(self._replenishment_domain())
        for partner in self:
            customer = partner.commercial_partner_id._origin
            partner.is_replenishment_due = customer.id in rows

    @api.depends("rfm_last_date")
    @api.depends_context("company", "tz")
    def _compute_bought_last_year_only(self):
        year = fields.Date.context_today(self).year - 1
        for partner in self:
            last = partner.rfm_last_date
            partner.bought_last_year_only = bool(last) and last.year == year

    @api.model
    def _replenishment_domain(self) -> Domain:
        today = fields.Date.context_today(self)
        return self.env["crm.customer.product"]._due_domain(today)

    # -- Filters

    @api.model
    def _may_filter_purchases(self, name) -> bool:
        """Whether the feature is on. While it is off, figures are of some day before, and
        a plan with such a filter finds no one.

        :param name: field of the filter
        :raise AccessError: if the user may not read it
        """
        # Odoo does not ask for the groups of a field that a method searches.
        self.sudo(False)._check_field_access(self._fields[name], "read")
        return self.env["crm.feature"]._is_on("insight")

    @api.model
    def _filter_purchases(self, name, operator, domain, as_user=False) -> Domain:
        """Contacts whose customer bought, or never bought, something.

        :param operator: a negative one for those who never did
        :param domain: on ``crm.customer.product``
        :param as_user: for a domain that is the user's own, which may lead anywhere from
            there, to what they must not see
        """
        if not self._may_filter_purchases(name):
            return Domain.FALSE
        company_id = self.env.company.id

        def to_sql(model, alias, query):
            products = model.env["crm.customer.product"]
            if not as_user:
                # sudo: which rows the user sees is asked of the contact, below.
                products = products.sudo()
            # Archived products were bought, too.
            products = products.with_context(active_test=False)
            bought = products._search(domain & Domain("company_id", "=", company_id))
            customer = model._field_to_sql(alias, "commercial_partner_id", query)
            bought.add_where(
                SQL("%s = %s", SQL.identifier(bought.table, "partner_id"), customer)
            )
            exists = SQL("NOT EXISTS") if operator in NOT_IN else SQL("EXISTS")
            return SQL("%s %s", exists, bought.subselect(SQL("1")))

        # Odoo's own negation is one that PostgreSQL cannot join.
        return Domain.custom(to_sql=to_sql) & self._seen_purchases_domain()

    @api.model
    def _seen_purchases_domain(self) -> Domain:
        """Contacts whose purchases the user sees: as the rules of what customers buy."""
        if self.env.su or self.env.user.has_group(ALL_DOCUMENTS):
            return Domain.TRUE
        return Domain("commercial_partner_id.user_id", "=", self.env.uid)

    @api.model
    def _search_bought_product_ids(self, operator, value):
        if operator not in IN + NOT_IN:
            return NotImplemented
        return self._search_bought(
            "bought_product_ids",
            operator,
            value,
            lambda ids: Domain("product_tmpl_id", "in", ids),
        )

    @api.model
    def _search_bought_categ_ids(self, operator, value):
        if operator == "child_of":
            return Domain("bought_categ_ids", "any", [("id", "child_of", value)])
        if operator not in IN + NOT_IN:
            return NotImplemented
        return self._search_bought(
            "bought_categ_ids", operator, value, self._bought_of_categories
        )

    @api.model
    def _bought_of_categories(self, ids) -> Domain:
        """What was bought of some categories. By the products themselves: how many have
        bought these, PostgreSQL knows."""
        # sudo: the rows say what was bought, whichever company sells it today.
        products = self.env["product.template"].sudo().with_context(active_test=False)
        found = products._search([("categ_id", "child_of", list(ids))])
        return Domain("product_tmpl_id", "in", list(found))

    @api.model
    def _search_bought(self, name, operator, value, bought) -> Domain:
        """Filter by records that were bought: nothing among them means those who bought
        nothing.

        :param bought: gives the domain on ``crm.customer.product`` for some ids
        """
        negative = operator in NOT_IN
        if operator not in ("in", "not in"):
            field = self._fields[name]
            records = self.env[field.comodel_name].with_context(**field.context)
            found = records._search(value, bypass_access=operator.endswith("!"))
            return self._filter_purchases(name, operator, bought(found))
        ids = [id_ for id_ in value if id_]
        found = self._filter_purchases(name, operator, bought(ids))
        if not any(id_ is False for id_ in value):
            return found
        nothing = self._filter_purchases(
            name, "in" if negative else "not in", Domain.TRUE
        )
        return found & nothing if negative else found | nothing

    @api.model
    def _search_bought_ids(self, operator, value):
        if operator not in IN + NOT_IN:
            return NotImplemented
        if operator in ("in", "not in"):
            return self._search_bought(
                "bought_ids", operator, value, lambda ids: Domain("id", "in", ids)
            )
        domain = Domain("id", "any", value) if not isinstance(value, Domain) else value
        return self._filter_purchases("bought_ids", operator, domain, as_user=True)

    @api.model
    def _search_is_replenishment_due(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        due = self._replenishment_domain()
        return self._search_flag(
            operator,
            value,
            self._filter_purchases("is_replenishment_due", "in", due),
            self._filter_purchases("is_replenishment_due", "not in", due),
        )

    @api.model
    def _search_bought_last_year_only(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        if not self._may_filter_purchases("bought_last_year_only"):
            return Domain.FALSE
        first = fields.Date.context_today(self).replace(month=1, day=1)
        found = Domain("rfm_last_date", ">=", first - relativedelta(years=1))
        found &= Domain("rfm_last_date", "<", first)
        return self._search_flag(operator, value, found, ~found)

    @staticmethod
    def _search_flag(operator, value, found, others) -> Domain:
        """Those with a flag, those without, or both."""
        wanted = {bool(each) for each in value}
        if operator == "not in":
            wanted = {True, False} - wanted
        return Domain.OR(found if each else others for each in wanted)
