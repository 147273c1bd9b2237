def migrate(cr, version):
    """Note of contacts who belonged to another customer before, as far as their invoices
    say so: until the last invoice of a time they belonged to that customer.

    What they ordered, bought at a till or had imported counts as today where there is no
    invoice of theirs for anybody else.
    """
    cr.execute(
        """
        WITH document AS (
            SELECT move.id, move.partner_id, move.invoice_date AS day,
                   entity.commercial_partner_id AS customer_id,
                   contact.commercial_partner_id AS customer_of_today
              FROM account_move AS move
              JOIN res_partner AS entity ON entity.id = move.commercial_partner_id
              JOIN res_partner AS contact ON contact.id = move.partner_id
             WHERE move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund')
               AND move.invoice_date IS NOT NULL
        ),
        moved AS (
            SELECT DISTINCT partner_id
              FROM document
             WHERE customer_id <> customer_of_today
        ),
        followed AS (
            SELECT document.*, lead(customer_id) OVER (
                       PARTITION BY partner_id ORDER BY day, id) AS next_customer_id
              FROM document
              JOIN moved USING (partner_id)
        )
        INSERT INTO crm_customer_former_contact
               (partner_id, customer_id, date_to,
                create_uid, write_uid, create_date, write_date)
        SELECT partner_id, customer_id, day,
               1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
          FROM followed
         WHERE customer_id <> COALESCE(next_customer_id, customer_of_today)
      ORDER BY partner_id, day, id
        """
    )
