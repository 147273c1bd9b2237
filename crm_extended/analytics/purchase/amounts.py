"""Amounts as people and other systems write them, a column of them at a time.

``1.234`` is a thousand and more in one country and a little more than one in another.
One value does not say which, the others of its column mostly do: ``99,90`` can only have
decimals behind its comma, so its neighbours have, too. What nothing decides is not
guessed.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

POINT, COMMA = ".", ","

# Between groups of digits: blanks of all widths, and apostrophes. And what is only another
# shape of a sign, as word processors and Chinese or Japanese keyboards give it.
USUAL = str.maketrans(
    {
        **dict.fromkeys(
            "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
            "\N{FIGURE SPACE}\N{IDEOGRAPHIC SPACE}\t",
            " ",
        ),
        **dict.fromkeys(
            "\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}`´", "'"
        ),
        **dict.fromkeys(
            "\N{MINUS SIGN}\N{EN DASH}\N{EM DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}"
            "\N{FULLWIDTH HYPHEN-MINUS}",
            "-",
        ),
        **{
            chr(ord(char) + 0xFEE0): char
            for char in "0123456789.,()+"  # the same, as wide as a Chinese letter
        },
        # It turns the direction of writing and has no width.
        **dict.fromkeys("\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}", None),
    }
)

# As programs write a number: there is nothing to decide about what a spreadsheet holds.
PROGRAMS = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
SCIENTIFIC = re.compile(r"(\d+)(?:([.,])(\d+))?[eE]([+-]?\d{1,2})", re.ASCII)
# Groups of three, or as in India of two and the last one of three.
GROUPED = re.compile(r"\d{1,3}(?:(?P<sign>[.,])\d{3})(?:(?P=sign)\d{3})*", re.ASCII)
INDIAN = re.compile(r"\d{1,2}(?:(?P<sign>[.,])\d{2})+(?P=sign)\d{3}", re.ASCII)
# A price without cents: 99.– or 99,--
NO_CENTS = re.compile(r"(?<=\d)([.,])-{1,2}$", re.ASCII)

# Beyond, a number has more digits than are kept of it.
TOO_MUCH = 10**15

# Why a value was not read.
NO_NUMBER = "no_number"
AMBIGUOUS = "ambiguous"
CONTRADICTS = "contradicts"


@dataclass(frozen=True)
class Unread:
    """A value that is not read, and why."""

    reason: str
    # Of the column, a value that is written in the other way.
    other: str = ""


@dataclass(frozen=True)
class _Written:
    """A value without signs of currencies, minus and blanks."""

    digits: str
    is_negative: bool
    # The decimal sign that is the only possible one; none where any is, or where the
    # value has neither point nor comma.
    decimal: str | None
    # Whether it means another amount under another decimal sign.
    is_ambiguous: bool
    # Whether it is a number already.
    is_number: bool = False


def read_column(
    values: Sequence[str],
    *,
    chosen: tuple[str, str] | None = None,
    currencies: Collection[str] = (),
    numbers: bool = False,
) -> list[Decimal | Unread | None]:
    """Read amounts by one way of writing for all of them.

    :param chosen: thousands and decimal sign somebody has chosen; it decides where the
        column does not
    :param currencies: signs and codes that may stand before or after an amount
    :param numbers: whether values that look as a program writes them may be numbers, as
        in the cells of a spreadsheet
    :return: for each value its amount, none where it is empty, or why it is not read
    """
    signs = sorted((sign.casefold() for sign in currencies if sign), key=len)[::-1]
    written = [_take_apart(value, signs, numbers) for value in values]
    deciding = {
        found.decimal: value
        for value, found in reversed(list(zip(values, written, strict=True)))
        if isinstance(found, _Written) and found.decimal
    }
    decimal, told = _decide(written, chosen, deciding)
    # Numbers of a spreadsheet are none of the column's ways of writing, unless there are
    # texts beside them: then 1.234 may be either.
    texts = any(
        isinstance(found, _Written) and not found.is_number and found.decimal == COMMA
        for found in written
    )
    read = []
    for found in written:
        if not isinstance(found, _Written):
            read.append(found)
        elif found.is_number:
            unclear = texts and found.is_ambiguous
            read.append(Unread(AMBIGUOUS) if unclear else _amount(found, POINT))
        elif found.decimal and found.decimal != decimal:
            read.append(Unread(CONTRADICTS, deciding.get(decimal, "")))
        elif found.is_ambiguous and not told:
            read.append(Unread(AMBIGUOUS))
        else:
            read.append(_amount(found, decimal))
    return read


def told_decimal(
    values: Sequence[str],
    *,
    currencies: Collection[str] = (),
    numbers: bool = False,
) -> str | None:
    """The decimal sign a column tells by itself; none where it tells none, or two."""
    signs = sorted((sign.casefold() for sign in currencies if sign), key=len)[::-1]
    decimals = {
        found.decimal
        for found in (_take_apart(value, signs, numbers) for value in values)
        if isinstance(found, _Written) and not found.is_number and found.decimal
    }
    return decimals.pop() if len(decimals) == 1 else None


def _decide(written, chosen, deciding) -> tuple[str, bool]:
    """The decimal sign of a column, and whether it is known enough for values that can
    be read both ways."""
    wanted = chosen[1] if chosen else None
    if len(deciding) == 1:
        [decimal] = deciding
        # Somebody has chosen the opposite: what can be read both ways is not read.
        return decimal, wanted in (None, decimal)
    if wanted:
        return wanted, True
    # The first value that decides is the one the others are held against.
    for found in written:
        if isinstance(found, _Written) and found.decimal:
            return found.decimal, False
    return POINT, False


def _take_apart(value: str, signs: Sequence[str], numbers: bool):
    """What is written in a value: none where it is empty."""
    text = str(value).translate(USUAL).strip()
    if not text:
        return None
    if numbers and PROGRAMS.fullmatch(text):
        return _Written(
            digits=text.removeprefix("-"),
            is_negative=text.startswith("-"),
            decimal=None,
            is_ambiguous=bool(re.fullmatch(r"-?\d{1,3}\.\d{3}", text)),
            is_number=True,
        )
    text, minuses = _bare(text, signs)
    if minuses > 1 or not re.match(r"\d|[.,]\d+$", text, re.ASCII):
        return Unread(NO_NUMBER)
    return _classify(text, bool(minuses))


def _bare(text: str, signs: Sequence[str]) -> tuple[str, int]:
    """A value without currency, minus and brackets, and how many said it is negative."""
    minuses, before = 0, None
    while text != before and minuses < 2:
        before = text
        text = _without_currency(text.strip(), signs).strip()
        if no_cents := NO_CENTS.search(text):
            text = text[: no_cents.start()] + no_cents.group(1) + "00"
        if text.startswith("(") and text.endswith(")"):
            text, minuses = text[1:-1], minuses + 1
        elif text.startswith("-") and len(text) > 1:
            text, minuses = text[1:], minuses + 1
        elif text.endswith("-") and len(text) > 1:
            text, minuses = text[:-1], minuses + 1
        elif text.startswith("+"):
            text = text[1:]
    return text, minuses


def _without_currency(text: str, signs: Sequence[str]) -> str:
    """A value without the sign or code of a currency before or after it."""
    if not text or (text[0] in "+-(.,0123456789" and text[-1] in "-).,0123456789"):
        return text
    folded = text.casefold()
    for sign in signs:
        # A code is no part of a longer word.
        if folded.startswith(sign) and not folded[len(sign) :][:1].isalpha():
            return text[len(sign) :]
        if folded.endswith(sign) and not folded[: -len(sign)][-1:].isalpha():
            return text[: -len(sign)]
    if unicodedata.category(text[0]) == "Sc":
        return text[1:]
    if unicodedata.category(text[-1]) == "Sc":
        return text[:-1]
    return text


def _classify(text: str, is_negative: bool):
    """Say by which signs bare digits can be read."""

    def written(decimal=None, *, is_ambiguous=False, digits=text):
        return _Written(digits, is_negative, decimal, is_ambiguous)

    if match := SCIENTIFIC.fullmatch(text):
        return written(match.group(2))
    if " " in text or "'" in text:
        # They are never decimal signs: whatever else there is, is one.
        whole, decimal, cents = _split_decimals(text)
        if not re.fullmatch(r"\d{1,3}(?:([ '])\d{3})(?:\1\d{3})*", whole, re.ASCII):
            return Unread(NO_NUMBER)
        if decimal and not re.fullmatch(r"\d+", cents, re.ASCII):
            return Unread(NO_NUMBER)
        return written(decimal, digits=re.sub("[ ']", "", text))
    marks = [char for char in text if char in ".,"]
    if not re.fullmatch(r"[\d.,]+", text, re.ASCII):
        return Unread(NO_NUMBER)
    if not marks:
        return written()
    last = marks[-1]
    if len(set(marks)) == 2:
        # Of both signs the last one stands before decimals, and stands once.
        whole, cents = text.rsplit(last, 1)
        grouped = GROUPED.fullmatch(whole) or INDIAN.fullmatch(whole)
        return written(last) if grouped and cents and last not in whole else _none()
    if len(marks) > 1:
        # Several times the same: between thousands.
        grouped = GROUPED.fullmatch(text) or INDIAN.fullmatch(text)
        return written(COMMA if last == POINT else POINT) if grouped else _none()
    if GROUPED.fullmatch(text) and not text.startswith("0"):
        return written(is_ambiguous=True)
    return written(last)


def _none() -> Unread:
    return Unread(NO_NUMBER)


def _split_decimals(text: str) -> tuple[str, str | None, str]:
    """Digits before a point or comma, the sign, and the digits after it."""
    match = re.search("[.,]", text)
    if not match:
        return text, None, ""
    return text[: match.start()], match.group(), text[match.end() :]


def _amount(found: _Written, decimal: str) -> Decimal | Unread:
    thousands = COMMA if decimal == POINT else POINT
    digits = found.digits.replace(thousands, "").replace(decimal, POINT)
    amount = Decimal(digits)
    if amount >= TOO_MUCH:
        return Unread(NO_NUMBER)
    return -amount if found.is_negative else amount
