"""Finding messages for the timeline.

``mail.message`` checks access after the limit of a search, so the ids of candidates are
looked up here, in the order of the stream and out of an index, and only they are
searched as the reader, until a page is full.
"""

from dataclasses import dataclass

from odoo.tools import SQL

from ..entry import id_array
from .base import TimelineSource
from .message_conditions import KINDS_OF_PARTS, MESSAGE_PART, MessageConditions
from .opening import is_no_part, sources_with_parts

# A page whose messages are mostly hidden is filled with ever larger portions.
LARGEST_PORTION = 5000
# Up to so many messages of all customers are searched one by one.
SHORT_PERIOD = 4000
PART = SQL(MESSAGE_PART)


@dataclass(kw_only=True)
class MessageSearch(MessageConditions, TimelineSource):
    """Finds the messages of the stream."""

    #: label and icon by kind
    kinds: dict
    is_counted_by_page: bool = False

    def all_kinds(self):
        return self.kinds

    def is_wanted(self, scope) -> bool:
        return bool(self._wanted_kinds(scope))

    def _wanted_kinds(self, scope) -> list[str]:
        kinds = [
            kind
            for kind in self.kinds
            if not scope.filters.kinds or kind in scope.filters.kinds
        ]
        if scope.filters.direction:
            # Notes and activities are not sent.
            kinds = [kind for kind in kinds if kind in ("email", "message")]
        return kinds

    # -- Candidates

    def page(self, scope, key, limit, cursor=None):
        self._prepare(scope)
        found, portion = [], limit
        position = self._position(key, cursor)
        kinds = self._wanted_kinds(scope)
        while len(found) < limit:
            rows = self._candidates(scope, kinds, portion, position)
            visible = self._accessible(scope, [record_id for _date, record_id in rows])
            found += [row for row in rows if row[1] in visible]
            if len(rows) < portion:
                break
            position = rows[-1]
            portion = min(portion * 4, LARGEST_PORTION)
        return found[:limit]

    @staticmethod
    def _prepare(scope):
        if scope.is_prepared:
            return
        scope.is_prepared, env = True, scope.env
        env["mail.message"].flush_model()
        env["mail.message.subtype"].flush_model()
        env["res.partner"].flush_model(["partner_share"])
        for source in sources_with_parts(scope).values():
            env[source.model].flush_model([source.date, source.links["res.partner"]])
        scope.turn_off_jit()

    @staticmethod
    def _position(key, cursor):
        """Moment and id that messages must lie before."""
        if not cursor:
            return None
        moment, cursor_key, cursor_id = cursor
        if key == cursor_key:
            return moment, cursor_id
        return moment, 2**31 - 1 if key < cursor_key else 0

    def _accessible(self, scope, ids) -> set[int]:
        known = scope.readable_messages
        unknown = [record_id for record_id in ids if record_id not in known]
        if unknown:
            unknown = sorted({*unknown, *self._also_asked(scope)} - known.keys())
            messages = scope.env["mail.message"]
            found = messages._search([("id", "in", unknown)]).get_result_ids()
            known.update(dict.fromkeys(unknown, False))
            known.update(dict.fromkeys(found, True))
        return {record_id for record_id in ids if known[record_id]}

    def _also_asked(self, scope) -> list[int]:
        """Messages whose access is going to be asked for later."""
        return []

    def _candidates(self, scope, kinds, limit, position=None):
        """The newest messages, regardless of access.

        First those on the customers' own pages. Once there are enough, the others can
        only lie between the last of them and the position; where the whole database has
        few messages of that time, they are looked for among these.

        :param position: moment and id that they must lie before
        :rtype: list[tuple[datetime, int]]
        """
        where = SQL("%s AND %s", self._where(scope, kinds), is_no_part(scope))
        if position:
            where = SQL(
                "%s AND (message.date, message.id) < (%s, %s)", where, *position
            )
        rows = set()
        for newest_of in (
            self._newest_on_pages,
            self._newest_on_documents,
            self._newest_elsewhere,
        ):
            if len(rows) >= limit:
                bound = sorted(rows)[-limit]
                period = SQL("(message.date, message.id) >= (%s, %s)", *bound)
                if self._is_short(scope, period, position):
                    rows.update(self._all_of(scope, SQL("%s AND %s", where, period)))
                    break
                where = SQL("%s AND %s", where, period)
            rows.update(newest_of(scope, kinds, where, limit))
        return sorted(rows, reverse=True)[:limit]

    @staticmethod
    def _is_short(scope, period, position) -> bool:
        """Whether the database has few messages of a period before the position."""
        if position:
            period = SQL(
                "%s AND (message.date, message.id) < (%s, %s)", period, *position
            )
        [[found]] = scope.env.execute_query(
            SQL(
                """
                SELECT count(*)
                  FROM (SELECT FROM mail_message AS message WHERE %s LIMIT %s) AS found
                """,
                period,
                SHORT_PERIOD + 1,
            )
        )
        return found <= SHORT_PERIOD

    def _all_of(self, scope, where):
        """All messages of a short period: on documents, sent or received."""
        # With a limit, each message's recipients are looked up, and not all messages
        # that were ever sent to the contacts.
        return scope.env.execute_query(
            SQL(
                """
                SELECT message.date, message.id
                  FROM mail_message AS message
                 WHERE %(where)s
                   AND ((message.model, message.res_id) IN (%(documents)s)
                        OR %(is_mail)s
                           AND (message.author_id = ANY(%(partners)s)
                                OR (SELECT TRUE
                                      FROM mail_message_res_partner_rel AS recipient
                                     WHERE recipient.mail_message_id = message.id
                                       AND recipient.res_partner_id = ANY(%(partners)s)
                                     LIMIT 1)))
                """,
                where=where,
                documents=self._table_of(scope.documents),
                is_mail=self._is_mail(),
                partners=id_array(self._outsiders(scope)),
            )
        )

    def _newest_on_pages(self, scope, kinds, where, limit):
        return self._newest_of(scope, self._pages(scope), kinds, where, limit)

    def _newest_on_documents(self, scope, kinds, where, limit):
        return self._newest_of(scope, self._other_documents(scope), kinds, where, limit)

    @staticmethod
    def _pages(scope):
        """The record and the contacts, which have most of the messages."""
        pages = ("res.partner", scope.record._name)
        return {model: ids for model, ids in scope.documents.items() if model in pages}

    def _other_documents(self, scope):
        pages = self._pages(scope)
        return {
            model: ids for model, ids in scope.documents.items() if model not in pages
        }

    def _newest_of(self, scope, documents, kinds, where, limit):
        """Of each document the newest, and of these the newest. Where there are more
        documents than messages wanted, those whose last message is among the newest
        have all of them.

        What Odoo wrote on a document counts as documents of their own: the index keeps it
        apart."""
        if not documents:
            return []
        parts = [
            part for part, found in KINDS_OF_PARTS.items() if found.intersection(kinds)
        ]
        size = sum(map(len, documents.values())) * len(parts)
        documents = SQL(
            "SELECT document.*, part FROM (%s) AS document CROSS JOIN unnest(%s) AS part",
            self._table_of(documents),
            parts,
        )
        newest = SQL(
            """
            SELECT message.date, message.id
              FROM mail_message AS message
             WHERE message.model = document.model
               AND message.res_id = document.id
               AND %s = document.part
               AND message.date IS NOT NULL
               AND %s
          ORDER BY message.date DESC, message.id DESC
            """,
            PART,
            where,
        )
        if size > limit:
            documents = SQL(
                """
                SELECT document.*
                  FROM (%s) AS document
                 CROSS JOIN LATERAL (%s LIMIT 1) AS head
              ORDER BY head.date DESC, head.id DESC
                 LIMIT %s
                """,
                documents,
                newest,
                limit,
            )
        return scope.env.execute_query(
            SQL(
                """
                WITH document AS MATERIALIZED (%(documents)s)
                SELECT message.date, message.id
                  FROM document
                 CROSS JOIN LATERAL (%(newest)s LIMIT %(limit)s) AS message
              ORDER BY message.date DESC, message.id DESC
                 LIMIT %(limit)s
                """,
                documents=documents,
                newest=newest,
                limit=limit,
            )
        )

    def _newest_elsewhere(self, scope, kinds, where, limit):
        """Mails that outsiders among the contacts sent or received, on any document."""
        partners = self._outsiders(scope)
        if not partners or not {"email", "message"} & set(kinds):
            return []
        return scope.env.execute_query(
            SQL(
                """
                (SELECT message.date, message.id
                   FROM mail_message AS message
                  WHERE message.author_id = ANY(%(partners)s) AND %(where)s
               ORDER BY message.date DESC, message.id DESC
                  LIMIT %(limit)s)
                  UNION
                (SELECT message.date, message.id
                   FROM mail_message_res_partner_rel AS recipient
                   JOIN mail_message AS message
                     ON message.id = recipient.mail_message_id
                  WHERE recipient.res_partner_id = ANY(%(partners)s) AND %(where)s
               ORDER BY message.date DESC, message.id DESC
                  LIMIT %(limit)s)
               ORDER BY date DESC, id DESC
                  LIMIT %(limit)s
                """,
                partners=id_array(partners),
                where=SQL(
                    "message.date IS NOT NULL AND %s AND %s", self._is_mail(), where
                ),
                limit=limit,
            )
        )

    @staticmethod
    def _table_of(documents) -> SQL:
        """Documents as a query for ``model`` and ``id``."""
        return SQL(" UNION ALL ").join(
            SQL("SELECT %s::varchar AS model, unnest(%s) AS id", model, id_array(ids))
            for model, ids in documents.items()
        )

    @staticmethod
    def _outsiders(scope) -> list[int]:
        """Contacts who are no employees: these write on records of all customers."""
        return scope.partners.filtered("partner_share").ids

    # -- One by one

    def visible(self, scope, ids):
        documents = scope.documents
        outsiders = set(self._outsiders(scope))
        messages = scope.env["mail.message"].search([("id", "in", ids)])
        return {
            message.id
            for message in messages
            if message.res_id in documents.get(message.model, ())
            or message.author_id.id in outsiders
            or outsiders.intersection(message.partner_ids.ids)
        }
