"""Products that are bought together: the measures of a pair, from whole counts.

The measures are those of Agrawal, Imieliński and Swami 1993 (support, confidence), of Brin
and others 1997 (lift), and of Tan, Kumar and Srivastava 2002 (cosine).
"""

from collections import Counter, defaultdict
from decimal import ROUND_CEILING, Decimal
from itertools import combinations
from math import sqrt
from typing import NamedTuple

from ..common.intervals import wilson

# Baskets with more different products are left out: a wholesaler's order of everything
# says nothing about what goes together, and has millions of pairs.
MOST_PRODUCTS = 100


class Measures(NamedTuple):
    #: share of all baskets that have both
    support: float
    #: share of the baskets with the first product that have the second one, too
    confidence_ab: float
    #: the same the other way round
    confidence_ba: float
    #: how many times as often as by chance; 1: as often
    lift: float
    #: 1 where each is bought only with the other one, 0 where never
    cosine: float
    #: lower end of the 95% interval of the higher confidence, after Wilson
    lower_bound: float


class Found(NamedTuple):
    #: baskets that count
    total: int
    #: baskets with too many products
    left_out: int
    #: number of baskets by product
    counts: dict
    #: number of baskets by pair, the lower product first
    pairs: dict


def least_baskets(total: int, least: int, percent) -> int:
    """In how many baskets a product has to be.

    A whole number, so that a product which stands exactly on the limit is not lost in
    floats: 0.1% of 30,000 is 30.

    :param total: number of baskets
    :param least: the least number, however few baskets there are
    :param percent: share of the baskets, in percent
    """
    share = Decimal(str(percent)) * total / 100
    return max(least, int(share.to_integral_value(ROUND_CEILING)))


def measures(count_a: int, count_b: int, count_both: int, total: int) -> Measures:
    """The measures of a pair. Either side may be a set of products that are all in a
    basket: then these are the measures of the rule from the one to the other.

    :param count_a: baskets with the first product, at least one
    :param count_b: baskets with the second product, at least one
    :param count_both: baskets with both
    :param total: all baskets
    """
    return Measures(
        support=count_both / total,
        confidence_ab=count_both / count_a,
        confidence_ba=count_both / count_b,
        lift=count_both * total / (count_a * count_b),
        cosine=count_both / sqrt(count_a * count_b),
        lower_bound=wilson(count_both, min(count_a, count_b))[0],
    )


def net_baskets(lines) -> list[dict]:
    """What is in each basket, less what was taken back.

    :param lines: of each the basket, the product and the quantity
    :return: quantities by product, which may be zero or less, as :func:`count` wants them
    """
    baskets = defaultdict(Counter)
    for basket, product, quantity in lines:
        baskets[basket][product] += quantity
    return [dict(basket) for basket in baskets.values()]


def count(baskets, least: int, percent, together: int) -> Found:
    """The pairs in some baskets. What the database does in SQL, for few baskets.

    :param baskets: of each the quantity by product; zero or less was taken back
    :param least: each product in at least so many baskets
    :param percent: and in at least so many percent of them
    :param together: both in at least so many baskets
    """
    bought = [
        sorted(product for product, quantity in basket.items() if quantity > 0)
        for basket in baskets
    ]
    bought = [basket for basket in bought if basket]
    kept = [basket for basket in bought if len(basket) <= MOST_PRODUCTS]
    counts = Counter(product for basket in kept for product in basket)
    limit = least_baskets(len(kept), least, percent)
    counts = {product: number for product, number in counts.items() if number >= limit}
    pairs = Counter(
        pair
        for basket in kept
        for pair in combinations([each for each in basket if each in counts], 2)
    )
    pairs = {pair: number for pair, number in pairs.items() if number >= together}
    return Found(len(kept), len(bought) - len(kept), counts, pairs)
