from odoo import api, fields, models
from odoo.tools import SQL

# Whom an address is of: the contact that is in use, and of several the one that has been
# there longest.
FIRST = SQL("person.active DESC, person.id")


class MailingTrace(models.Model):
    """A mail to an address on a mailing list keeps the contact who had the address, also
    when it changes, or when others get it."""

    _inherit = "mailing.trace"

    recipient_id = fields.Many2one(
        "res.partner",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="mass_mailing.group_mass_mailing_user",
        help="The contact whose address it was, of mails to addresses that are no contacts "
        "themselves.",
    )

    @api.model
    def _find_recipients(self, company, since):
        """Note the contacts of addresses that were mailed by a company, once for all."""
        self.flush_model()
        self.env["mailing.mailing"].flush_model()
        self.env["res.partner"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE mailing_trace AS trace SET recipient_id = found.contact_id
                  FROM (SELECT DISTINCT ON (sent.id)
                               sent.id, person.id AS contact_id
                          FROM mailing_trace AS sent
                          JOIN mailing_mailing AS mailing
                            ON mailing.id = sent.mass_mailing_id
                     LEFT JOIN res_users AS sender ON sender.id = mailing.user_id
                          JOIN res_partner AS person
                            ON person.email_normalized = sent.email
                         WHERE sent.recipient_id IS NULL AND sent.sent_datetime >= %(since)s
                           AND sent.model NOT IN ('res.partner', 'crm.care.enrollment')
                           AND (sender.company_id = %(company)s OR sender.id IS NULL)
                           AND %(mine)s
                      ORDER BY sent.id, %(first)s
                       ) AS found
                 WHERE trace.id = found.id
                """,
                since=since,
                company=company.id,
                mine=_is_of(company),
                first=FIRST,
            )
        )
        self.invalidate_model(["recipient_id"], flush=False)


def _is_of(company) -> SQL:
    return SQL("(person.company_id = %s OR person.company_id IS NULL)", company.id)


def contacts_query(sent: SQL, company) -> SQL:
    """Who got mails: the rows of a query with ``contact_id``, of contacts that the company
    may see. An address is of one contact.

    :param sent: query for ``trace_id``, ``model``, ``res_id``, ``recipient_id`` and
        ``email``, and anything else
    """
    return SQL(
        """
        SELECT person.id AS contact_id, sent.*
          FROM (%(sent)s) AS sent
          JOIN res_partner AS person
            ON person.id = CASE WHEN sent.model = 'res.partner' THEN sent.res_id
                                ELSE sent.recipient_id END
         WHERE %(mine)s
     UNION ALL
        (SELECT DISTINCT ON (sent.trace_id) person.id, sent.*
           FROM (%(sent)s) AS sent
           JOIN res_partner AS person ON person.email_normalized = sent.email
          WHERE sent.model <> 'res.partner' AND sent.recipient_id IS NULL AND %(mine)s
       ORDER BY sent.trace_id, %(first)s)
        """,
        sent=sent,
        mine=_is_of(company),
        first=FIRST,
    )
