from odoo.tools import SQL

# Whether a row of ``bought`` is of purchases that have not been taken back in full:
# those of documents that are a purchase by themselves, or one of several documents that
# together are above zero.
STANDS = SQL("(bought.tied_key IS NULL OR bought.total > 0)")


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


def rolled_up(bought: SQL, columns: SQL) -> SQL:
    """Sum up for customers what has been summed up for contacts.

    There are fewer contacts than purchases, so only these are looked up; and of them
    those only who may belong to somebody, which is who has a parent: on PostgreSQL's
    side the difference between a table of all partners and one of a few.

    :param bought: a query with one row a contact and purchase of several documents, and
        what was summed up: ``partner_id``, ``tied_key``, and ``total``, the amount of
        those documents, of whichever day
    :param columns: the sums of ``bought``, with their names
    :return: a query with one row a customer, ``partner_id``, and these columns; a
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
