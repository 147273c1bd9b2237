from collections import defaultdict
from copy import copy
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .entry import CONTACT_NAME_FIELDS, with_parts
from .request import check_int, read_cursor, read_filters, write_cursor
from .scope import TimelineFilters, TimelineScope
from .sources.accounting import account_sources
from .sources.base import COUNT_LIMIT, LARGEST_ID, TimelineSource, ask_at_once
from .sources.conversation import conversation_sources
from .sources.opening import find_parts
from .sources.purchase import purchase_sources
from .sources.sales import lead_sources, sale_sources

# Entries of a page at most, and of what is ahead.
LARGEST_PAGE = 200
UPCOMING_LIMIT = 50
PINNED_LIMIT = 50
AUTHORS_LIMIT = 50

# What a stream asks of its contacts: the last is what Odoo's rules ask.
CONTACT_FIELDS = ("name", "partner_share", "commercial_partner_id", "company_id")


class CrmTimeline(models.AbstractModel):
    """Everything that happened between a customer and us, newest first.

    Nothing is stored. Each source is searched as the reader, who therefore finds only
    what they could open elsewhere, and the results are merged. A position in the stream
    is a moment, a source and an id. What follows it is read from an index, so every page
    costs as much as the first one.

    The other part:

    - ``crm_timeline_actions.py``: what readers do with entries
    """

    _name = "crm.timeline"
    _description = "Timeline"

    # -- For the web client

    def fetch(self, *args, **kwargs):
        """A page of the stream: see :meth:`get_page`.

        Every model of Odoo's has a method of this name, which may not be called
        remotely, nor may what overrides it; hence the other name, and no signature.
        """
        return self.get_page(*args, **kwargs)

    @api.model
    @api.readonly
    def get_page(
        self,
        res_model,
        res_id,
        limit=30,
        cursor=None,
        kinds=None,
        search=None,
        scope="company",
        **filters,
    ):
        """A page of the stream.

        :param str res_model: ``res.partner``, ``crm.lead``
        :param int limit: at most 200
        :param str cursor: what the page before gave
        :param list[str] kinds: by default all but those that are on demand: what Odoo
            itself wrote (``system``)
        :param str search: text to be found in title or body
        :param str scope: ``contact`` or ``company``, with all its contacts
        :param filters: ``date_from`` and ``date_to`` (ISO: moments in UTC, or days of
            the reader), ``author_id`` (contact), ``direction`` (``in``, ``out``)
        :return: ``entries``, ``cursor`` (False at the end), ``counts`` by kind of all
            that the other filters leave, at most 100 each; and, where the customer has
            so much that not all of it was looked through, ``at_least``: the kinds of
            which there may be more
        :raise UserError: where something asked for makes no sense
        :raise AccessError: unless the user may read the record
        """
        stream = self._scope(res_model, res_id, scope)
        limit = check_int(self.env, limit, self.env._("The number of entries"))
        limit = min(max(limit, 1), LARGEST_PAGE)
        position = read_cursor(self.env, cursor)
        known, on_demand = self._kinds_known(stream)
        stream.filters = read_filters(self.env, known, kinds, search, filters)
        if not kinds and on_demand:
            stream.filters = replace(stream.filters, kinds=known - on_demand)
        stream.is_counted = True
        found = self._find(stream, limit + 1, position)
        rows = self._merge(found, limit + 1)
        is_last = len(rows) <= limit
        counts = self._counts(stream, found, position)
        page = {
            "entries": self._entries(stream, rows[:limit]),
            "cursor": False if is_last else write_cursor(rows[limit - 1]),
            "counts": counts,
        }
        at_least = {
            kind for kind in stream.at_least if counts.get(kind, 0) < COUNT_LIMIT
        }
        return {**page, "at_least": sorted(at_least)} if at_least else page

    @api.model
    @api.readonly
    def head(self, res_model, res_id, scope="company"):
        """What stands above the stream.

        :return: ``name``, ``partner_id``, ``has_company`` (whether the company has more
            to it than this contact), ``kinds`` and ``authors`` to filter by (kinds
            ``on_demand`` are left out until they are asked for), ``upcoming``
            and ``pinned`` entries, ``can_log``, ``can_pin`` and ``can_post``: whether the
            reader may log contacts, pin entries, send mails and plan activities
        :raise UserError, AccessError: as :meth:`fetch`
        """
        stream = self._scope(res_model, res_id, scope)
        known, on_demand = self._kinds_known(stream)
        partner = self._customer_of(stream.record)
        pinned = self._pins(stream)[:PINNED_LIMIT]
        # A pin shows what its entry would show in the stream, or nothing.
        pinned = self._visible_rows(stream, pinned)
        return {
            "name": stream.record.display_name or "",
            "partner_id": partner.id,
            "has_company": bool(partner) and self._has_company(partner),
            "kinds": [
                {"key": key, "label": label, "icon": icon}
                | ({"on_demand": True} if key in on_demand else {})
                for key, (label, icon) in self._kinds(stream.sources).items()
            ],
            "authors": self._authors(stream, known - on_demand),
            "upcoming": self._upcoming(stream),
            "pinned": self._entries(stream, pinned),
            "can_log": self.env["crm.interaction"].has_access("create")
            and self.env["crm.interaction.wizard"].has_access("create"),
            "can_pin": self.env["crm.timeline.pin"].has_access("create"),
            "can_post": self._may_post(stream.record),
        }

    @api.model
    @api.readonly
    def get_print_action(self, res_model, res_id, **options):
        """The action that prints the stream as it is filtered.

        :param options: as for :meth:`get_page`, but for limit and cursor
        :raise UserError, AccessError: as :meth:`get_page`
        """
        self.get_page(res_model, res_id, limit=1, **options)
        # The web client goes by the clock of its browser, the print comes without it.
        zone = self.env.context.get("tz")
        options.update(res_model=res_model, res_id=res_id, tz=zone)
        # sudo: the action itself holds nothing; the report is made as the reader.
        report = self.env.ref("crm_extended.action_report_timeline").sudo()
        return report.report_action(None, data=options, config=False)

    # -- Hooks for other apps

    @api.model
    def _timeline_sources(self) -> dict[str, TimelineSource]:
        """The sources of entries: the hook for other packages and addons.

        An override adds an entry to the result of ``super()``. Its key becomes part of
        the entries' ids and of cursors: letters, digits and underscores.

        :return: sources by key; the caller leaves out those whose model the reader may
            not read
        """
        return {
            **conversation_sources(self),
            **lead_sources(self),
            **sale_sources(self),
            **account_sources(self),
            **purchase_sources(self),
        }

    @api.model
    def _timeline_records(self) -> dict[str, str]:
        """Models whose records have a timeline, with the field of their customer."""
        return {"res.partner": "id", "crm.lead": "partner_id"}

    # -- The customer of a stream

    @api.model
    def _scope(self, res_model, res_id, scope) -> TimelineScope:
        if not isinstance(res_model, str) or res_model not in self._timeline_records():
            raise UserError(self.env._("These records have no timeline."))
        if scope not in ("contact", "company"):
            raise UserError(
                self.env._("A timeline belongs to a contact or to a whole company.")
            )
        record_id = check_int(self.env, res_id, self.env._("The record"))
        if not 0 < record_id <= LARGEST_ID:
            raise UserError(self.env._("This record does not exist."))
        record = self._find_record(res_model, record_id)
        partners = self._customer_of(record)
        if partners and (scope == "company" or partners != record):
            partners = self._contacts(partners, scope)
        known = self._timeline_sources()
        sources = {
            key: source for key, source in known.items() if source.is_readable(self.env)
        }
        return TimelineScope(record, partners, sources, known)

    @api.model
    def _find_record(self, res_model, record_id):
        """The record of the stream, if the reader may see it, with what is asked of a
        contact read already.

        By a search, because an access check reads all fields of the record and of its
        company.
        """
        records = self.env[res_model].with_context(active_test=False)
        is_contact = res_model == "res.partner"
        names = (*CONTACT_FIELDS, *CONTACT_NAME_FIELDS) if is_contact else ()
        record = records.search_fetch([("id", "=", record_id)], names, order="id")
        if not record:
            record = records.browse(record_id)
            record.check_access("read")
            raise UserError(self.env._("This record does not exist."))
        return record

    @api.model
    def _customer_of(self, record):
        """The contact behind a record, if the reader may see it."""
        if record._name == "res.partner":
            return record
        # sudo: only to learn which contact it is; the reader's access is checked next.
        partner = record.sudo()[self._timeline_records()[record._name]].sudo(False)
        return partner._filtered_access("read")

    @api.model
    def _contacts(self, partner, scope):
        """The contact, or all contacts of the same company that the reader may see, with
        what is asked of them read already."""
        domain = Domain("id", "=", partner.id)
        if scope == "company":
            # sudo: the company's id is compared with, and never shown.
            company = partner.sudo().commercial_partner_id
            domain |= Domain("commercial_partner_id", "=", company.id)
        contacts = self.env["res.partner"].with_context(active_test=False)
        return contacts.search_fetch(domain, CONTACT_FIELDS, order="id")

    @api.model
    def _has_company(self, partner) -> bool:
        # sudo: as above.
        company = partner.sudo().commercial_partner_id
        others = self.env["res.partner"].with_context(active_test=False)
        domain = [("commercial_partner_id", "=", company.id), ("id", "!=", partner.id)]
        return bool(others.search_count(domain, limit=1))

    # -- The stream

    @api.model
    def _find(self, stream, limit, position):
        """The newest rows of each source after a position, by its key."""
        # Long enough to tell how many there are, where they can.
        longer = max(limit, COUNT_LIMIT)
        wanted = {
            key: source
            for key, source in stream.sources.items()
            if source.is_wanted(stream) and key not in stream.empty_sources
        }
        found, queries = {}, {}
        for key, source in wanted.items():
            size = longer if source.is_counted_by_page else limit
            if source.has_plain_page:
                queries[key] = source.page_queries(stream, key, size, position)
            else:
                found[key] = source.page(stream, key, size, position)
        return {**found, **ask_at_once(stream, queries)}

    @api.model
    def _merge(self, found, limit):
        """The newest rows of all sources: moment, key of the source, id."""
        rows = [
            (moment, key, record_id)
            for key, rows in found.items()
            for moment, record_id in rows
        ]
        return sorted(rows, reverse=True)[:limit]

    @api.model
    def _entries(self, stream, rows):
        """The entries of some rows, in their order."""
        now = fields.Datetime.now()
        ids = defaultdict(list)
        for _moment, key, record_id in rows:
            ids[key].append(record_id)
        parts = self._parts(stream, ids)
        for part_ids in parts.values():
            ids["message"] += part_ids
        found = {
            key: stream.sources[key].entries(stream, record_ids, now)
            for key, record_ids in ids.items()
        }
        with_system = "system" in stream.filters.kinds
        for (key, record_id), part_ids in parts.items():
            found[key][record_id] = with_parts(
                found[key][record_id],
                {id_: found["message"][id_] for id_ in part_ids},
                with_system,
            )
        pinned = {(key, record_id) for _m, key, record_id in self._pins(stream)}
        entries = []
        for _moment, key, record_id in rows:
            entry = found[key][record_id]
            entries.append(
                {
                    **entry,
                    "id": f"{key}-{record_id}",
                    "date": fields.Datetime.to_string(entry["date"]),
                    "pinned": (key, record_id) in pinned,
                }
            )
        return entries

    @api.model
    def _parts(self, stream, ids) -> dict[tuple[str, int], list[int]]:
        """Ids of the messages that the reader may read and that are parts of entries, by
        source and record.

        :param ids: ids of entries by source
        """
        messages, parts = stream.sources.get("message"), {}
        if not messages:
            return parts
        for key, record_ids in ids.items():
            source = stream.sources[key]
            if source.has_opening:
                found = find_parts(stream, source, record_ids)
                parts.update(((key, id_), part) for id_, part in found.items())
        visible = messages.readable_of_kinds(stream, sum(parts.values(), []))
        return {
            record: [id_ for id_ in part if id_ in visible]
            for record, part in parts.items()
        }

    @api.model
    def _counts(self, stream, found, position) -> dict[str, int]:
        """Number of entries by kind, of all pages.

        :param found: what :meth:`_find` found after the position
        """
        # Each kind is counted, also those that are not chosen at the moment.
        stream = stream.of_all_kinds()
        counts = defaultdict(int)
        for key, source in stream.sources.items():
            if not source.is_wanted(stream) or key in stream.empty_sources:
                continue
            rows = found.get(key)
            if source.is_told_by(rows, position):
                count = {source.kind: len(rows)} if rows else {}
            else:
                count = source.count(stream)
            for kind, number in count.items():
                counts[kind] = min(counts[kind] + number, COUNT_LIMIT)
        return dict(counts)

    @api.model
    def _upcoming(self, stream):
        now = fields.Datetime.now()
        rows = []
        for key, source in stream.sources.items():
            if key in stream.empty_sources:
                continue
            rows += [
                (moment, key, record_id)
                for moment, record_id in source.upcoming(stream, now, UPCOMING_LIMIT)
            ]
        return self._entries(stream, sorted(rows)[:UPCOMING_LIMIT])

    @api.model
    def _visible_rows(self, stream, rows):
        """Those of some rows that the reader would find in the stream."""
        ids = defaultdict(list)
        for _moment, key, record_id in rows:
            ids[key].append(record_id)
        visible = {
            key: stream.sources[key].visible(stream, record_ids)
            for key, record_ids in ids.items()
        }
        return [row for row in rows if row[2] in visible[row[1]]]

    @api.model
    def _kinds(self, sources) -> dict[str, tuple[str, str]]:
        """Label and icon of the kinds of entries of some sources."""
        kinds = {}
        for source in sources.values():
            for kind, shown in source.all_kinds().items():
                kinds.setdefault(kind, shown)
        return kinds

    @api.model
    def _authors(self, stream, kinds):
        """Who wrote lately or is in charge of any of the records, to filter by."""
        limit = COUNT_LIMIT // 2
        stream = copy(stream)
        stream.filters = TimelineFilters(kinds=kinds)
        rows = self._merge(self._find(stream, limit, None), limit)
        names = {}
        for entry in self._entries(stream, rows):
            if entry["author"]:
                names[entry["author"]["id"]] = entry["author"]["name"]
        # sudo: names only, see `_author` of a source.
        for partner in self._in_charge(stream).sudo():
            names.setdefault(partner.id, partner.name or "")
        found = [
            {"id": author_id, "name": name}
            for author_id, name in list(names.items())[:AUTHORS_LIMIT]
        ]
        return sorted(found, key=lambda author: author["name"].lower())

    @api.model
    def _in_charge(self, stream):
        """Salespeople and assignees of the customer's records that have a chatter."""
        asked, partner_ids = set(), set()
        for source in stream.sources.values():
            name = source._readable_author(self.env)
            ids = stream.documents.get(source.model)
            if (
                source.has_chatter
                and name
                and ids
                and (source.model, name) not in asked
            ):
                asked.add((source.model, name))
                # sudo: ids of records that the reader found.
                records = self.env[source.model].sudo().with_context(active_test=False)
                for [author] in records._read_group([("id", "in", ids)], [name]):
                    if author._name == "res.users":
                        author = author.partner_id
                    partner_ids.update(author.ids)
        return self.env["res.partner"].browse(sorted(partner_ids))

    @api.model
    def _kinds_known(self, stream) -> tuple[frozenset, frozenset]:
        """All kinds of entries, also those the reader has no access to, and those that
        are left out until the reader asks for them."""
        sources = stream.known.values()
        known = {kind for source in sources for kind in source.all_kinds()}
        on_demand = {kind for source in sources for kind in source.on_demand}
        return frozenset(known), frozenset(on_demand & known)
