"""Requests to a timeline from outside, checked, with clear error messages."""

import re
from datetime import datetime, timedelta

from odoo.exceptions import UserError

from .days import DAY, ReaderDays
from .scope import TimelineFilters
from .sources.base import LARGEST_ID

SEARCH_LENGTH = 200

CURSOR = re.compile(r"([0-9]{4}-[0-9T:.-]{6,22})~([a-z0-9_]{1,64})~([0-9]{1,10})")
FILTERS = {"date_from", "date_to", "author_id", "direction"}


def check_int(env, value, what) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise UserError(env._("%(what)s must be a whole number.", what=what))


def read_cursor(env, cursor):
    if not cursor:
        return None
    found = CURSOR.fullmatch(cursor) if isinstance(cursor, str) else None
    try:
        moment = datetime.fromisoformat(found[1])
    except (TypeError, ValueError):
        moment = None
    if not moment or moment.tzinfo or int(found[3]) > LARGEST_ID:
        raise UserError(
            env._("This position in the timeline is unknown: please reload.")
        )
    return moment, found[2], int(found[3])


def write_cursor(row) -> str:
    moment, key, record_id = row
    return f"{moment.isoformat()}~{key}~{record_id}"


def read_filters(env, known, kinds, search, filters) -> TimelineFilters:
    unknown = set(filters) - FILTERS
    if unknown:
        raise UserError(
            env._("There is no filter named %(name)s.", name=sorted(unknown)[0])
        )
    kinds = kinds or []
    if not isinstance(kinds, list | tuple) or any(
        not isinstance(kind, str) or kind not in known for kind in kinds
    ):
        raise UserError(env._("These types of entries do not exist."))
    if search and not isinstance(search, str):
        raise UserError(env._("The search term must be a text."))
    author_id = filters.get("author_id") or None
    if author_id is not None:
        author_id = check_int(env, author_id, env._("The author"))
        if not 0 < author_id <= LARGEST_ID:
            raise UserError(env._("This author does not exist."))
    direction = filters.get("direction") or None
    if direction not in (None, "in", "out"):
        raise UserError(env._("The direction must be either in or out."))
    return TimelineFilters(
        kinds=frozenset(kinds),
        search=(search or "").replace("\0", "").strip()[:SEARCH_LENGTH],
        since=read_moment(env, filters.get("date_from")),
        until=read_moment(env, filters.get("date_to"), is_end=True),
        author_id=author_id,
        direction=direction,
    )


def read_moment(env, value, is_end=False):
    """A moment from text. Days are those of the reader; the end of a period is the moment
    after it."""
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if not moment or moment.tzinfo or not 1 < moment.year < 9999:
        raise UserError(
            env._(
                "Enter a date as 2026-01-31, and a point in time as a date with its "
                "time."
            )
        )
    if len(value) == 10:
        day = moment.date()
        return ReaderDays(env).start(day + DAY if is_end else day)
    return moment + timedelta(seconds=1) if is_end else moment
