"""The best time to contact a customer, in words: when, out of which contacts, and how
sure that is."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from odoo.tools.misc import format_time

from ...analytics.common.clock import offset
from ...analytics.common.intervals import wilson
from ...analytics.insight.best_time import WIDTH
from ..common.formats import format_share
from .best_time_query import MONTHS


def window_text(env, window, zone: str) -> str:
    """Weekday and hours: "Tuesdays 10:00 AM–12:00 PM", with the time zone where it is not
    the reader's."""
    weekdays = (
        env._("Mondays"),
        env._("Tuesdays"),
        env._("Wednesdays"),
        env._("Thursdays"),
        env._("Fridays"),
        env._("Saturdays"),
        env._("Sundays"),
    )
    text = env._(
        "%(weekday)s %(from)s–%(to)s",
        **{
            "weekday": weekdays[window.weekday],
            "from": _clock(env, time(window.hour)),
            "to": _clock(env, time((window.hour + WIDTH) % 24)),
        },
    )
    now = datetime.now(UTC).replace(tzinfo=None)
    if offset(now, ZoneInfo(zone)) == offset(now, ZoneInfo(str(env.tz))):
        return text
    return env._("%(when)s (time in %(zone)s)", when=text, zone=zone.replace("_", " "))


def today_text(env, start: datetime, end: datetime) -> str:
    """Hours of today in the reader's time zone.

    :param start: UTC, naive
    """
    where = ZoneInfo(str(env.tz))
    local = [
        moment.replace(tzinfo=UTC).astimezone(where).time() for moment in (start, end)
    ]
    return env._(
        "today %(from)s–%(to)s",
        **{"from": _clock(env, local[0]), "to": _clock(env, local[1])},
    )


def sentence(env, kind: str, window, zone: str) -> str:
    """When it is best, the contacts that say so, and how sure that is."""
    values = {
        "when": window_text(env, window, zone),
        "hits": window.hits,
        "tries": window.tries,
        "other_hits": window.other_hits,
        "other_tries": window.other_tries,
        "count": window.hits + window.other_hits,
    }
    if not window.is_own:
        return env._(
            "%(when)s. Not enough contacts yet: the time is that of all customers.",
            **values,
        )
    if kind == "email":
        said = env._(
            "%(when)s: they wrote %(hits)s of %(count)s emails then.", **values
        )
    elif kind == "purchase":
        said = env._("%(when)s: %(hits)s of %(count)s purchases.", **values)
    elif not window.tries:
        said = env._(
            "%(when)s: not called then yet; reached in %(other_hits)s of "
            "%(other_tries)s calls at other times.",
            **values,
        )
    elif not window.other_tries:
        said = env._("%(when)s: reached in %(hits)s of %(tries)s calls.", **values)
    else:
        said = env._(
            "%(when)s: reached in %(hits)s of %(tries)s calls, at other times in "
            "%(other_hits)s of %(other_tries)s.",
            **values,
        )
    sure = (
        env._("Clearly better than other times.")
        if window.is_clear
        else env._("This can be chance.")
    )
    return env._("%(sentence)s %(next)s", sentence=said, next=sure)


def explanation(env, kind: str, window) -> str:
    """What was counted, and the interval of the share."""
    counted = env._(
        "Counted: contacts of the last %s months that you may see, by the customer's "
        "clock, within the hours of the contact policy. Few contacts lean on those of all "
        "customers.",
        MONTHS,
    )
    total = window.tries if kind == "phone" else window.hits + window.other_hits
    if not window.is_own or not total:
        return counted
    low, high = wilson(window.hits, total)
    share = env._(
        "Then: %(share)s. With so few contacts it can be %(low)s to %(high)s.",
        share=format_share(env, window.hits / total),
        low=format_share(env, low),
        high=format_share(env, high),
    )
    return env._("%(sentence)s %(next)s", sentence=share, next=counted)


def _clock(env, moment: time) -> str:
    return format_time(env, moment, time_format="short")
