"""Conditions on messages in SQL, on ``mail_message`` as ``message``."""

from odoo.tools import SQL

from ..entry import id_array, in_html, like

ALL_KINDS = {"email", "message", "note", "activity", "system"}
MAIL_TYPES = ("email", "email_outgoing")
# Types of what Odoo itself writes: changed fields, new records, automatic answers.
LOG_TYPES = ("notification", "auto_comment", "out_of_office")
# Sent to the customer, although Odoo gives them the subtype of notes.
SENT_TYPES = ("sms", "snail_mail")
# The subtype of notes. Odoo's own lines have it, too, but are marked as internal.
NOTE = SQL(
    "(SELECT res_id FROM ir_model_data WHERE module = 'mail' AND name = 'mt_note')"
)

# The kind of a message as far as its own columns tell: a mail whose subtype is internal
# is a note, and so is what a program has posted with the subtype of notes. Written as the
# index by kinds has it (see ``mail.message``).
MESSAGE_CLASS = """
    (CASE WHEN mail_activity_type_id IS NOT NULL THEN 'activity'
          WHEN message_type = 'notification' AND is_internal IS NOT TRUE THEN 'posted'
          WHEN message_type IN ('notification', 'auto_comment', 'out_of_office')
               THEN 'system'
          WHEN is_internal IS TRUE THEN 'note'
          WHEN message_type IN ('sms', 'snail_mail') THEN 'sent'
          WHEN subtype_id IS NULL THEN 'note'
          WHEN message_type IN ('email', 'email_outgoing') THEN 'email'
          ELSE 'message' END)
"""
MESSAGE_SUBTYPE = "COALESCE(subtype_id, 0)"
# Parts of a record's messages, as the index by dates has them: what people wrote, what
# Odoo logged, and what was posted by a program, of which notes are a kind of their own.
MESSAGE_PART = """
    (CASE WHEN mail_activity_type_id IS NOT NULL
               OR message_type NOT IN ('notification', 'auto_comment', 'out_of_office')
          THEN 0
          WHEN message_type = 'notification' AND is_internal IS NOT TRUE THEN 2
          ELSE 1 END)
"""
PEOPLE, LOG, POSTED = range(3)
KINDS_OF_PARTS = {
    PEOPLE: ALL_KINDS - {"system"},
    LOG: {"system"},
    POSTED: {"note", "system"},
}


class MessageConditions:
    """The messages that the reader's filters allow, and the kind of each."""

    def _where(self, scope, kinds) -> SQL:
        filters = scope.filters
        conditions = [SQL("message.message_type <> 'user_notification'")]
        if set(kinds) != ALL_KINDS:
            conditions.append(SQL("%s = ANY(%s)", self._kind_sql(), list(kinds)))
        if not scope.env.user._is_internal():
            # As Odoo's portal: nothing internal, and no log.
            conditions.append(SQL("NOT %s", self._internal_sql()))
            conditions.append(SQL("message.message_type <> 'notification'"))
        if filters.since:
            conditions.append(SQL("message.date >= %s", filters.since))
        if filters.until:
            conditions.append(SQL("message.date < %s", filters.until))
        if filters.author_id:
            conditions.append(SQL("message.author_id = %s", filters.author_id))
        if filters.direction:
            incoming = SQL(
                """
                (CASE WHEN message.author_id IS NULL
                      THEN message.message_type = 'email'
                      ELSE EXISTS (
                           SELECT FROM res_partner AS author
                            WHERE author.id = message.author_id
                              AND author.partner_share) END)
                """
            )
            conditions.append(
                incoming if filters.direction == "in" else SQL("NOT %s", incoming)
            )
        if filters.search:
            conditions.append(self._search_sql(scope))
        return SQL(" AND ").join(conditions)

    @staticmethod
    def _search_sql(scope) -> SQL:
        """Messages with the text in their body, or in their shown title."""
        text, titles = scope.filters.search, scope.message_titles
        found = [
            SQL("message.subject ILIKE %s", like(text)),
            in_html(SQL("message.body"), text),
            SQL("message.mail_activity_type_id = ANY(%s)", id_array(titles.types)),
        ]
        untitled = SQL("COALESCE(message.subject, '') = ''")
        reported = SQL("message.message_type = 'notification' AND message.subtype_id")
        if titles.subtypes:
            ids = id_array(titles.subtypes)
            found.append(SQL("(%s AND %s = ANY(%s))", untitled, reported, ids))
        for model, ids in titles.documents.items():
            found.append(
                SQL(
                    """
                    (message.model = %s AND message.res_id = ANY(%s) AND %s
                     AND message.mail_activity_type_id IS NULL
                     AND (%s = ANY(%s)) IS NOT TRUE)
                    """,
                    model,
                    id_array(ids),
                    untitled,
                    reported,
                    id_array(titles.described),
                )
            )
        return SQL("(%s)", SQL(" OR ").join(found))

    @staticmethod
    def _internal_sql() -> SQL:
        return SQL(
            """
            (message.is_internal IS TRUE
             OR message.subtype_id IS NULL
             OR message.subtype_id IN (
                SELECT id FROM mail_message_subtype WHERE internal))
            """
        )

    def _is_mail(self) -> SQL:
        return SQL(
            "message.message_type <> ALL(%s) AND NOT %s AND %s",
            list(LOG_TYPES),
            self._internal_sql(),
            SQL("message.mail_activity_type_id IS NULL"),
        )

    @staticmethod
    def _by_system_sql() -> SQL:
        """Whether Odoo wrote a message, where it is no activity that was done: tracking,
        creation, automatic answers. Not what a program has posted as a note."""
        return SQL(
            """
            (message.message_type = ANY(%s)
             AND (message.message_type <> 'notification'
                  OR message.is_internal IS TRUE
                  OR message.subtype_id IS DISTINCT FROM %s))
            """,
            list(LOG_TYPES),
            NOTE,
        )

    def _kind_sql(self) -> SQL:
        """The same as :meth:`_kind`."""
        return SQL(
            """
            (CASE WHEN message.mail_activity_type_id IS NOT NULL THEN 'activity'
                  WHEN %s THEN 'system'
                  WHEN message.message_type = ANY(%s) AND message.is_internal IS NOT TRUE
                       THEN 'message'
                  WHEN message.message_type = 'notification' OR %s THEN 'note'
                  WHEN message.message_type = ANY(%s) THEN 'email'
                  ELSE 'message' END)
            """,
            self._by_system_sql(),
            list(SENT_TYPES),
            self._internal_sql(),
            list(MAIL_TYPES),
        )

    @staticmethod
    def _kind(message, is_internal) -> str:
        if message.mail_activity_type_id:
            return "activity"
        if message.message_type in LOG_TYPES:
            note = message.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")
            is_posted = message.message_type == "notification" and not (
                message.is_internal
            )
            return "note" if is_posted and message.subtype_id.id == note else "system"
        if message.message_type in SENT_TYPES and not message.is_internal:
            return "message"
        if is_internal:
            return "note"
        return "email" if message.message_type in MAIL_TYPES else "message"
