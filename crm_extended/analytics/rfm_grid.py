"""The R x F x M grid: which segment a cell belongs to, and grids of other sizes."""

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


def cells(bins: int) -> Iterator[Cell]:
    """Yield the ``bins ** 3`` cells of a grid.

    :param bins: number of scores a dimension
    """
    scores = range(1, bins + 1)
    return (Cell(*scores) for scores in product(scores, scores, scores))


def is_inside(cell: Cell, bounds: Bounds) -> bool:
    """Tell whether a cell lies inside the bounds, both ends included."""
    return all(
        low <= score <= high for score, (low, high) in zip(cell, bounds, strict=True)
    )


def assign(
    regions: Iterable[tuple[Hashable, Bounds]], bins: int
) -> Mapping[Cell, Hashable]:
    """Give each cell to the first region that covers it.

    :param regions: ``(key, bounds)`` pairs, in order of precedence
    :param bins: number of scores a dimension
    :return: key by cell; cells that no region covers are left out
    """
    regions = list(regions)
    owners = {}
    for cell in cells(bins):
        for key, bounds in regions:
            if is_inside(cell, bounds):
                owners[cell] = key
                break
    return owners


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
