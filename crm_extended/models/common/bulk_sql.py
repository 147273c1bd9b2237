"""SQL for bulk work: settings of the transaction, and sums by customer."""

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from odoo.tools import SQL

# Memory of the database for each hash table or sort: enough for 300,000 customers.
WORK_MEM = "64MB"

# Whether a row of ``bought`` is of purchases that have not been taken back in full:
# those of documents that are a purchase by themselves, or one of several documents whose
# total is above zero.
STANDS = SQL("(bought.tied_key IS NULL OR bought.total > 0)")


# Settings of the transaction

# Compiling a statement takes PostgreSQL several times as long as running it.
JIT_OFF = SQL("set_config('jit', 'off', true)")


def turn_off_jit(env):
    """Let the rest of this transaction run statements without compiling them."""
    env.execute_query(SQL("SELECT %s", JIT_OFF))


def tune_for_bulk(env):
    """Prepare the rest of this transaction for sums of millions of rows.

    With its default memory for hash tables PostgreSQL would swap customers to disk.

    :param odoo.api.Environment env: whose transaction it is
    """
    env.execute_query(
        SQL("SELECT %s, set_config('work_mem', %s, true)", JIT_OFF, WORK_MEM)
    )


def read_committed(cr):
    """Let a transaction that is about to begin see what others commit meanwhile.

    What is written refers to its customer. When another transaction has locked that
    customer ``FOR UPDATE`` and changed it since this one began, that reference alone
    would be a serialization error under Odoo's REPEATABLE READ, and all the work would
    be lost. Each statement sees one state of the database under either level.

    :param odoo.sql_db.Cursor cr: does nothing once its transaction has begun
    """
    if cr.connection.info.transaction_status == TRANSACTION_STATUS_IDLE:
        cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")


# Sums by customer


def count_of(column: str) -> SQL:
    """The number of purchases out of the number of documents.

    :param column: of ``bought``, where one row is one contact and ``tied_key``
    """
    return SQL(
        """
        sum(CASE WHEN bought.tied_key IS NULL THEN %(documents)s
                 WHEN bought.total > 0 THEN LEAST(%(documents)s, 1)
                 ELSE 0 END)
        """,
        documents=SQL.identifier("bought", column),
    )


def sum_by_customer(bought: SQL, columns: SQL) -> SQL:
    """Aggregate sums of contacts by their commercial partner.

    There are fewer contacts than purchases, so only contacts are looked up, and of these
    only contacts with a parent, because no other belongs to a different customer. For
    PostgreSQL this is a table of a few partners instead of all of them.

    :param bought: a query with one row for each contact and purchase of several
        documents: ``partner_id``, ``tied_key``, ``total`` (the amount of those documents,
        of any day) and the sums
    :param columns: the sums of ``bought``, with their names
    :return: a query with one row for each customer, ``partner_id``, and these columns; a
        ``HAVING`` may follow
    """
    return SQL(
        """
        SELECT COALESCE(contact.commercial_partner_id, bought.partner_id) AS partner_id,
               %(columns)s
          FROM (%(bought)s) AS bought
     LEFT JOIN res_partner AS contact
            ON contact.id = bought.partner_id
           AND contact.parent_id IS NOT NULL
           AND contact.commercial_partner_id <> contact.id
      GROUP BY COALESCE(contact.commercial_partner_id, bought.partner_id)
        """,
        bought=bought,
        columns=columns,
    )
