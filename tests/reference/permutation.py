"""Permutation tests, exact: every arrangement, the observed one among them."""

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import permutations, product

from .small_study import line_test

#: A statistic that is smaller by no more than this is a tie, apart by rounding.
TIE = 1e-10


def as_extreme(statistic: float, observed: float, alternative: str) -> bool:
    """Whether T* is at least as extreme as T; one that is undefined counts as if."""
    if math.isnan(statistic):
        return True
    match alternative:
        case "two-sided":
            return abs(statistic) >= abs(observed) - TIE
        case "greater":
            return statistic >= observed - TIE
        case "less":
            return statistic <= observed + TIE
    raise ValueError(alternative)


def share(statistics: Sequence[float], observed: float, alternative: str) -> float:
    """P of all arrangements; NaN where the observed statistic is undefined."""
    if math.isnan(observed):
        return math.nan
    return sum(as_extreme(t, observed, alternative) for t in statistics) / len(statistics)


def sampled_share(statistics: Sequence[float], observed: float, alternative: str) -> float:
    """P of B arrangements at random: (1 + b)/(1 + B) (Phipson & Smyth 2010)."""
    return share([observed, *statistics], observed, alternative)


def sign_flip(
    y: Sequence[float],
    statistic: Callable[[list[float]], float],
    alternative: str = "two-sided",
) -> float:
    """P that the mean is zero, of all 2^k signs of the effects (Fisher 1935; Follmann & Proschan
    1999)."""
    signed = (
        [sign * effect for sign, effect in zip(signs, y, strict=True)]
        for signs in product((1, -1), repeat=len(y))
    )
    return share([statistic(effects) for effects in signed], statistic(list(y)), alternative)


def sign_flip_p_min(k: int) -> float:
    """2/2^k, the least two-sided P: all effects on one side, and their mirror image."""
    return 2 / float(2**k)


def arrangements(labels: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The distinct orders of labels of which some are equal, n!/(n1! n2! ...)."""
    if not labels:
        yield ()
    for first in sorted(set(labels)):
        rest = list(labels)
        rest.remove(first)
        for others in arrangements(rest):
            yield first, *others


def label_permutation(
    labels: Sequence[str], statistic: Callable[[tuple[str, ...]], float]
) -> float:
    """P that subgroups do not differ, of all assignments of the labels to the rows."""
    found = [statistic(assigned) for assigned in arrangements(labels)]
    return share(found, statistic(tuple(labels)), "greater")


def freedman_lane_ys(
    ys: Sequence[Fraction], xs: Sequence[Fraction], order: Sequence[int]
) -> list[Fraction]:
    """The null line y = slope x with its residuals in another order (Freedman & Lane 1983)."""
    slope = sum(x * y for x, y in zip(xs, ys, strict=True)) / sum((x**2 for x in xs), Fraction(0))
    residuals = [y - slope * x for x, y in zip(xs, ys, strict=True)]
    return [slope * x + residuals[i] for x, i in zip(xs, order, strict=True)]


def intercept_t(ys: Sequence[Fraction], xs: Sequence[Fraction]) -> float:
    """abs(t) of the intercept of y on x; of a perfect line infinite, or 0 through the origin."""
    none = [math.nan] * len(xs)
    line = line_test(xs, ys, none, none)
    if line.status == "PERFECT_LINE":
        return math.inf if line.bias else 0.0
    return abs(line.statistic)


def freedman_lane(ys: Sequence[Fraction], xs: Sequence[Fraction]) -> float:
    """P that the intercept is zero, of all k! orders of the residuals of the null line; y on x is
    refitted with an intercept (Freedman & Lane 1983)."""
    found = [
        intercept_t(freedman_lane_ys(ys, xs, order), xs) for order in permutations(range(len(xs)))
    ]
    return share(found, intercept_t(ys, xs), "greater")
