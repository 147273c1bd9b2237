"""Messages, leads, orders, invoices, meetings and logged contacts of a few customers among
many, in bulk.

Imported mail is not in the order of ids: neither are these messages. A third of a
customer's messages he wrote, a third was sent to him, the others are notes and activities
that were done; some are on his leads and orders. There is one customer with a few entries,
one with many, customers with as few and as many messages of one kind alone (mails they
wrote, notes, or lines of the system with a few mails between), and a company whose contacts
have some each.
"""

from contextlib import closing

import generate

# Shares of a customer's entries, in thousandths; the rest are messages on his own page.
SHARES = {
    "lead": 3,
    "order": 10,
    "invoice": 10,
    "meeting": 20,
    "interaction": 77,
    "message_on_lead": 90,
    "message_on_order": 40,
}
# Customers with messages of one sort (see `_write_messages`).
ONE_KIND = {
    "few_mails": 0,
    "many_mails": 0,
    "few_notes": 20,
    "many_notes": 20,
    "few_system": 28,
    "many_system": 28,
}
# Some time of the last ten years, whatever the row's id.
MOMENT = """
    timestamp '2016-07-01' + make_interval(secs => floor(pg_temp.u({row}, {use}) * 315e6))
"""


def fill(name, companies, few, many, contacts, each, messages):
    """Make the customers, then strangers until there are enough messages.

    :param str name: database
    :param list companies: what :func:`generate.companies` gives
    :param int few: entries of the small customer
    :param int many: of the large one
    :param int contacts: of the company
    :param int each: messages of each of these contacts
    :param int messages: in the whole database
    :return: ids of ``few``, ``many``, ``few_mails``, ``many_mails``, ``few_notes``,
        ``many_notes``, ``few_system``, ``many_system``, and of the ``company`` and one ``contact``
    :rtype: dict
    """
    with closing(generate.connect(name)) as connection, connection.cursor() as cr:
        strangers = max(messages // 50, 10)
        first = generate.add_partners(cr, strangers + contacts + 9, contacts=False)
        names = ("few", "many", *ONE_KIND, "company", "contact")
        ids = {name: first + number for number, name in enumerate(names)}
        cr.execute(
            """
            UPDATE res_partner
               SET parent_id = %(company)s, commercial_partner_id = %(company)s
             WHERE id > %(company)s AND id <= %(company)s + %(contacts)s;
            UPDATE res_partner SET is_company = TRUE WHERE id = %(company)s;
            CREATE TEMP TABLE page (model varchar, res_id int, customer_id int,
                                    messages int, sort int)
            """,
            {"company": ids["company"], "contacts": contacts},
        )
        _pages(cr, ids["few"], few, companies)
        _pages(cr, ids["many"], many, companies)
        for name, sort in ONE_KIND.items():
            number = many if name.startswith("many") else few
            cr.execute(
                "INSERT INTO page VALUES ('res.partner', %s, %s, %s, %s)",
                [ids[name], ids[name], number, sort],
            )
            if name.endswith("_system"):
                # What Odoo wrote is not on a first page: there are mails for one.
                cr.execute(
                    "INSERT INTO page VALUES ('res.partner', %s, %s, %s, 0)",
                    [ids[name], ids[name], few],
                )
        cr.execute(
            """
            INSERT INTO page
                 SELECT 'res.partner', id, id, %s
                   FROM generate_series(%s, %s) AS id
            """,
            [each, ids["company"] + 1, ids["company"] + contacts],
        )
        cr.execute("SELECT sum(messages) FROM page")
        [written] = cr.fetchone()
        cr.execute(
            """
            INSERT INTO page
                 SELECT 'res.partner', id, id, %(each)s
                   FROM generate_series(%(first)s, %(last)s) AS id
            """,
            {
                "each": max((messages - written) // strangers, 1),
                "first": ids["company"] + contacts + 1,
                "last": ids["company"] + contacts + strangers,
            },
        )
        _write_messages(cr)
        cr.execute("VACUUM (ANALYZE)")
    return ids


def _pages(cr, customer, entries, companies):
    """The documents of a customer, and how many messages are on each page of his."""
    counts = {kind: max(entries * share // 1000, 1) for kind, share in SHARES.items()}
    on_leads, on_orders = counts.pop("message_on_lead"), counts.pop("message_on_order")
    # A lead is one entry as it came; none of these is won or lost.
    own = entries - sum(counts.values()) - on_leads - on_orders
    company, currency, _journal = companies[0]
    for kind, insert in INSERTS.items():
        cr.execute(
            insert.replace("{moment}", MOMENT.format(row="n", use=50)),
            {
                "customer": customer,
                "count": counts[kind],
                "company": company,
                "currency": currency,
                "messages": on_leads if kind == "lead" else on_orders,
            },
        )
    cr.execute(
        "INSERT INTO page VALUES ('res.partner', %s, %s, %s)", [customer] * 2 + [own]
    )
    cr.execute(
        """
        CREATE TEMP TABLE purchase AS
        SELECT n AS i, ({moment})::date AS day, %(customer)s AS partner_id,
               %(customer)s AS customer_id, FALSE AS second, 100.0 AS amount
          FROM generate_series(1, %(count)s) AS n
        """.replace("{moment}", MOMENT.format(row="n", use=51)),
        {"customer": customer, "count": counts["invoice"]},
    )
    generate.insert_invoices(cr, companies)


INSERTS = {
    "lead": """
        WITH lead AS (
            INSERT INTO crm_lead (name, type, partner_id, active, probability, won_status,
                                  company_id, user_id, create_uid, create_date)
                 SELECT 'Lead ' || n, 'opportunity', %(customer)s, TRUE, 20, 'pending',
                        %(company)s, 2, 2, {moment}
                   FROM generate_series(1, %(count)s) AS n
              RETURNING id)
        INSERT INTO page
             SELECT 'crm.lead', id, %(customer)s,
                    %(messages)s / %(count)s
                        + (row_number() OVER () <= %(messages)s %% %(count)s)::int
               FROM lead
    """,
    "order": """
        WITH made AS (
            INSERT INTO sale_order (company_id, partner_id, partner_invoice_id,
                                    partner_shipping_id, name, date_order, state,
                                    currency_id, amount_total, user_id, create_uid)
                 SELECT %(company)s, %(customer)s, %(customer)s, %(customer)s,
                        'O' || n, {moment}, CASE WHEN n %% 3 = 0 THEN 'draft'
                                                 ELSE 'sale' END,
                        %(currency)s, 100, 2, 2
                   FROM generate_series(1, %(count)s) AS n
              RETURNING id)
        INSERT INTO page
             SELECT 'sale.order', id, %(customer)s,
                    %(messages)s / %(count)s
                        + (row_number() OVER () <= %(messages)s %% %(count)s)::int
               FROM made
    """,
    "meeting": """
        WITH meeting AS (
            INSERT INTO calendar_event (name, show_as, start, stop, active, user_id)
                 SELECT 'Meeting ' || n, 'busy', moment, moment + interval '1 hour', TRUE, 2
                   FROM generate_series(1, %(count)s) AS n,
                        LATERAL (SELECT {moment} AS moment) AS drawn
              RETURNING id)
        INSERT INTO calendar_event_res_partner_rel (calendar_event_id, res_partner_id)
             SELECT id, %(customer)s FROM meeting
    """,
    "interaction": """
        INSERT INTO crm_interaction (company_id, partner_id, user_id, channel, direction,
                                     outcome, date, summary)
             SELECT %(company)s, %(customer)s, 2, 'phone',
                    CASE WHEN n %% 2 = 0 THEN 'in' ELSE 'out' END, 'reached', {moment},
                    'Talked about order ' || n
               FROM generate_series(1, %(count)s) AS n
    """,
}


def _write_messages(cr):
    """The messages of the temporary table ``page``, scattered over it."""
    cr.execute(
        """
        CREATE TEMP TABLE draft AS
        SELECT row_number() OVER (ORDER BY pg_temp.u(row_number, 60))
                   + (SELECT COALESCE(max(id), 0) FROM mail_message) AS id,
               model, res_id, customer_id, row_number AS n,
               {moment} AS date,
               COALESCE(sort, floor(pg_temp.u(row_number, 61) * 30)::int) AS sort
          FROM (SELECT page.*, row_number() OVER ()
                  FROM page, generate_series(1, messages)) AS message
        """.replace("{moment}", MOMENT.format(row="row_number", use=62))
    )
    with generate.bulk(cr, "mail_message"):
        cr.execute(
            """
            INSERT INTO mail_message (
                        id, model, res_id, date, author_id, message_type, subtype_id,
                        is_internal, mail_activity_type_id, subject, body, message_id,
                        email_from, create_uid, write_uid, create_date, write_date)
                 SELECT draft.id, draft.model, draft.res_id, draft.date,
                        CASE WHEN sort < 10 THEN customer_id ELSE staff.partner_id END,
                        CASE WHEN sort < 10 THEN 'email'
                             WHEN sort = 28 THEN 'notification' ELSE 'comment' END,
                        CASE WHEN sort < 20 THEN comment.res_id
                             WHEN sort = 29 THEN activities.res_id ELSE note.res_id END,
                        sort = 28, CASE WHEN sort = 29 THEN call.res_id END,
                        'Subject ' || n,
                        '<p>Good day,</p><p>about <b>order ' || n || '</b>: '
                            || repeat('we look forward to hearing from you. ', 12)
                            || '</p>',
                        '<' || n || '@example.com>', 'customer@example.com',
                        2, 2, draft.date, draft.date
                   FROM draft,
                        (SELECT partner_id FROM res_users WHERE id = 2) AS staff,
                        (SELECT res_id FROM ir_model_data
                          WHERE module = 'mail' AND name = 'mt_comment') AS comment,
                        (SELECT res_id FROM ir_model_data
                          WHERE module = 'mail' AND name = 'mt_note') AS note,
                        (SELECT res_id FROM ir_model_data
                          WHERE module = 'mail' AND name = 'mt_activities') AS activities,
                        (SELECT res_id FROM ir_model_data
                          WHERE module = 'mail'
                            AND name = 'mail_activity_data_call') AS call
               ORDER BY draft.id
            """
        )
    cr.execute(
        """
        INSERT INTO mail_message_res_partner_rel (mail_message_id, res_partner_id)
             SELECT id, customer_id FROM draft WHERE sort >= 10 AND sort < 20
        """
    )
