from odoo import api, fields, models
from odoo.tools import SQL


class CrmCampaignReach(models.Model):
    """Mailings of a campaign reach their recipients."""

    _inherit = "crm.campaign.reach"

    source = fields.Selection(
        selection_add=[("mailing", "Mailing")], ondelete={"mailing": "cascade"}
    )

    @api.model
    def _reach_sources(self, company, since):
        # Whoever is responsible for a mailing sends it for their company; those of nobody
        # are of the companies that the customer belongs to.
        sent = SQL(
            """
            SELECT mailing.campaign_id, trace.model, trace.res_id, trace.email,
                   trace.sent_datetime, sender.id IS NULL AS is_shared
              FROM mailing_trace AS trace
              JOIN mailing_mailing AS mailing ON mailing.id = trace.mass_mailing_id
         LEFT JOIN res_users AS sender ON sender.id = mailing.user_id
             WHERE mailing.campaign_id IS NOT NULL
               AND trace.sent_datetime >= %(since)s
               AND trace.trace_status IN ('pending', 'sent', 'open', 'reply')
               AND trace.is_test_trace IS NOT TRUE
               -- Mails of care plans are found by their plans.
               AND trace.model <> 'crm.care.enrollment'
               AND (sender.company_id = %(company)s OR sender.id IS NULL)
            """,
            since=since,
            company=company.id,
        )
        mailed = SQL(
            """
            SELECT sent.campaign_id, person.id AS partner_id,
                   sent.sent_datetime AS date, 'plan' AS arm
              FROM (%(sent)s) AS sent
              JOIN res_partner AS person
                ON sent.model = 'res.partner' AND person.id = sent.res_id
             WHERE %(mine)s
         UNION ALL
            SELECT sent.campaign_id, person.id, sent.sent_datetime, 'plan'
              FROM (%(sent)s) AS sent
              JOIN res_partner AS person
                ON sent.model <> 'res.partner' AND person.email_normalized = sent.email
             WHERE %(mine)s
            """,
            sent=sent,
            mine=SQL(
                "(person.company_id = %(company)s OR person.company_id IS NULL)",
                company=company.id,
            ),
        )
        return {**super()._reach_sources(company, since), "mailing": mailed}
