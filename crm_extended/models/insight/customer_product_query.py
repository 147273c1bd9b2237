"""What customers buy, product by product: summed up, compared, and written by differences."""

from odoo.tools import SQL

from ...analytics.insight.replenishment import LEAST_DAYS

# The rows as they should be, for the transaction.
FRESH_TABLE = "crm_customer_product_fresh"

COLUMNS = (
    "product_id",
    "purchase_days",
    "quantity",
    "amount",
    "first_date",
    "last_date",
    "interval_days",
    "usual_quantity",
    "due_date",
    "due_until",
)
# Of the lines of one day.
DAY_SUMS = SQL(
    """
    sum(line.quantity) AS quantity, sum(line.amount) AS amount,
    max(line.product_id) AS product_id
    """
)
DAY_KEYS = SQL("partner_id, product_tmpl_id, date")


def fresh_query(lines: SQL, digits: int) -> SQL:
    """Make the table :data:`FRESH_TABLE` of customers and products.

    A purchase day is one on which the lines of a product add up to more than zero: what was
    taken back stands on the day of its purchase. Other days count in the sums alone.

    :param lines: a query for :data:`DAY_KEYS` (whichever contact bought) and
        :data:`DAY_SUMS`; several rows of one day are added up
    :param digits: of the company's currency
    """
    return SQL(
        """
        CREATE TEMPORARY TABLE %(fresh)s ON COMMIT DROP AS
        SELECT found.*,
               -- Half a day is a whole one.
               last_date + floor(interval_days + 0.5)::int AS due_date,
               last_date + 2 * floor(interval_days + 0.5)::int AS due_until
          FROM (
                SELECT partner_id, product_tmpl_id,
                       max(product_id) FILTER (WHERE bought AND next_date IS NULL)
                           AS product_id,
                       (count(*) FILTER (WHERE bought))::int AS purchase_days,
                       sum(quantity)::float8 AS quantity,
                       round(sum(amount)::numeric, %(digits)s) AS amount,
                       min(date) FILTER (WHERE bought) AS first_date,
                       max(date) FILTER (WHERE bought) AS last_date,
                       -- Each of these sorts; most customers bought a product once.
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY gap::float8)
                           FILTER (WHERE bought AND days >= %(least)s) AS interval_days,
                       COALESCE(
                           percentile_cont(0.5) WITHIN GROUP (ORDER BY kept)
                               FILTER (WHERE bought AND days > 1),
                           max(kept) FILTER (WHERE bought)) AS usual_quantity
                  FROM (
                        SELECT day.*, GREATEST(quantity, 0)::float8 AS kept,
                               date - lag(date) OVER dates AS gap,
                               lead(date) OVER dates AS next_date,
                               count(*) OVER (
                                   PARTITION BY partner_id, product_tmpl_id, bought
                               ) AS days
                          FROM (%(days)s) AS day
                        WINDOW dates AS (
                               PARTITION BY partner_id, product_tmpl_id, bought
                               ORDER BY date)
                       ) AS day
              GROUP BY partner_id, product_tmpl_id
                HAVING bool_or(bought)
               ) AS found
        """,
        fresh=SQL.identifier(FRESH_TABLE),
        digits=digits,
        least=LEAST_DAYS,
        days=_days(lines),
    )


def _days(lines: SQL) -> SQL:
    """The days of customers and products, out of those of contacts."""
    return SQL(
        """
        SELECT COALESCE(contact.commercial_partner_id, line.partner_id) AS partner_id,
               line.product_tmpl_id, line.date, sum(line.quantity) AS quantity,
               sum(line.amount) AS amount, max(line.product_id) AS product_id,
               sum(line.amount) > 0 AS bought
          FROM (%s) AS line
     -- One hash table: PostgreSQL would look each customer up.
     LEFT JOIN (SELECT id, commercial_partner_id FROM res_partner
                 WHERE parent_id IS NOT NULL AND commercial_partner_id <> id
                OFFSET 0) AS contact
            ON contact.id = line.partner_id
         WHERE line.product_tmpl_id IS NOT NULL AND line.partner_id IS NOT NULL
      GROUP BY COALESCE(contact.commercial_partner_id, line.partner_id),
               line.product_tmpl_id, line.date
        """,
        lines,
    )


def write_query(company_id: int, customer_ids: list[int] | None = None) -> SQL:
    """Write what differs from :data:`FRESH_TABLE`, in one statement.

    :param customer_ids: only these customers, whose rows alone are in that table
    :return: a query for one row: rows there are now, added, changed, and gone ones
    """
    columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
    fresh_columns = SQL(", ").join(SQL.identifier("fresh", name) for name in COLUMNS)
    kept_columns = SQL(", ").join(SQL.identifier("kept", name) for name in COLUMNS)
    mine = SQL("kept.company_id = %s", company_id)
    if customer_ids is not None:
        mine = SQL("%s AND kept.partner_id = ANY(%s)", mine, customer_ids)
    return SQL(
        """
        WITH different AS MATERIALIZED (
            SELECT kept.id, fresh.*
              FROM %(fresh)s AS fresh
         LEFT JOIN crm_customer_product AS kept
                ON kept.partner_id = fresh.partner_id
               AND kept.product_tmpl_id = fresh.product_tmpl_id AND %(mine)s
             WHERE kept.id IS NULL OR (%(kept_columns)s) IS DISTINCT FROM (%(fresh_columns)s)
        ),
        changed AS (
            UPDATE crm_customer_product AS kept
               SET %(values)s, write_date = now() AT TIME ZONE 'UTC'
              FROM different AS fresh
             WHERE kept.id = fresh.id
         RETURNING kept.id
        ),
        added AS (
            INSERT INTO crm_customer_product (
                        partner_id, company_id, product_tmpl_id, %(columns)s,
                        create_date, write_date)
                 SELECT partner_id, %(company_id)s, product_tmpl_id, %(columns)s,
                        now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                   FROM different
                  WHERE id IS NULL
               -- In this order the index of customers grows at its end.
               ORDER BY partner_id, product_tmpl_id
            ON CONFLICT (partner_id, company_id, product_tmpl_id) DO NOTHING
              RETURNING id
        ),
        gone AS (
            DELETE FROM crm_customer_product AS kept
                  WHERE %(mine)s
                    -- Mostly all are still there: then none is looked for.
                    AND (SELECT count(*) FROM %(fresh)s) < (
                        SELECT count(*) FROM crm_customer_product AS kept WHERE %(mine)s
                        ) + (SELECT count(*) FROM different WHERE id IS NULL)
                    AND NOT EXISTS (
                        SELECT FROM %(fresh)s AS fresh
                         WHERE fresh.partner_id = kept.partner_id
                           AND fresh.product_tmpl_id = kept.product_tmpl_id)
              RETURNING kept.id
        )
        SELECT (SELECT count(*) FROM %(fresh)s), (SELECT count(*) FROM added),
               (SELECT count(*) FROM changed), (SELECT count(*) FROM gone)
        """,
        fresh=SQL.identifier(FRESH_TABLE),
        mine=mine,
        columns=columns,
        values=SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), SQL.identifier("fresh", name))
            for name in COLUMNS
        ),
        fresh_columns=fresh_columns,
        kept_columns=kept_columns,
        company_id=company_id,
    )
