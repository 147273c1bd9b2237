"""The R x F x M grid: which segment a cell belongs to, and grids of other sizes."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import product
from typing import NamedTuple

MIN_BINS = 3
MAX_BINS = 10
DEFAULT_BINS = 5

# Three bounds, one an axis, both ends included.
Bounds = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]


class Cell(NamedTuple):
    """One class of the grid; scores run from 1 (lowest) to the number of bins."""

    recency: int
    frequency: int
    monetary: int


class Tile(NamedTuple):
    """All classes with one recency and one frequency score, or only those with one
    monetary score: what a drawing of the grid shows in one place."""

    recency: int
    frequency: int
    # The owners of its classes, the one with most classes first.
    owners: tuple[Hashable, ...]
    # The claimants of its classes, in order of precedence.
    claimants: tuple[Hashable, ...]
    # The number of its classes without a claimant, and with more than one.
    gaps: int
    overlaps: int


def cells(bins: int) -> Iterator[Cell]:
    """Yield the ``bins ** 3`` cells of a grid.

    :param bins: number of scores a dimension
    """
    scores = range(1, bins + 1)
    return (Cell(*scores) for scores in product(scores, scores, scores))


def is_inside(cell: Cell, bounds: Bounds) -> bool:
    """Whether a cell lies inside the bounds, both ends included."""
    return all(
        low <= score <= high for score, (low, high) in zip(cell, bounds, strict=True)
    )


def claims(
    regions: Iterable[tuple[Hashable, Bounds]], bins: int
) -> Mapping[Cell, list[Hashable]]:
    """The claimants of each cell: none in a gap, more than one in an overlap.

    :param regions: ``(key, bounds)`` pairs, in order of precedence
    :param bins: number of scores a dimension
    :return: keys by cell, the owner first; every cell is there
    """
    regions = list(regions)
    return {
        cell: [key for key, bounds in regions if is_inside(cell, bounds)]
        for cell in cells(bins)
    }


def assign(
    regions: Iterable[tuple[Hashable, Bounds]], bins: int
) -> Mapping[Cell, Hashable]:
    """Give each cell to the first region that covers it.

    :return: key by cell; cells that no region covers are left out
    """
    return {cell: keys[0] for cell, keys in claims(regions, bins).items() if keys}


def gaps_and_overlaps(claimed: Mapping[Cell, list[Hashable]]) -> tuple[int, int]:
    """Count the cells without a claimant, and those with more than one."""
    counts = [len(keys) for keys in claimed.values()]
    return counts.count(0), sum(count > 1 for count in counts)


def tiles(
    claimed: Mapping[Cell, list[Hashable]], monetary: int | None = None
) -> list[Tile]:
    """Look at the grid from above: one tile for each recency and frequency.

    :param claimed: what :func:`claims` found
    :param monetary: only the classes with this monetary score, all when left out
    """
    places = {}
    for cell in sorted(claimed):
        if monetary in (None, cell.monetary):
            places.setdefault(cell[:2], []).append(claimed[cell])
    return [_tile(*place, keys) for place, keys in places.items()]


def _tile(recency: int, frequency: int, claimed: list[list[Hashable]]) -> Tile:
    # Counter.most_common keeps the first of equals first.
    owners = Counter(keys[0] for keys in claimed if keys)
    return Tile(
        recency,
        frequency,
        owners=tuple(owner for owner, _count in owners.most_common()),
        claimants=tuple(dict.fromkeys(key for keys in claimed for key in keys)),
        gaps=sum(not keys for keys in claimed),
        overlaps=sum(len(keys) > 1 for keys in claimed),
    )


def rescale(
    low: int, high: int, old_bins: int, new_bins: int
) -> tuple[int, int] | None:
    """Carry one range of scores over to a grid with another number of bins.

    The edges between scores are mapped by one rising function, so ranges that
    tile the old axis tile the new one: no gap and no overlap can arise.

    :return: the new range, or ``None`` if it has no score of its own any more
    """

    def edge(position: int) -> int:
        # Half up, in whole numbers: Python's round() goes to the even neighbour.
        return (2 * position * new_bins + old_bins) // (2 * old_bins)

    new_low, new_high = edge(low - 1) + 1, edge(high)
    return (new_low, new_high) if new_low <= new_high else None


def code(recency: int, frequency: int, monetary: int) -> str:
    """Write three scores as one code: "545", or "10-4-10" once a score has two digits."""
    scores = (recency, frequency, monetary)
    return ("-" if max(scores) > 9 else "").join(map(str, scores))
