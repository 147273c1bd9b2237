"""Conditions on messages in SQL, on ``mail_message`` as ``message``."""

from odoo.tools import SQL

from ..entry import id_array, in_html, like

ALL_KINDS = {"email", "message", "note", "activity", "system"}
MAIL_TYPES = ("email", "email_outgoing")
# What Odoo writes itself: changed fields, new records, automatic answers. Odoo keeps its
# own lines and colleagues' notes under one subtype; the type tells them apart.
LOG_TYPES = ("notification", "auto_comment", "out_of_office")

# The kind of a message as far as its own columns tell: a mail whose subtype is internal
# is a note. Written as the index by kinds has it (see ``mail.message``).
MESSAGE_CLASS = """
    (CASE WHEN mail_activity_type_id IS NOT NULL THEN 'activity'
          WHEN message_type IN ('notification', 'auto_comment', 'out_of_office')
               THEN 'system'
          WHEN is_internal IS TRUE OR subtype_id IS NULL THEN 'note'
          WHEN message_type IN ('email', 'email_outgoing') THEN 'email'
          ELSE 'message' END)
"""
MESSAGE_SUBTYPE = "COALESCE(subtype_id, 0)"
# Whether Odoo wrote it, as the index by dates has it. A number, because PostgreSQL takes
# comparisons of truth values apart and then finds no index for them.
MESSAGE_BY_SYSTEM = """
    (CASE WHEN mail_activity_type_id IS NULL
               AND message_type IN ('notification', 'auto_comment', 'out_of_office')
          THEN 1 ELSE 0 END)
"""


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

    def _kind_sql(self) -> SQL:
        """The same as :meth:`_kind`."""
        return SQL(
            """
            (CASE WHEN message.mail_activity_type_id IS NOT NULL THEN 'activity'
                  WHEN message.message_type = ANY(%s) THEN 'system'
                  WHEN %s THEN 'note'
                  WHEN message.message_type = ANY(%s) THEN 'email'
                  ELSE 'message' END)
            """,
            list(LOG_TYPES),
            self._internal_sql(),
            list(MAIL_TYPES),
        )

    @staticmethod
    def _kind(message, is_internal) -> str:
        if message.mail_activity_type_id:
            return "activity"
        if message.message_type in LOG_TYPES:
            return "system"
        if is_internal:
            return "note"
        return "email" if message.message_type in MAIL_TYPES else "message"
