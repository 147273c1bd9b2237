"""What is asked of a timeline, and by whom: handed to each source."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import cached_property

from odoo.fields import Domain


@dataclass(frozen=True)
class TimelineFilters:
    """What the reader restricts the stream to; empty is no restriction.

    Moments are naive datetimes in UTC; ``until`` is not included.
    """

    kinds: frozenset = frozenset()
    search: str = ""
    since: datetime | None = None
    until: datetime | None = None
    author_id: int | None = None
    direction: str | None = None


@dataclass(eq=False)
class TimelineScope:
    """Whose stream it is: a record, its customer, and what belongs to them.

    Everything is looked up as the reader, so what he may not read is not in it.
    """

    record: object
    #: the contacts whose stream it is, as far as the reader may see them
    partners: object
    sources: dict = field(default_factory=dict)
    filters: TimelineFilters = field(default_factory=TimelineFilters)

    #: moments and ids, once they were looked up
    open_activities: list | None = None

    @property
    def env(self):
        return self.record.env

    @cached_property
    def author_user_ids(self) -> list[int]:
        """Users who are the author that is filtered by."""
        # sudo: ids only, to be compared with what the reader may read.
        users = self.env["res.users"].sudo().with_context(active_test=False)
        return users._search(
            [("partner_id", "=", self.filters.author_id)]
        ).get_result_ids()

    @cached_property
    def documents(self) -> dict[str, list[int]]:
        """Ids of the records, by model, whose messages and activities belong to it."""
        documents = defaultdict(set)
        documents["res.partner"].update(self.partners.ids)
        documents[self.record._name].add(self.record.id)
        links = defaultdict(list)
        for source in self.sources.values():
            if source.has_chatter:
                links[source.model].append(source.links_domain(self))
        for model, domains in links.items():
            Model = self.env[model].with_context(active_test=False)
            found = Model._search(Domain.OR(domains))
            documents[model].update(found.get_result_ids())
        return {model: sorted(ids) for model, ids in documents.items() if ids}

    def is_of_customer(self, partner) -> bool:
        return partner.id in self.partner_ids

    @cached_property
    def partner_ids(self) -> frozenset[int]:
        return frozenset(self.partners.ids)


def as_moment(value) -> datetime:
    """The moment that a date or datetime stands for in the stream."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time.min)
