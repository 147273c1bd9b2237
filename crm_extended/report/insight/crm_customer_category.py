from odoo import api, fields, models
from odoo.tools import SQL

from ...analytics.insight.replenishment import LEAST_DAYS
from ...models.insight.empty_help import preferences_help
from ...models.purchase.counted_days import until_sql


class CrmCustomerCategory(models.Model):
    """How a customer buys a category of products in a company: the sum of
    ``crm.customer.product``, by today's categories.

    Days do not add up over products, so they are those of the lines. PostgreSQL reads lines
    only where days are asked for, and only those of a customer on whose page they are.
    """

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
        "crm.customer.purchase.line": [
            "partner_id",
            "company_id",
            "product_tmpl_id",
            "date",
            "amount",
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
        aggregator=None,
        help="Days on which they bought anything in the category.",
    )
    amount = fields.Monetary(
        string="Revenue",
        readonly=True,
        help="Untaxed, after discounts, less what was taken back.",
    )
    last_date = fields.Date(string="Last Bought", readonly=True)
    interval_days = fields.Float(
        string="Usual Interval",
        readonly=True,
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
        mine = SQL("TRUE")
        if isinstance(customer, int):
            mine = SQL("partner_id = %s", customer)
        today = fields.Date.context_today(self)
        return SQL(
            """
            SELECT bought.*, COALESCE(rhythm.purchase_days, 0)::int AS purchase_days,
                   rhythm.interval_days
              FROM (
                    SELECT min(bought.id) AS id, bought.partner_id, bought.company_id,
                           template.categ_id, count(*) AS product_count,
                           sum(bought.amount) AS amount,
                           max(bought.last_date) AS last_date,
                           min(bought.due_date) FILTER (
                               WHERE bought.due_until >= %(today)s
                                 AND template.active AND template.sale_ok) AS due_date
                      FROM crm_customer_product AS bought
                      JOIN product_template AS template
                        ON template.id = bought.product_tmpl_id
                     WHERE %(mine)s
                  GROUP BY bought.partner_id, bought.company_id, template.categ_id
                   ) AS bought
         LEFT JOIN (%(rhythm)s) AS rhythm
                ON rhythm.partner_id = bought.partner_id
               AND rhythm.company_id = bought.company_id
               AND rhythm.category = COALESCE(bought.categ_id, 0)
            """,
            today=today,
            mine=mine,
            rhythm=self._rhythm_query(mine, today),
        )

    def _rhythm_query(self, mine: SQL, today) -> SQL:
        """On how many days a customer bought anything in a category, and the median of the
        days in between. A purchase day is one of any of its products, as defined in
        :func:`~..analytics.insight.replenishment.habit`.

        :param mine: on the lines
        """
        return SQL(
            """
            SELECT partner_id, company_id, category, count(*) AS purchase_days,
                   CASE WHEN count(*) >= %(least)s
                        THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) END
                       AS interval_days
              FROM (
                    SELECT partner_id, company_id, category,
                           (date - lag(date) OVER (
                               PARTITION BY partner_id, company_id, category
                                   ORDER BY date))::float8 AS gap
                      FROM (
                            SELECT DISTINCT day.partner_id, day.company_id, day.date,
                                   COALESCE(template.categ_id, 0) AS category
                              FROM (
                                    SELECT partner_id, company_id, product_tmpl_id, date
                                      FROM %(lines)s AS line
                                     WHERE product_tmpl_id IS NOT NULL
                                       AND %(until)s AND %(mine)s
                                  GROUP BY partner_id, company_id, product_tmpl_id, date
                                    HAVING sum(amount) > 0
                                   ) AS day
                              JOIN product_template AS template
                                ON template.id = day.product_tmpl_id
                           ) AS day
                   ) AS day
          GROUP BY partner_id, company_id, category
            """,
            least=LEAST_DAYS,
            lines=self.env["crm.customer.purchase.line"]._table_sql,
            until=until_sql("line", today),
            mine=mine,
        )

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
