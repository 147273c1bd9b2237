"""Numbers and days in texts, written as the pages of the web client write them."""

from math import copysign

from odoo.tools import float_round
from odoo.tools.misc import format_date, formatLang


def format_share(env, share: float) -> str:
    """A share, 1 for all: "80%"; with a decimal where it matters, below 10% and above 99%
    ("4.2%", "99.6%"). Only what is all is 100%, and only what is nothing is 0%.

    The same as ``formatShare`` of ``static/src/common/formats.js``.
    """
    size = abs(share)
    is_fine = 0 < size < 0.0995 or 0.99 < size < 1
    is_tiny = 0 < size < 0.0005
    if is_tiny:
        share = copysign(0.001, share)
    elif 0.999 < size < 1:
        share = copysign(0.999, share)
    percent = float_round(100 * share, precision_digits=1 if is_fine else 0)
    text = formatLang(env, percent, digits=1 if percent % 1 else 0)
    return f"{'<' if is_tiny else ''}{text}%"


def format_day(env, day) -> str:
    """A day in the reader's language: "Aug 27, 2026", as ``formatDay`` writes it."""
    return format_date(env, day, date_format="medium")
