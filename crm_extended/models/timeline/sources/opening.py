"""Messages that came with a record, such as a case or a lead: what the customer asked, the
line that the record was created, the acknowledgement. They are parts of the record's entry.

Readers who ask for messages alone, or search for words that only a message has, still
find the message: it is a part where the record's own entry is in the stream as it is filtered, and
an entry elsewhere.
"""

from collections import defaultdict

from odoo.fields import Domain
from odoo.tools import SQL

from ..entry import id_array
from .message_conditions import MESSAGE_PART, MessageConditions

# A record and the message that opens it come within this time.
TOGETHER = "interval '1 minute'"
# Parts of an entry at most, of each part of the record's messages.
LARGEST_PARTS = 10


def sources_with_parts(scope) -> dict:
    """Sources whose entries in the stream have parts, by key."""
    return {
        key: source
        for key, source in scope.sources.items()
        if source.has_opening
        and key not in scope.empty_sources
        and source.is_wanted(scope)
    }


def is_no_part(scope) -> SQL:
    """Whether a ``message`` stands alone: it is no part of another entry."""
    # The ids as a query: PostgreSQL looks at each of a list when it makes a plan.
    conditions = [
        SQL(
            """
            (message.model = %(model)s
             AND message.res_id IN (SELECT unnest(%(ids)s))
             AND COALESCE((SELECT %(together)s AND %(is_opening)s
                             FROM %(table)s AS record
                            WHERE record.id = message.res_id), FALSE)) IS NOT TRUE
            """,
            model=source.model,
            ids=id_array(ids),
            together=_together(source),
            is_opening=_is_opening(source),
            table=SQL.identifier(scope.env[source.model]._table),
        )
        for key, source in sources_with_parts(scope).items()
        if (ids := _shown_ids(scope, key, source))
    ]
    return SQL(" AND ").join(conditions) if conditions else SQL("TRUE")


def find_parts(scope, source, ids) -> dict[int, list[int]]:
    """Ids of the messages that are parts of some entries, oldest first, regardless of
    access."""
    scope.env[source.model].flush_model([source.date, source.links["res.partner"]])
    scope.env["mail.message"].flush_model()
    found = defaultdict(list)
    rows = scope.env.execute_query(
        SQL(
            """
            SELECT record.id, message.id
              FROM %(table)s AS record
             CROSS JOIN (VALUES (0), (1), (2)) AS part (number)
             CROSS JOIN LATERAL (
                   SELECT message.id, message.date
                     FROM mail_message AS message
                    WHERE message.model = %(model)s
                      AND message.res_id = record.id
                      AND %(part)s = part.number
                      AND %(together)s
                      AND %(is_opening)s
                      AND message.message_type <> 'user_notification'
                 ORDER BY message.date, message.id
                    LIMIT %(limit)s) AS message
             WHERE record.id = ANY(%(ids)s)
          ORDER BY record.id, message.date, message.id
            """,
            table=SQL.identifier(scope.env[source.model]._table),
            model=source.model,
            part=SQL(MESSAGE_PART),
            together=_together(source),
            is_opening=_is_opening(source),
            limit=LARGEST_PARTS,
            ids=id_array(ids),
        )
    )
    for record_id, message_id in rows:
        found[record_id].append(message_id)
    return found


def _shown_ids(scope, key, source) -> list[int]:
    """Ids of the source's records that are in the stream as it is filtered."""
    ids = scope.documents.get(source.model, [])
    filters = scope.filters
    is_filtered = source.domain or any(
        (filters.search, filters.author_id, filters.since, filters.until)
    )
    if not ids or not is_filtered:
        return ids
    if key not in scope.opened:
        domain = source.full_domain(scope) & Domain("id", "in", ids)
        found = source._model(scope)._search(domain)
        scope.opened[key] = sorted(found.get_result_ids())
    return scope.opened[key]


def _together(source) -> SQL:
    """Whether a ``message`` came with the ``record``.

    The date of a mail is that of its sender. A record that has it, too, is compared with
    it; one that only knows when it was created, with the creation of the message.
    """
    is_created = source.date == "create_date"
    return SQL(
        "%(message)s BETWEEN %(date)s - %(time)s AND %(date)s + %(time)s",
        message=SQL.identifier("message", "create_date" if is_created else "date"),
        date=SQL.identifier("record", source.date),
        time=SQL(TOGETHER),
    )


def _is_opening(source) -> SQL:
    """Whether Odoo or the customer wrote a ``message``, and no colleague: what colleagues
    note or answer stands alone."""
    return SQL(
        """
        (message.mail_activity_type_id IS NULL
         AND (%(by_system)s
              OR message.message_type <> 'notification' AND NOT %(internal)s
                 AND (message.message_type = 'email'
                      OR message.author_id IS NULL
                      OR message.author_id = %(customer)s
                      OR (SELECT partner_share
                            FROM res_partner
                           WHERE id = message.author_id))))
        """,
        by_system=MessageConditions._by_system_sql(),
        internal=MessageConditions._internal_sql(),
        customer=SQL.identifier("record", source.links["res.partner"]),
    )
