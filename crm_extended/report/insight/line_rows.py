"""The rows of the lines of purchases: queries put together from a source of lines."""

from odoo.tools import SQL

from .line_costs import COST, NO_COST, margin_columns, named
from .line_discounts import (
    DISCOUNT,
    NO_DISCOUNT,
    before_discount,
    discount_columns,
)

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
COLUMNS = (*PURCHASE, *PRODUCT, "quantity", *COST, *DISCOUNT, *DIMENSIONS, *PLACE)

# PostgreSQL leaves out each of these joins where its columns are not asked for.
PRODUCT_JOINS = SQL(
    """
    LEFT JOIN product_product AS product ON product.id = line.product_id
    LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
    LEFT JOIN uom_uom AS product_unit ON product_unit.id = template.uom_id
    """
)
UNIT_JOIN = SQL("LEFT JOIN uom_uom AS line_unit ON line_unit.id = line.uom_id")
# In the unit of the product, which is mostly that of the line.
QUANTITY = SQL(
    """
    CASE WHEN line.uom_id IS NULL OR line.uom_id = template.uom_id
         THEN COALESCE(line.quantity, 0)::numeric
         ELSE COALESCE(line.quantity, 0)::numeric * COALESCE(
             line_unit.factor::numeric / NULLIF(product_unit.factor, 0)::numeric, 1)
         END
    """
)
# A condition on these columns chooses purchases before their lines are summed up.
CHOSEN_BY = ("partner_id", "company_id", "date", "posted_date")
# From the lines of a document to the purchase that they are parts of.
SCALE = SQL(
    "(bought.amount / NULLIF(sum(line.amount) OVER (PARTITION BY bought.id, %s), 0))",
    SQL(", ").join(SQL.identifier("bought", name) for name in CHOSEN_BY),
)


def product_joins(company_id: int | None) -> SQL:
    """The product of a line: ``product``, ``template`` and ``product_unit``, and
    ``line_unit``.

    :param company_id: whose lines are all read at once: then what is to be known of a
        product is put together once, with its ``cost``, and not for each line
    """
    if company_id is None:
        return SQL("%s %s", PRODUCT_JOINS, UNIT_JOIN)
    return SQL(
        """
        LEFT JOIN (
            SELECT product.id, min(product.product_tmpl_id) AS product_tmpl_id,
                   min(template.categ_id) AS categ_id, min(template.uom_id) AS uom_id,
                   min(unit.factor) AS factor,
                   min((product.standard_price ->> %s)::numeric) AS cost
              FROM product_product AS product
              JOIN product_template AS template ON template.id = product.product_tmpl_id
         LEFT JOIN uom_uom AS unit ON unit.id = template.uom_id
          GROUP BY product.id
        ) AS product ON product.id = line.product_id
        CROSS JOIN LATERAL (SELECT product.categ_id, product.uom_id) AS template
        CROSS JOIN LATERAL (SELECT product.factor) AS product_unit
        %s
        """,
        str(company_id),
        UNIT_JOIN,
    )


def balanced(line_id: SQL, joins: SQL, source, costs, payments) -> SQL:
    """The rows of a source whose lines may not sum up to the purchase: what is left
    is added to the largest."""
    amount = SQL("COALESCE(%s, 0)", source.amount)
    if source.is_scaled:
        amount = SQL("COALESCE(line.amount * %s, 0)", SCALE)
        source = source._replace(sign=SQL("COALESCE(%s, 0)", SCALE), net=amount)
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
    purchase = SQL(", ").join(map(SQL.identifier, ("purchase_id", *CHOSEN_BY)))
    whole = SQL(
        "(line.amount + CASE WHEN line.place = 1"
        " THEN line.total - line.parts ELSE 0 END)"
    )
    columns = {name: SQL.identifier("line", name) for name in COLUMNS}
    columns |= margin_columns(whole, columns["cost"], columns["cost_source"])
    columns |= before_discount(columns, whole)
    return SQL(
        """
        SELECT line.id, %(whole)s AS amount, %(columns)s
          FROM (
                SELECT part.*, sum(amount) OVER purchase AS parts,
                       row_number() OVER (
                           PARTITION BY %(purchase)s ORDER BY abs(amount) DESC, id
                       ) AS place
                  FROM (%(parts)s) AS part
                WINDOW purchase AS (PARTITION BY %(purchase)s)
               ) AS line
        """,
        whole=whole,
        columns=named(columns),
        purchase=purchase,
        parts=select(
            line_id,
            rounded,
            joins,
            line_columns(source, costs, amount, payments),
            SQL(", bought.id AS purchase_id, bought.amount AS total"),
        ),
    )


def select(line_id: SQL, amount: SQL, joins: SQL, columns=None, more=None):
    """The columns of the read model.

    :param joins: with the alias ``bought``
    :param columns: those of the line; none for a purchase without lines
    :param more: further columns
    """
    columns = dict(columns or line_columns())
    columns |= {name: SQL.identifier("bought", name) for name in PURCHASE}
    columns |= {name: SQL.identifier("buyer", name) for name in PLACE}
    return SQL(
        """
        SELECT %s AS id, %s AS amount, %s %s
          FROM %s
     LEFT JOIN res_partner AS buyer ON buyer.id = bought.partner_id
        """,
        line_id,
        amount,
        named({name: columns[name] for name in COLUMNS}),
        more or SQL(),
        joins,
    )


def line_columns(source=None, costs=None, amount=None, payments=()) -> dict[str, SQL]:
    """Columns of a line: its product, its cost, its discount, and what it is analyzed by.

    :param amount: the line's, to see whether it lowers the price
    :param payments: conditions on lines that pay: see :func:`discount_columns`
    """
    nothing = SQL("NULL::int")
    if source is None:
        columns = dict.fromkeys((*PRODUCT, *DIMENSIONS), nothing)
        return columns | NO_COST | NO_DISCOUNT
    quantity = SQL("%s * %s", source.sign, QUANTITY)
    if source.is_allowance is not None:
        quantity = SQL("CASE WHEN %s THEN 0 ELSE %s END", source.is_allowance, quantity)
    net = amount if source.net is None else source.net
    discounts = discount_columns(source, source.sign, net, payments)
    return {
        "product_id": SQL("line.product_id"),
        "product_tmpl_id": SQL("product.product_tmpl_id"),
        "categ_id": SQL("template.categ_id"),
        "quantity": quantity,
        **{name: source.dimensions.get(name, nothing) for name in DIMENSIONS},
        **costs.columns(source, quantity, amount),
        **discounts,
        **before_discount(discounts, amount),
    }
