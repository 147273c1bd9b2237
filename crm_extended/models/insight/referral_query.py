"""Which referrals count, in SQL.

What is stored names contacts as they were when someone entered it. A contact may get another
company since, so customers are worked out when they are read: a customer who would have
recommended itself counts for nothing, and of several who recommended a customer the first
one counts.
"""

from odoo.tools import SQL


def counted(company_ids, condition: SQL | None = None) -> SQL:
    """The referrals that count: ``id``, ``company_id``, ``partner_id`` and ``referred_id``
    (both commercial entities), ``date``, ``source``, ``referred_date`` and
    ``thanked_date``.

    :param company_ids: ids of companies
    :param condition: on ``referral``, ``recommender`` and ``referred`` (contacts)
    """
    return SQL(
        """
        SELECT referral.id, referral.company_id,
               recommender.commercial_partner_id AS partner_id,
               referred.commercial_partner_id AS referred_id,
               referral.date, referral.source, referral.referred_date,
               referral.thanked_date
          FROM crm_referral AS referral
          JOIN res_partner AS recommender ON recommender.id = referral.partner_id
          JOIN res_partner AS referred ON referred.id = referral.referred_id
         WHERE referral.company_id = ANY(%(company_ids)s)
           AND recommender.commercial_partner_id <> referred.commercial_partner_id
           AND %(condition)s
           AND NOT EXISTS (
                SELECT
                  FROM res_partner AS other
                  JOIN crm_referral AS earlier ON earlier.referred_id = other.id
                  JOIN res_partner AS first ON first.id = earlier.partner_id
                 WHERE other.commercial_partner_id = referred.commercial_partner_id
                   AND first.commercial_partner_id <> other.commercial_partner_id
                   AND earlier.company_id = referral.company_id
                   AND (earlier.date, earlier.id) < (referral.date, referral.id))
        """,
        company_ids=list(company_ids),
        condition=condition or SQL("TRUE"),
    )


def recommender_of(customer: SQL, company_id: int) -> SQL:
    """Who recommended a customer."""
    found = counted([company_id], SQL("referred.commercial_partner_id = %s", customer))
    return SQL("(SELECT partner_id FROM (%s) AS found)", found)


def number_of(customer: SQL, company_id: int) -> SQL:
    """How many customers a customer recommended."""
    found = counted(
        [company_id], SQL("recommender.commercial_partner_id = %s", customer)
    )
    return SQL("(SELECT count(*) FROM (%s) AS found)", found)
