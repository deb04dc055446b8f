"""Tests for small-study effects as weighted straight lines, tested at the slope.

Weights and points are exact but for square roots and logarithms; sums are taken in 50 digits.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import mpmath
from scipy import stats

from . import line_tau2
from .effects import Effect, included
from .exact import root
from .small_study import SCORES
from .two_by_two import Counts, Table, table

DIGITS = 50
#: Spread of x about its mean, relative to its size, below which the line is undefined.
LEAST_SPREAD = 1e-13
#: Residuals, relative to the size of y, that are roundings of the 120 bits of a root.
LEAST_RESIDUAL = 1e-30
Points = Sequence[tuple[Fraction, Fraction, Fraction]]


@dataclass(frozen=True)
class LineTest:
    """``bias`` is the coefficient of the tested term, ``other`` of the other one. ``sigma2`` is the
    multiplicative dispersion (1 if not estimated), ``tau2`` the additive one. ``points`` are those
    of the line, (x, y, weight): tolerances are derived from them."""

    k: int
    status: str
    bias: float = math.nan
    se: float = math.nan
    statistic: float = math.nan
    df: float = math.nan
    p_value: float = math.nan
    other: float = math.nan
    se_other: float = math.nan
    sigma2: float = math.nan
    tau2: float = 0.0
    points: Points = ()


@dataclass(frozen=True)
class Line:
    """y = intercept + slope x with the unscaled variances of both; ``rss`` is weighted."""

    slope: mpmath.mpf
    intercept: mpmath.mpf
    slope_variance: mpmath.mpf
    intercept_variance: mpmath.mpf
    rss: mpmath.mpf
    is_perfect: bool


def digits(number: Fraction) -> mpmath.mpf:
    return mpmath.mpf(number.numerator) / number.denominator


def weighted_line(points: Points) -> Line | None:
    """Weighted least squares (every textbook) of (x, y, weight); None if x does not differ."""
    x, y, w = ([digits(Fraction(part)) for part in parts] for parts in zip(*points, strict=True))
    total = mpmath.fsum(w)
    mean_x, mean_y = mpmath.fdot(w, x) / total, mpmath.fdot(w, y) / total
    dx, dy = [a - mean_x for a in x], [b - mean_y for b in y]
    wdx = [a * b for a, b in zip(w, dx, strict=True)]
    sxx = mpmath.fdot(wdx, dx)
    if sxx <= LEAST_SPREAD**2 * mpmath.fdot(w, [a**2 for a in x]):
        return None
    slope = mpmath.fdot(wdx, dy) / sxx
    rss = mpmath.fdot(w, [(b - slope * a) ** 2 for a, b in zip(dx, dy, strict=True)])
    return Line(
        slope=slope,
        intercept=mean_y - slope * mean_x,
        slope_variance=1 / sxx,
        intercept_variance=1 / total + mean_x**2 / sxx,
        rss=rss,
        is_perfect=rss <= LEAST_RESIDUAL**2 * mpmath.fdot(w, [b**2 for b in y]),
    )


def line_test(
    points: Points, at: str = "slope", tau2: float | None = None, normal: bool = False
) -> LineTest:
    """Test of the slope or the intercept. Without ``tau2``: multiplicative dispersion rss/(k - 2)
    and t with k - 2 df. With it the weights are the inverse variances, z or t with k - 2 df."""
    k = len(points)
    if k < 3:
        return LineTest(k, "TOO_FEW_STUDIES", df=max(0, k - 2))
    with mpmath.workdps(DIGITS):
        line = weighted_line(points)
        if line is None:
            return LineTest(k, "ZERO_SPREAD", df=k - 2)
        both = [
            (line.slope, line.slope_variance),
            (line.intercept, line.intercept_variance),
        ]
        (bias, bias_variance), (other, other_variance) = both if at == "slope" else both[::-1]
        perfect = tau2 is None and line.is_perfect
        sigma2 = (mpmath.mpf(0) if perfect else line.rss / (k - 2)) if tau2 is None else 1
        se = mpmath.sqrt(sigma2 * bias_variance)
        fit = {
            "bias": float(bias),
            "se": float(se),
            "other": float(other),
            "se_other": float(mpmath.sqrt(sigma2 * other_variance)),
            "sigma2": float(sigma2),
            "tau2": tau2 or 0.0,
            "points": points,
        }
        if perfect:
            return LineTest(k, "PERFECT_LINE", df=k - 2, **fit)
        statistic = float(bias / se)
    df = math.inf if normal else k - 2
    p_value = 2 * float(stats.norm.sf(abs(statistic))) if normal else two_sided_t(statistic, k - 2)
    return LineTest(k, "OK", statistic=statistic, df=df, p_value=p_value, **fit)


def two_sided_t(t: float, df: int) -> float:
    """P of t. SciPy loses digits near 0, where df/(df + t^2) rounds to nearly 1."""
    if abs(t) >= 0.1:
        return 2 * float(stats.t.sf(abs(t), df))
    with mpmath.workdps(DIGITS):
        x = df / (df + mpmath.mpf(t) ** 2)
        return float(mpmath.betainc(mpmath.mpf(df) / 2, 0.5, 0, x, regularized=True))


def of_effects(x: Callable[[Effect], Fraction], effects: Sequence[Effect]) -> Points:
    """Points (x, y, 1/v) of the studies that have an effect."""
    return [(x(e), e.y, 1 / e.v) for e in included(effects)]


def standard_error(effect: Effect) -> Fraction:
    return root(effect.v)


def egger(effects: Sequence[Effect]) -> LineTest:
    """y on its standard error (Egger et al. 1997): the weighted form of their radial line."""
    return line_test(of_effects(standard_error, effects))


def thompson_sharp(effects: Sequence[Effect], method: str, normal: bool) -> LineTest:
    """y on its standard error, weights 1/(v + tau2), tau2 of the residuals about the line by DL,
    REML, or 0, "IV" (Thompson & Sharp 1999); z, or t with k - 2 df."""
    line = egger(effects)
    if line.status in ("TOO_FEW_STUDIES", "ZERO_SPREAD"):
        return line
    used = included(effects)
    x, y, v = zip(*((float(standard_error(e)), float(e.y), float(e.v)) for e in used), strict=True)
    tau2 = line_tau2.tau2(x, y, v, method)
    points = [(standard_error(e), e.y, 1 / (e.v + Fraction(tau2))) for e in used]
    return line_test(points, tau2=tau2, normal=normal)


def pet(effects: Sequence[Effect]) -> LineTest:
    """Precision-effect test (Stanley & Doucouliagos 2014): Egger's line, tested at the intercept,
    which is the effect that a study without error would have."""
    return line_test(of_effects(standard_error, effects), at="intercept")


def peese(effects: Sequence[Effect]) -> LineTest:
    """Precision-effect estimate with standard error (Stanley & Doucouliagos 2014): y on its
    variance."""
    return line_test(of_effects(lambda effect: effect.v, effects), at="intercept")


def pet_peese(effects: Sequence[Effect], level: float = 0.05) -> tuple[str, LineTest]:
    """PEESE where PET finds an effect, else PET (Stanley & Doucouliagos 2014). PET finds one if its
    intercept has one-sided P below ``level`` in the direction of the inverse-variance mean."""
    first = pet(effects)
    if first.status != "OK":
        return "PET", first
    direction = 1 if sum(e.y / e.v for e in included(effects)) > 0 else -1
    found = stats.t.sf(direction * first.statistic, first.df) < level
    return ("PEESE", peese(effects)) if found else ("PET", first)


def pustejovsky_rodgers(arms: Sequence[tuple[float, float]], effects: Sequence[Effect]) -> LineTest:
    """y on sqrt(1/n1 + 1/n2), weights 1/v (Pustejovsky & Rodgers 2019; weights as R's meta)."""
    return line_test(
        [
            (root(1 / Fraction(n1) + 1 / Fraction(n2)), e.y, 1 / e.v)
            for (n1, n2), e in zip(arms, effects, strict=True)
            if e.included
        ]
    )


def of_tables(studies: Sequence[Counts], effects: Sequence[Effect]) -> list[tuple[Table, Effect]]:
    """Tables with their effects, where there is one."""
    pairs = zip(map(table, studies), effects, strict=True)
    return [(t, e) for t, e in pairs if t is not None and e.included]


def margins(t: Table) -> Fraction:
    """m1 m0 / N, about proportional to the inverse variance when the risks are the same."""
    return t.events * t.non_events / t.total


def peters(studies: Sequence[Counts], effects: Sequence[Effect]) -> LineTest:
    """y on 1/N, weights m1 m0 / N (Peters et al. 2006): none where nobody, or everybody, had an
    event."""
    used = of_tables(studies, effects)
    return line_test([(1 / t.total, e.y, margins(t)) for t, e in used if margins(t) > 0])


def macaskill(studies: Sequence[Counts], effects: Sequence[Effect], weights: str) -> LineTest:
    """y on N; weights "pooled", m1 m0 / N (Macaskill, Walter & Irwig 2001, FPV), or
    "inverse-variance", 1/v (FIV)."""
    weighed = [
        (t, e.y, margins(t) if weights == "pooled" else 1 / e.v)
        for t, e in of_tables(studies, effects)
    ]
    return line_test([(t.total, y, weight) for t, y, weight in weighed if weight > 0])


def deeks(studies: Sequence[Counts], effects: Sequence[Effect]) -> LineTest:
    """y on 1/sqrt(ESS), weights ESS = 4 n1 n2 / N (Deeks, Macaskill & Irwig 2005)."""
    sizes = [(4 * t.n1 * t.n2 / t.total, e) for t, e in of_tables(studies, effects)]
    return line_test([(1 / root(ess), e.y, ess) for ess, e in sizes if ess > 0])


def harbord(studies: Sequence[Counts], scored: str) -> LineTest:
    """Z/V on 1/sqrt(V), weights V (Harbord, Egger & Sterne 2006): the weighted form of their radial
    line. Studies with V = 0 drop out."""
    pairs = [SCORES[scored](t) for t in map(table, studies) if t is not None]
    return line_test([(1 / root(v), z / v, v) for z, v in pairs if v > 0])
