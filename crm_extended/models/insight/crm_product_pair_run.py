import logging
import time
from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...analytics.insight.pairs import MOST_PRODUCTS, least_baskets
from ..common.bulk_sql import read_committed
from ..common.progress import NO_PROGRESS
from . import pair_queries as queries
from .crm_product_pair import LEVELS, UNITS

_logger = logging.getLogger(__name__)


class CrmProductPairRun(models.Model):
    """One search for the products of a company that are bought together.

    The scheduled action does a company in two steps, orders and customers, each in a
    transaction of its own; one that was interrupted goes on with what is left.
    """

    _name = "crm.product.pair.run"
    _inherit = "crm.company.job.mixin"
    _description = "Update of Products Bought Together"

    state = fields.Selection(
        [("running", "Running"), ("done", "Completed"), ("failed", "Failed")],
        default="running",
        required=True,
        readonly=True,
    )
    step = fields.Selection(
        UNITS, readonly=True, help="What is being counted; empty once it is completed."
    )
    level = fields.Selection(LEVELS, string="Pairs Of", readonly=True)
    date_from = fields.Date(string="From", readonly=True)
    order_count = fields.Integer(
        string="Orders", readonly=True, help="Orders that were counted."
    )
    order_left_out = fields.Integer(
        string="Orders Left Out",
        readonly=True,
        help="Orders with more than 100 products.",
    )
    customer_count = fields.Integer(
        string="Customers", readonly=True, help="Customers who were counted."
    )
    customer_left_out = fields.Integer(
        string="Customers Left Out",
        readonly=True,
        help="Customers with more than 100 products.",
    )
    order_pair_count = fields.Integer(string="Pairs by Order", readonly=True)
    customer_pair_count = fields.Integer(string="Pairs by Customer", readonly=True)
    pair_count = fields.Integer(string="Pairs", compute="_compute_pair_count")

    @api.depends("order_pair_count", "customer_pair_count")
    def _compute_pair_count(self):
        for run in self:
            run.pair_count = run.order_pair_count + run.customer_pair_count

    # -- Runs

    @api.model
    def _cron_run(self):
        """Find the pairs of all companies, the interrupted ones first."""
        if not self.env["crm.feature"]._is_on("insight"):
            return
        # sudo: as in crm.product.pair._update, whoever the job runs as.
        runs = self.sudo()
        companies = runs._oldest_first(self.env["res.company"].sudo().search([]))
        companies = companies.sorted(lambda company: not runs._interrupted(company))
        jobs = self.env["ir.cron"]
        jobs._commit_progress(remaining=len(companies))
        for company in companies:
            runs._run_in_steps(company)
            jobs._commit_progress(1)

    @api.model
    def _run_in_steps(self, company):
        """Count orders and customers of a company, each in a transaction of its own."""
        jobs = self.env["ir.cron"]
        queries.drop_tables(self.env.cr, with_lines=True)
        run = self._interrupted(company) or self._begin(company)
        left = [unit for unit, _label in UNITS]
        for unit in left[left.index(run.step) :]:
            run.step = unit
            jobs._commit_progress()
            read_committed(self.env.cr)
            if not self._lock_company(company):
                _logger.info("Pairs of company %s are being updated.", company.id)
                return
            if not run._count_or_log(unit):
                return
        run._finish()

    def _count_or_log(self, unit) -> bool:
        """An error in one company must not stop the others."""
        try:
            with self.env.cr.savepoint():
                self._count(unit)
        except UserError as error:
            _logger.warning("Pairs of company %s: %s", self.company_id.id, error)
        except Exception:
            _logger.exception("Pairs of company %s failed.", self.company_id.id)
        else:
            return True
        self.state = "failed"
        return False

    @api.model
    def _run(self, company, as_of: date | None, *, progress=NO_PROGRESS):
        """Find the pairs of a company, which is locked, in this transaction.

        :return: the record of it
        """
        queries.drop_tables(self.env.cr, with_lines=True)
        run = self._begin(company, as_of)
        for unit, _label in UNITS:
            run._count(unit)
        run._finish()
        return run

    @api.model
    def _interrupted(self, company):
        """The last run of a company, if it began within a day and was not completed."""
        last = self.search([("company_id", "=", company.id)], limit=1)
        yesterday = fields.Datetime.now() - timedelta(days=1)
        return last.filtered(
            lambda run: (
                run.state == "running"
                and run.create_date >= yesterday
                and run.level == company._get_pair_level()
            )
        )

    @api.model
    def _begin(self, company, as_of: date | None = None):
        self.search(
            [("company_id", "=", company.id), ("state", "=", "running")]
        ).state = "failed"
        first, last = company._get_pair_period(as_of)
        return self.create(
            {
                "company_id": company.id,
                "as_of": last,
                "date_from": first,
                "level": company._get_pair_level(),
                "step": UNITS[0][0],
            }
        )

    def _finish(self):
        queries.drop_tables(self.env.cr, with_lines=True)
        self.write({"state": "done", "step": False})

    # -- Counting

    def _count(self, unit: str):
        """Find the pairs of one kind of baskets, and write those that changed."""
        self.ensure_one()
        started = time.monotonic()
        company, cr = self.company_id, self.env.cr
        self._prepare_for_sums()
        queries.drop_tables(cr, with_lines=False)
        if not queries.has_lines(cr):
            # As on disks of today: with the default, PostgreSQL rather reads the links of
            # all order lines, once for each invoice.
            cr.execute("SET LOCAL random_page_cost = 1.1")
            lines = self._lines_query(company, self.date_from, self.as_of)
            items = self._items_query(company, self.level)
            cr.execute(queries.read_lines(lines, items))
            cr.execute("SET LOCAL random_page_cost TO DEFAULT")
        cr.execute(queries.fill_baskets(unit))
        cr.execute(queries.count_baskets(MOST_PRODUCTS))
        total, left_out = cr.fetchone()
        if left_out:
            cr.execute(queries.leave_out_large(MOST_PRODUCTS))
        least = least_baskets(
            total, company._get_pair_least(), company.pair_min_percent
        )
        cr.execute(queries.count_items(least))
        cr.execute(queries.keep_frequent())
        cr.execute(SQL("ANALYZE pg_temp.%s", queries.KEPT))
        cr.execute(SQL("ANALYZE pg_temp.%s", queries.COUNTS))
        together = company._get_pair_together()
        cr.execute(queries.found_pairs(self.level, together, total))
        cr.execute(SQL("ANALYZE pg_temp.%s", queries.FOUND))
        values = {
            "company_id": company.id,
            "unit": unit,
            "total": total,
            "run_id": self.id,
            "uid": self.env.uid,
        }
        [[pairs]] = self.env.execute_query(queries.write_pairs(values, self.level))
        if unit == "customer":
            self.env["crm.product.similarity"]._update(
                company,
                queries.most_bought_variants() if self.level == "template" else None,
            )
        self.env.invalidate_all(flush=False)
        self.write(
            {
                f"{unit}_count": total,
                f"{unit}_left_out": left_out,
                f"{unit}_pair_count": pairs,
                "duration": self.duration + time.monotonic() - started,
            }
        )

    @api.model
    def _lines_query(self, company, first: date, last: date, of_few=False) -> SQL:
        """The lines of the company in the period. A line that lowers the price is none of
        a product, and none of what was taken back.

        :param of_few: the same rows, for a condition on products or customers: PostgreSQL
            can then begin with it, and not with all purchases of the period
        """
        lines = self.env["crm.customer.purchase.line"]
        if of_few:
            table = lines._of_company(company)
            in_period = SQL(
                "AND line.company_id = %s AND line.date BETWEEN %s AND %s"
                " AND line.posted_date <= %s",
                company.id,
                first,
                last,
                last,
            )
        else:
            table, in_period = lines._of_company(company, first, last), SQL()
        return SQL(
            """
            SELECT line.partner_id, line.purchase_key, line.product_id, line.quantity
              FROM %s AS line
             WHERE line.product_id IS NOT NULL AND line.quantity * line.amount >= 0 %s
            """,
            table,
            in_period,
        )

    @api.model
    def _items_query(self, company, level: str) -> SQL:
        return queries.items_query(
            level, company.pair_with_services, self._left_out_products(company)
        )

    @api.model
    def _last_completed(self, company):
        """The last completed update of a company, whose figures its pairs have."""
        return self.search(
            [("company_id", "=", company.id), ("state", "=", "done")], limit=1
        )

    @api.model
    def _left_out_products(self, company) -> list[SQL]:
        """Products that are on orders, but that nobody chose to buy: the hook for other
        apps, which add to the result of ``super()``.

        :return: queries for ids of ``product.product``
        """
        left_out = [
            # Deposits.
            SQL(
                """
                SELECT product_id FROM sale_order_line
                 WHERE is_downpayment AND product_id IS NOT NULL
                """
            ),
            # Discounts.
            SQL(
                """
                SELECT sale_discount_product_id FROM res_company
                 WHERE sale_discount_product_id IS NOT NULL
                """
            ),
        ]
        if "delivery.carrier" in self.env:
            carriers = SQL.identifier(self.env["delivery.carrier"]._table)
            left_out.append(SQL("SELECT product_id FROM %s", carriers))
            # Of carriers that are gone, or have another product now.
            left_out.append(
                SQL(
                    """
                    SELECT product_id FROM sale_order_line
                     WHERE is_delivery AND product_id IS NOT NULL
                    """
                )
            )
        return left_out

    def _describe(self) -> str:
        """The results of the runs, in words."""
        found = self.env._(
            "%(orders)s orders and %(customers)s customers counted: %(pairs)s pairs found.",
            orders=sum(self.mapped("order_count")),
            customers=sum(self.mapped("customer_count")),
            pairs=sum(self.mapped("pair_count")),
        )
        left_out = sum(self.mapped("order_left_out"))
        left_out += sum(self.mapped("customer_left_out"))
        if not left_out:
            return found
        return self.env._(
            "%(found)s Left out with more than %(most)s products: %(left_out)s.",
            found=found,
            most=MOST_PRODUCTS,
            left_out=left_out,
        )
