"""Rank correlation of effects and their variances (Begg & Mazumdar 1994)."""

import functools
import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import mpmath
from scipy import stats

from .effects import Effect, included
from .heterogeneity import digits


@dataclass(frozen=True)
class RankTest:
    """Kendall's score ``s``, concordant less discordant pairs, and tau-b. ``p_exact`` is NaN with
    ties; ``p_normal`` is without continuity correction, ``p_corrected`` with it."""

    k: int
    status: str
    s: int = 0
    tau: float = math.nan
    variance: float = math.nan
    statistic: float = math.nan
    p_normal: float = math.nan
    statistic_corrected: float = math.nan
    p_corrected: float = math.nan
    p_exact: float = math.nan
    has_ties: bool = False

    @property
    def p_value(self) -> float:
        """Exact without ties, else normal (metafor's, of any k)."""
        return self.p_normal if self.has_ties else self.p_exact


def standardised(effects: Sequence[Effect]) -> list[mpmath.mpf]:
    """(y - mu) / sqrt(v - 1 / sum w), mu the inverse-variance mean, in 50 digits."""
    with mpmath.workdps(50):
        y, v = digits(effects)
        w = [1 / x for x in v]
        mean, of_mean = mpmath.fdot(w, y) / mpmath.fsum(w), 1 / mpmath.fsum(w)
        return [(a - mean) / mpmath.sqrt(b - of_mean) for a, b in zip(y, v, strict=True)]


def ranks(numbers: Sequence[mpmath.mpf | Fraction]) -> list[int]:
    """Of each number, among those that differ: ties have the same rank."""
    place = {x: rank for rank, x in enumerate(sorted(set(numbers)))}
    return [place[x] for x in numbers]


def sign(x: int) -> int:
    return (x > 0) - (x < 0)


def kendall_score(xs: Sequence[int], ys: Sequence[int]) -> int:
    """Concordant less discordant pairs."""
    pairs = itertools.combinations(zip(xs, ys, strict=True), 2)
    return sum(sign(x1 - x2) * sign(y1 - y2) for (x1, y1), (x2, y2) in pairs)


def untied_pairs(xs: Sequence[int]) -> int:
    return math.comb(len(xs), 2) - sum(math.comb(t, 2) for t in Counter(xs).values())


def variance_of_score(xs: Sequence[int], ys: Sequence[int]) -> Fraction:
    """Of S over all permutations, t and u the numbers of equal values (Kendall & Gibbons 1990)."""
    k, ts, us = len(xs), Counter(xs).values(), Counter(ys).values()
    spread = [sum(t * (t - 1) * (2 * t + 5) for t in sizes) for sizes in ([k], ts, us)]
    triples = [sum(t * (t - 1) * (t - 2) for t in sizes) for sizes in (ts, us)]
    pairs = [sum(t * (t - 1) for t in sizes) for sizes in (ts, us)]
    found = Fraction(spread[0] - spread[1] - spread[2], 18)
    found += Fraction(pairs[0] * pairs[1], 2 * k * (k - 1))
    if k > 2:
        found += Fraction(triples[0] * triples[1], 9 * k * (k - 1) * (k - 2))
    return found


@functools.cache
def inversions(k: int) -> tuple[int, ...]:
    """How many permutations of k have 0, 1, 2, ... inversions: the last object adds 0 to k - 1."""
    counts = [1]
    for n in range(2, k + 1):
        below = [0, *itertools.accumulate(counts)]
        size, last = math.comb(n, 2) + 1, len(counts)
        counts = [below[min(i + 1, last)] - below[max(0, i + 1 - n)] for i in range(size)]
    return tuple(counts)


def exact_p(k: int, s: int) -> float:
    """Two-sided: P(|S| >= |s|) over all k! permutations, S = k (k - 1) / 2 - 2 inversions."""
    most = math.comb(k, 2)
    extreme = sum(n for i, n in enumerate(inversions(k)) if abs(most - 2 * i) >= abs(s))
    return float(Fraction(extreme, math.factorial(k)))


def rank_test(effects: Sequence[Effect]) -> RankTest:
    """Kendall's tau-b of the standardised effects and the variances."""
    used = included(effects)
    k = len(used)
    if k < 2:
        return RankTest(k, "TOO_FEW_STUDIES")
    xs, ys = ranks(standardised(used)), ranks([e.v for e in used])
    has_ties = len(set(xs)) < k or len(set(ys)) < k
    pairs = untied_pairs(xs) * untied_pairs(ys)
    if pairs == 0:
        return RankTest(k, "ZERO_SPREAD", has_ties=True)
    s, variance = kendall_score(xs, ys), variance_of_score(xs, ys)
    sd = math.sqrt(variance)
    corrected = sign(s) * max(0, abs(s) - 1)
    return RankTest(
        k=k,
        status="OK",
        s=s,
        tau=s / math.sqrt(pairs),
        variance=float(variance),
        statistic=s / sd,
        p_normal=2 * float(stats.norm.sf(abs(s) / sd)),
        statistic_corrected=corrected / sd,
        p_corrected=2 * float(stats.norm.sf(abs(corrected) / sd)),
        p_exact=math.nan if has_ties else exact_p(k, s),
        has_ties=has_ties,
    )
