from odoo import api, fields, models
from odoo.tools import SQL

from ..common.bulk_sql import tune_for_bulk
from .customer_product_query import (
    DAY_KEYS,
    DAY_SUMS,
    FRESH_TABLE,
    fresh_query,
    write_query,
)


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
        help="In the unit of the product, less what was taken back.",
    )
    amount = fields.Monetary(
        string="Revenue",
        readonly=True,
        help="Untaxed, after discounts, less what was taken back.",
    )
    first_date = fields.Date(string="First Bought", readonly=True)
    last_date = fields.Date(string="Last Bought", readonly=True)
    interval_days = fields.Float(
        string="Usual Interval (Days)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Median of the days between two purchases; empty until they have bought it "
        "three times.",
    )
    usual_quantity = fields.Float(
        readonly=True,
        digits="Product Unit",
        aggregator="avg",
        help="Median of what they buy in one day, in the unit of the product.",
    )
    due_date = fields.Date(
        string="Replenishment Due",
        readonly=True,
        help="The usual interval after they last bought it.",
    )

    # By customer first: contacts are merged and deleted by it. A constraint, not a unique
    # index: Odoo's merge looks for constraints to know where two rows may collide.
    _unique_product = models.Constraint(
        "UNIQUE (partner_id, company_id, product_tmpl_id)",
        "A product can be listed only once for a customer in each company.",
    )
    _due_index = models.Index("(company_id, due_date) WHERE due_date IS NOT NULL")

    # -- Computing

    @api.model
    def _refresh(self, company) -> dict[str, int]:
        """Compute the products of all customers of a company, which is locked, and write
        what changed.

        :return: rows there are now, and how many were ``added``, ``changed``, ``removed``
        """
        lines = self.env["crm.customer.purchase.line"]._sums_of_company(
            company,
            SQL("line.date <= %s", fields.Date.context_today(self)),
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
                " AND line.date <= %s GROUP BY %s",
                DAY_KEYS,
                DAY_SUMS,
                lines._table_sql,
                customers.ids,
                company.id,
                fields.Date.context_today(self),
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
