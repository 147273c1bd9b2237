"""How satisfied customers are: perceived over expected, NPS and CSAT."""

from collections.abc import Iterable

#: How far c may be from 1 and still mean "as expected": from 0.9 to 1.1, both included.
TOLERANCE = 0.1

#: Days in which a contact is asked at most once whether they would recommend us.
NPS_DAYS = 90

# What sums of decimal fractions may be wrong by.
_EPSILON = 1e-9


def ratio(expected: float, perceived: float) -> float:
    """Satisfaction c = b / a.

    :param expected: a, what the customer expected, above 0
    :param perceived: b, what they got, on the same scale
    :raise ValueError: if a is not above 0 or b is negative
    """
    if not expected > 0 or not perceived >= 0:
        raise ValueError(f"No satisfaction of {perceived} over {expected}")
    return perceived / expected


def verdict(c: float) -> str:
    """The word for a satisfaction.

    :return: ``unmet`` (0), ``dissatisfied`` (below 1), ``fair`` (about 1, see
        :data:`TOLERANCE`) or ``exceeded``
    :raise ValueError: if c is negative or no number
    """
    if not c >= 0:
        raise ValueError(f"{c} is no satisfaction")
    if c == 0:
        return "unmet"
    if c < 1 - TOLERANCE - _EPSILON:
        return "dissatisfied"
    if c <= 1 + TOLERANCE + _EPSILON:
        return "fair"
    return "exceeded"


def nps_group(score: int) -> str:
    """The group of a customer who would recommend us with 0 to 10 points.

    :return: ``detractor`` (0-6), ``passive`` (7-8) or ``promoter`` (9-10)
    :raise ValueError: outside 0 to 10
    """
    if not 0 <= score <= 10:
        raise ValueError(f"{score} is not between 0 and 10")
    if score <= 6:
        return "detractor"
    return "passive" if score <= 8 else "promoter"


def nps(scores: Iterable[int]) -> float | None:
    """Net promoter score: per cent of promoters minus per cent of detractors.

    :return: -100 to 100; None without any score
    """
    groups = [nps_group(score) for score in scores]
    if not groups:
        return None
    return 100 * (groups.count("promoter") - groups.count("detractor")) / len(groups)


def csat(ratings: Iterable[float]) -> float | None:
    """Per cent of ratings in the top two of five.

    :param ratings: 1 to 5
    :return: 0 to 100; None without any rating
    :raise ValueError: outside 1 to 5
    """
    ratings = list(ratings)
    if not all(1 <= rating <= 5 for rating in ratings):
        raise ValueError("Ratings are between 1 and 5")
    if not ratings:
        return None
    return 100 * sum(rating >= 4 for rating in ratings) / len(ratings)
