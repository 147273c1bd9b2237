from datetime import date, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...analytics.insight.replenishment import expected_quantity
from ..common.bulk_sql import tune_for_bulk
from ..purchase.counted_days import until_domain, until_sql
from .customer_product_query import (
    DAY_KEYS,
    DAY_SUMS,
    FRESH_TABLE,
    fresh_query,
    write_query,
)
from .empty_help import preferences_help

# Days ahead that quantities are expected in, by field.
EXPECTED = {"expected_30": 30, "expected_90": 90}


class CrmCustomerProduct(models.Model):
    """How a customer buys a product in a company, of all their purchases. Only
    :meth:`_refresh` writes it."""

    _name = "crm.customer.product"
    _inherit = ["crm.customer.record.mixin", "crm.insight.dimension.mixin"]
    _description = "Product of a Customer"
    _rec_name = "product_tmpl_id"
    _order = "amount desc, id"

    partner_id = fields.Many2one(ondelete="cascade", readonly=True)
    company_id = fields.Many2one(ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    product_tmpl_id = fields.Many2one(
        "product.template",
        string="Product",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    product_id = fields.Many2one(
        "product.product",
        string="Variant Last Bought",
        readonly=True,
        index=True,
        ondelete="set null",
    )
    categ_id = fields.Many2one(
        related="product_tmpl_id.categ_id", string="Product Category"
    )
    uom_id = fields.Many2one(related="product_tmpl_id.uom_id", string="Unit")
    purchase_days = fields.Integer(
        string="Times Bought",
        readonly=True,
        help="Days on which they bought it. What was taken back in full does not count.",
    )
    quantity = fields.Float(
        readonly=True,
        digits="Product Unit",
        help="In the unit of the product, less what was taken back. A credit note over "
        "less than half of the price takes no goods back.",
    )
    amount = fields.Monetary(
        string="Revenue",
        readonly=True,
        help="Untaxed, after discounts, less what was taken back.",
    )
    first_date = fields.Date(string="First Bought", readonly=True)
    last_date = fields.Date(string="Last Bought", readonly=True)
    interval_days = fields.Float(
        string="Usual Interval",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Days between two purchases, the median; empty until they have bought it three "
        "times.",
    )
    usual_quantity = fields.Float(
        readonly=True,
        digits="Product Unit",
        aggregator="avg",
        help="Median of what they buy in one day, in the unit of the product.",
    )
    due_date = fields.Date(
        string="Due On",
        readonly=True,
        help="The usual interval after they last bought it.",
    )
    due_until = fields.Date(
        readonly=True,
        help="Two usual intervals after they last bought it. If they have not bought it "
        "again by then, they are no longer expected to.",
    )
    expected_30 = fields.Float(
        string="Expected in 30 Days",
        compute="_compute_expected",
        digits="Product Unit",
        aggregator="sum",
        help="Usual quantity for each time that it is due in the next 30 days. Overdue "
        "counts as due today.",
    )
    expected_90 = fields.Float(
        string="Expected in 90 Days",
        compute="_compute_expected",
        digits="Product Unit",
        aggregator="sum",
        help="Usual quantity for each time that it is due in the next 90 days. Overdue "
        "counts as due today.",
    )

    due_state = fields.Selection(
        [("due", "Due"), ("waiting", "Not Yet"), ("given_up", "No Longer Bought")],
        string="State",
        compute="_compute_expected",
        help="No longer bought: two usual intervals have passed since.",
    )

    # By customer first: contacts are merged and deleted by it. A constraint, not a unique
    # index: Odoo's merge looks for constraints to know where two rows may collide.
    _unique_product = models.Constraint(
        "UNIQUE (partner_id, company_id, product_tmpl_id)",
        "A product can be listed only once for a customer in each company.",
    )
    _due_index = models.Index("(company_id, due_date) WHERE due_date IS NOT NULL")
    # What is due of thousands of customers, without reading all that they ever bought.
    _rhythm_index = models.Index(
        "(partner_id, company_id, due_until) INCLUDE (due_date, product_tmpl_id, id)"
        " WHERE due_date IS NOT NULL"
    )

    # -- What is expected: not stored, it changes daily

    @api.depends("usual_quantity", "interval_days", "due_date", "due_until")
    @api.depends_context("tz")
    def _compute_expected(self):
        today = fields.Date.context_today(self)
        for row in self:
            for name, days in EXPECTED.items():
                row[name] = expected_quantity(row, today, days)
            row.due_state = row._due_state_on(today)

    def _due_state_on(self, today: date):
        if not self.due_date:
            return False
        if self.due_date > today:
            return "waiting"
        if self.due_until >= today:
            return "due"
        return "given_up"

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr not in EXPECTED:
            return super()._field_to_sql(alias, field_expr, query)
        today = fields.Date.context_today(self)
        return SQL(
            """
            (CASE WHEN %(until)s >= %(today)s
                  THEN %(quantity)s * GREATEST(0, 1 + floor(
                      (%(last)s - GREATEST(%(due)s, %(today)s)) / %(interval)s::numeric))
                  ELSE 0 END)
            """,
            quantity=SQL.identifier(alias, "usual_quantity"),
            interval=SQL.identifier(alias, "interval_days"),
            due=SQL.identifier(alias, "due_date"),
            until=SQL.identifier(alias, "due_until"),
            today=SQL("%s::date", today),
            last=SQL("%s::date", today + timedelta(days=EXPECTED[field_expr])),
        )

    @api.model
    def _sold_domain(self) -> Domain:
        """Of products that are sold: not archived, and not taken out of sales."""
        return Domain("product_tmpl_id.active", "=", True) & Domain(
            "product_tmpl_id.sale_ok", "=", True
        )

    @api.model
    def _due_domain(self, today: date) -> Domain:
        """What is due on a day, and not given up by then."""
        return (
            Domain("due_date", "<=", today)
            & Domain("due_until", ">=", today)
            & self._sold_domain()
        )

    # -- Pages

    @api.model
    def _preferences_action(self, customer) -> dict:
        """The page of what a customer buys in the current company."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_customer_product_action"
        )
        return {
            **action,
            "domain": [
                ("partner_id", "=", customer.id),
                ("company_id", "=", self.env.company.id),
            ],
            "context": {"preferences_of": customer.id},
        }

    def action_open_categories(self):
        """Open the same by category: the button on the page of a customer, whichever rows
        are selected."""
        customer = self.env.context.get("preferences_of")
        customer = self.env["res.partner"].browse(customer).exists()
        customer.check_access("read")
        return self.env["crm.customer.category"]._preferences_action(customer)

    def action_open_lines(self):
        """Open the purchases that a row is computed from."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_customer_purchase_line_action"
        )
        return {
            **action,
            "domain": [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("product_tmpl_id", "=", self.product_tmpl_id.id),
                *until_domain(fields.Date.context_today(self)),
            ],
            # Of any day until today, as the row is.
            "context": {},
        }

    @api.model
    def get_empty_list_help(self, help_message):
        return preferences_help(self.env, super().get_empty_list_help(help_message))

    # -- Computing

    @api.model
    def _refresh(self, company) -> dict[str, int]:
        """Compute the products of all customers of a company, which is locked, and write
        what changed.

        :return: rows there are now, and how many were ``added``, ``changed``, ``removed``
        """
        lines = self.env["crm.customer.purchase.line"]._sums_of_company(
            company,
            until_sql("line", fields.Date.context_today(self)),
            DAY_SUMS,
            keys=DAY_KEYS,
        )
        return self._write_fresh(company, lines)

    @api.model
    def _refresh_customers(self, customers):
        """Compute the products of a few customers in all companies, by index."""
        # sudo: figures are the business of companies, whoever causes them to change.
        this = self.sudo()
        this.env.flush_all()
        for company in this.env["res.company"].search([]):
            lines = this.env["crm.customer.purchase.line"]
            lines = SQL(
                "SELECT %s, %s FROM %s AS line"
                " WHERE line.partner_id = ANY(%s) AND line.company_id = %s"
                " AND %s GROUP BY %s",
                DAY_KEYS,
                DAY_SUMS,
                lines._table_sql,
                customers.ids,
                company.id,
                until_sql("line", fields.Date.context_today(self)),
                DAY_KEYS,
            )
            this._write_fresh(company, lines, customers)

    def _write_fresh(self, company, lines: SQL, customers=None) -> dict[str, int]:
        """Compute rows out of lines, and write those that differ.

        :param customers: whose lines they are; of all without it
        """
        tune_for_bulk(self.env)
        fresh = SQL.identifier(FRESH_TABLE)
        # A transaction may compute one company after the other.
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS pg_temp.%s", fresh))
        self.env.cr.execute(fresh_query(lines, company.currency_id.decimal_places))
        self.env.cr.execute(
            SQL("ANALYZE pg_temp.%s (partner_id, product_tmpl_id)", fresh)
        )
        customer_ids = None if customers is None else customers.ids
        [row] = self.env.execute_query(write_query(company.id, customer_ids))
        self.env.invalidate_all(flush=False)
        return dict(zip(("rows", "added", "changed", "removed"), row, strict=True))
