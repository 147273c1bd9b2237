"""What the scores of a customer were measured against, in words."""

from odoo.tools.misc import formatLang

from ...analytics.rfm.ranges import ranges


def describe_ranges(env, refresh, currency) -> dict[str, list[dict]]:
    """The values of each score at a score update, for each dimension.

    :param refresh: the ``crm.rfm.refresh`` whose cut points count
    :param currency: of the company
    :return: lists of ``score`` and ``text``, the lowest values first; empty where
        nothing was scored yet
    """
    found = {
        "recency": ranges(refresh.recency_cuts or [], lowest=0, falling=True),
        "frequency": ranges(refresh.frequency_cuts or [], lowest=1),
        "monetary": ranges(refresh.monetary_cuts or [], unit=currency.rounding or 1),
    }
    describe = {
        "recency": _days,
        "frequency": _purchases,
        "monetary": lambda env, value, first: formatLang(
            env, value, currency_obj=currency
        ),
    }
    return {
        dimension: [
            {
                "score": row.score,
                "text": _text(env, row, describe[dimension], first=not place),
            }
            for place, row in enumerate(rows)
        ]
        for dimension, rows in found.items()
    }


def _text(env, row, describe, first: bool) -> str:
    """One range in words; the unit stands in the first one only."""
    if row.up_to is not None:
        value = describe(env, row.up_to, first)
        return env._("%(score)s: up to %(value)s", score=row.score, value=value)
    if row.above is None:
        return env._("%(score)s: all values", score=row.score)
    value = describe(env, row.above, first)
    return env._("%(score)s: over %(value)s", score=row.score, value=value)


def _days(env, value, first):
    number = formatLang(env, value, digits=0)
    if not first:
        return number
    return env._("1 day") if value == 1 else env._("%s days", number)


def _purchases(env, value, first):
    number = formatLang(env, value, digits=0)
    if not first:
        return number
    return env._("1 purchase") if value == 1 else env._("%s purchases", number)
