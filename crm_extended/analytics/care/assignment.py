"""Who gets the next case of a team."""

from collections.abc import Sequence
from datetime import datetime


def next_in_turn(members: Sequence[int], last_given: dict[int, datetime]) -> int | None:
    """The member who was assigned nothing for the longest time; the first of equals."""
    return min(
        members, key=lambda member: last_given.get(member, datetime.min), default=None
    )


def least_busy(members: Sequence[int], open_cases: dict[int, int]) -> int | None:
    """The member with the fewest open cases; the first of equals."""
    return min(members, key=lambda member: open_cases.get(member, 0), default=None)
