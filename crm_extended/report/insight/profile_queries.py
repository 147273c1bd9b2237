"""What a profile tells of customers besides their score: each query has at most one row for
a customer of a company, with ``partner_id``, ``company_id`` and a column with the name of
the field. They are joined only where the field is asked for."""

from odoo.tools import SQL


def sizes_query(env, company) -> SQL:
    """The band of a customer's size: by the contacts of a company."""
    return SQL(
        """
        SELECT score.partner_id, score.company_id,
               CASE WHEN people.count > 20 THEN 'many'
                    WHEN people.count > 5 THEN 'several'
                    WHEN people.count > 1 THEN 'few'
                    WHEN partner.is_company OR people.count = 1 THEN 'one'
                    ELSE 'person' END AS customer_size
          FROM crm_rfm_score AS score
          JOIN res_partner AS partner ON partner.id = score.partner_id
     LEFT JOIN (SELECT commercial_partner_id, count(*) AS count
                  FROM res_partner
                 WHERE parent_id IS NOT NULL AND commercial_partner_id <> id
                   AND active AND type = 'contact'
              GROUP BY commercial_partner_id
               ) AS people ON people.commercial_partner_id = score.partner_id
         WHERE score.company_id = %s
        """,
        company.id,
    )


def deciles_query(env, company) -> SQL:
    """The tenth of a customer, as under *Customers by Revenue*: of the customers that the
    reader may see."""
    pareto = env["crm.rfm.pareto"].with_context(allowed_company_ids=company.ids)
    return SQL(
        "SELECT partner_id, company_id, decile::text AS decile FROM (%s) AS pareto",
        pareto._table_query,
    )


def channels_query(env, company) -> SQL:
    """The channel that was chosen for the customer, or else the one they used most."""
    # sudo: users who may read the row read the channel of its customer; the groups of the
    # field exclude all others.
    channels = env["crm.preferred.channel"].with_company(company).sudo()
    env["res.partner"]._flush_channels()
    return SQL(
        """
        SELECT score.partner_id, score.company_id,
               COALESCE(chosen.channel, used.channel) AS channel
          FROM crm_rfm_score AS score
     LEFT JOIN crm_preferred_channel AS chosen ON chosen.partner_id = score.partner_id
     LEFT JOIN (%s) AS used ON used.partner_id = score.partner_id
         WHERE score.company_id = %s
        """,
        channels._used_channels(),
        company.id,
    )


def categories_query(env, company) -> SQL:
    """The category of products with the customer's highest revenue ever; of equal ones the
    one that was created first."""
    return SQL(
        """
        SELECT DISTINCT ON (partner_id) partner_id, %(company)s AS company_id, categ_id
          FROM (SELECT bought.partner_id, product.categ_id, sum(bought.amount) AS amount
                  FROM crm_customer_product AS bought
                  JOIN product_template AS product ON product.id = bought.product_tmpl_id
                 WHERE bought.company_id = %(company)s AND product.categ_id IS NOT NULL
              GROUP BY bought.partner_id, product.categ_id
               ) AS category
      ORDER BY partner_id, amount DESC, categ_id
        """,
        company=company.id,
    )


def satisfaction_query(env, company) -> SQL:
    """The face that the customer clicked last in answer to a case of the company."""
    return SQL(
        """
        SELECT DISTINCT ON (contact.commercial_partner_id)
               contact.commercial_partner_id AS partner_id, %(company)s AS company_id,
               answer.rating_text AS satisfaction
          FROM crm_care_satisfaction AS answer
          JOIN crm_care_case AS care_case ON care_case.id = answer.case_id
          JOIN res_partner AS contact ON contact.id = answer.partner_id
         WHERE care_case.company_id = %(company)s AND answer.rating_text IS NOT NULL
           AND answer.date IS NOT NULL
      ORDER BY contact.commercial_partner_id, answer.date DESC, answer.id DESC
        """,
        company=company.id,
    )


def competitors_query(env, company) -> SQL:
    """The competitor that the customer was in contact with last."""
    competitors = env["crm.competitor.customer"].with_context(
        allowed_company_ids=company.ids
    )
    return SQL(
        """
        SELECT DISTINCT ON (partner_id) partner_id, company_id, competitor_id
          FROM (%s) AS competitor
      ORDER BY partner_id, last_date DESC NULLS LAST, competitor_id
        """,
        competitors._table_query,
    )


def margins_query(env, company) -> SQL:
    """The margin in the lookback period, with the revenue whose cost is known."""
    return SQL(
        """
        SELECT partner_id, %s AS company_id, margin, costed_revenue
          FROM (%s) AS margin
        """,
        company.id,
        env["crm.customer.margin"]._query_of(company),
    )
