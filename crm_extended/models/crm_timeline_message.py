"""Messages in the timeline: mails, notes, comments, and activities that were done.

``mail.message`` checks access after the limit of a search, so the ids of candidates are
looked up here, in the order of the stream and out of an index, and only they are
searched as the reader, until a page is full.
"""

from dataclasses import dataclass

from odoo.tools import SQL, is_html_empty

from .crm_timeline_source import (
    COUNT_LIMIT,
    TimelineSource,
    author_of,
    contact_of,
    html_text,
    name_of,
    read_names,
    shorten,
)

MAIL_TYPES = ("email", "email_outgoing")
# What the system tells employees alone.
LOG_TYPES = ("notification", "auto_comment")
# A page whose messages are mostly hidden is filled with ever larger portions.
LARGEST_PORTION = 5000
SHOWN_FIELDS = (
    "model",
    "res_id",
    "date",
    "author_id",
    "partner_ids",
    "message_type",
    "subtype_id",
    "is_internal",
    "mail_activity_type_id",
    "subject",
    "body",
)
# So many messages of all customers are looked through one by one.
SHORT_PERIOD = 4000


def like(text: str) -> str:
    """A pattern that finds a text and nothing else."""
    for special in ("\\", "%", "_"):
        text = text.replace(special, f"\\{special}")
    return f"%{text}%"


@dataclass(kw_only=True)
class MessageSource(TimelineSource):
    """Messages on the customer's records, and mails the customer sent or received."""

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
            # Nothing was sent by a note or by an activity.
            kinds = [kind for kind in kinds if kind in ("email", "message")]
        return kinds

    # -- Candidates

    def page(self, scope, key, limit, cursor=None):
        self._prepare(scope.env)
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
    def _prepare(env):
        env["mail.message"].flush_model()
        env["mail.message.subtype"].flush_model()
        env["res.partner"].flush_model(["partner_share"])
        # Compiling takes longer than running, here.
        env.cr.execute("SET LOCAL jit TO off")

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
        messages = scope.env["mail.message"]
        return (
            set(messages._search([("id", "in", ids)]).get_result_ids())
            if ids
            else set()
        )

    def _candidates(self, scope, kinds, limit, position=None):
        """The newest messages, whoever may read them.

        First those on the customers' own pages. Once there are enough, the others can
        only lie between the last of them and the position; where the whole database has
        few messages of that time, they are looked for among these.

        :param position: moment and id that they must lie before
        :rtype: list[tuple[datetime, int]]
        """
        where = self._where(scope, kinds)
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
        """Whether few messages of all are of a period before the position."""
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
                partners=self._outsiders(scope),
            )
        )

    def _newest_on_pages(self, scope, kinds, where, limit):
        return self._newest_of(scope, self._pages(scope), where, limit)

    def _newest_on_documents(self, scope, kinds, where, limit):
        return self._newest_of(scope, self._other_documents(scope), where, limit)

    @staticmethod
    def _pages(scope):
        """The record and the contacts, who have most of the messages."""
        pages = ("res.partner", scope.record._name)
        return {model: ids for model, ids in scope.documents.items() if model in pages}

    def _other_documents(self, scope):
        pages = self._pages(scope)
        return {
            model: ids for model, ids in scope.documents.items() if model not in pages
        }

    def _newest_of(self, scope, documents, where, limit):
        """Of each document the newest, and of these the newest. Where there are more
        documents than messages wanted, those whose last message is among the newest
        have all of them."""
        if not documents:
            return []
        size = sum(map(len, documents.values()))
        documents = self._table_of(documents)
        newest = SQL(
            """
            SELECT message.date, message.id
              FROM mail_message AS message
             WHERE message.model = document.model
               AND message.res_id = document.id
               AND message.date IS NOT NULL
               AND %s
          ORDER BY message.date DESC, message.id DESC
            """,
            where,
        )
        if size > limit:
            documents = SQL(
                """
                SELECT document.model, document.id
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
                partners=partners,
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
            SQL("SELECT %s::varchar AS model, unnest(%s) AS id", model, ids)
            for model, ids in documents.items()
        )

    @staticmethod
    def _outsiders(scope) -> list[int]:
        """Colleagues write everywhere, which says nothing about them as customers."""
        return scope.partners.filtered("partner_share").ids

    # -- Conditions, on mail_message as ``message``

    def _where(self, scope, kinds) -> SQL:
        filters = scope.filters
        conditions = [SQL("message.message_type <> 'user_notification'")]
        if set(kinds) != set(self.kinds):
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
            conditions.append(self._search_sql(filters.search))
        return SQL(" AND ").join(conditions)

    @staticmethod
    def _search_sql(text) -> SQL:
        """Subject, or body without its tags."""
        in_html = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        shown = SQL("regexp_replace(message.body, '<[^>]*>', ' ', 'g')")
        for code, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
            shown = SQL("replace(%s, %s, %s)", shown, code, character)
        return SQL(
            """
            (message.subject ILIKE %(pattern)s
             OR message.body ILIKE %(in_html)s AND %(shown)s ILIKE %(pattern)s)
            """,
            pattern=like(text),
            in_html=like(in_html),
            shown=shown,
        )

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
                  WHEN message.message_type = ANY(%s) OR %s THEN 'note'
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
        if message.message_type in LOG_TYPES or is_internal:
            return "note"
        return "email" if message.message_type in MAIL_TYPES else "message"

    # -- Counting

    def count(self, scope):
        """Any messages of a kind will do, so that looking for them stops early."""
        self._prepare(scope.env)
        limits = dict.fromkeys(self._wanted_kinds(scope), COUNT_LIMIT)
        counts, checked = {}, {}
        while limits:
            found = {
                kind: self._any(scope, kind, limit) for kind, limit in limits.items()
            }
            fresh = set().union(*found.values()) - checked.keys()
            visible = self._accessible(scope, list(fresh))
            checked.update((record_id, record_id in visible) for record_id in fresh)
            for kind, ids in found.items():
                counts[kind] = min(
                    sum(checked[record_id] for record_id in ids), COUNT_LIMIT
                )
                if counts[kind] == COUNT_LIMIT or len(ids) < limits[kind]:
                    del limits[kind]
                else:
                    limits[kind] *= 8
        return {kind: count for kind, count in counts.items() if count}

    def _any(self, scope, kind, limit) -> set[int]:
        """Ids of messages of a kind, in no order."""
        where = SQL("message.date IS NOT NULL AND %s", self._where(scope, [kind]))
        found = set()
        for documents in (self._pages(scope), self._other_documents(scope)):
            if documents and len(found) < limit:
                found.update(self._any_on(scope, documents, where, limit))
        if len(found) < limit:
            elsewhere = self._newest_elsewhere(scope, [kind], where, limit)
            found.update(record_id for _date, record_id in elsewhere)
        return found

    def _any_on(self, scope, documents, where, limit):
        rows = scope.env.execute_query(
            SQL(
                """
                SELECT message.id
                  FROM (%(documents)s) AS document
                 CROSS JOIN LATERAL (
                       SELECT message.id
                         FROM mail_message AS message
                        WHERE message.model = document.model
                          AND message.res_id = document.id
                          AND %(where)s
                        LIMIT %(limit)s) AS message
                 LIMIT %(limit)s
                """,
                documents=self._table_of(documents),
                where=where,
                limit=limit,
            )
        )
        return [record_id for [record_id] in rows]

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

    # -- Showing

    def entries(self, scope, ids, now):
        Message = scope.env["mail.message"].with_context(prefetch_fields=False)
        messages = Message.browse(ids)
        messages.fetch(SHOWN_FIELDS)
        read_names(messages, "author_id", "partner_ids")
        documents = self._readable_documents(messages)
        changes = self._changes(messages)
        return {
            message.id: self._entry(
                scope,
                message,
                documents.get((message.model, message.res_id)),
                changes.get(message.id, ""),
            )
            for message in messages
        }

    @staticmethod
    def _changes(messages) -> dict[int, str]:
        """What messages without a text report: changed fields that the reader may see."""
        # sudo: Odoo keeps them for administrators, and shows to each who may read the
        # message those of fields that he may see.
        trackings = (
            messages.sudo()
            .filtered(lambda message: is_html_empty(message.body))
            .tracking_value_ids._filter_has_field_access(messages.env)
        )
        shown = {change["id"]: change for change in trackings._tracking_value_format()}
        lines = {}
        for tracking in trackings:
            change = shown[tracking.id]
            lines.setdefault(tracking.mail_message_id.id, []).append(
                f"{change['fieldInfo']['changedField']}: "
                f"{change['oldValue'] or '–'} → {change['newValue'] or '–'}"
            )
        return {message_id: "\n".join(found) for message_id, found in lines.items()}

    @staticmethod
    def _readable_documents(messages) -> dict:
        """The documents the messages are on, as far as the reader may open them."""
        readable = {}
        ids_by_model = {}
        for message in messages:
            if message.model in messages.env and message.res_id:
                ids_by_model.setdefault(message.model, set()).add(message.res_id)
        for model, ids in ids_by_model.items():
            records = messages.env[model].with_context(active_test=False)
            if records.has_access("read"):
                found = records.search([("id", "in", list(ids))])
                readable.update(((model, record.id), record) for record in found)
        return readable

    def _entry(self, scope, message, document, changes):
        # sudo: the subtype's name and flags and who wrote it, of a message that the
        # reader may read, as the chatter shows them to him.
        message_sudo = message.sudo()
        subtype, author = message_sudo.subtype_id, message_sudo.author_id
        kind = self._kind(
            message, message.is_internal or not subtype or subtype.internal
        )
        body, more = shorten(html_text(message.body) or changes)
        direction = False
        if kind in ("email", "message"):
            is_author_outside = (
                author.partner_share if author else message.message_type == "email"
            )
            direction = "in" if is_author_outside else "out"
        return {
            "kind": kind,
            "date": message.date,
            "all_day": False,
            "title": self._title(scope, message_sudo, document, kind),
            "body": body,
            "more": more,
            "author": author_of(author),
            "contact": self._contact_of(scope, message_sudo, document),
            "amount": False,
            "currency_id": False,
            "state": False,
            "direction": direction,
            "channel": self._channel(message, kind),
            "record": name_of(document) if document else False,
            "overdue": False,
            "upcoming": False,
        }

    def _title(self, scope, message, document, kind) -> str:
        """:param mail.message message: as superuser"""
        if message.subject:
            return message.subject
        if kind == "activity":
            return message.mail_activity_type_id.name or ""
        if message.message_type == "notification" and message.subtype_id.description:
            return message.subtype_id.description
        if document and document != scope.record:
            return document.display_name or ""
        return self.kinds[kind][0]

    @staticmethod
    def _contact_of(scope, message, document):
        """Who of the customer wrote it, got it, or has it on his page.

        :param mail.message message: as superuser
        """
        partners = message.author_id + message.partner_ids
        # sudo: see the caller; shown are contacts that the reader may see.
        document = document and document.sudo()
        if document and document._name == "res.partner":
            partners += document
        elif document and "partner_id" in document._fields:
            partner = document["partner_id"]
            if partner._name == "res.partner":
                partners += partner
        return contact_of(scope, partners)

    @staticmethod
    def _channel(message, kind):
        env = message.env
        channels = {
            "sms": {"key": "sms", "label": env._("SMS"), "icon": "fa-mobile"},
            "snail_mail": {
                "key": "letter",
                "label": env._("Letter"),
                "icon": "fa-paper-plane-o",
            },
        }
        if kind == "email":
            return {"key": "email", "label": env._("Email"), "icon": "fa-envelope"}
        return channels.get(message.message_type, False)
