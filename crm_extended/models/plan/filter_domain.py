"""Filters as people write them with Odoo's editor, which has more than plain values in
them: "today -7d", ``context_today()``, ``uid``."""

import ast
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

# What a filter is written with. Nothing in it takes long, whoever writes it.
ALLOWED = (
    ast.Expression,
    ast.List,
    ast.Tuple,
    ast.Constant,
    ast.Name,
    ast.Load,
    ast.Attribute,
    ast.Call,
    ast.keyword,
    ast.BinOp,
    ast.Add,
    ast.Sub,
    ast.UnaryOp,
    ast.USub,
)


def to_domain(text: str | None, uid: int, zone: str) -> Domain:
    """The filter that somebody wrote; all records where there is none.

    Days such as "today -7d" are understood by Odoo when the filter is used, in the zone
    of its context.

    :param uid: the user that ``uid`` means
    :param zone: in which ``context_today()`` is the day
    :raise ValueError: for anything but a filter
    """
    if not text:
        return Domain.TRUE
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(str(error)) from error
    for node in ast.walk(tree):
        if not isinstance(node, ALLOWED):
            raise ValueError(f"{type(node).__name__} is not possible in a filter.")
    try:
        return Domain(safe_eval(text.strip(), _names(uid, ZoneInfo(zone))))
    except (TypeError, NameError) as error:
        raise ValueError(str(error)) from error


def _names(uid, zone) -> dict:
    """The names that Odoo's editor and its favorites use."""

    class LocalDatetime(datetime):
        """As the web client's, which can be converted to UTC."""

        def to_utc(self):
            return self.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)

    # By way of UTC: so tests may set the clock.
    local = datetime.now(UTC).astimezone(zone)
    return {
        "uid": uid,
        "context_today": local.date,
        "current_date": local.date().isoformat(),
        "relativedelta": relativedelta,
        "datetime": SimpleNamespace(
            datetime=LocalDatetime, date=date, time=time, timedelta=timedelta
        ),
        "time": SimpleNamespace(strftime=local.strftime),
    }
