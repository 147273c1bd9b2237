"""What could be the number of a case in the subject of a mail.

Companies number cases as they like: ``C00042``, ``#FFGM15-00019``, ``T 7``, ``工单8``.
Everything between two places where a number may begin and end is a candidate; which of
them are numbers, the database knows.
"""

import re
import unicodedata

LONGEST_SUBJECT = 500
LONGEST_NUMBER = 64
MOST_PARTS = 16
MOST_CANDIDATES = 3000

# Letters of scripts that are written without blanks stand for themselves.
PART = re.compile(
    r"\d+|\s+|[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\W\d\u2e80-\u9fff"
    r"\uac00-\ud7af\uf900-\ufaff]+|[\W_]"
)
ALONE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")


def candidates(subject) -> dict[str, bool]:
    """What could be a number, in lower case, longer ones first.

    :return: with each whether it is marked as a number, by a letter, # or brackets: a
        number of digits only could be anything
    """
    subject = (subject or "")[:LONGEST_SUBJECT]
    found = {}
    for text in dict.fromkeys((subject, unicodedata.normalize("NFKC", subject))):
        _collect(" ".join(text.split()), found)
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def _collect(text, found):
    parts = [match.span() for match in PART.finditer(text)]
    for first, (start, _end) in enumerate(parts):
        if _joined(text, start) or text[start].isspace():
            continue
        for _start, end in parts[first : first + MOST_PARTS]:
            number = text[start:end]
            if len(number) > LONGEST_NUMBER or len(found) >= MOST_CANDIDATES:
                break
            if (
                _joined(text, end)
                or number[-1].isspace()
                or not any(map(str.isdigit, number))
            ):
                continue
            marked = not number.isdigit() or text[:start].endswith(("#", "["))
            name = number.lower()
            found[name] = found.get(name, False) or marked


def _joined(text, place) -> bool:
    """Whether a place is within a word, where no number begins or ends."""
    return (
        0 < place < len(text)
        and _in_word(text, place - 1)
        and _in_word(text, place)
        and not ALONE.match(text[place - 1])
        and not ALONE.match(text[place])
    )


def _in_word(text, place) -> bool:
    letter = text[place]
    if letter.isalnum() or letter == "_":
        return True
    return (
        letter in "/.-"
        and 0 < place < len(text) - 1
        and text[place - 1].isalnum()
        and text[place + 1].isalnum()
    )
