from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...analytics.insight.replenishment import Line, habit
from ...models.insight.empty_help import preferences_help
from ...models.purchase.counted_days import until_domain


class CrmCustomerCategory(models.Model):
    """How a customer buys a category of products in a company: the sum of
    ``crm.customer.product``, by today's categories."""

    _name = "crm.customer.category"
    _inherit = "crm.customer.record.mixin"
    _description = "Product Category of a Customer"
    _auto = False
    _rec_name = "categ_id"
    _order = "amount desc, id"
    _depends = {
        "crm.customer.product": [
            "partner_id",
            "company_id",
            "product_tmpl_id",
            "purchase_days",
            "amount",
            "last_date",
            "due_date",
            "due_until",
        ],
        "product.template": ["categ_id"],
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    categ_id = fields.Many2one(
        "product.category", string="Product Category", readonly=True
    )
    product_count = fields.Integer(string="Products", readonly=True)
    purchase_days = fields.Integer(
        string="Times Bought",
        readonly=True,
        help="Each product counts on each day on which they bought it.",
    )
    amount = fields.Monetary(
        string="Revenue",
        readonly=True,
        help="Untaxed, after discounts, less what was taken back.",
    )
    last_date = fields.Date(string="Last Bought", readonly=True)
    interval_days = fields.Float(
        string="Usual Interval",
        compute="_compute_interval_days",
        digits=(16, 1),
        aggregator=None,
        help="Days between two purchases of anything in the category, the median; empty "
        "until there are three.",
    )
    due_date = fields.Date(
        string="Due On",
        readonly=True,
        help="The first of its products that they need again.",
    )

    @property
    def _table_query(self):
        # On the page of a customer. A row is the sum of many, so PostgreSQL cannot find it
        # by its id: it would sum up those of all customers.
        customer = self.env.context.get("preferences_of")
        condition = SQL("TRUE")
        if isinstance(customer, int):
            condition = SQL("bought.partner_id = %s", customer)
        return SQL(
            """
            SELECT min(bought.id) AS id, bought.partner_id, bought.company_id,
                   template.categ_id, count(*) AS product_count,
                   sum(bought.purchase_days) AS purchase_days,
                   sum(bought.amount) AS amount, max(bought.last_date) AS last_date,
                   min(bought.due_date) FILTER (WHERE bought.due_until >= %s
                       AND template.active AND template.sale_ok) AS due_date
              FROM crm_customer_product AS bought
              JOIN product_template AS template ON template.id = bought.product_tmpl_id
             WHERE %s
          GROUP BY bought.partner_id, bought.company_id, template.categ_id
            """,
            fields.Date.context_today(self),
            condition,
        )

    @api.depends("partner_id", "company_id", "categ_id")
    def _compute_interval_days(self):
        """Out of the lines of these customers, found as the user."""
        days = defaultdict(list)
        for company, customer, category, day, amount in self.env[
            "crm.customer.purchase.line"
        ]._read_group(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("product_tmpl_id", "!=", False),
                *until_domain(fields.Date.context_today(self)),
            ],
            ["company_id", "partner_id", "categ_id", "date:day"],
            ["amount:sum"],
        ):
            days[company, customer, category].append(Line(day, 0, amount))
        for row in self:
            found = habit(days[row.company_id, row.partner_id, row.categ_id])
            row.interval_days = (found and found.interval_days) or 0

    @api.model
    def _preferences_action(self, customer) -> dict:
        """The page of the categories that a customer buys in the current company."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_customer_category_action"
        )
        return {
            **action,
            "domain": [
                ("partner_id", "=", customer.id),
                ("company_id", "=", self.env.company.id),
            ],
            "context": {"preferences_of": customer.id},
        }

    def action_open_products(self):
        """Open the products of the category that the customer buys."""
        self.ensure_one()
        products = self.env["crm.customer.product"]
        action = products._preferences_action(self.partner_id)
        domain = [*action["domain"], ("categ_id", "=", self.categ_id.id)]
        return {**action, "domain": domain, "context": {}}

    @api.model
    def get_empty_list_help(self, help_message):
        return preferences_help(self.env, super().get_empty_list_help(help_message))
