from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...analytics.insight.pairs import MOST_PRODUCTS
from ..common.client_actions import RELOAD, notification
from ..common.empty_help import HelpButton, extend_help, user_may
from ..purchase.counted_days import until_domain
from ..purchase.empty_help import import_button
from . import pair_queries as queries

UNITS = [("order", "Orders"), ("customer", "Customers")]
# The unit of a pair as the company sets it.
LEVELS = [
    ("template", "Products"),
    ("variant", "Product variants"),
    ("category", "Product categories"),
]


class CrmProductPair(models.Model):
    """Two products that were bought together, in one company: on one order, or by one
    customer. Written by ``crm.product.pair.run`` alone.

    A pair has no order: the first product is the one with the lower id, and there is one
    record for both directions.
    """

    _name = "crm.product.pair"
    _description = "Products Bought Together"
    _order = "lower_bound desc, count_both desc, id"
    _rec_names_search = ["product_a_id", "product_b_id", "categ_a_id", "categ_b_id"]

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    run_id = fields.Many2one(
        "crm.product.pair.run",
        string="Update",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The update that changed these figures last.",
    )
    unit = fields.Selection(
        UNITS,
        string="Counted In",
        required=True,
        readonly=True,
        help="Orders: both products on one order. Customers: both bought by one "
        "customer, at any time in the period.",
    )
    level = fields.Selection(LEVELS, required=True, readonly=True)
    product_a_id = fields.Many2one(
        "product.template",
        string="First Product",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    product_b_id = fields.Many2one(
        "product.template",
        string="Second Product",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    variant_a_id = fields.Many2one(
        "product.product",
        string="First Variant",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    variant_b_id = fields.Many2one(
        "product.product",
        string="Second Variant",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    categ_a_id = fields.Many2one(
        "product.category",
        string="First Category",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    categ_b_id = fields.Many2one(
        "product.category",
        string="Second Category",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    name_a = fields.Char(string="Product", compute="_compute_names")
    name_b = fields.Char(string="Bought With", compute="_compute_names")

    count_a = fields.Integer(
        string="With the First",
        readonly=True,
        aggregator=None,
        help="Orders or customers with the first product.",
    )
    count_b = fields.Integer(
        string="With the Second",
        readonly=True,
        aggregator=None,
        help="Orders or customers with the second product.",
    )
    count_both = fields.Integer(
        string="Together",
        readonly=True,
        aggregator=None,
        help="Orders or customers with both products.",
    )
    total = fields.Integer(
        string="Of All",
        readonly=True,
        aggregator=None,
        help="All orders or customers that were counted.",
    )
    support = fields.Float(
        readonly=True,
        aggregator=None,
        help="Share of all orders or customers that have both products.",
    )
    confidence_ab = fields.Float(
        string="First → Second",
        readonly=True,
        aggregator=None,
        help="Of the orders or customers with the first product, the share that has the "
        "second one, too.",
    )
    confidence_ba = fields.Float(
        string="Second → First",
        readonly=True,
        aggregator=None,
        help="Of the orders or customers with the second product, the share that has the "
        "first one, too.",
    )
    lift = fields.Float(
        readonly=True,
        aggregator=None,
        help="How many times as often as by chance. Above 1: they go together; below 1: "
        "those who buy one tend not to buy the other.",
    )
    cosine = fields.Float(
        string="Similarity",
        readonly=True,
        aggregator=None,
        help="From 0, never together, to 1, never one without the other: the number of "
        "both, divided by the root of the product of the numbers of each (cosine).",
    )
    lower_bound = fields.Float(
        string="At Least",
        readonly=True,
        aggregator=None,
        help="The higher of the two shares, less what chance may have added: the lower "
        "end of its 95% interval, after Wilson. The list is in this order, so that few "
        "orders do not come before many.",
    )

    # One record for both directions.
    _template_unique = models.UniqueIndex(
        "(company_id, unit, product_a_id, product_b_id) WHERE level = 'template'"
    )
    _variant_unique = models.UniqueIndex(
        "(company_id, unit, variant_a_id, variant_b_id) WHERE level = 'variant'"
    )
    _category_unique = models.UniqueIndex(
        "(company_id, unit, categ_a_id, categ_b_id) WHERE level = 'category'"
    )

    @api.depends("level", "product_a_id", "variant_a_id", "categ_a_id")
    @api.depends_context("lang")
    def _compute_names(self):
        for pair in self:
            for side in ("a", "b"):
                item = pair._item(side)
                pair[f"name_{side}"] = item.display_name if item else False

    def _item(self, side: str):
        """One side, ``a`` or ``b``: a product, a variant or a category."""
        names = {"template": "product", "variant": "variant", "category": "categ"}
        return self[f"{names.get(self.level, 'product')}_{side}_id"]

    @api.depends("name_a", "name_b")
    def _compute_display_name(self):
        for pair in self:
            pair.display_name = f"{pair.name_a} + {pair.name_b}"

    def action_open_lines(self):
        """Open the lines of purchases with one product of the pair, in the period that it
        was counted in."""
        self.ensure_one()
        # sudo: the settings of a company that the user works in.
        first, last = self.company_id.sudo()._get_pair_period()
        names = {
            "template": "product_tmpl_id",
            "variant": "product_id",
            "category": "categ_id",
        }
        items = self._item("a") + self._item("b")
        domain = Domain(names[self.level], "in", items.ids)
        domain &= Domain("company_id", "=", self.company_id.id)
        domain &= Domain("date", ">=", first) & Domain(until_domain(last))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_customer_purchase_line_action"
        )
        return {
            **action,
            "name": self.display_name,
            "display_name": self.display_name,
            "domain": list(domain),
            "context": {},
        }

    def action_find_a_never_b(self):
        """Open the customers who bought the first and not the second."""
        return self._find_only_one("only_first_pair_ids", "a", "b")

    def action_find_b_never_a(self):
        """Open the customers who bought the second and not the first."""
        return self._find_only_one("only_second_pair_ids", "b", "a")

    def _find_only_one(self, name, bought, other):
        self.ensure_one()
        self.check_access("read")
        wizards = self.env["crm.customer.find.wizard"]
        return wizards._action_bought_not(
            Domain(name, "in", self.ids), self._item(bought), self._item(other)
        )

    def _customers_of_one(self, bought: str, other: str) -> SQL:
        """Customers who bought one side of a pair and not the other: of the lines and by
        the rules that it was counted by, in the period of the last update.

        :return: a query for their ids
        """
        self.ensure_one()
        # sudo: pairs are counted over all purchases of the company; of the customers, only
        # those that the user may see are found.
        runs, company = self.env["crm.product.pair.run"].sudo(), self.company_id.sudo()
        run = runs._last_completed(company)
        period = (run.date_from, run.as_of) if run else company._get_pair_period()
        items = runs._items_query(company, self.level)
        ids = [self._item(bought).id, self._item(other).id]
        products = self.env.execute_query(
            SQL("SELECT product_id FROM (%s) AS items WHERE item = ANY(%s)", items, ids)
        )
        return queries.customers_of_one(
            runs._lines_query(company, *period, of_few=True),
            items,
            [id_ for [id_] in products],
            *ids,
            MOST_PRODUCTS if run.customer_left_out or not run else None,
        )

    @api.model
    def action_update(self):
        """Find the pairs of the current company anew, and show the result.

        :raise AccessError: unless the user may see the updates
        :raise UserError: while another update is at work
        """
        self.env["crm.product.pair.run"].check_access("read")
        company = self.env.company
        run = self._update(company)
        return notification(
            run._describe(),
            title=self.env._("Purchases of %s", company.display_name),
            next=RELOAD,
        )

    @api.model
    def _update(self, companies=None):
        """Find the pairs of companies, all of them when left out.

        :return: one record a company, with what was found
        :rtype: crm.product.pair.run
        """
        return self.env["crm.product.pair.run"]._run_now(companies)

    @api.model
    def get_empty_list_help(self, help_message):
        help_message = super().get_empty_list_help(help_message)
        # sudo: the limits of the reader's own company.
        company = self.env.company.sudo()
        limits = self.env._(
            "Both products have to be in at least %(least)s orders or customers and in "
            "%(percent)s%% of them, together in %(together)s; with more than %(most)s "
            "products, an order or customer is left out.",
            least=company._get_pair_least(),
            percent=f"{company.pair_min_percent:g}",
            together=company._get_pair_together(),
            most=MOST_PRODUCTS,
        )
        if not user_may(self.env["crm.product.pair.run"], "read"):
            return extend_help(help_message, sentence=limits)
        help_message = extend_help(help_message, sentence=limits)
        buttons = [
            HelpButton(
                self.env._("Update Now"), "crm_extended.crm_product_pair_server_action"
            )
        ]
        if user_may(self.env["crm.purchase.history"], "create"):
            buttons.append(import_button(self.env))
        return extend_help(help_message, buttons)
