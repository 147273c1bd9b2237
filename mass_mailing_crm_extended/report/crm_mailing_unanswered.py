from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import SQL

from ..models.mailing_trace import contacts_query

# Rows are told apart by customer and company, of which there are not as many.
COMPANIES = 2**11
# So many mailings without a reaction, in so many months.
LEAST_MAILINGS = 5
MONTHS = 12


class CrmMailingUnanswered(models.Model):
    """Customers who got several mailings and neither opened, clicked nor answered one: mail
    may not be how they want to be addressed.

    Weak evidence: many mail programs hide that a mail was opened, and others open mails
    that no one reads. Computed when it is read; customers who refused profiling are left
    out.
    """

    _name = "crm.mailing.unanswered"
    _inherit = ["crm.customer.record.mixin", "crm.insight.dimension.mixin"]
    _description = "Mailings Without Reaction"
    _auto = False
    _rec_name = "partner_id"
    _order = "mailings desc, last_date desc, id"
    _depends = {
        "mailing.trace": [
            "email",
            "model",
            "res_id",
            "recipient_id",
            "sent_datetime",
            "trace_status",
            "links_click_datetime",
        ],
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    mailings = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Mailings that they or their contacts got in the last 12 months. They opened, "
        "clicked and answered none. Many mail programs hide that an email was opened.",
    )
    last_date = fields.Date(string="Last Mailing", readonly=True)

    @property
    def _table_query(self):
        for name in (
            "crm.consent",
            "crm.consent.purpose",
            "mailing.mailing",
            "mailing.trace",
            "res.partner",
        ):
            self.env[name].flush_model()
        return SQL(" UNION ALL ").join(
            SQL("(%s)", self._query_of(company)) for company in self.env.companies
        )

    def _query_of(self, company) -> SQL:
        policy = self.env["crm.contact.policy"].with_company(company)
        return SQL(
            """
            WITH sent AS MATERIALIZED (%(sent)s),
            mailed AS (%(mailed)s),
            unanswered AS (
                SELECT person.commercial_partner_id AS partner_id,
                       count(DISTINCT mailing_id)::int AS mailings,
                       max(%(day)s) AS last_date
                  FROM mailed
                  JOIN res_partner AS person ON person.id = mailed.contact_id
              GROUP BY person.commercial_partner_id
                HAVING NOT bool_or(has_reacted)
                   AND count(DISTINCT mailing_id) >= %(least)s
            )
            SELECT unanswered.partner_id::bigint * %(companies)s + %(company)s AS id,
                   unanswered.partner_id, %(company)s AS company_id,
                   unanswered.mailings, unanswered.last_date
              FROM unanswered
             WHERE %(profiling)s
            """,
            sent=self._sent(company),
            mailed=contacts_query(SQL("SELECT * FROM sent"), company),
            day=self.env["crm.campaign.reach"]._day(
                company, SQL("mailed.sent_datetime")
            ),
            least=LEAST_MAILINGS,
            companies=COMPANIES,
            company=company.id,
            profiling=policy._answered(
                self.env["crm.consent.purpose"]._get_profiling(),
                person=SQL("unanswered.partner_id"),
            ),
        )

    def _sent(self, company) -> SQL:
        """Mailings that arrived. A mailing counts for the company of its responsible user;
        one without counts for all companies."""
        return SQL(
            """
            SELECT trace.id AS trace_id, trace.mass_mailing_id AS mailing_id, trace.model,
                   trace.res_id, trace.recipient_id, trace.email, trace.sent_datetime,
                   trace.trace_status IN ('open', 'reply')
                   OR trace.links_click_datetime IS NOT NULL AS has_reacted
              FROM mailing_trace AS trace
              JOIN mailing_mailing AS mailing ON mailing.id = trace.mass_mailing_id
         LEFT JOIN res_users AS sender ON sender.id = mailing.user_id
             WHERE trace.trace_type = 'mail'
               AND trace.sent_datetime >= %(since)s
               AND trace.trace_status IN ('pending', 'sent', 'open', 'reply')
               AND trace.is_test_trace IS NOT TRUE
               AND trace.model <> 'crm.care.enrollment'
               AND (sender.company_id = %(company)s OR sender.id IS NULL)
            """,
            since=fields.Datetime.now() - relativedelta(months=MONTHS),
            company=company.id,
        )

    def action_ask_for_channel(self):
        """Schedule a call with each of the customers, to ask how they want to be addressed.
        Those with a call that is due already are left out."""
        self.check_access("read")
        call = self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False)
        called = self.partner_id.filtered(
            lambda partner: call and call in partner.activity_ids.activity_type_id
        )
        partners = self.partner_id - called
        if not partners:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "message": self.env._(
                        "A call with each of them is scheduled already."
                    ),
                    "type": "warning",
                },
            }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for Another Channel"),
            "res_model": "mail.activity.schedule",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "active_model": "res.partner",
                "active_ids": partners.ids,
                "active_id": partners.ids[0],
                "default_activity_type_id": call.id if call else False,
                "default_summary": self.env._("Ask for another channel"),
            },
        }
