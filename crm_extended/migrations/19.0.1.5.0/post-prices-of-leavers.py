def migrate(cr, version):
    """Note the contacts who took the prices of a tier along when they left their company,
    so that the next assessment takes these back.

    Known are contacts whose company had the tier while they still belonged to it: the
    chatter tells when they left, or an invoice says whose contact they were on its day.
    """
    cr.execute(
        """
        WITH lent AS (
            -- Which prices customers have had by a tier, and since when.
            SELECT company_id, partner_id AS customer_id, pricelist_id,
                   create_date::date AS day
              FROM crm_loyalty_pricelist
             WHERE is_applied
             UNION
            SELECT change.company_id, change.partner_id, tier.pricelist_id, change.date
              FROM crm_loyalty_change AS change
              JOIN crm_loyalty_tier AS tier ON tier.id = change.new_tier_id
             WHERE tier.pricelist_id IS NOT NULL
        ),
        candidate AS MATERIALIZED (
            SELECT contact.id, contact.commercial_partner_id, lent.company_id,
                   lent.pricelist_id
              FROM res_partner AS contact
        CROSS JOIN (SELECT DISTINCT company_id, pricelist_id FROM lent) AS lent
              JOIN res_partner AS customer
                ON customer.id = contact.commercial_partner_id
         LEFT JOIN crm_loyalty_pricelist AS own
                ON own.partner_id = contact.id AND own.company_id = lent.company_id
             WHERE contact.specific_property_product_pricelist IS NOT NULL
               AND contact.specific_property_product_pricelist
                       ->> lent.company_id::text = lent.pricelist_id::text
               AND own.id IS NULL
               AND (contact.id = customer.id
                    OR customer.specific_property_product_pricelist
                           ->> lent.company_id::text
                       IS DISTINCT FROM lent.pricelist_id::text)
        ),
        belonged AS (
            SELECT message.res_id AS contact_id,
                   former.commercial_partner_id AS customer_id,
                   message.date::date AS day
              FROM mail_message AS message
              JOIN mail_tracking_value AS tracked
                ON tracked.mail_message_id = message.id
              JOIN ir_model_fields AS field
                ON field.id = tracked.field_id AND field.name = 'parent_id'
              JOIN res_partner AS former ON former.id = tracked.old_value_integer
             WHERE message.model = 'res.partner'
               AND message.res_id IN (SELECT id FROM candidate)
             UNION
            SELECT move.partner_id, move.commercial_partner_id, move.invoice_date
              FROM account_move AS move
             WHERE move.partner_id IN (SELECT id FROM candidate)
               AND move.invoice_date IS NOT NULL
        )
        INSERT INTO crm_loyalty_pricelist (
                    partner_id, company_id, pricelist_id, is_applied,
                    former_pricelist_id, create_date, write_date)
             SELECT DISTINCT ON (candidate.id, candidate.company_id)
                    candidate.id, candidate.company_id, candidate.pricelist_id, TRUE,
                    applied.former_pricelist_id,
                    now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
               FROM candidate
               JOIN belonged ON belonged.contact_id = candidate.id
                            AND belonged.customer_id <> candidate.commercial_partner_id
               JOIN lent ON lent.customer_id = belonged.customer_id
                        AND lent.company_id = candidate.company_id
                        AND lent.pricelist_id = candidate.pricelist_id
                        AND lent.day <= belonged.day
          LEFT JOIN crm_loyalty_pricelist AS applied
                 ON applied.partner_id = belonged.customer_id
                AND applied.company_id = candidate.company_id
                AND applied.is_applied
           ORDER BY candidate.id, candidate.company_id, applied.id NULLS LAST
        ON CONFLICT (partner_id, company_id) DO NOTHING
        """
    )
