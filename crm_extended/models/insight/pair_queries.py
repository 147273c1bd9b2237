"""The statements that find products bought together: from the lines of a company to
counts of pairs, by way of temporary tables."""

from typing import NamedTuple

from odoo.tools import SQL

from ...analytics.common.intervals import Z

# Lines, one for each product of a purchase; products of baskets; products that are in
# enough of them, with their number; what is left of the baskets; the pairs.
LINES, BASKETS, COUNTS, KEPT, FOUND = (
    SQL.identifier(f"crm_pair_{name}")
    for name in ("line", "basket", "count", "kept", "found")
)


class Level(NamedTuple):
    """What a pair is a pair of."""

    #: columns of a pair that hold the item itself
    a: str
    b: str
    #: the item of a line, over ``product`` and ``template``
    item: SQL


LEVELS = {
    "template": Level("product_a_id", "product_b_id", SQL("template.id")),
    "variant": Level("variant_a_id", "variant_b_id", SQL("product.id")),
    "category": Level("categ_a_id", "categ_b_id", SQL("template.categ_id")),
}
# Of a pair, the columns that say what it is, and those with figures.
ITEMS = {
    "template": ("product_a_id", "product_b_id"),
    "variant": ("product_a_id", "product_b_id", "variant_a_id", "variant_b_id"),
    "category": ("categ_a_id", "categ_b_id"),
}
FIGURES = (
    "count_a",
    "count_b",
    "count_both",
    "support",
    "confidence_ab",
    "confidence_ba",
    "lift",
    "cosine",
    "lower_bound",
)


def drop_tables(cr, *, with_lines: bool):
    """Make way for the next baskets, or the next company. Lines stay over the end of a
    transaction, so that both kinds of baskets are made of the same."""
    tables = (BASKETS, COUNTS, KEPT, FOUND)
    for table in (LINES, *tables) if with_lines else tables:
        cr.execute(SQL("DROP TABLE IF EXISTS pg_temp.%s", table))


def has_lines(cr) -> bool:
    """Whether the lines of the company at work have been read in this session."""
    cr.execute("SELECT to_regclass('pg_temp.crm_pair_line') IS NOT NULL")
    [found] = cr.fetchone()
    return found


def read_lines(lines: SQL, items: SQL) -> SQL:
    """Make the table of what was bought, net of what was taken back, by purchase and,
    where ``items`` tells them apart, by variant.

    A purchase is known from a hash of its key: of a million purchases, two have the same
    one with a probability of 1 to 37 million.

    :param lines: a query for ``partner_id``, ``purchase_key``, ``product_id``, ``quantity``
    :param items: a query for ``product_id``, ``item`` and ``variant``
    """
    return SQL(
        """
        CREATE TEMPORARY TABLE %(table)s AS
        SELECT line.partner_id, line.basket, items.item, items.variant,
               sum(line.quantity) AS quantity
          FROM (SELECT partner_id, hashtextextended(purchase_key, 0) AS basket,
                       product_id, quantity
                  FROM (%(lines)s) AS line) AS line
          JOIN (%(items)s) AS items ON items.product_id = line.product_id
      GROUP BY line.partner_id, line.basket, items.item, items.variant
        """,
        table=LINES,
        lines=lines,
        items=items,
    )


def items_query(level: str, with_services: bool, left_out: list[SQL]) -> SQL:
    """Products that count, with what they are counted as; and the variant, where several
    are counted as one product.

    :param left_out: queries for ids of products that do not count
    """
    conditions = [SQL("%s IS NOT NULL", LEVELS[level].item)]
    # The heading of a combo; what is in it was bought.
    conditions.append(SQL("template.type <> 'combo'"))
    if not with_services:
        conditions.append(SQL("template.type <> 'service'"))
    if left_out:
        conditions.append(
            SQL(
                "NOT EXISTS (SELECT FROM (%s) AS left_out(id)"
                " WHERE left_out.id = product.id)",
                SQL(" UNION ").join(left_out),
            )
        )
    variant = SQL("NULL::int")
    if level == "template":
        variant = SQL(
            """
            CASE WHEN count(*) OVER (PARTITION BY product.product_tmpl_id) > 1
                 THEN product.id END
            """
        )
    return SQL(
        """
        SELECT product.id AS product_id, %s AS item, %s AS variant
          FROM product_product AS product
          JOIN product_template AS template ON template.id = product.product_tmpl_id
         WHERE %s
        """,
        LEVELS[level].item,
        variant,
        SQL(" AND ").join(conditions),
    )


def bought_items(lines: SQL, items: SQL) -> SQL:
    """What customers bought, net, over all their purchases: as the baskets of customers.

    :param lines: as of :func:`read_lines`
    :param items: the same
    :return: a query for ``partner_id`` and ``item``
    """
    return SQL(
        """
        SELECT line.partner_id, items.item
          FROM (%s) AS line JOIN (%s) AS items ON items.product_id = line.product_id
      GROUP BY line.partner_id, items.item HAVING sum(line.quantity) > 0
        """,
        lines,
        items,
    )


def customers_of_one(
    lines: SQL,
    items: SQL,
    products: list[int],
    bought: int,
    other: int,
    most: int | None,
) -> SQL:
    """Customers who bought one of two items and not the other, as pairs are counted.

    :param products: the ids of ``product.product`` that are counted as one of both
    :param most: customers with more items were left out; None if no customer was
    :return: a query for ``partner_id``
    """
    of_both = SQL(
        "SELECT * FROM (%s) AS line WHERE product_id = ANY(%s)", lines, products
    )
    one = SQL(
        """
        SELECT partner_id FROM (%s) AS bought WHERE item = ANY(%s)
      GROUP BY partner_id HAVING every(item = %s)
        """,
        bought_items(of_both, items),
        [bought, other],
        bought,
    )
    if most is None:
        return one
    # An array, so that their lines are looked up by an index.
    theirs = SQL(
        """
        SELECT * FROM (%s) AS line
         WHERE partner_id = ANY(ARRAY(SELECT partner_id FROM one))
        """,
        lines,
    )
    return SQL(
        """
        (WITH one AS MATERIALIZED (%s)
        SELECT partner_id FROM one
        EXCEPT
        SELECT partner_id FROM (%s) AS bought GROUP BY partner_id HAVING count(*) > %s)
        """,
        one,
        bought_items(theirs, items),
        most,
    )


def most_bought_variants() -> SQL:
    """For a product with several variants, the one that most customers bought, of those
    that are not archived.

    :return: a query for ``item`` and ``variant``, from the lines that were read
    """
    return SQL(
        """
        SELECT DISTINCT ON (item) item, variant
          FROM (SELECT item, variant FROM %s AS line WHERE variant IS NOT NULL
              GROUP BY partner_id, item, variant HAVING sum(quantity) > 0) AS bought
          JOIN product_product AS product ON product.id = variant AND product.active
      GROUP BY item, variant
      ORDER BY item, count(*) DESC, variant
        """,
        LINES,
    )


def fill_baskets(unit: str) -> SQL:
    """Make the table of baskets: of purchases, or of customers."""
    if unit == "order":
        # What has no variants is one line of a purchase already.
        chosen = SQL(
            """
            SELECT basket, item FROM %(lines)s WHERE variant IS NULL AND quantity > 0
             UNION ALL
            SELECT basket, item FROM %(lines)s WHERE variant IS NOT NULL
          GROUP BY basket, item HAVING sum(quantity) > 0
            """,
            lines=LINES,
        )
    else:
        chosen = SQL(
            """
            SELECT partner_id AS basket, item FROM %s
          GROUP BY partner_id, item HAVING sum(quantity) > 0
            """,
            LINES,
        )
    return SQL("CREATE TEMPORARY TABLE %s AS %s", BASKETS, chosen)


def count_baskets(most: int) -> SQL:
    """How many baskets count, and how many have too many products."""
    return SQL(
        """
        SELECT count(*) FILTER (WHERE size <= %(most)s),
               count(*) FILTER (WHERE size > %(most)s)
          FROM (SELECT count(*) AS size FROM %(baskets)s GROUP BY basket) AS basket
        """,
        most=most,
        baskets=BASKETS,
    )


def leave_out_large(most: int) -> SQL:
    return SQL(
        """
        DELETE FROM %(baskets)s
         WHERE basket IN (SELECT basket FROM %(baskets)s
                        GROUP BY basket HAVING count(*) > %(most)s)
        """,
        most=most,
        baskets=BASKETS,
    )


def count_items(least: int) -> SQL:
    """Make the table of products that are in enough baskets: the others are in no pair."""
    return SQL(
        """
        CREATE TEMPORARY TABLE %s AS
        SELECT item, count(*) AS count FROM %s GROUP BY item HAVING count(*) >= %s
        """,
        COUNTS,
        BASKETS,
        least,
    )


def keep_frequent() -> SQL:
    """Make the table of what is left of the baskets."""
    return SQL(
        """
        CREATE TEMPORARY TABLE %s AS
        SELECT basket.basket, basket.item
          FROM %s AS basket JOIN %s AS frequent ON frequent.item = basket.item
        """,
        KEPT,
        BASKETS,
        COUNTS,
    )


def lower_bound(both: SQL, among: SQL) -> SQL:
    """Lower end of the 95% interval of a share, after Wilson, as
    ``analytics.common.intervals.wilson`` has it."""
    share = SQL("(%s::float8 / %s)", both, among)
    square = Z * Z
    return SQL(
        """
        GREATEST(0, (%(share)s + %(square)s / (2 * %(among)s)
                     - %(z)s * sqrt(%(share)s * (1 - %(share)s) / %(among)s
                                    + %(square)s / (4 * %(among)s::float8 * %(among)s)))
                    / (1 + %(square)s / %(among)s))
        """,
        share=share,
        among=among,
        square=SQL("%s::float8", square),
        z=SQL("%s::float8", Z),
    )


def found_pairs(level: str, together: int, total: int) -> SQL:
    """Make the table of pairs, in the columns of the model."""
    both, a, b = SQL("pair.both"), SQL("a.count"), SQL("b.count")
    products = {
        "template": SQL("pair.a AS product_a_id, pair.b AS product_b_id"),
        "variant": SQL(
            """
            pair.a AS variant_a_id, pair.b AS variant_b_id,
            (SELECT product_tmpl_id FROM product_product WHERE id = pair.a)
                AS product_a_id,
            (SELECT product_tmpl_id FROM product_product WHERE id = pair.b)
                AS product_b_id
            """
        ),
        "category": SQL("pair.a AS categ_a_id, pair.b AS categ_b_id"),
    }
    return SQL(
        """
        CREATE TEMPORARY TABLE %(found)s AS
        SELECT %(products)s, %(a)s AS count_a, %(b)s AS count_b, %(both)s AS count_both,
               %(both)s::float8 / %(total)s AS support,
               %(both)s::float8 / %(a)s AS confidence_ab,
               %(both)s::float8 / %(b)s AS confidence_ba,
               %(both)s::float8 * %(total)s / (%(a)s::float8 * %(b)s) AS lift,
               %(both)s / sqrt(%(a)s::float8 * %(b)s) AS cosine,
               %(lower_bound)s AS lower_bound
          FROM (SELECT a.item AS a, b.item AS b, count(*) AS both
                  FROM %(kept)s AS a
                  JOIN %(kept)s AS b ON b.basket = a.basket AND b.item > a.item
              GROUP BY a.item, b.item
                HAVING count(*) >= %(together)s) AS pair
          JOIN %(counts)s AS a ON a.item = pair.a
          JOIN %(counts)s AS b ON b.item = pair.b
        """,
        products=products[level],
        a=a,
        b=b,
        both=both,
        total=total,
        lower_bound=lower_bound(both, SQL("LEAST(%s, %s)", a, b)),
        kept=KEPT,
        counts=COUNTS,
        found=FOUND,
        together=together,
    )


def write_pairs(values: dict, level: str) -> SQL:
    """Write the pairs that were found where they differ from what is there.

    :param values: ``company_id``, ``unit``, ``total``, ``run_id`` and ``uid``
    :return: a query for the number of pairs
    """
    a, b = (SQL.identifier(name) for name in LEVELS[level][:2])
    figures = SQL(", ").join(map(SQL.identifier, FIGURES))
    items = SQL(", ").join(map(SQL.identifier, ITEMS[level]))
    return SQL(
        """
        WITH gone AS (
            DELETE FROM crm_product_pair AS pair
             WHERE pair.company_id = %(company_id)s AND pair.unit = %(unit)s
               AND (pair.level <> %(level)s OR NOT EXISTS (
                    SELECT FROM %(found)s AS found
                     WHERE found.%(a)s = pair.%(a)s AND found.%(b)s = pair.%(b)s))
        ), changed AS (
            UPDATE crm_product_pair AS pair
               SET %(set)s, total = %(total)s, run_id = %(run_id)s,
                   write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
              FROM %(found)s AS found
             WHERE pair.company_id = %(company_id)s AND pair.unit = %(unit)s
               AND pair.level = %(level)s
               AND found.%(a)s = pair.%(a)s AND found.%(b)s = pair.%(b)s
               AND (pair.count_a, pair.count_b, pair.count_both, pair.total)
                   IS DISTINCT FROM
                   (found.count_a, found.count_b, found.count_both, %(total)s)
        ), added AS (
            INSERT INTO crm_product_pair (
                        company_id, unit, level, run_id, total, create_uid, create_date,
                        write_uid, write_date, %(items)s, %(figures)s)
                 SELECT %(company_id)s, %(unit)s, %(level)s, %(run_id)s, %(total)s,
                        %(uid)s, now() AT TIME ZONE 'UTC',
                        %(uid)s, now() AT TIME ZONE 'UTC', %(items)s, %(figures)s
                   FROM %(found)s AS found
                  WHERE NOT EXISTS (
                        SELECT FROM crm_product_pair AS pair
                         WHERE pair.company_id = %(company_id)s
                           AND pair.unit = %(unit)s AND pair.level = %(level)s
                           AND found.%(a)s = pair.%(a)s AND found.%(b)s = pair.%(b)s)
        )
        SELECT count(*) FROM %(found)s
        """,
        **values,
        level=level,
        found=FOUND,
        a=a,
        b=b,
        items=items,
        figures=figures,
        set=SQL(", ").join(
            SQL("%s = found.%s", SQL.identifier(name), SQL.identifier(name))
            for name in FIGURES
        ),
    )
