from odoo.tools import SQL


def rolled_up(bought: SQL, columns: SQL) -> SQL:
    """Sum up for customers what has been summed up for contacts.

    There are fewer contacts than purchases, so only these are looked up; and of them
    those only who may belong to somebody, which is who has a parent: on PostgreSQL's
    side the difference between a table of all partners and one of a few.

    :param bought: a query with one row a contact, ``partner_id``, and what was summed up
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
