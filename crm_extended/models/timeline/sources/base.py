"""A source of the timeline: a model, and how its records become entries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime, time
from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL, escape_psql

from ..entry import (
    author_of,
    contact_of,
    html_text,
    id_array,
    in_html,
    name_of,
    read_names,
    shorten,
)
from ..scope import TimelineScope

# Counts stop here: the interface says "99+".
COUNT_LIMIT = 100
LARGEST_ID = 2**31 - 1

COLORS = {
    "draft": "muted",
    "sent": "info",
    "cancel": "muted",
    "done": "success",
}


@dataclass(kw_only=True)
class TimelineSource:
    """Records of a model as entries of the timeline.

    A ``str | Callable`` is the path of a field, or a function of the record. All searches
    and reads are done as the reader.
    """

    #: model whose records the entries are
    model: str
    #: the kind of the entries, its label (translated), its Font Awesome icon
    kind: str
    label: str
    icon: str = "fa-circle-o"
    #: stored field that the stream is ordered by, a Date or Datetime
    date: str = "create_date"
    #: stored Boolean and Date fields of records that can be days without a time: whether
    #: one is, and its day
    all_day: str | None = None
    day: str | None = None
    #: the domain of records that are entries, or a function of the scope that gives it
    domain: object = ()
    #: path from a record to the record of the stream, by model of the latter
    links: Mapping[str, str] = dataclass_field(
        default_factory=lambda: {"res.partner": "partner_id"}
    )
    title: str | Callable = "display_name"
    body: str | Callable | None = None
    #: stored fields that a text search looks at: those of title and body
    search: tuple[str, ...] = ()
    #: field with the writer or salesperson: a user or a contact
    author: str | None = "user_id"
    #: field with the contact; by default the one that leads to it
    contact: str | None = None
    amount: str | Callable | None = None
    currency: str = "currency_id"
    #: selection field, and a colour by its value; or a function that gives the entry's
    state: str | Callable | None = None
    colors: Mapping[str, str] = dataclass_field(default_factory=lambda: COLORS)
    #: ``in``, ``out`` or a selection field with these values
    direction: str | None = None
    #: a function of the record that gives the entry's channel
    channel: Callable | None = None
    #: whether the rows of a page tell how many entries of the kind there are
    is_counted_by_page: bool = True
    #: fields that the functions above read, to be read at once
    fields: tuple[str, ...] = ()
    #: whether messages and activities of these records belong to the stream, too
    has_chatter: bool = False
    #: whether messages that came with a record, by which the customer opened it, are
    #: parts of its entry
    has_opening: bool = False
    #: whether records in the future are appointments
    is_calendar: bool = False
    #: what the reader may do with a record that they may change, by name: functions of the
    #: record and of a dictionary of values
    actions: Mapping[str, Callable] = dataclass_field(default_factory=dict)
    #: kinds that are left out until the reader asks for them
    on_demand: tuple[str, ...] = ()
    #: whether archived records are entries
    with_archived: bool = True

    # -- Finding

    def is_readable(self, env) -> bool:
        """Whether the reader may have entries of this source at all."""
        return self.model in env and env[self.model].has_access("read")

    def all_kinds(self) -> dict[str, tuple[str, str]]:
        """Label and icon of each kind of entries."""
        return {self.kind: (self.label, self.icon)}

    def is_wanted(self, scope: TimelineScope) -> bool:
        """Whether the reader's filters allow entries of this source."""
        kinds, direction = scope.filters.kinds, scope.filters.direction
        if kinds and self.kind not in kinds:
            return False
        if direction and self.direction in ("in", "out"):
            return direction == self.direction
        return not direction or bool(self.direction)

    def links_domain(self, scope: TimelineScope) -> Domain:
        """The records of this customer and, in a lead's stream, of the lead."""
        domains = []
        if "res.partner" in self.links and scope.partners:
            path = self.links["res.partner"]
            domains.append(Domain(path, "in", scope.partners.ids))
        record = scope.record
        if record._name != "res.partner" and record._name in self.links:
            domains.append(Domain(self.links[record._name], "=", record.id))
        return Domain.OR(domains)

    def probe(self, scope: TimelineScope) -> SQL | None:
        """SQL telling whether the source has any record for this customer or record,
        ignoring access rights; None if no single column can tell. The result is never
        shown."""
        kind = type(self)
        if (
            kind.links_domain is not TimelineSource.links_domain
            or kind.page is not TimelineSource.page
        ):
            # The source finds its records in another way.
            return None
        found = []
        for model, path in self.links.items():
            of_customer = model == "res.partner"
            if not of_customer and model != scope.record._name:
                continue
            ids = scope.partners.ids if of_customer else scope.record.ids
            field = scope.env[self.model]._fields.get(path)
            if not ids:
                continue
            if field is None or field.name == "id":
                return None
            if field.store and field.type == "many2one":
                table, column = scope.env[self.model]._table, field.name
            elif field.store and field.type == "many2many":
                table, column = field.relation, field.column2
            else:
                return None
            scope.env[self.model].flush_model([path])
            found.append(
                SQL(
                    # Written out: a join with them is planned for other customers, too,
                    # and then reads the whole table where one customer has most of it.
                    "EXISTS (SELECT FROM %s WHERE %s = ANY(%s))",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    id_array(ids),
                )
            )
        return SQL("(%s)", SQL(" OR ").join(found)) if found else SQL("FALSE")

    def full_domain(self, scope: TimelineScope) -> Domain:
        """Everything of this source in a stream, as the reader filtered it."""
        return self._chosen_domain(scope) & Domain.OR(self._dated(scope).values())

    def _chosen_domain(self, scope) -> Domain:
        """The same of any date."""
        filters = scope.filters
        own = self.domain(scope) if callable(self.domain) else list(self.domain)
        domain = Domain(own) & self.links_domain(scope)
        if filters.author_id:
            domain &= self.author_domain(scope)
        if filters.direction and self.direction not in ("in", "out"):
            domain &= Domain(self.direction, "=", filters.direction)
        if filters.search:
            domain &= Domain.OR(self.search_domain(scope, name) for name in self.search)
        return domain

    def _dated(self, scope) -> dict[str, Domain]:
        """Records within the reader's period, by the field with their date."""
        if not self.all_day:
            return {self.date: self._period_domain(scope, self.date)}
        is_day = Domain(self.all_day, "=", True) & Domain(self.day, "!=", False)
        return {
            self.date: ~is_day & self._period_domain(scope, self.date),
            self.day: is_day & self._period_domain(scope, self.day),
        }

    def _period_domain(self, scope, name) -> Domain:
        filters = scope.filters
        domain = Domain(name, "!=", False)
        is_date = self._is_date(scope, name)
        if filters.since:
            since = scope.days.first_day_from(filters.since)
            domain &= Domain(name, ">=", since if is_date else filters.since)
        if filters.until:
            until = scope.days.first_day_from(filters.until)
            domain &= Domain(name, "<", until if is_date else filters.until)
        return domain

    def _is_date(self, scope, name) -> bool:
        return scope.env[self.model]._fields[name].type == "date"

    def search_domain(self, scope: TimelineScope, name: str) -> Domain:
        """Records with the searched text in a field."""
        text = scope.filters.search
        field = scope.env[self.model]._fields.get(name)
        if field and field.type == "selection":
            # By the shown text, not the stored one.
            labels = field._description_selection(scope.env)
            found = [key for key, label in labels if text.lower() in label.lower()]
            return Domain(name, "in", found)
        if not field or field.type != "html":
            return Domain(name, "ilike", escape_psql(text))

        def to_sql(model, alias, query):
            return in_html(model._field_to_sql(alias, name, query), text)

        return Domain.custom(to_sql=to_sql)

    def author_domain(self, scope: TimelineScope) -> Domain:
        author = self._readable_author(scope.env)
        if not author:
            return Domain.FALSE
        comodel = scope.env[self.model]._fields[author].comodel_name
        if comodel == "res.partner":
            return Domain(author, "=", scope.filters.author_id)
        return Domain(author, "in", scope.author_user_ids)

    def _readable_author(self, env) -> str | None:
        """The field of the author, if the reader may read it: customers may not read the
        assignee of a service case."""
        Model = env[self.model]
        field = Model._fields.get(self.author) if self.author else None
        if field and Model._has_field_access(field, "read"):
            return self.author
        return None

    def _before_domain(self, scope, name, key: str, cursor) -> Domain:
        """Records after a position in the stream: newest first, then by source."""
        moment, cursor_key, cursor_id = cursor
        if key == cursor_key:
            last_id = cursor_id
        else:
            last_id = LARGEST_ID if key < cursor_key else 0
        if self._is_date(scope, name):
            day = scope.days.day_at(moment)
            if scope.days.start(day) < moment:
                # The position is its beginning, so all records of this day follow.
                last_id = LARGEST_ID
            moment = day

        def to_sql(model, alias, query):
            return SQL(
                "(%s, %s) < (%s, %s)",
                model._field_to_sql(alias, name, query),
                SQL.identifier(alias, "id"),
                moment,
                last_id,
            )

        return Domain.custom(to_sql=to_sql)

    def _model(self, scope):
        # The record of the stream was found among the archived ones, too.
        return scope.env[self.model].with_context(active_test=not self.with_archived)

    def _query(self, scope, domain, name, limit=None, *, newest_first=True) -> SQL:
        """A query for dates and ids of records in the order of a date or datetime field."""
        order = f"{name} desc, id desc" if newest_first else f"{name}, id"
        query = self._model(scope)._search(domain, limit=limit, order=order)
        return query.select(
            scope.env[self.model]._field_to_sql(query.table, name, query),
            SQL.identifier(query.table, "id"),
        )

    def _rows(self, scope, domain, name, limit=None, *, newest_first=True):
        """Moments and ids of records in the order of a date or datetime field."""
        query = self._query(scope, domain, name, limit, newest_first=newest_first)
        rows = scope.env.execute_query(query)
        return [(scope.days.moment(date), record_id) for date, record_id in rows]

    def page(self, scope, key: str, limit: int, cursor=None):
        """The newest entries after the cursor.

        :param str key: the source's own
        :param cursor: moment, key of a source, id
        :return: moments and ids, newest first; fewer than ``limit`` only at the end
        :rtype: list[tuple[datetime, int]]
        """
        queries = self.page_queries(scope, key, limit, cursor)
        return ask_at_once(scope, {key: queries})[key]

    @property
    def has_plain_page(self) -> bool:
        """Whether the page is what :meth:`page_queries` finds, and may be asked for
        together with those of other sources."""
        return type(self).page is TimelineSource.page

    def page_queries(self, scope, key: str, limit: int, cursor=None) -> "PageQueries":
        """The queries for :meth:`page`."""
        chosen, queries = self._chosen_domain(scope), []
        for name, dated in self._dated(scope).items():
            domain = chosen & dated
            if cursor:
                domain &= self._before_domain(scope, name, key, cursor)
            # Days and moments are each ordered separately: the database does not know
            # when a day of the reader begins.
            query = self._query(scope, domain, name, limit)
            queries.append((query, self._is_date(scope, name)))
        return PageQueries(queries, limit)

    def count(self, scope) -> dict[str, int]:
        """Number of entries by kind, at most ``COUNT_LIMIT`` each."""
        domain = self.full_domain(scope)
        found = self._model(scope).search_count(domain, limit=COUNT_LIMIT)
        return {self.kind: found} if found else {}

    def is_told_by(self, rows, cursor) -> bool:
        """Whether rows of :meth:`page` are enough to know the number of entries."""
        if rows is None or not self.is_counted_by_page:
            return False
        return not cursor or len(rows) >= COUNT_LIMIT

    def upcoming(self, scope, now: datetime, limit: int):
        """Moments and ids of future entries, soonest first."""
        if not self.is_calendar:
            return []
        chosen, rows = self._chosen_domain(scope), []
        today = scope.days.day_at(now)
        for name, dated in self._dated(scope).items():
            start = today if self._is_date(scope, name) else now
            ahead = chosen & dated & Domain(name, ">", start)
            rows += self._rows(scope, ahead, name, limit, newest_first=False)
        return sorted(rows)[:limit]

    def visible(self, scope, ids: list[int]) -> set[int]:
        """The given records that the reader would find in this stream."""
        domain = self.full_domain(scope) & Domain("id", "in", ids)
        return set(self._model(scope)._search(domain).get_result_ids())

    # -- Showing

    def entries(self, scope, ids: list[int], now: datetime) -> dict[int, dict]:
        """Entries by id, but for what all sources have in common.

        :param ids: records that :meth:`page` found
        """
        # Only named fields are read at once: these models have hundreds.
        Model = self._model(scope).with_context(prefetch_fields=False)
        records = Model.browse(ids)
        records.fetch(self._shown_fields(records))
        read_names(records, self._readable_author(scope.env), self._contact_path())
        offered = self.offered(scope, records, now)
        return {
            record.id: {
                **self.entry(scope, record, now),
                "actions": offered.get(record.id, []),
            }
            for record in records
        }

    def offered(self, scope, records, now: datetime) -> dict[int, list[str]]:
        """Names of the actions that the reader may do, by id of the record."""
        if not self.actions or not scope.env.user._is_internal():
            return {}
        if self.is_calendar:
            # What has begun cannot be put off.
            records = records.filtered(
                lambda record: self._is_ahead(scope, record, now)
            )
        return {
            record_id: list(self.actions)
            for record_id in records._filtered_access("write").ids
        }

    def act(self, scope, record_id: int, name: str, values: dict):
        """Do an action that the reader was offered.

        :return: an action of the web client, or True
        """
        record = self._model(scope).browse(record_id)
        return self.actions[name](record, values) or True

    def _shown_fields(self, records) -> list[str]:
        paths = [
            self.date,
            self.all_day,
            self.day,
            self._readable_author(records.env),
            self._contact_path(),
            self.title,
            self.body,
            self.amount,
            self.amount and self.currency,
            self.state,
            self.direction,
            *self.fields,
        ]
        names = {path.split(".")[0] for path in paths if isinstance(path, str)}
        return [name for name in names if name in records._fields]

    def _contact_path(self):
        path = self.contact or self.links.get("res.partner")
        return path.split(".")[0] if path and path != "id" else None

    def entry(self, scope, record, now: datetime) -> dict:
        date, all_day = self._date_of(record)
        body, more = shorten(self._value(record, self.body))
        direction = self.direction
        if direction and direction not in ("in", "out"):
            direction = record[direction]
        return {
            "kind": self.kind,
            "date": date,
            "all_day": all_day,
            "title": self._value(record, self.title) or "",
            "body": body,
            "more": more,
            "author": self._author(record),
            "contact": self._contact(scope, record),
            "state": self._state(record),
            "direction": direction or False,
            "channel": self.channel(record) if self.channel else False,
            "record": name_of(record),
            "overdue": False,
            "upcoming": self.is_calendar and self._is_ahead(scope, record, now),
            "actions": [],
            **self._money(record),
        }

    def _is_ahead(self, scope, record, now) -> bool:
        date, all_day = self._date_of(record)
        return date.date() > scope.days.day_at(now) if all_day else date > now

    def _date_of(self, record) -> tuple[datetime, bool]:
        """The moment of a record or, at midnight and as it is written everywhere, its
        day; and whether it is a day."""
        date = record[self.date]
        if self.all_day and record[self.all_day] and record[self.day]:
            date = record[self.day]
        if isinstance(date, datetime):
            return date, False
        return datetime.combine(date, time.min), True

    @staticmethod
    def _value(record, path):
        if path is None:
            return ""
        if callable(path):
            return path(record)
        value = record
        for name in path.split("."):
            kind = value._fields[name].type
            value = value[name]
            if kind == "html":
                return html_text(value)
        return value

    def _author(self, record):
        name = self._readable_author(record.env)
        if not name:
            return False
        # sudo: the name and picture of who wrote or is in charge of what the reader may
        # read, as the record's own page shows them.
        author = record.sudo()[name]
        if author._name == "res.users":
            author = author.partner_id
        return author_of(author)

    def _contact(self, scope, record):
        name = self._contact_path()
        if not name or record._fields[name].comodel_name != "res.partner":
            return False
        # sudo: only to learn who it is; shown are contacts that the reader may see.
        return contact_of(scope, record.sudo()[name])

    def _money(self, record) -> dict:
        if not self.amount:
            return {"amount": False, "currency_id": False}
        return {
            "amount": self._value(record, self.amount),
            "currency_id": record[self.currency].id,
        }

    def _state(self, record):
        if callable(self.state) or not self.state:
            return self.state(record) if self.state else False
        value = record[self.state]
        if not value:
            return False
        labels = dict(record._fields[self.state]._description_selection(record.env))
        return {
            "label": labels.get(value, value),
            "color": self.colors.get(value, "muted"),
        }


class PageQueries(NamedTuple):
    """Queries for dates and ids, each with whether its dates are days; together they give
    the page of a source."""

    queries: list[tuple[SQL, bool]]
    limit: int


def ask_at_once(scope, pages: dict[str, PageQueries]) -> dict[str, list]:
    """The pages of some sources in one query.

    :return: moments and ids, newest first, by key of the source
    """
    asked = [
        (key, is_date, query)
        for key, page in pages.items()
        for query, is_date in page.queries
    ]
    if not asked:
        return {}
    # PostgreSQL would compile them for their price together.
    scope.turn_off_jit()
    answer = scope.env.execute_query(
        SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s, date::timestamp, id FROM (%s) AS page (date, id)", at, query
            )
            for at, (_key, _is_date, query) in enumerate(asked)
        )
    )
    rows = {key: [] for key in pages}
    for at, date, record_id in answer:
        key, is_date, _query = asked[at]
        moment = scope.days.start(date.date()) if is_date else date
        rows[key].append((moment, record_id))
    return {
        key: sorted(rows[key], reverse=True)[: page.limit]
        for key, page in pages.items()
    }


def changed(old: str, new: str) -> Domain:
    """Records of a change after which a field has another value.

    :param old: field with the value before
    :param new: field with the value after
    """

    def to_sql(model, alias, query):
        return SQL(
            "%s IS DISTINCT FROM %s",
            model._field_to_sql(alias, old, query),
            model._field_to_sql(alias, new, query),
        )

    return Domain.custom(to_sql=to_sql)
