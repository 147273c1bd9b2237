"""A request to a timeline and its reader, as each source receives it."""

from collections import defaultdict
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL, escape_psql

from ..common.bulk_sql import turn_off_jit
from .days import ReaderDays


@dataclass(frozen=True)
class TimelineFilters:
    """Filters of the reader; empty ones do not restrict the stream.

    Moments are naive datetimes in UTC; ``until`` is not included.
    """

    kinds: frozenset = frozenset()
    search: str = ""
    since: datetime | None = None
    until: datetime | None = None
    author_id: int | None = None
    direction: str | None = None


class MessageTitles(NamedTuple):
    """Ids of activity types, of subtypes, and of documents by model, whose name contains
    the searched text; and of all subtypes with a description."""

    types: tuple
    subtypes: tuple
    described: tuple
    documents: dict


@dataclass(eq=False)
class TimelineScope:
    """The record of a stream, its customer, and what belongs to them.

    Everything is looked up as the reader, so it has nothing they may not read.
    """

    record: object
    #: the contacts of the stream that the reader may see
    partners: object
    sources: dict = field(default_factory=dict)
    #: the same, with sources that the reader has no access to
    known: dict = field(default_factory=dict)
    filters: TimelineFilters = field(default_factory=TimelineFilters)

    #: moments and ids, once they were looked up
    open_activities: list | None = None
    is_prepared: bool = False
    is_jit_off: bool = False
    #: whether the reader may read messages, as far as checked
    readable_messages: dict = field(default_factory=dict)
    #: whether entries are counted after the page was found
    is_counted: bool = False
    #: kinds and ids of the messages that are counted first, once they were looked up
    first_counted: list | None = None
    #: ids of records whose entries have parts, by source, where the stream is filtered
    opened: dict = field(default_factory=dict)
    #: kinds that may have more entries than were counted
    at_least: set = field(default_factory=set)

    @property
    def env(self):
        return self.record.env

    def turn_off_jit(self):
        """Let the queries of this stream run without being compiled."""
        if not self.is_jit_off:
            self.is_jit_off = True
            turn_off_jit(self.env)

    def of_all_kinds(self):
        """The same stream with entries of all kinds. Results of lookups are kept, since
        none of them depends on the kinds."""
        if not self.filters.kinds:
            return self
        scope = copy(self)
        scope.filters = replace(self.filters, kinds=frozenset())
        return scope

    @cached_property
    def days(self) -> ReaderDays:
        """The days as the reader has them."""
        return ReaderDays(self.env)

    @cached_property
    def empty_sources(self) -> frozenset[str]:
        """Keys of sources without any record of this customer for any reader. They need
        not be searched as the reader, which takes far longer than one query for all."""
        probes = {key: source.probe(self) for key, source in self.sources.items()}
        # Sources of one model are linked alike.
        columns = list(
            {probe.code: probe for probe in probes.values() if probe}.items()
        )
        if not columns:
            return frozenset()
        [row] = self.env.execute_query(
            SQL("SELECT %s", SQL(", ").join(probe for _code, probe in columns))
        )
        found = {code: any_ for (code, _probe), any_ in zip(columns, row, strict=True)}
        return frozenset(
            key for key, probe in probes.items() if probe and not found[probe.code]
        )

    @cached_property
    def author_user_ids(self) -> list[int]:
        """Users who are the author that is filtered by."""
        # sudo: ids only, to be compared with what the reader may read.
        users = self.env["res.users"].sudo().with_context(active_test=False)
        return users._search(
            [("partner_id", "=", self.filters.author_id)]
        ).get_result_ids()

    @cached_property
    def message_titles(self) -> MessageTitles:
        """Records whose name contains the searched text and is the title of messages."""
        text = escape_psql(self.filters.search)
        # sudo: ids only, for the titles of messages that the reader may read.
        types = self.env["mail.activity.type"].sudo().with_context(active_test=False)
        subtypes = self.env["mail.message.subtype"].sudo()
        documents = {}
        for model, ids in self.documents.items():
            Model = self.env[model].with_context(active_test=False)
            name = Model._rec_name
            if not name or not Model._fields[name].store:
                continue
            domain = Domain("id", "in", ids) & Domain(name, "ilike", text)
            found = set(Model._search(domain).get_result_ids())
            if model == self.record._name:
                # Messages of the record itself do not say its name.
                found.discard(self.record.id)
            if found:
                documents[model] = sorted(found)
        return MessageTitles(
            types=types._search([("name", "ilike", text)]).get_result_ids(),
            subtypes=subtypes._search(
                [("description", "ilike", text)]
            ).get_result_ids(),
            described=subtypes._search(
                [("description", "not in", (False, ""))]
            ).get_result_ids(),
            documents=documents,
        )

    @cached_property
    def documents(self) -> dict[str, list[int]]:
        """Ids of the records, by model, whose messages and activities belong to it."""
        documents = defaultdict(set)
        documents["res.partner"].update(self.partners.ids)
        documents[self.record._name].add(self.record.id)
        links = defaultdict(list)
        for key, source in self.sources.items():
            if source.has_chatter and key not in self.empty_sources:
                links[source.model].append(source.links_domain(self))
        queries = []
        for model, domains in links.items():
            Model = self.env[model].with_context(active_test=False)
            found = Model._search(Domain.OR(domains))
            record_id = SQL.identifier(found.table, "id")
            queries.append(found.select(SQL("%s::varchar", model), record_id))
        if queries:
            for model, record_id in self.env.execute_query(
                SQL(" UNION ALL ").join(queries)
            ):
                documents[model].add(record_id)
        return {model: sorted(ids) for model, ids in documents.items() if ids}

    def is_of_customer(self, partner) -> bool:
        return partner.id in self.partner_ids

    @cached_property
    def partner_ids(self) -> frozenset[int]:
        return frozenset(self.partners.ids)
