from datetime import date
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.insight.groups import SEE_MARGIN
from ...models.purchase.crm_customer_transaction import BY_CONTACT
from ...models.purchase.empty_help import purchases_help
from .line_costs import Costs
from .line_discounts import DISCOUNT_JOINS
from .line_queries import cash_roundings, invoice_lines, sale_credit_lines, sale_lines
from .line_rows import balanced, line_columns, product_joins, select
from .line_source import LineSource

BY_PARTNER = SQL("partner_id")


class Period(NamedTuple):
    """In the context: first and last day of the purchases whose lines are read. A class,
    because RPC callers can only send JSON."""

    first: date
    last: date


class CrmCustomerPurchaseLine(models.Model):
    """What was bought: the lines of all purchases and refunds; never written.

    A row is a line of a document behind ``crm.customer.transaction``, so customer, days
    and purchase are the same by construction, and the sums are, too: what rounding leaves
    between a document and its lines is added to the largest of them. A purchase without
    lines (an imported one) is one row without product.

    The lines of invoices and orders are queries in ``line_queries.py``, what they cost is
    put together in ``line_costs.py``.
    """

    _name = "crm.customer.purchase.line"
    _inherit = [
        "crm.customer.record.mixin",
        "crm.insight.dimension.mixin",
        "crm.lifecycle.dimension.mixin",
        "crm.insight.margin.mixin",
        "crm.insight.discount.mixin",
    ]
    _description = "Purchased Product"
    _auto = False
    _rec_name = "reference"
    _order = "date desc, id desc"

    # With all that purchases depend on.
    _depends = {
        "crm.customer.transaction": ["partner_id", "company_id", "date", "amount"],
        "account.move": [
            "team_id",
            "invoice_user_id",
            "medium_id",
            "source_id",
            "campaign_id",
            "invoice_currency_rate",
        ],
        "account.move.line": [
            "product_id",
            "quantity",
            "product_uom_id",
            "price_unit",
            "discount",
            "price_subtotal",
            "is_downpayment",
            "tax_repartition_line_id",
        ],
        "sale.order": ["team_id", "user_id", "medium_id", "source_id", "campaign_id"],
        "sale.order.line": [
            "display_type",
            "product_id",
            "product_uom_qty",
            "product_uom_id",
            "price_unit",
            "discount",
            "price_subtotal",
        ],
        "product.product": ["product_tmpl_id", "standard_price"],
        "product.template": ["categ_id", "uom_id"],
        "uom.uom": ["factor"],
        "res.partner": ["country_id", "state_id"],
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        readonly=True,
        help="Date of the purchase. A credit note takes the date of the invoice it "
        "reverses.",
    )
    posted_date = fields.Date(
        string="Document Date", readonly=True, help="Date of the document itself."
    )
    purchase_key = fields.Char(
        string="Purchase",
        readonly=True,
        help="Lines with the same key are of one purchase: of an invoice and its credit "
        "notes, or of the deposit and final invoice of an order.",
    )
    is_refund = fields.Boolean(string="Refund", readonly=True)
    source = fields.Selection(
        "_selection_source", string="Document Type", readonly=True
    )
    reference = fields.Char(readonly=True)
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Document", model_field="res_model", readonly=True
    )
    product_id = fields.Many2one(
        "product.product",
        string="Product Variant",
        readonly=True,
        help="Empty for imported purchases, and for lines without a product.",
    )
    product_tmpl_id = fields.Many2one(
        "product.template", string="Product", readonly=True
    )
    categ_id = fields.Many2one(
        "product.category", string="Product Category", readonly=True
    )
    quantity = fields.Float(
        readonly=True,
        help="In the unit of the product; negative for what was taken back. Zero where a "
        "credit note gives back less than half of the price: the customer keeps the goods.",
    )
    amount = fields.Monetary(
        string="Revenue",
        readonly=True,
        help="Untaxed, after discounts, in the company's currency; negative for a refund.",
    )
    list_amount = fields.Monetary(
        string="Before Discount",
        readonly=True,
        help="Revenue and discount together. Empty for imported purchases, whose "
        "discounts are not known.",
    )
    discount = fields.Monetary(
        readonly=True,
        help="What percentages on lines took off, and lines with a negative price, such as "
        "a global discount or a reward. Untaxed, in the company's currency; negative for "
        "a refund. Not counted: gift cards, a raised price, and lower prices of a "
        "pricelist that do not show as a discount.",
    )
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        readonly=True,
        help="The salesperson of the document.",
    )
    medium_id = fields.Many2one("utm.medium", readonly=True)
    source_id = fields.Many2one("utm.source", readonly=True)
    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    country_id = fields.Many2one(
        "res.country", readonly=True, help="The customer's country."
    )
    state_id = fields.Many2one(
        "res.country.state", readonly=True, help="The customer's state."
    )

    cost = fields.Monetary(
        readonly=True,
        groups=SEE_MARGIN,
        help="Negative for what was taken back; empty if it is not known.",
    )
    cost_source = fields.Selection(
        [
            ("order", "Cost on the Order"),
            ("delivery", "Value of Deliveries"),
            ("today", "Today's Cost"),
            ("reduction", "Price Reduction"),
            ("none", "No Cost"),
        ],
        string="Cost From",
        readonly=True,
        groups=SEE_MARGIN,
        help="Cost of the day on the order line, or else value of its deliveries, or "
        "else the cost that the product has today. Price reductions cost nothing: discounts, "
        "and credit notes over less than half of the price.",
    )
    costed_revenue = fields.Monetary(
        string="Revenue with Cost",
        readonly=True,
        groups=SEE_MARGIN,
        help="Revenue of lines whose cost is known.",
    )
    margin = fields.Monetary(
        readonly=True,
        groups=SEE_MARGIN,
        help="Revenue with cost, less cost; empty if the cost is not known.",
    )

    @api.model
    def _selection_source(self):
        source = self.env["crm.customer.transaction"]._fields["source"]
        return source._description_selection(self.env)

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(self._get_queries())

    def _get_queries(self) -> list[SQL]:
        """The queries of the read model, one for each kind of documents."""
        transactions = self.env["crm.customer.transaction"]._get_rows_by_source()
        lines = {
            name: LineSource(**source)
            if isinstance(source, dict)
            else LineSource(*source)
            for name, source in self._purchase_line_sources().items()
        }
        # And one for invoices without lines.
        arms = len(transactions) + 1
        queries = [
            self._rows_of(name, source, rows, res_model, number, arms)
            for number, (name, (res_model, found)) in enumerate(transactions.items())
            for source, rows in self._with_sources(name, lines.get(name), found)
        ]
        if self._has_cash_roundings():
            _model, invoices = transactions["invoice"]
            queries += [self._without_lines(rows, arms - 1, arms) for rows in invoices]
        return queries

    @staticmethod
    def _with_sources(name: str, source, found: list[SQL]):
        """The queries of the purchases of a source, each with what its lines are.

        The first one of invoices has those that take nothing back: no line of them is an
        allowance, and PostgreSQL shares their sums among processes without looking.
        """
        for place, rows in enumerate(found):
            if name == "invoice" and source and not place:
                plain = source._replace(is_allowance=None, allowance_joins=SQL())
                yield plain, rows
            else:
                yield source, rows

    @api.model
    def _purchase_line_sources(self) -> dict[str, tuple]:
        """The lines of purchases: the hook for other apps.

        An addon that sells through another channel adds the lines of its documents to the
        result of ``super()``, by the keys that it has in ``_transaction_sources``, and the
        fields it reads to ``_depends``. A source without an entry has one row for each
        purchase, without product.

        :return: :class:`LineSource`, or its values (by name, or in its order), by source
        """
        return {
            "invoice": invoice_lines(
                self._has_cash_roundings(),
                for_sums=self._for_sums,
            ),
            "sale": sale_lines(),
            "sale_credit": sale_credit_lines(),
        }

    @api.model
    def _purchase_line_costs(self, source: str, sale_line: SQL | None) -> dict:
        """What the lines of a source may cost: the hook for other apps, which add to the
        result of ``super()``.

        :param source: a key of :meth:`_purchase_line_sources`
        :param sale_line: the order line, over ``line``; none if there is none
        :return: :class:`CostSource`, or its values, by value of :attr:`cost_source`
        """
        if self._for_sums:
            return {"today": (90, SQL("product.cost"))}
        today = SQL("(product.standard_price ->> bought.company_id::text)::numeric")
        return {"today": (90, today)}

    @api.model
    def _purchase_line_payments(self, source: str, sale_line: SQL | None) -> list[SQL]:
        """Which lines with a negative price pay and are no discount: the hook for other
        apps, which add to the result of ``super()``.

        :param source: a key of :meth:`_purchase_line_sources`
        :param sale_line: the order line, over ``line``; none if there is none
        :return: conditions over ``line``, never NULL
        """
        return []

    @property
    def _for_sums(self) -> bool:
        """Whether all lines of a company are read at once."""
        return self.env.context.get("transaction_company_id") is not None

    @api.model
    def _sums_of_company(
        self, company, condition: SQL, sums: SQL, keys: SQL = BY_PARTNER
    ) -> SQL:
        """Sums over the lines of contacts of one company, to be summed up by customer.

        Each of the queries is one that PostgreSQL shares among processes.

        :param condition: on the lines, ``line``
        :param sums: columns with names
        :param keys: columns to sum up by
        :return: a query for the keys (``partner_id`` is whichever contact bought) and the
            sums; the kinds of documents have rows of their own
        """
        self.env.flush_all()
        this = self.with_context(
            transaction_company_id=company.id, transaction_by_contact=BY_CONTACT
        )
        return SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s, %s FROM (%s) AS line WHERE %s GROUP BY %s",
                keys,
                sums,
                query,
                condition,
                keys,
            )
            for query in this._get_queries()
        )

    @api.model
    def _of_company(self, company, first=None, last=None) -> SQL:
        """The lines of one company, as a table expression: the same rows, from a query
        that PostgreSQL can run in parallel.

        :param first: only of purchases from this day on, until ``last``, as they were
            then. What costs much to know of a purchase, its key, is then looked up once
            for each and not for each of its lines.
        """
        # The database is asked which sources have rows.
        self.env.flush_all()
        return self.with_context(
            transaction_company_id=company.id,
            line_period=Period(first, last) if first else None,
        )._table_sql

    def _rows_of(
        self, name: str, source, rows: SQL, res_model: str, number: int, arms: int
    ) -> SQL:
        """The rows of one source.

        :param name: a key of :meth:`_purchase_line_sources`
        :param source: :class:`LineSource`; none for purchases without lines
        :param rows: its purchases
        """
        period = self.env.context.get("line_period")
        if isinstance(period, Period):
            # Without the OFFSET, PostgreSQL would put the columns where lines are read.
            rows = SQL(
                """
                SELECT bought.* FROM (%s) AS bought
                 WHERE bought.date BETWEEN %s AND %s AND bought.posted_date <= %s OFFSET 0
                """,
                rows,
                *period,
                period.last,
            )
        if source is None:
            line_id = SQL("bought.id * %s + %s", arms, number)
            return select(line_id, SQL("bought.amount"), SQL("(%s) AS bought", rows))
        joins = SQL(
            """
            (%s) AS bought
            %s JOIN LATERAL (%s) AS line ON line.document_id = bought.res_id AND %s
            LEFT JOIN %s AS document ON document.id = bought.res_id
            """,
            rows,
            SQL() if source.is_exact else SQL("LEFT"),
            source.query,
            source.condition,
            SQL.identifier(self.env[res_model]._table),
        )
        costs = Costs(self._purchase_line_costs(name, source.sale_line))
        company_id = self.env.context.get("transaction_company_id")
        products = product_joins(company_id)
        joins = SQL(" ").join(
            [joins, products, source.allowance_joins, DISCOUNT_JOINS, *costs.joins]
        )
        payments = self._purchase_line_payments(name, source.sale_line)
        line_id = SQL("line.line_id::bigint * %s + %s", arms, number)
        if source.is_exact:
            columns = line_columns(source, costs, source.amount, payments)
            return select(line_id, source.amount, joins, columns)
        # Negative where a purchase has no lines.
        line_id = SQL("COALESCE(%s, -bought.id)", line_id)
        return balanced(line_id, joins, source, costs, payments)

    def _has_cash_roundings(self) -> bool:
        """Whether any invoice was rounded to coins."""
        # sudo: only whether there is any, for users who may read lines of purchases.
        lines = self.env["account.move.line"].sudo()
        return bool(lines.search_count([("display_type", "=", "rounding")], limit=1))

    def _without_lines(self, rows: SQL, number: int, arms: int) -> SQL:
        """Invoices of nothing but a cash rounding."""
        joins = SQL(
            """
            (%s) AS bought
            JOIN (%s) AS rounding
              ON rounding.move_id = bought.res_id AND rounding.line_id IS NULL
            """,
            rows,
            cash_roundings(),
        )
        line_id = SQL("bought.id * %s + %s", arms, number)
        return select(line_id, SQL("bought.amount"), joins)

    def action_open_document(self):
        """Open the invoice, order or imported purchase that a line is of."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    @api.model
    def get_empty_list_help(self, help_message):
        return purchases_help(self.env, super().get_empty_list_help(help_message))
