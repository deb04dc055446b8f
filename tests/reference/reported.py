"""Do a printed estimate, its interval and its P fit together?"""

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from scipy import stats

from .exact import ln

Printed = str | float
Number = Fraction | float
Box = tuple[Number, Number]


@dataclass(frozen=True)
class Check:
    """``z_low``, ``z_high`` with their ``se_low``, ``se_high`` are what gives ``p_high`` and
    ``p_low``; tolerances are derived from them."""

    se: float
    statistic: float
    p_value: float
    p_low: float
    p_high: float
    estimate_consistent: bool
    p_consistent: bool
    z_low: float
    se_low: float
    z_high: float
    se_high: float


def half_unit(printed: str) -> Fraction:
    """Half a unit of the last printed digit."""
    _, _, decimals = printed.partition(".")
    return Fraction(1, 2 * 10 ** len(decimals))


def unrounded(printed: Printed) -> tuple[Fraction, Fraction]:
    """The numbers that print like this one."""
    text = str(printed)
    return Fraction(text) - half_unit(text), Fraction(text) + half_unit(text)


def log(value: Fraction) -> Number:
    return ln(value) if value > 0 else -math.inf


def two_sided(z: float) -> float:
    return 2 * float(stats.norm.sf(z))


def printed_p(p: Printed | None) -> tuple[Fraction, Fraction]:
    """The P values that print like this one; "<0.001" is all below."""
    text = "<1" if p is None else str(p)
    if text.startswith("<"):
        return Fraction(0), Fraction(text[1:])
    return unrounded(text)


def intervals(low: Box, high: Box, centre: Box) -> list[tuple[Number, Number]]:
    """The corners of the set of intervals from `low` to `high` whose middle lies in `centre`.

    z = centre / SE is a ratio of linear functions: it is greatest and least in a corner.
    """
    corners = list(product(low, high))
    for double in (2 * end for end in centre if math.isfinite(end)):
        corners += [(double - end, end) for end in high]
        corners += [(end, double - end) for end in low if math.isfinite(end)]
    return [
        (a, b)
        for a, b in corners
        if low[0] <= a <= low[1]
        and high[0] <= b <= high[1]
        and centre[0] <= (a + b) / 2 <= centre[1]
    ]


def z_and_se(low: Number, high: Number, crit: float) -> tuple[float, float]:
    """SE = (high - low) / 2z of the interval, and its middle over that (Altman & Bland 2011)."""
    if low == -math.inf:
        return -crit, math.inf
    middle, se = float(low + high) / 2, float(high - low) / (2 * crit)
    return middle / se if se > 0 else math.copysign(math.inf, middle), se


def check(
    estimate: Printed, ci: tuple[Printed, Printed], p: Printed | None, level: float, is_log: bool
) -> Check:
    """What the numbers as printed say, and what all that print like them can say."""
    scale = log if is_log else Fraction
    crit = float(stats.norm.isf((1 - level) / 2))
    middle, start, end = (float(scale(Fraction(str(x)))) for x in (estimate, *ci))
    se = (end - start) / (2 * crit)

    centre, low, high = (tuple(map(scale, unrounded(x))) for x in (estimate, *ci))
    possible = intervals(low, high, centre)
    # An estimate that no such interval has is set aside: P is then what the interval says.
    found = [
        z_and_se(a, b, crit) for a, b in possible or intervals(low, high, (-math.inf, math.inf))
    ]
    z_high, se_high = max((abs(z), s) for z, s in found)
    z_low, se_low = min((abs(z), s) for z, s in found)
    if min(z for z, _ in found) <= 0 <= max(z for z, _ in found):
        z_low = 0.0
    p_low, p_high = two_sided(z_high), two_sided(z_low)
    p1, p2 = printed_p(p)
    return Check(
        se=se,
        statistic=middle / se,
        p_value=two_sided(abs(middle / se)),
        p_low=p_low,
        p_high=p_high,
        estimate_consistent=bool(possible),
        p_consistent=p1 <= p_high and p_low <= p2,
        z_low=z_low,
        se_low=se_low,
        z_high=z_high,
        se_high=se_high,
    )
