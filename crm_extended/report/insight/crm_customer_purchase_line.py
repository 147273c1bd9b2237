from odoo import api, fields, models
from odoo.tools import SQL

from ...models.purchase.empty_help import purchases_help
from .line_queries import cash_roundings, invoice_lines, sale_credit_lines, sale_lines
from .line_source import LineSource

# Columns: those of the purchase, of the product, of the channel, and of the customer.
PURCHASE = (
    "partner_id",
    "company_id",
    "date",
    "posted_date",
    "purchase_key",
    "is_refund",
    "source",
    "reference",
    "res_model",
    "res_id",
)
PRODUCT = ("product_id", "product_tmpl_id", "categ_id")
DIMENSIONS = ("team_id", "user_id", "medium_id", "source_id", "campaign_id")
PLACE = ("country_id", "state_id")
# In the order of each of the queries.
COLUMNS = (*PURCHASE, *PRODUCT, "quantity", *DIMENSIONS, *PLACE)

# PostgreSQL leaves out each of these joins where its columns are not asked for.
PRODUCT_JOINS = SQL(
    """
    LEFT JOIN product_product AS product ON product.id = line.product_id
    LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
    LEFT JOIN uom_uom AS product_unit ON product_unit.id = template.uom_id
    LEFT JOIN uom_uom AS line_unit ON line_unit.id = line.uom_id
    """
)
# In the unit of the product.
QUANTITY = SQL(
    """
    COALESCE(line.quantity, 0)::numeric * COALESCE(
        line_unit.factor::numeric / NULLIF(product_unit.factor, 0)::numeric, 1)
    """
)
# From the lines of a document to the purchase that they are parts of.
SCALE = SQL(
    "(bought.amount / NULLIF(sum(line.amount) OVER (PARTITION BY bought.id), 0))"
)


class CrmCustomerPurchaseLine(models.Model):
    """What was bought: the lines of all purchases and refunds; never written.

    A row is a line of a document behind ``crm.customer.transaction``, so customer, days
    and purchase are the same by construction, and the sums are, too: what rounding leaves
    between a document and its lines is added to the largest of them. A purchase without
    lines (an imported one) is one row without product.

    The lines of invoices and orders are queries in ``line_queries.py``.
    """

    _name = "crm.customer.purchase.line"
    _inherit = ["crm.customer.record.mixin", "crm.insight.dimension.mixin"]
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
        ],
        "account.move.line": [
            "product_id",
            "quantity",
            "product_uom_id",
            "tax_repartition_line_id",
        ],
        "sale.order": ["team_id", "user_id", "medium_id", "source_id", "campaign_id"],
        "sale.order.line": [
            "display_type",
            "product_id",
            "product_uom_qty",
            "product_uom_id",
            "price_subtotal",
        ],
        "product.product": ["product_tmpl_id"],
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
        help="In the unit of the product; negative for what was taken back.",
    )
    amount = fields.Monetary(
        string="Revenue",
        readonly=True,
        help="Untaxed, after discounts, in the company's currency; negative for a refund.",
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

    @api.model
    def _selection_source(self):
        source = self.env["crm.customer.transaction"]._fields["source"]
        return source._description_selection(self.env)

    @property
    def _table_query(self):
        transactions = self.env["crm.customer.transaction"]._get_rows_by_source()
        lines = {
            name: LineSource(*source)
            for name, source in self._purchase_line_sources().items()
        }
        # And one for invoices without lines.
        arms = len(transactions) + 1
        queries = [
            self._rows_of(lines.get(name), rows, res_model, number, arms)
            for number, (name, (res_model, found)) in enumerate(transactions.items())
            for rows in found
        ]
        if self._has_cash_roundings():
            _model, invoices = transactions["invoice"]
            queries += [self._without_lines(rows, arms - 1, arms) for rows in invoices]
        return SQL(" UNION ALL ").join(queries)

    @api.model
    def _purchase_line_sources(self) -> dict[str, tuple]:
        """The lines of purchases: the hook for other apps.

        An addon that sells through another channel adds the lines of its documents to the
        result of ``super()``, by the keys that it has in ``_transaction_sources``, and the
        fields it reads to ``_depends``. A source without an entry has one row for each
        purchase, without product.

        :return: :class:`LineSource`, or its values, by source
        """
        return {
            "invoice": invoice_lines(self._has_cash_roundings()),
            "sale": sale_lines(),
            "sale_credit": sale_credit_lines(),
        }

    @api.model
    def _of_company(self, company) -> SQL:
        """The lines of one company, as a table expression: the same rows, from a query
        that PostgreSQL can run in parallel."""
        # The database is asked which sources have rows.
        self.env.flush_all()
        return self.with_context(transaction_company_id=company.id)._table_sql

    def _rows_of(self, source, rows: SQL, res_model: str, number: int, arms: int):
        """The rows of one source.

        :param source: :class:`LineSource`; none for purchases without lines
        :param rows: its purchases
        """
        if source is None:
            line_id = SQL("bought.id * %s + %s", arms, number)
            return self._select(
                line_id, SQL("bought.amount"), SQL("(%s) AS bought", rows)
            )
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
        line_id = SQL("line.line_id::bigint * %s + %s", arms, number)
        if source.is_exact:
            return self._select(line_id, source.amount, joins, source)
        # Negative where a purchase has no lines.
        line_id = SQL("COALESCE(%s, -bought.id)", line_id)
        return self._balanced(line_id, joins, source)

    def _balanced(self, line_id: SQL, joins: SQL, source) -> SQL:
        """The rows of a source whose lines may not sum up to the purchase: what is left
        is added to the largest."""
        amount = SQL("COALESCE(%s, 0)", source.amount)
        if source.is_scaled:
            amount = SQL("COALESCE(line.amount * %s, 0)", SCALE)
            source = source._replace(sign=SQL("COALESCE(%s, 0)", SCALE))
        rounded = SQL(
            "round((%s)::numeric / currency.rounding) * currency.rounding", amount
        )
        joins = SQL(
            """
            %s
            JOIN res_company AS company ON company.id = bought.company_id
            JOIN res_currency AS currency ON currency.id = company.currency_id
            """,
            joins,
        )
        # A condition on these columns chooses purchases before their lines are summed up.
        purchase = SQL("purchase_id, partner_id, company_id, date, posted_date")
        columns = [SQL.identifier("line", name) for name in COLUMNS]
        return SQL(
            """
            SELECT line.id,
                   line.amount + CASE WHEN line.place = 1
                                      THEN line.total - line.parts ELSE 0 END AS amount,
                   %(columns)s
              FROM (
                    SELECT part.*, sum(amount) OVER purchase AS parts,
                           row_number() OVER (
                               PARTITION BY %(purchase)s ORDER BY abs(amount) DESC, id
                           ) AS place
                      FROM (%(parts)s) AS part
                    WINDOW purchase AS (PARTITION BY %(purchase)s)
                   ) AS line
            """,
            columns=SQL(", ").join(columns),
            purchase=purchase,
            parts=self._select(
                line_id,
                rounded,
                joins,
                source,
                SQL(", bought.id AS purchase_id, bought.amount AS total"),
            ),
        )

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
        return self._select(line_id, SQL("bought.amount"), joins)

    def _select(self, line_id: SQL, amount: SQL, joins: SQL, source=None, more=None):
        """The columns of the read model.

        :param joins: with the aliases ``bought`` and, if there is a source, ``line`` and
            ``document``
        :param more: further columns
        """
        columns = self._line_columns(source)
        columns |= {name: SQL.identifier("bought", name) for name in PURCHASE}
        columns |= {name: SQL.identifier("buyer", name) for name in PLACE}
        if source:
            joins = SQL("%s %s", joins, PRODUCT_JOINS)
        return SQL(
            """
            SELECT %s AS id, %s AS amount, %s %s
              FROM %s
         LEFT JOIN res_partner AS buyer ON buyer.id = bought.partner_id
            """,
            line_id,
            amount,
            SQL(", ").join(
                SQL("%s AS %s", columns[name], SQL.identifier(name)) for name in COLUMNS
            ),
            more or SQL(),
            joins,
        )

    def _line_columns(self, source) -> dict[str, SQL]:
        nothing = SQL("NULL::int")
        if source is None:
            return dict.fromkeys((*PRODUCT, *DIMENSIONS), nothing) | {
                "quantity": SQL("0::numeric")
            }
        return {
            "product_id": SQL("line.product_id"),
            "product_tmpl_id": SQL("product.product_tmpl_id"),
            "categ_id": SQL("template.categ_id"),
            "quantity": SQL("%s * %s", source.sign, QUANTITY),
            **{name: source.dimensions.get(name, nothing) for name in DIMENSIONS},
        }

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
