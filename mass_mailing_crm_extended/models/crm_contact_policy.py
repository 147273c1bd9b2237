from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL


class CrmContactPolicy(models.AbstractModel):
    """Mailings are touches."""

    _inherit = "crm.contact.policy"

    @api.model
    def _touches_of_others(self, contacts, since):
        moments = defaultdict(list, super()._touches_of_others(contacts, since))
        if not contacts:
            return moments
        for name in (
            "res.company",
            "res.partner",
            "res.users",
            "mailing.trace",
            "mailing.mailing",
        ):
            self.env[name].flush_model()
        # Whoever is responsible for a mailing sends it for their company; Odoo's mailings
        # have none. Of those without a responsible user all companies are careful.
        rows = self.env.execute_query(
            SQL(
                """
                WITH customer AS MATERIALIZED (
                    SELECT DISTINCT commercial_partner_id AS id
                      FROM res_partner WHERE id = ANY(%(contacts)s)
                ),
                address AS MATERIALIZED (
                    SELECT DISTINCT customer.id, person.email_normalized AS email
                      FROM customer
                      JOIN res_partner AS person
                        ON person.commercial_partner_id = customer.id
                     WHERE person.email_normalized IS NOT NULL
                )
                SELECT address.id, trace.sent_datetime
                  FROM address
                  JOIN mailing_trace AS trace ON trace.email = address.email
             LEFT JOIN mailing_mailing AS mailing ON mailing.id = trace.mass_mailing_id
             LEFT JOIN res_users AS sender ON sender.id = mailing.user_id
                 WHERE trace.sent_datetime > %(since)s
                   AND trace.trace_status IN ('pending', 'sent', 'open', 'reply')
                   AND trace.is_test_trace IS NOT TRUE
                   -- Mails of care plans have touches of their own.
                   AND trace.model <> 'crm.care.enrollment'
                   AND (sender.company_id = %(company)s OR sender.id IS NULL)
                   -- Where emails count: looked up once, for no query more.
                   AND 'email' = ANY((
                       SELECT string_to_array(contact_limit_channels, ',')
                         FROM res_company WHERE id = %(company)s)::text[])
                """,
                contacts=contacts.ids,
                since=since,
                company=self.env.company.id,
            )
        )
        for customer_id, moment in rows:
            moments[customer_id].append(moment)
        return moments
