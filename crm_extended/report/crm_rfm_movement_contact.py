from odoo import api, fields, models
from odoo.tools import SQL


class CrmRfmMovement(models.Model):
    """When the company last had to do with a customer, as far as Odoo itself knows.

    The latest of:

    * e-mails and comments that the customer or one of its contacts wrote or was sent;
      notes, mailings and what the system sends by itself do not count
    * calls and meetings scheduled as activities of the customer, a contact or one of
      their leads, and marked as done
    * meetings in the calendar that are over and that they have not declined
    """

    _inherit = "crm.rfm.movement"

    last_contact_date = fields.Date(
        string="Last Contact",
        compute="_compute_last_contact_date",
        help="The last e-mail or comment from or to the customer and its contacts, "
        "call or meeting marked as done, or meeting in the calendar. Notes and mailings "
        "do not count.",
    )

    @api.depends("partner_id")
    @api.depends_context("uid", "tz")
    def _compute_last_contact_date(self):
        last = self._last_contacts(self.partner_id)
        for movement in self:
            moment = last.get(movement.partner_id.id)
            movement.last_contact_date = (
                moment and fields.Datetime.context_timestamp(self, moment).date()
            )

    @api.model
    def _last_contacts(self, customers):
        """Look up many customers at once.

        Contacts that the reader may not see are left out; of messages and meetings he
        learns no more than a day.

        :param res.partner customers: commercial entities
        :return: moment (UTC) by id, without those nothing is known of
        :rtype: dict
        """
        for model in (
            "mail.message",
            "mail.message.subtype",
            "mail.activity.type",
            "calendar.event",
            "calendar.attendee",
            "crm.lead",
        ):
            self.env[model].flush_model()
        contacts = (
            self.env["res.partner"]
            .with_context(active_test=False)
            ._search([("commercial_partner_id", "in", customers.ids)])
        )
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    WITH contact AS MATERIALIZED (%(contacts)s)
                    SELECT contact.customer_id, max(event.moment)
                      FROM contact
              CROSS JOIN LATERAL (%(events)s) AS event
                  GROUP BY contact.customer_id
                    HAVING max(event.moment) IS NOT NULL
                    """,
                    contacts=contacts.select(
                        SQL("res_partner.id"),
                        SQL("res_partner.commercial_partner_id AS customer_id"),
                    ),
                    events=SQL(" UNION ALL ").join(self._contact_events()),
                )
            )
        )

    @api.model
    def _contact_events(self) -> list[SQL]:
        """Queries for the ``moment`` of the last contact of each kind with ``contact``."""
        talk = SQL(
            """
            message.message_type IN ('email', 'comment')
            AND message.is_internal IS NOT TRUE
            AND NOT EXISTS (
                SELECT
                  FROM mail_message_subtype AS subtype
                 WHERE subtype.id = message.subtype_id AND subtype.internal)
            """
        )
        done = SQL(
            """
            EXISTS (
                SELECT
                  FROM mail_activity_type AS type
                 WHERE type.id = message.mail_activity_type_id
                   AND type.category IN ('phonecall', 'meeting'))
            """
        )
        return [
            SQL(
                """
                SELECT max(message.date) AS moment
                  FROM mail_message AS message
                 WHERE message.author_id = contact.id AND %s
                """,
                talk,
            ),
            SQL(
                """
                SELECT max(message.date)
                  FROM mail_message_res_partner_rel AS recipient
                  JOIN mail_message AS message
                    ON message.id = recipient.mail_message_id
                 WHERE recipient.res_partner_id = contact.id AND %s
                """,
                talk,
            ),
            SQL(
                """
                SELECT max(message.date)
                  FROM mail_message AS message
                 WHERE message.model = 'res.partner'
                   AND message.res_id = contact.id AND %s
                """,
                done,
            ),
            SQL(
                """
                SELECT max(message.date)
                  FROM crm_lead AS lead
                  JOIN mail_message AS message
                    ON message.model = 'crm.lead' AND message.res_id = lead.id
                 WHERE lead.partner_id = contact.id AND %s
                """,
                done,
            ),
            SQL(
                """
                SELECT max(meeting.start)
                  FROM calendar_attendee AS attendee
                  JOIN calendar_event AS meeting ON meeting.id = attendee.event_id
                 WHERE attendee.partner_id = contact.id
                   AND attendee.state <> 'declined'
                   AND meeting.active
                   AND meeting.stop <= now() AT TIME ZONE 'UTC'
                """
            ),
        ]
