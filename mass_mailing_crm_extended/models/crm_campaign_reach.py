from odoo import api, fields, models
from odoo.tools import SQL

from .mailing_trace import contacts_query


class CrmCampaignReach(models.Model):
    """Mailings of a campaign reach their recipients."""

    _inherit = "crm.campaign.reach"

    source = fields.Selection(
        selection_add=[("mailing", "Mailing")], ondelete={"mailing": "cascade"}
    )

    @api.model
    def _prepare_sources(self, company, since):
        self.env["mailing.trace"]._find_recipients(company, since)
        return super()._prepare_sources(company, since)

    @api.model
    def _reach_sources(self, company, since):
        # Whoever is responsible for a mailing sends it for their company; those of nobody
        # are of the companies that the customer belongs to.
        sent = SQL(
            """
            SELECT trace.id AS trace_id, mailing.campaign_id, trace.model, trace.res_id,
                   trace.recipient_id, trace.email, %(day)s AS date
              FROM mailing_trace AS trace
              JOIN mailing_mailing AS mailing ON mailing.id = trace.mass_mailing_id
         LEFT JOIN res_users AS sender ON sender.id = mailing.user_id
             WHERE mailing.campaign_id IS NOT NULL
               AND %(day)s >= %(since)s
               AND trace.trace_status IN ('pending', 'sent', 'open', 'reply')
               AND trace.is_test_trace IS NOT TRUE
               -- Mails of care plans are found by their plans.
               AND trace.model <> 'crm.care.enrollment'
               AND (sender.company_id = %(company)s OR sender.id IS NULL)
            """,
            day=self._day(company, SQL("trace.sent_datetime")),
            since=since,
            company=company.id,
        )
        mailed = SQL(
            "SELECT campaign_id, contact_id AS partner_id, date, 'plan' AS arm FROM (%s) AS m",
            contacts_query(sent, company),
        )
        return {**super()._reach_sources(company, since), "mailing": mailed}
