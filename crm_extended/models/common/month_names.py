from datetime import date

from babel.dates import format_skeleton

from odoo.tools.misc import babel_locale_parse, get_lang


def format_month(env, day: date, is_short=False) -> str:
    """The month of a day and its year in the order of the reader's language:
    "June 2025", "2025年6月"; "Jun 2025" where it is short.

    Languages have formats for days, but none for months.
    """
    skeleton = "yMMM" if is_short else "yMMMM"
    return format_skeleton(skeleton, day, locale=babel_locale_parse(get_lang(env).code))
