"""Regression tests for small-study effects, as the radial line of y on x with free intercept."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from scipy import stats

from .effects import Effect, included
from .exact import root
from .two_by_two import Counts, Table, score, table

#: Spread of x about its mean, relative to its size, below which the line is undefined.
LEAST_SPREAD = Fraction(1, 10**13)


@dataclass(frozen=True)
class SmallStudyTest:
    """``xs``, ``ys`` are the points of the line, ``x_sizes``, ``y_sizes`` the magnitudes that
    floating point rounds on the way to them: tolerances are derived from them."""

    k: int
    status: str
    bias: float = math.nan
    se: float = math.nan
    statistic: float = math.nan
    df: int = 0
    p_value: float = math.nan
    slope: float = math.nan
    slope_se: float = math.nan
    dispersion: float = math.nan
    xs: tuple[Fraction, ...] = ()
    ys: tuple[Fraction, ...] = ()
    x_sizes: tuple[float, ...] = ()
    y_sizes: tuple[float, ...] = ()


def line_test(
    xs: Sequence[Fraction],
    ys: Sequence[Fraction],
    x_sizes: Sequence[float],
    y_sizes: Sequence[float],
) -> SmallStudyTest:
    """Ordinary least squares of y on x; t test of the intercept with k - 2 df."""
    k = len(xs)
    if k < 3:
        return SmallStudyTest(k, "TOO_FEW_STUDIES")
    mean_x, mean_y = sum(xs) / k, sum(ys) / k
    sxx = sum((x - mean_x) ** 2 for x in xs)
    if sxx <= LEAST_SPREAD**2 * sum(x**2 for x in xs):
        return SmallStudyTest(k, "ZERO_SPREAD")
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / sxx
    bias = mean_y - slope * mean_x
    rss = sum((y - bias - slope * x) ** 2 for x, y in zip(xs, ys, strict=True))
    points = {
        "xs": tuple(xs),
        "ys": tuple(ys),
        "x_sizes": tuple(x_sizes),
        "y_sizes": tuple(y_sizes),
    }
    fit = {"bias": float(bias), "slope": float(slope), "df": k - 2, **points}
    if rss == 0:
        return SmallStudyTest(k, "PERFECT_LINE", se=0.0, slope_se=0.0, dispersion=0.0, **fit)
    dispersion = rss / (k - 2)
    se = root(dispersion * (Fraction(1, k) + mean_x**2 / sxx))
    t = float(bias / se)
    return SmallStudyTest(
        k,
        "OK",
        se=float(se),
        statistic=t,
        p_value=2 * float(stats.t.sf(abs(t), k - 2)),
        slope_se=float(root(dispersion / sxx)),
        dispersion=float(dispersion),
        **fit,
    )


def egger(effects: Sequence[Effect]) -> SmallStudyTest:
    """y/se on 1/se (Egger et al. 1997)."""
    used = included(effects)
    xs = [1 / root(e.v) for e in used]
    ys = [e.y * x for e, x in zip(used, xs, strict=True)]
    x_sizes = [float(x) * e.v_size / float(e.v) for e, x in zip(used, xs, strict=True)]
    y_sizes = [float(x) * e.size for e, x in zip(used, xs, strict=True)]
    return line_test(xs, ys, x_sizes, y_sizes)


def rr_score(t: Table) -> tuple[Fraction, Fraction]:
    """Score and information of the log risk ratio (Harbord, Harris & Sterne 2009)."""
    if t.non_events == 0:
        return Fraction(0), Fraction(0)
    z = (t.a * t.total - t.events * t.n1) / t.non_events
    return z, t.n1 * t.n2 * t.events / (t.total * t.non_events)


def or_score_of_cochran(t: Table) -> tuple[Fraction, Fraction]:
    """The score of the log odds ratio with N in place of N - 1 in its variance (Cochran 1954)."""
    return score(t)[0], t.n1 * t.n2 * t.events * t.non_events / t.total**3


def rr_score_of_meta(t: Table) -> tuple[Fraction, Fraction]:
    """R's meta 8.4-0: V = (N/4)(m1/m0), right for n1 = n2 alone."""
    z, v = rr_score(t)
    return z, t.total * t.events / (4 * t.non_events) if v > 0 else v


SCORES = {
    "or": score,
    "or-cochran": or_score_of_cochran,
    "rr": rr_score,
    "rr-meta": rr_score_of_meta,
}


def score_size(t: Table, scored: str) -> Fraction:
    """The terms of the score, which is their difference: (ad - bc)/N, (a n2 - c n1)/m0."""
    if scored.startswith("or"):
        return (t.a * t.d + t.b * t.c) / t.total
    return (t.a * t.n2 + t.c * t.n1) / t.non_events


def harbord(studies: Sequence[Counts], scored: str) -> SmallStudyTest:
    """Z/sqrt(V) on sqrt(V) of the raw counts (Harbord, Egger & Sterne 2006)."""
    of = SCORES[scored]
    tables = [t for t in map(table, studies) if t is not None]
    used = [t for t in tables if of(t)[1] > 0]
    xs = [root(of(t)[1]) for t in used]
    ys = [of(t)[0] / x for t, x in zip(used, xs, strict=True)]
    y_sizes = [float(score_size(t, scored) / x) for t, x in zip(used, xs, strict=True)]
    return line_test(xs, ys, [float(x) for x in xs], y_sizes)
