"""Counting the messages of the timeline by kind, at the same price for any mix of kinds.

Finding a hundred of a kind is quick where there are many. What takes time is to make sure
that there are fewer: without an index by kind, the whole history has to be looked through.
"""

from dataclasses import dataclass

from odoo.tools import SQL

from ..entry import id_array
from .base import COUNT_LIMIT
from .message_conditions import ALL_KINDS, MESSAGE_CLASS, MESSAGE_SUBTYPE, NOTE
from .message_search import LARGEST_PORTION, MessageSearch

# So many mails that contacts wrote, and as many that they got, are looked at to find
# those on records of others: no index tells their kinds.
ELSEWHERE = 2000
CLASS, SUBTYPE = SQL(MESSAGE_CLASS), SQL(MESSAGE_SUBTYPE)
# Only such messages count there.
MAIL_KINDS = {"email", "message"}


@dataclass(kw_only=True)
class MessageCount(MessageSearch):
    """Counts the messages of the stream."""

    def page(self, scope, key, limit, cursor=None):
        if scope.is_counted and scope.first_counted is None and scope.documents:
            self._prepare(scope)
            stream = scope.of_all_kinds()
            limits = dict.fromkeys(self._wanted_kinds(stream), COUNT_LIMIT)
            scope.first_counted = self._any_on_documents(stream, limits)
        return super().page(scope, key, limit, cursor)

    def _also_asked(self, scope):
        # One search as the reader for a page and what is counted takes little longer than
        # that for the page.
        return [record_id for _kind, record_id in scope.first_counted or ()]

    def count(self, scope):
        self._prepare(scope)
        found, hidden = self._count_on_documents(scope)
        few = [kind for kind, ids in found.items() if len(ids) < COUNT_LIMIT]
        if MAIL_KINDS.intersection(few) and self._outsiders(scope):
            elsewhere, is_all = self._elsewhere(scope)
            for kind in MAIL_KINDS.intersection(few):
                found[kind] |= self._accessible(scope, elsewhere.get(kind, ()))
                if not is_all:
                    hidden.add(kind)
        counts = {kind: min(len(ids), COUNT_LIMIT) for kind, ids in found.items()}
        scope.at_least.update(kind for kind in hidden if counts[kind] < COUNT_LIMIT)
        return {kind: number for kind, number in counts.items() if number}

    # -- On the customer's records

    def _count_on_documents(self, scope):
        """Messages that the reader may read, by kind, as far as they are counted; and the
        kinds that may have more, because most of them are hidden."""
        limits = dict.fromkeys(self._wanted_kinds(scope), COUNT_LIMIT)
        counted, hidden = {kind: set() for kind in limits}, set()
        first = scope.first_counted
        while limits and scope.documents:
            found = {kind: set() for kind in limits}
            if first is None:
                first = self._any_on_documents(scope, limits)
            for kind, record_id in first:
                found[kind].add(record_id)
            first = None
            visible = self._accessible(scope, set().union(*found.values()))
            for kind, ids in found.items():
                counted[kind] = ids & visible
                if len(counted[kind]) >= COUNT_LIMIT or len(ids) < limits[kind]:
                    del limits[kind]
                elif limits[kind] >= LARGEST_PORTION:
                    hidden.add(kind)
                    del limits[kind]
                else:
                    limits[kind] = min(limits[kind] * 8, LARGEST_PORTION)
        return counted, hidden

    def _any_on_documents(self, scope, limits):
        """Kinds and ids of messages on the customer's records, in no order.

        :param dict[str, int] limits: how many at most, by kind
        """
        if scope.filters.since or scope.filters.until:
            # Messages of a period are found by date, and are a part of the history.
            return self._any_of_period(scope, limits)
        found = self._ask_by_index(scope, self._by_sort(scope, limits))
        return [(kind, record_id) for kind, record_id, _author in found]

    @staticmethod
    def _ask_by_index(scope, query):
        """Ask for a few rows of possibly very many.

        PostgreSQL knows the numbers of an average customer, not of this one. So it may
        collect all rows that an index finds before it returns the first, or scan the
        whole table for a customer without any.
        """
        scope.env.cr.execute(
            "SET LOCAL enable_bitmapscan TO off; SET LOCAL enable_seqscan TO off"
        )
        found = scope.env.execute_query(query)
        scope.env.cr.execute(
            "SET LOCAL enable_bitmapscan TO DEFAULT; SET LOCAL enable_seqscan TO DEFAULT"
        )
        return found

    def _by_sort(self, scope, limits) -> SQL:
        """A query that goes from one sort of messages to the next, on each document: few
        there are, however many messages. Then it looks up messages of each sort.

        A sort is what :data:`MESSAGE_CLASS` and the subtype say: kinds follow from it.
        """
        pages, others = self._pages(scope), self._other_documents(scope)
        # In this order, and all sorts of a document before the next one: pages have most
        # of the messages, and kinds that are full there end the search.
        tables = [self._table_of(found) for found in (pages, others) if found]
        return SQL(
            """
            WITH document AS MATERIALIZED (%(documents)s),
                 sort AS MATERIALIZED (
                     SELECT document.model, document.id, step.class, step.subtype
                       FROM document
                      CROSS JOIN LATERAL (
                            WITH RECURSIVE step AS (%(first)s UNION ALL %(following)s)
                            SELECT * FROM step) AS step)
            %(of_kinds)s
            """,
            documents=SQL(" UNION ALL ").join(tables),
            first=self._next_sort(SQL("TRUE")),
            following=SQL(
                "SELECT next.* FROM step CROSS JOIN LATERAL %s AS next",
                self._next_sort(
                    SQL("(%s, %s) > (step.class, step.subtype)", CLASS, SUBTYPE)
                ),
            ),
            of_kinds=SQL(" UNION ALL ").join(
                self._of_sorts(scope, kind, limit) for kind, limit in limits.items()
            ),
        )

    @staticmethod
    def _next_sort(condition) -> SQL:
        """The first sort of messages of a document, or that after another one."""
        # The author for the same reason as below: the index by dates has all the rest.
        return SQL(
            """
            (SELECT %(class_)s AS class, %(subtype)s AS subtype, message.author_id
               FROM mail_message AS message
              WHERE message.model = document.model
                AND message.res_id = document.id
                AND message.message_type <> 'user_notification'
                AND %(condition)s
           ORDER BY %(class_)s, %(subtype)s
              LIMIT 1)
            """,
            class_=CLASS,
            subtype=SUBTYPE,
            condition=condition,
        )

    def _of_sorts(self, scope, kind, limit) -> SQL:
        """Messages of the sorts that make up a kind."""
        # The author is asked for only because no index has it: one without the sorts would
        # be gone through from end to end, as long as it needs no look at the table.
        return SQL(
            """
            (SELECT %(kind)s::varchar, message.id, message.author_id
               FROM sort AS here
              CROSS JOIN LATERAL (
                    SELECT message.id, message.author_id
                      FROM mail_message AS message
                     WHERE message.model = here.model
                       AND message.res_id = here.id
                       AND %(class_)s = here.class
                       AND %(subtype)s = here.subtype
                       AND message.date IS NOT NULL
                       AND %(where)s
                     LIMIT %(limit)s) AS message
              WHERE %(is_of_kind)s
              LIMIT %(limit)s)
            """,
            kind=kind,
            class_=CLASS,
            subtype=SUBTYPE,
            where=self._where(scope, ALL_KINDS),
            is_of_kind=self._sort_is_of_kind(kind),
            limit=limit,
        )

    @staticmethod
    def _sort_is_of_kind(kind) -> SQL:
        internal = SQL(
            "here.subtype IN (SELECT id FROM mail_message_subtype WHERE internal)"
        )
        if kind in MAIL_KINDS:
            return SQL(
                "(here.class = %s AND NOT %s OR here.class = 'sent' AND %s)",
                kind,
                internal,
                kind == "message",
            )
        if kind == "note":
            return SQL(
                """
                (here.class = 'note' OR here.class = ANY(%s) AND %s
                 OR here.class = 'posted' AND here.subtype = %s)
                """,
                list(MAIL_KINDS),
                internal,
                NOTE,
            )
        if kind == "system":
            return SQL(
                "(here.class = 'system' OR here.class = 'posted' AND here.subtype <> %s)",
                NOTE,
            )
        return SQL("here.class = %s", kind)

    def _any_of_period(self, scope, limits):
        """The same for the messages of a period."""
        pages, others = self._pages(scope), self._other_documents(scope)
        tables = [self._table_of(found) for found in (pages, others) if found]
        of_kinds = [
            SQL(
                """
                (SELECT %(kind)s::varchar, message.id
                   FROM document
                  CROSS JOIN LATERAL (
                        SELECT message.id
                          FROM mail_message AS message
                         WHERE message.model = document.model
                           AND message.res_id = document.id
                           AND message.date IS NOT NULL
                           AND %(where)s
                         LIMIT %(limit)s) AS message
                  LIMIT %(limit)s)
                """,
                kind=kind,
                where=self._where(scope, [kind]),
                limit=limit,
            )
            for kind, limit in limits.items()
        ]
        return scope.env.execute_query(
            SQL(
                "WITH document AS MATERIALIZED (%s) %s",
                SQL(" UNION ALL ").join(tables),
                SQL(" UNION ALL ").join(of_kinds),
            )
        )

    # -- Anywhere else

    def _elsewhere(self, scope):
        """Ids of mails by kind, on any record, that the contacts wrote or received, and
        whether these are all: only a limited number is searched."""
        kinds = sorted(MAIL_KINDS.intersection(self._wanted_kinds(scope)))
        where = SQL("%s AND %s", self._is_mail(), self._where(scope, kinds))
        if scope.filters.since and self._is_short(scope, self._period(scope), None):
            rows = self._all_of(scope, SQL("%s AND message.date IS NOT NULL", where))
            return self._by_kind(scope, [record_id for _date, record_id in rows]), True
        found, looked_at = {}, {}
        query = SQL(
            """
            SELECT source, kind, array_agg(id), count(*)
              FROM (%s UNION ALL %s) AS message
          GROUP BY source, kind
            """,
            self._some_written(scope, where),
            self._some_received(scope, where),
        )
        for source, kind, ids, number in self._ask_by_index(scope, query):
            looked_at[source] = looked_at.get(source, 0) + number
            if kind:
                found.setdefault(kind, set()).update(ids)
        return found, max(looked_at.values(), default=0) < ELSEWHERE

    @staticmethod
    def _period(scope) -> SQL:
        filters = scope.filters
        period = SQL("message.date >= %s", filters.since)
        if filters.until:
            period = SQL("%s AND message.date < %s", period, filters.until)
        return period

    def _by_kind(self, scope, ids):
        found = {}
        for kind, record_id in scope.env.execute_query(
            SQL(
                "SELECT %s, id FROM mail_message AS message WHERE id = ANY(%s)",
                self._kind_sql(),
                id_array(ids),
            )
        ):
            found.setdefault(kind, set()).add(record_id)
        return found

    def _some_written(self, scope, where) -> SQL:
        return SQL(
            """
            (SELECT 'written' AS source, CASE WHEN %(where)s THEN %(kind)s END AS kind,
                    message.id
               FROM unnest(%(partners)s) AS partner (id)
              CROSS JOIN LATERAL (
                    SELECT *
                      FROM mail_message
                     WHERE author_id = partner.id AND date IS NOT NULL
                     LIMIT %(limit)s) AS message
              LIMIT %(limit)s)
            """,
            where=where,
            kind=self._kind_sql(),
            partners=id_array(self._outsiders(scope)),
            limit=ELSEWHERE,
        )

    def _some_received(self, scope, where) -> SQL:
        return SQL(
            """
            (SELECT 'received' AS source, CASE WHEN %(where)s THEN %(kind)s END AS kind,
                    message.id
               FROM unnest(%(partners)s) AS partner (id)
              CROSS JOIN LATERAL (
                    SELECT mail_message_id
                      FROM mail_message_res_partner_rel
                     WHERE res_partner_id = partner.id
                  ORDER BY mail_message_id DESC
                     LIMIT %(limit)s) AS recipient
               JOIN mail_message AS message
                 ON message.id = recipient.mail_message_id AND message.date IS NOT NULL
              LIMIT %(limit)s)
            """,
            where=where,
            kind=self._kind_sql(),
            partners=id_array(self._outsiders(scope)),
            limit=ELSEWHERE,
        )
