"""Channels on which customers are contacted: keys of interactions, as a text of keys
with commas between them, as Odoo's ``view_mode`` is."""

from odoo.exceptions import ValidationError

#: in the order in which they are shown
KEYS = ("email", "sms", "phone", "letter", "visit")


def split_channels(text) -> list[str]:
    """The keys in a text."""
    return [key.strip() for key in (text or "").split(",") if key.strip()]


def join_channels(value) -> str | bool:
    """The text of keys that are given as a text, or as a list of them; False for none."""
    keys = split_channels(value) if isinstance(value, str) else list(value or ())
    return ",".join(dict.fromkeys(keys)) or False


def check_channels(env, text):
    """Refuse keys that do not exist.

    :raise ValidationError: naming them, and those there are
    """
    wrong = [key for key in split_channels(text) if key not in KEYS]
    if wrong:
        raise ValidationError(
            env._(
                "There is no channel %(wrong)s. Use these keys, with commas between "
                "them: %(keys)s.",
                wrong=", ".join(wrong),
                keys=", ".join(KEYS),
            )
        )


# Days on which customers may be contacted, Monday is 0.
WEEKDAYS = "0,1,2,3,4,5,6"


def to_weekdays(text) -> frozenset[int]:
    """The weekdays in a text; all where there is none, as in a company that was created
    before this addon was loaded."""
    return frozenset(int(day) for day in split_channels(text or WEEKDAYS))
