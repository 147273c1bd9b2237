"""Features in the model of Kano: classes, what they gain and cost, and how sure that is.

Each person is asked twice about a feature: how they feel if it is there (functional), and
if it is not (dysfunctional). The two answers give a class, after N. Kano et al.,
"Attractive quality and must-be quality", 1984, by the table of K. Matzler and
H. H. Hinterhuber, Technovation 18(1), 1998. Better and worse are those of C. Berger et
al., "Kano's methods for understanding customer-defined quality", 1993; whether two classes
are separated is the test of D. Fong in the same place.
"""

from collections.abc import Mapping
from math import sqrt
from numbers import Integral

#: The answers to either question, from most to least pleased.
ANSWERS = ("like", "must_be", "neutral", "live_with", "dislike")
#: Attractive, one-dimensional, must-be, indifferent, reverse, questionable: the rows are
#: the functional answers, the columns the dysfunctional ones.
TABLE = dict(
    zip(ANSWERS, ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"), strict=True),
)
#: Classes; of those with the same count the first is the feature's.
CLASSES = ("M", "O", "A", "I", "R", "Q")
# Of those who know what they want: the classes that better and worse are shares of.
CLEAR = ("M", "O", "A", "I")
#: A feature with a larger share of questionable answers was badly put.
QUESTIONABLE_SHARE = 0.1
# Of a normal distribution: 90% are within it, on both sides.
FONG = 1.65
# How a feature ages: what was a surprise is expected, and then taken for granted.
AGES = {"A": 0, "O": 1, "M": 2}


def class_of(functional: str, dysfunctional: str) -> str:
    """Give the class that a person's two answers make, one of :data:`CLASSES`.

    :param functional: one of :data:`ANSWERS`, how they feel if the feature is there
    :param dysfunctional: the same if it is not
    """
    return TABLE[functional][ANSWERS.index(dysfunctional)]


def checked(counts: Mapping) -> dict[str, int]:
    """Give the counts of all classes, 0 for those that are missing.

    :raise ValueError: where they are no counts of classes
    """
    if not isinstance(counts, Mapping):
        raise ValueError(f"Counts of classes are needed by letter, not {counts!r}.")
    unknown = [letter for letter in counts if letter not in CLASSES]
    if unknown:
        raise ValueError(
            f"Unknown class {unknown[0]!r}: classes are {', '.join(CLASSES)}."
        )
    for letter, count in counts.items():
        whole = isinstance(count, Integral) and not isinstance(count, bool)
        if not whole or count < 0:
            raise ValueError(
                f"The count of {letter} must be a whole number of answers, 0 or more, "
                f"not {count!r}."
            )
    return {letter: int(counts.get(letter, 0)) for letter in CLASSES}


def ranked(counts: Mapping) -> list[str]:
    """Give the classes by count, the largest first; of ties the first of CLASSES."""
    found = checked(counts)
    return sorted(CLASSES, key=lambda letter: -found[letter])


def classify(counts: Mapping) -> dict:
    """Classify a feature by the answers to it.

    :param counts: number of answers by class: M, O, A, I, R, Q; missing ones are 0
    :return: ``class``: the most frequent one, ``None`` without answers;
        ``better``: share of those whom the feature would please, 0 to 1;
        ``worse``: share of those whom its absence would annoy, −1 to 0; both ``None``
        where all answers are reverse or questionable;
        ``separated``: whether the two largest counts differ by more than chance: only
        then the class is strict
    :raise ValueError: where counts are not whole numbers of classes, 0 or more
    """
    found = checked(counts)
    total = sum(found.values())
    clear = sum(found[letter] for letter in CLEAR)
    first, second = (found[letter] for letter in ranked(found)[:2])
    return {
        "class": ranked(found)[0] if total else None,
        "better": (found["A"] + found["O"]) / clear if clear else None,
        # From 0, which unlike a minus has no negative zero.
        "worse": 0.0 - (found["O"] + found["M"]) / clear if clear else None,
        "separated": total > 0 and not _is_close(first, second, total),
    }


def _is_close(first: int, second: int, total: int) -> bool:
    """Fong's test: whether two counts out of a total may differ by chance."""
    both = first + second
    limit = FONG * sqrt(both * (2 * total - both) / (2 * total))
    return first - second < limit


def runners_up(counts: Mapping) -> list[str]:
    """Give the classes that the feature's class is not separated from.

    :return: the next one, and those with the same count; empty where it is separated, or
        where all answers are of one class and there are too few of them
    """
    found = checked(counts)
    if not sum(found.values()) or classify(found)["separated"]:
        return []
    second = ranked(found)[1]
    return [
        letter for letter in ranked(found)[1:] if found[letter] == found[second] > 0
    ]


def is_badly_put(counts: Mapping) -> bool:
    """Say whether so many answers contradict themselves that the question is at fault."""
    found = checked(counts)
    return found["Q"] > QUESTIONABLE_SHARE * sum(found.values())


def move_of(before: str | None, after: str | None) -> str | None:
    """Say how a feature moved from one wave of answers to a later one.

    :return: ``same``; ``expected``: towards must-be, as features age; ``fresh``: away
        from it; ``other``: to or from another class; ``None`` where it was not answered
        in both
    """
    if not before or not after:
        return None
    if before == after:
        return "same"
    if before not in AGES or after not in AGES:
        return "other"
    return "expected" if AGES[after] > AGES[before] else "fresh"
