from odoo import models
from odoo.tools import SQL

# A message that the customer can see. Its type says whether a person wrote it: what
# Odoo sends by itself is a "notification" or "auto_comment", a mailing "email_outgoing".
TALK = SQL(
    """
    message.message_type IN ('email', 'comment')
    AND message.is_internal IS NOT TRUE
    AND NOT EXISTS (
        SELECT
          FROM mail_message_subtype AS subtype
         WHERE subtype.id = message.subtype_id AND subtype.internal)
    """
)

# Records that activities of a customer are scheduled on: model, table, its contact.
ACTIVITY_RECORDS = (
    ("res.partner", "res_partner", "id"),
    ("crm.lead", "crm_lead", "partner_id"),
    ("sale.order", "sale_order", "partner_id"),
    ("account.move", "account_move", "partner_id"),
)


# The current time in a query. Not the start of the transaction: users also see the
# effect of messages that they have just posted.
NOW = SQL("(statement_timestamp() AT TIME ZONE 'UTC')")


class CrmCustomerContact(models.AbstractModel):
    """The only definition of a contact with a customer.

    * a message (e-mail, or comment that is no note) that the customer or one of its
      contacts wrote, or that an employee wrote and they received
    * a logged interaction, unless the call was not answered
    * a past meeting in the calendar that was not cancelled and that they have not declined
    * a call or meeting that was scheduled as an activity of the customer, or of one of
      its leads, orders or invoices, and marked as done

    Automatic messages of Odoo, mailings, notes, the tracking of changes and messages
    between employees are none.
    """

    _name = "crm.customer.contact"
    _description = "Definition of Customer Interactions"

    def _contact_sources(self) -> dict[str, list[SQL]]:
        """Queries for contacts, by the name of their source.

        Each has the columns ``contact_id`` (a contact of the customer), ``company_id``
        (the only company that knows of it, or NULL), ``date``, ``direction`` (``in``,
        ``out`` or NULL), ``channel`` (as of ``crm.interaction``, or NULL) and
        ``source_id``, the id of the record. The records of a new source call ``_enqueue``
        of ``crm.last.contact`` when they are created, changed and deleted.
        """
        return {
            "message": [
                self._written_messages(),
                self._sent_messages(SQL("mail_message_res_partner_rel"), SQL("TRUE")),
                self._sent_messages(
                    SQL("mail_notification"), SQL("sent.notification_type = 'email'")
                ),
            ],
            "activity": [self._done_activities(*record) for record in ACTIVITY_RECORDS],
            "meeting": [self._meetings()],
            "interaction": [self._interactions()],
        }

    def _contacts(self, sources=None) -> SQL:
        """The contacts of all sources, with the customer as ``partner_id`` and the name
        of the ``source``.

        A contact without a company of its own is known only to the company that its
        contact person belongs to.

        :param sources: names of sources, all of them without
        """
        arms = [
            SQL(
                """
                SELECT person.commercial_partner_id AS partner_id,
                       COALESCE(contact.company_id, person.company_id) AS company_id,
                       contact.date, contact.direction, contact.channel,
                       %s AS source, contact.source_id
                  FROM (%s) AS contact
                  JOIN res_partner AS person ON person.id = contact.contact_id
                 WHERE person.partner_share AND contact.date IS NOT NULL
                """,
                name,
                query,
            )
            for name, queries in self._contact_sources().items()
            if sources is None or name in sources
            for query in queries
        ]
        return SQL(" UNION ALL ").join(arms)

    def _written_messages(self) -> SQL:
        return SQL(
            """
            SELECT message.author_id AS contact_id,
                   message.record_company_id AS company_id,
                   message.date,
                   'in' AS direction,
                   CASE WHEN message.message_type = 'email' THEN 'email'
                        WHEN message.model = 'discuss.channel' THEN 'im'
                        ELSE 'web' END AS channel,
                   message.id AS source_id
              FROM mail_message AS message
             WHERE %s
            """,
            TALK,
        )

    def _sent_messages(self, table: SQL, condition: SQL) -> SQL:
        """Written by one of the staff, which OdooBot is not."""
        return SQL(
            """
            SELECT sent.res_partner_id AS contact_id,
                   message.record_company_id AS company_id,
                   message.date, 'out' AS direction, 'email' AS channel,
                   message.id AS source_id
              FROM %(table)s AS sent
              JOIN mail_message AS message ON message.id = sent.mail_message_id
              JOIN res_partner AS author ON author.id = message.author_id
             WHERE NOT author.partner_share AND author.id <> %(bot)s
               AND %(condition)s AND %(talk)s
            """,
            table=table,
            bot=self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root"),
            condition=condition,
            talk=TALK,
        )

    def _done_activities(self, model, table, contact) -> SQL:
        # A partner's own company is the contact's, which is looked at anyway.
        company = SQL.identifier("record", "company_id")
        return SQL(
            """
            SELECT %(contact)s AS contact_id,
                   COALESCE(%(company)s, message.record_company_id) AS company_id,
                   message.date, NULL AS direction,
                   CASE type.category WHEN 'phonecall' THEN 'phone' END AS channel,
                   message.id AS source_id
              FROM mail_message AS message
              JOIN mail_activity_type AS type
                ON type.id = message.mail_activity_type_id
               AND type.category IN ('phonecall', 'meeting')
              JOIN %(table)s AS record ON record.id = message.res_id
             WHERE message.model = %(model)s
            """,
            contact=SQL.identifier("record", contact),
            company=company,
            table=SQL.identifier(table),
            model=model,
        )

    def _meetings(self) -> SQL:
        # The relation beside the attendees has an index by partner, they have none.
        return SQL(
            """
            SELECT attending.res_partner_id AS contact_id, NULL::int AS company_id,
                   meeting.stop AS date, NULL AS direction, NULL AS channel,
                   meeting.id AS source_id
              FROM calendar_event_res_partner_rel AS attending
              JOIN calendar_event AS meeting ON meeting.id = attending.calendar_event_id
              JOIN calendar_attendee AS attendee
                ON attendee.event_id = meeting.id
               AND attendee.partner_id = attending.res_partner_id
             WHERE meeting.active AND attendee.state IS DISTINCT FROM 'declined'
            """
        )

    def _interactions(self) -> SQL:
        return SQL(
            """
            SELECT interaction.partner_id AS contact_id, interaction.company_id,
                   interaction.date, interaction.direction, interaction.channel,
                   interaction.id AS source_id
              FROM crm_interaction AS interaction
             WHERE interaction.outcome <> 'no_answer'
            """
        )
