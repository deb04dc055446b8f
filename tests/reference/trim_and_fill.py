"""Trim and fill: the studies a funnel plot seems to lack (Duval & Tweedie 2000, JASA and
Biometrics)."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from . import direct_pooling
from .direct_pooling import Fit, Floats

Side = Literal["left", "right"]
ITERATIONS = 100


@dataclass(frozen=True)
class TrimAndFill:
    """``side``: where studies are missing; ``filled``: (y, v) of those put there; ``fit``: of the
    real and the filled; ``p_value``: of R0 alone, that no study is missing."""

    status: str
    side: Side
    k0: int = 0
    se_k0: float = math.nan
    p_value: float = math.nan
    filled: tuple[tuple[float, float], ...] = ()
    fit: Fit | None = None


def positive_rank_sum(centred: Floats) -> int:
    """S: the sum of the ranks of the absolute values that belong to positive numbers."""
    return sum(rank for rank, x in signed_ranks(centred) if x > 0)


def signed_ranks(centred: Floats) -> list[tuple[int, float]]:
    """Each number with the rank of its absolute value, ties by order."""
    by_size = sorted(range(len(centred)), key=lambda i: abs(centred[i]))
    return [(rank, centred[i]) for rank, i in enumerate(by_size, 1)]


def linear(k: int, s: int) -> float:
    """L0 = (4 S - k (k + 1)) / (2 k - 1)."""
    return (4 * s - k * (k + 1)) / (2 * k - 1)


def quadratic(k: int, s: int) -> float:
    """Q0 = k - 1/2 - sqrt(2 k^2 - 4 S + 1/4); NaN where it has no root."""
    square = 2 * k**2 - 4 * s + 0.25
    return k - 0.5 - math.sqrt(square) if square >= 0 else math.nan


def run(centred: Floats) -> int:
    """R0: the length of the run of positive numbers at the greatest ranks, less 1."""
    descending = [x for _, x in reversed(signed_ranks(centred))]
    return sum(1 for _ in itertools.takewhile(lambda x: x > 0, descending)) - 1


def raw_k0(centred: Floats, estimator: str) -> float:
    if estimator == "R0":
        return run(centred)
    s = positive_rank_sum(centred)
    return {"L0": linear, "Q0": quadratic}[estimator](len(centred), s)


def variance_of_s(k: int, k0: float) -> float:
    """Of S when k0 of k + k0 studies are missing (Duval & Tweedie 2000)."""
    return (
        k * (k + 1) * (2 * k + 1)
        + 10 * k0**3 + 27 * k0**2 + 17 * k0
        - 18 * k * k0**2 - 18 * k * k0 + 6 * k**2 * k0
    ) / 24  # fmt: skip


def se_of_k0(k: int, k0: float, estimator: str) -> float:
    """R0: sqrt(2 k0 + 2); L0: 4 SD(S) / (2 k - 1); Q0: 2 SD(S) / sqrt((k - 1/2)^2 - k0 (2 k - k0
    - 1)), by the derivative of Q0 in S (Duval & Tweedie 2000). ``k0`` is not rounded, and may be
    negative for L0 and Q0; NaN where that makes the variance so (metafor's values)."""
    if estimator == "R0":
        return math.sqrt(2 * max(0.0, k0) + 2)
    variance = variance_of_s(k, k0)
    if not variance >= 0:
        return math.nan
    if estimator == "L0":
        return 4 * math.sqrt(variance) / (2 * k - 1)
    return 2 * math.sqrt(variance / ((k - 0.5) ** 2 - k0 * (2 * k - k0 - 1)))


def p_of_run(k0: int) -> float:
    """P(R0 >= k0) when no study is missing: the signs of the greatest ranks are coins."""
    return 0.5 ** (k0 + 1)


def side_of_slope(slope: float) -> Side:
    """Where small studies lie to the right of the large ones, those to the left are missing.

    ``slope``: of y on its standard error (metafor: weights 1/(v + tau2), tau2 by the method)."""
    return "left" if slope > 0 else "right"


def trim_and_fill(
    y: Sequence[float], v: Sequence[float], method: str, estimator: str, side: Side
) -> TrimAndFill:
    """Trim the k0 effects furthest from ``side``, re-estimate the mean, and by it k0 of all
    effects, until k0 stays; then mirror the trimmed about the last mean. ``method``: of tau2, in
    every step."""
    k = len(y)
    if k < 2:
        return TrimAndFill("TOO_FEW_STUDIES", side)
    sign = 1.0 if side == "left" else -1.0
    pairs = sorted(zip((sign * x for x in y), v, strict=True), key=lambda pair: pair[0])
    k0, raw, mean = iterate(pairs, method, estimator)
    if k0 is None:
        return TrimAndFill("UNDEFINED" if math.isnan(raw) else "NOT_CONVERGED", side)
    filled = tuple((sign * (2 * mean - x), a) for x, a in pairs[k - k0 :])
    everything = [*zip(y, v, strict=True), *filled]
    return TrimAndFill(
        "OK",
        side,
        k0=k0,
        se_k0=se_of_k0(k, raw, estimator),
        p_value=p_of_run(k0) if estimator == "R0" else math.nan,
        filled=filled,
        fit=direct_pooling.fit(*zip(*everything, strict=True), method),
    )


def iterate(
    pairs: Sequence[tuple[float, float]], method: str, estimator: str
) -> tuple[int | None, float, float]:
    """k0 that trims itself, the number it was rounded from (half to even), and the mean of the
    studies that it leaves; None where there is none, or none is found."""
    k0, raw, mean = 0, math.nan, math.nan
    if pairs[0][0] == pairs[-1][0]:
        return 0, -math.inf, pairs[0][0]  # all effects equal: each is the mean
    for _ in range(ITERATIONS):
        kept = pairs[: len(pairs) - k0]
        mean = direct_pooling.fit(*zip(*kept, strict=True), method).estimate
        raw = raw_k0([x - mean for x, _ in pairs], estimator)
        if math.isnan(raw):
            return None, raw, mean
        before, k0 = k0, max(0, round(raw))
        if k0 == before:
            return k0, raw, mean
    return None, raw, mean
