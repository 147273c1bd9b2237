"""Customers and invoices in bulk, in Odoo's own tables.

What is made has the shape of a real shop: two companies with two currencies; a few
customers who buy all the time and many who bought once (Zipf–Mandelbrot); amounts that
are lognormal, each customer on a level of his own; customers who come and go over three
years with more business before Christmas; three credit notes in a hundred documents, of
the customer's invoice before, half of them of all of it; two deposit invoices in a
hundred, with the order and the final invoice; now and then a document of 0; companies
with a contact who orders for them; people who never bought. It is the same for the same
seed, because every number is a hash of its row.

Left out is what no standing is computed from and no benchmark reads: most lines of the
documents, taxes (every total is untaxed), payments, and other journal entries. Foreign
keys are not checked while rows are written where the role is a superuser (the project's
own server), and indexes are made anew afterwards: three million documents in minutes.
"""

import math
from contextlib import closing, contextmanager
from datetime import date, timedelta

import psycopg2

SEED = 19
LAST_DAY = date(2026, 6, 30)
DAYS = 3 * 365
# Where a customer's time is warped into days: the finer, the smoother the seasons.
SLOTS = 20_000
# One customer in so many is a company with a contact, or somebody who never bought.
CONTACT_EVERY = 5
PROSPECT_EVERY = 50
# Credit notes that reverse an invoice; that are only reconciled with it. The rest stands
# for itself.
REVERSING = 0.8
RECONCILED = 0.15
# Share of the invoices that are deposits.
DEPOSITS = 0.02
# Share of the customers who buy again.
LOYAL = 0.6
# Scatters neighbours: the best customers are not the first rows of the table.
PRIME = 1_000_003

# ``pg_temp.u(row, use)``, evenly spread over 0 … 1, and ``pg_temp.z``, normal.
CHANCE = """
    CREATE FUNCTION pg_temp.u(number bigint, use int) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT (((hashint8extended(number, %s + use) >> 11) & 9007199254740991)
                + 0.5)::float8 / 9007199254740992
    $$;
    CREATE FUNCTION pg_temp.z(number bigint, use int) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT sqrt(-2 * ln(pg_temp.u(number, use)))
               * cos(2 * pi() * pg_temp.u(number, use + 1))
    $$;
"""


def connect(name, seed=SEED):
    """Open a database of the project's server, every statement for itself.

    :param str name: database
    :param int seed: of the chance that its queries find in ``pg_temp.u`` and ``.z``
    :return: psycopg2 connection in autocommit mode
    """
    connection = psycopg2.connect(dbname=name)
    connection.autocommit = True
    with connection.cursor() as cr:
        cr.execute(CHANCE, [seed * 1000])
    return connection


def prepare_companies(env):
    """Give the main company a second one beside it, in another currency.

    Runs in ``odoo shell``.

    :return: company, currency and sales journal of both
    :rtype: list[list[int]]
    """
    euro = env.ref("base.EUR")
    euro.active = True
    other = env["res.company"].create({"name": "Bench B", "currency_id": euro.id})
    env.user.company_ids += other
    Journal = env["account.journal"].with_context(allowed_company_ids=other.ids)
    Journal.create(
        {"name": "Sales", "code": "INV", "type": "sale", "company_id": other.id}
    )
    if "crm.feature" in env:
        # Measured is what everything together costs.
        env["crm.feature"]._switch_all_on()
    env.cr.commit()
    return companies(env)


def companies(env):
    """Company, currency and sales journal of the companies there are."""
    rows = []
    for company in env["res.company"].search([], order="id"):
        journal = env["account.journal"].search(
            [("company_id", "=", company.id), ("type", "=", "sale")], limit=1
        )
        rows.append([company.id, company.currency_id.id, journal.id])
    return rows


# -- In SQL


def _seasons():
    """The day (0 … DAYS - 1) of each slot of time: more slots for busier days."""
    weights = []
    for day in range(DAYS):
        when = LAST_DAY - timedelta(days=DAYS - 1 - day)
        growth = 1 + 0.5 * day / DAYS
        season = 1 + 0.25 * math.sin(when.timetuple().tm_yday / 365 * 2 * math.pi)
        christmas = 1.8 if when.month in (11, 12) else 1
        sunday = 0.3 if when.weekday() == 6 else 1
        weights.append(growth * season * christmas * sunday)
    slots, passed, total = [], 0.0, sum(weights)
    for day, weight in enumerate(weights):
        passed += weight
        slots.extend([day] * (round(passed / total * SLOTS) - len(slots)))
    return slots


@contextmanager
def bulk(cr, table):
    """Write many rows into a table: without its indexes and the checks of its keys."""
    cr.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    [superuser] = cr.fetchone()
    if superuser:
        cr.execute("SET session_replication_role = replica")
    cr.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
          FROM pg_index
         WHERE indrelid = %s::regclass
           AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)
        """,
        [table],
    )
    indexes = cr.fetchall()
    for index, _definition in indexes:
        cr.execute(f"DROP INDEX {index}")
    yield
    for _index, definition in indexes:
        cr.execute(definition)
    if superuser:
        cr.execute("SET session_replication_role = DEFAULT")
    cr.execute(
        "SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM " + table,
        [table],
    )
    cr.execute(f"VACUUM (ANALYZE) {table}")


def add_partners(cr, customers, contacts=True):
    """Make customers, a contact under every fifth, and some who never buy.

    :param int customers: how many
    :param bool contacts: whether there are contacts and people who never buy, too
    :return: id of the first; customers follow in turn, then contacts, then the others
    :rtype: int
    """
    cr.execute("SELECT max(id) + 1 FROM res_partner")
    [first] = cr.fetchone()
    below = -(-customers // CONTACT_EVERY) if contacts else 0
    never = -(-customers // PROSPECT_EVERY) if contacts else 0
    with bulk(cr, "res_partner"):
        cr.execute(
            """
            INSERT INTO res_partner (
                        id, name, complete_name, commercial_partner_id, parent_id,
                        is_company, type, lang, email, phone, active, partner_share,
                        autopost_bills, customer_rank, commercial_company_name,
                        create_uid, write_uid, create_date, write_date)
                 SELECT %(first)s + n,
                        name, COALESCE(company || ', ', '') || name,
                        %(first)s + owner,
                        CASE WHEN owner <> n THEN %(first)s + owner END,
                        is_company, 'contact', 'en_US',
                        'customer' || n || '@example.com', '+1555' || lpad(n::text, 7, '0'),
                        TRUE, TRUE, 'ask', 1,
                        CASE WHEN is_company THEN name ELSE company END,
                        1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                   FROM (
                        SELECT n,
                               CASE WHEN contact THEN (n - %(customers)s) * %(every)s
                                    ELSE n END AS owner,
                               %(below)s > 0 AND n < %(customers)s
                                   AND n %% %(every)s = 0 AS is_company,
                               CASE WHEN contact
                                    THEN 'Customer ' || (n - %(customers)s) * %(every)s
                                     END AS company,
                               CASE WHEN contact THEN 'Contact ' ELSE 'Customer ' END
                                   || n AS name
                          FROM (SELECT n, n >= %(customers)s
                                          AND n < %(customers)s + %(below)s AS contact
                                  FROM generate_series(0, %(last)s) AS n) AS kind
                        ) AS person
            """,
            {
                "first": first,
                "customers": customers,
                "below": below,
                "every": CONTACT_EVERY,
                "last": customers + below + never - 1,
            },
        )
    return first


def fill(name, companies, customers, invoices, seed=SEED):
    """Make customers and their posted invoices and credit notes until ``LAST_DAY``.

    :param str name: database
    :param list companies: what :func:`companies` gives
    :param int customers: every one of them buys at least once
    :param int invoices: at least as many as customers
    :param int seed: another one makes another shop
    """
    with closing(connect(name, seed)) as connection, connection.cursor() as cr:
        first = add_partners(cr, customers)
        _purchases(cr, first, customers, invoices)
        _write_invoices(cr, companies)
        _write_reconciliations(cr)
        _write_deposits(cr)


def add_day(name, companies, day, count, seed=SEED):
    """Make the invoices of another day; one in twenty by somebody who never bought.

    :param str name: database that :func:`fill` has filled
    :param date day: a day after ``LAST_DAY``
    :param int count: how many
    """
    seed += day.toordinal()
    with closing(connect(name, seed)) as connection, connection.cursor() as cr:
        cr.execute(
            """
            SELECT min(id) FILTER (WHERE name = 'Customer 0'),
                   count(*) FILTER (WHERE parent_id IS NULL),
                   count(*) FILTER (WHERE parent_id IS NOT NULL)
              FROM res_partner
             WHERE name ~ '^(Customer|Contact) [0-9]+$'
            """
        )
        first, customers, contacts = cr.fetchone()
        never = customers - customers * PROSPECT_EVERY // (PROSPECT_EVERY + 1)
        customers -= never
        cr.execute(
            """
            CREATE TEMP TABLE purchase AS
            SELECT i, %(day)s::date AS day,
                   CASE WHEN new THEN %(first)s + %(customers)s + %(contacts)s
                                      + floor(pg_temp.u(i, 2) * %(never)s)::int
                        ELSE %(first)s + floor(pg_temp.u(i, 2) * %(customers)s)::int
                         END AS partner_id,
                   NULL::int AS customer_id,
                   i %% 3 = 0 AS second,
                   (CASE WHEN NOT new AND pg_temp.u(i, 3) < 0.05 THEN -0.5 ELSE 1 END
                    * exp(4 + 1.2 * pg_temp.z(i, 4)))::numeric(16, 2) AS amount
              FROM (SELECT i, pg_temp.u(i, 1) < 0.05 AS new
                      FROM generate_series(0, %(count)s - 1) AS i) AS chosen
            """,
            {
                "day": day,
                "first": first,
                "customers": customers,
                "contacts": contacts,
                "never": never,
                "count": count,
            },
        )
        cr.execute("UPDATE purchase SET customer_id = partner_id")
        insert_invoices(cr, companies)


def _purchases(cr, first, customers, invoices):
    """Decide who buys when for how much: the temporary table ``purchase``."""
    cr.execute(
        """
        -- Each customer: when he came (share of the whole time), how long he stayed, on
        -- which level he buys, from the second company, or (one in twenty) from both.
        CREATE TEMP TABLE shopper AS
        SELECT n,
               came,
               (1 - came) * (CASE WHEN pg_temp.u(n, 2) < 0.4 THEN 1
                                  ELSE pg_temp.u(n, 3) END) AS stayed,
               4 + pg_temp.z(n, 4) AS level,
               pg_temp.u(n, 6) < 0.35 AS second,
               pg_temp.u(n, 7) < 0.05 AS both_companies
          FROM generate_series(0, %(customers)s - 1) AS n,
               LATERAL (SELECT pg_temp.u(n, 1) * 0.999 AS came) AS start;
        ANALYZE shopper;

        -- The first so many purchases are each customer's first; the others fall to
        -- the loyal ones by rank.
        CREATE TEMP TABLE purchase AS
        SELECT chosen.i,
               %(last_day)s::date - %(days)s + 1
                   + (%(slots)s::int[])[
                       1 + floor(least(came + stayed * spent, 0.99999) * %(count)s)::int
                   ] AS day,
               CASE WHEN n %% %(every)s = 0 AND pg_temp.u(i, 8) < 0.5
                    THEN %(first)s + %(customers)s + n / %(every)s
                    ELSE %(first)s + n END AS partner_id,
               %(first)s + n AS customer_id,
               CASE WHEN both_companies THEN i %% 2 = 0 ELSE second END AS second,
               (sign * exp(level + 0.6 * pg_temp.z(i, 9)))::numeric(16, 2) AS amount
          FROM (
                SELECT i,
                       CASE WHEN i < %(customers)s THEN i
                            ELSE floor(%(loyal)s * (power(
                                %(low)s + pg_temp.u(i, 1) * (%(high)s - %(low)s), 6
                            ) - 0.001))::bigint %% %(customers)s END AS rank,
                       CASE WHEN i < %(customers)s THEN 0 ELSE pg_temp.u(i, 2) END
                           AS spent,
                       CASE WHEN i < %(customers)s THEN 1
                            WHEN pg_temp.u(i, 3) < 0.001 THEN 0
                            WHEN pg_temp.u(i, 3) < 0.031 THEN -0.6 ELSE 1 END AS sign
                  FROM generate_series(0, %(invoices)s - 1) AS i
               ) AS chosen
          JOIN shopper ON n = rank * %(prime)s %% %(customers)s;
        """,
        {
            "customers": customers,
            "invoices": invoices,
            "first": first,
            "every": CONTACT_EVERY,
            "loyal": customers * LOYAL,
            "low": 0.001 ** (1 / 6),
            "high": 1.001 ** (1 / 6),
            "prime": PRIME,
            "last_day": LAST_DAY,
            "days": DAYS,
            "slots": _seasons(),
            "count": SLOTS,
        },
    )


def _write_invoices(cr, companies):
    with bulk(cr, "account_move"):
        insert_invoices(cr, companies)
        cr.execute(
            """
            CREATE TEMP TABLE reversal AS
            SELECT id, invoice_id, pg_temp.u(id, 21) AS kind, pg_temp.u(id, 22) < 0.5 AS whole
              FROM (
                    SELECT id, move_type,
                           max(id) FILTER (WHERE move_type = 'out_invoice') OVER (
                               PARTITION BY commercial_partner_id, company_id
                                   ORDER BY id) AS invoice_id
                      FROM account_move
                     WHERE move_type IN ('out_invoice', 'out_refund')
                   ) AS document
             WHERE move_type = 'out_refund' AND invoice_id IS NOT NULL;
            UPDATE account_move AS back
               SET reversed_entry_id = CASE WHEN kind < %(reversing)s
                                            THEN invoice.id END,
                   amount_untaxed = CASE WHEN whole THEN invoice.amount_untaxed
                                         ELSE back.amount_untaxed END,
                   amount_total = CASE WHEN whole THEN invoice.amount_total
                                       ELSE back.amount_total END,
                   amount_untaxed_signed = CASE WHEN whole THEN -invoice.amount_untaxed
                                                ELSE back.amount_untaxed_signed END
              FROM reversal
              JOIN account_move AS invoice ON invoice.id = reversal.invoice_id
             WHERE back.id = reversal.id AND kind < %(tied)s
            """,
            {"reversing": REVERSING, "tied": REVERSING + RECONCILED},
        )


def _write_lines(cr):
    """Write the temporary table ``line`` as journal items."""
    with bulk(cr, "account_move_line"):
        cr.execute(
            """
            INSERT INTO account_move_line (
                        id, move_id, company_id, currency_id, account_id, partner_id,
                        display_type, balance, amount_currency, debit, credit,
                        is_downpayment)
                 SELECT line.id, move.id, move.company_id, move.currency_id,
                        (SELECT min(id) FROM account_account), move.commercial_partner_id,
                        kind, balance, balance, GREATEST(balance, 0),
                        GREATEST(-balance, 0), kind = 'product'
                   FROM line
                   JOIN account_move AS move ON move.id = line.move_id
            """
        )


def _write_reconciliations(cr):
    """Reconcile credit notes that reverse nothing with the invoice before."""
    cr.execute(
        """
        CREATE TEMP TABLE partial AS
        SELECT row_number() OVER (ORDER BY id) AS number, id, invoice_id
          FROM reversal
         WHERE kind >= %(reversing)s AND kind < %(tied)s;
        CREATE TEMP TABLE line AS
        SELECT last.id + 2 * number - 1 AS id, partial.id AS move_id,
               'payment_term' AS kind, -1::numeric AS balance
          FROM partial, (SELECT COALESCE(max(id), 0) AS id FROM account_move_line) AS last
         UNION ALL
        SELECT last.id + 2 * number, invoice_id, 'payment_term', 1
          FROM partial, (SELECT COALESCE(max(id), 0) AS id FROM account_move_line) AS last
        """,
        {"reversing": REVERSING, "tied": REVERSING + RECONCILED},
    )
    _write_lines(cr)
    with bulk(cr, "account_partial_reconcile"):
        cr.execute(
            """
            INSERT INTO account_partial_reconcile (
                        id, credit_move_id, debit_move_id, amount)
                 SELECT last.id + number, back.id, back.id + 1, 1
                   FROM partial
                   JOIN line AS back ON back.move_id = partial.id AND back.balance < 0,
                        (SELECT COALESCE(max(id), 0) AS id
                           FROM account_partial_reconcile) AS last
            """
        )
    cr.execute("DROP TABLE line; DROP TABLE partial; DROP TABLE reversal")


def _write_deposits(cr):
    """Make orders of which one invoice is the deposit and the customer's next one what
    is left to pay."""
    cr.execute(
        """
        CREATE TEMP TABLE deposit AS
        SELECT row_number() OVER (ORDER BY document.id) AS number, document.*
          FROM (
                SELECT move.*, lead(id) OVER (
                           PARTITION BY commercial_partner_id, company_id ORDER BY id
                       ) AS final_id
                  FROM account_move AS move
                 WHERE move_type = 'out_invoice'
               ) AS document
         WHERE final_id IS NOT NULL AND pg_temp.u(document.id, 23) < %(share)s;
        CREATE TEMP TABLE line AS
        SELECT last.id + 2 * number - 1 AS id, deposit.id AS move_id, 'product' AS kind,
               -1::numeric AS balance
          FROM deposit, (SELECT COALESCE(max(id), 0) AS id FROM account_move_line) AS last
         UNION ALL
        SELECT last.id + 2 * number, final_id, 'product', 1
          FROM deposit, (SELECT COALESCE(max(id), 0) AS id FROM account_move_line) AS last
        """,
        {"share": DEPOSITS},
    )
    _write_lines(cr)
    with bulk(cr, "sale_order"):
        cr.execute(
            """
            INSERT INTO sale_order (
                        id, name, company_id, currency_id, currency_rate, partner_id,
                        partner_invoice_id, partner_shipping_id, state, date_order,
                        amount_untaxed, amount_total)
                 SELECT number, 'S' || number, company_id, currency_id, 1, partner_id,
                        partner_id, partner_id, 'sale', invoice_date,
                        3 * amount_untaxed, 3 * amount_total
                   FROM deposit
            """
        )
    with bulk(cr, "sale_order_line"):
        cr.execute(
            """
            INSERT INTO sale_order_line (
                        id, order_id, name, product_uom_qty, price_unit, customer_lead,
                        is_downpayment)
                 SELECT number, number, 'Down payment', 0, amount_untaxed, 0, TRUE
                   FROM deposit
            """
        )
    cr.execute(
        """
        INSERT INTO sale_order_line_invoice_rel (order_line_id, invoice_line_id)
        SELECT (line.id - first.id) / 2 + 1, line.id
          FROM line, (SELECT min(id) AS id FROM line) AS first;
        ANALYZE sale_order_line_invoice_rel;
        DROP TABLE line;
        DROP TABLE deposit
        """
    )


def insert_invoices(cr, companies):
    """Write the temporary table ``purchase`` as documents, in the order of their days."""
    (company_a, currency_a, journal_a), (company_b, currency_b, journal_b) = companies
    cr.execute(
        """
        INSERT INTO account_move (
                    id, company_id, currency_id, journal_id,
                    partner_id, commercial_partner_id, partner_shipping_id,
                    move_type, state, auto_post, payment_state,
                    date, invoice_date, invoice_date_due,
                    name, sequence_prefix, sequence_number,
                    amount_untaxed, amount_tax, amount_total, amount_residual,
                    amount_untaxed_signed, amount_untaxed_in_currency_signed,
                    amount_tax_signed, amount_total_signed,
                    amount_total_in_currency_signed, amount_residual_signed,
                    invoice_currency_rate, posted_before, checked, made_sequence_gap,
                    always_tax_exigible, is_move_sent, is_manually_modified,
                    invoice_partner_display_name,
                    create_uid, write_uid, create_date, write_date)
             SELECT id,
                    CASE WHEN second THEN %(company_b)s ELSE %(company_a)s END,
                    CASE WHEN second THEN %(currency_b)s ELSE %(currency_a)s END,
                    CASE WHEN second THEN %(journal_b)s ELSE %(journal_a)s END,
                    partner_id, customer_id, partner_id,
                    CASE WHEN amount < 0 THEN 'out_refund' ELSE 'out_invoice' END,
                    'posted', 'no', 'paid',
                    day, day, day + 30,
                    prefix || lpad(id::text, 9, '0'), prefix, id,
                    abs(amount), 0, abs(amount), 0, amount, amount, 0, amount, amount,
                    0, 1, TRUE, TRUE, FALSE, FALSE, TRUE, FALSE,
                    'Partner ' || partner_id, 1, 1, day, day
               FROM (
                    SELECT purchase.*,
                           last.id + row_number() OVER (ORDER BY day, i) AS id,
                           CASE WHEN amount < 0 THEN 'RINV/' ELSE 'INV/' END
                               || extract(year FROM day) || '/' AS prefix
                      FROM purchase,
                           (SELECT COALESCE(max(id), 0) AS id FROM account_move) AS last
                    ) AS document
           ORDER BY id
        """,
        {
            "company_a": company_a,
            "company_b": company_b,
            "currency_a": currency_a,
            "currency_b": currency_b,
            "journal_a": journal_a,
            "journal_b": journal_b,
        },
    )
    cr.execute("DROP TABLE purchase")
    cr.execute(
        "SELECT setval(pg_get_serial_sequence('account_move', 'id'), max(id))"
        " FROM account_move"
    )
