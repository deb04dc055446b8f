"""Heterogeneity about a weighted line in 50 digits, of points (x, y, v): what line_tau2.py has in
floats."""

from collections.abc import Sequence
from fractions import Fraction

import mpmath

from .small_study_lines import DIGITS, Line, digits, weighted_line

Points = Sequence[tuple[Fraction, Fraction, Fraction]]
Numbers = list[mpmath.mpf]


def at(points: Points, tau2: float) -> tuple[Line, Numbers, Numbers, Numbers]:
    """The line with weights a = 1/(v + tau2), these, the residuals r, and the variances h of the
    line at the points."""
    weighed = [(x, y, 1 / (v + Fraction(tau2))) for x, y, v in points]
    line = weighted_line(weighed)
    assert line is not None
    x, y, a = ([digits(part) for part in parts] for parts in zip(*weighed, strict=True))
    total, mean = mpmath.fsum(a), mpmath.fdot(a, x) / mpmath.fsum(a)
    r = [d - line.intercept - line.slope * b for b, d in zip(x, y, strict=True)]
    h = [1 / total + (b - mean) ** 2 * line.slope_variance for b in x]
    return line, a, r, h


def trace_p(a: Numbers, h: Numbers) -> mpmath.mpf:
    """Sum a (1 - a h)."""
    return mpmath.fsum(b * (1 - b * c) for b, c in zip(a, h, strict=True))


def moments(points: Points) -> tuple[float, float, float]:
    """max(0, (Q - (k - 2)) / tr P) with a = 1/v (DerSimonian & Laird 1986, for a line), Q and
    tr P."""
    with mpmath.workdps(DIGITS):
        line, a, _, h = at(points, 0.0)
        trace = trace_p(a, h)
        tau2 = max(mpmath.mpf(0), (line.rss - (len(points) - 2)) / trace)
        return float(tau2), float(line.rss), float(trace)


def restricted_slopes(points: Points, tau2: float) -> tuple[float, float]:
    """y'PPy and tr P, whose difference is twice the slope of the restricted log-likelihood at tau2
    (Viechtbauer 2005)."""
    with mpmath.workdps(DIGITS):
        _, a, r, h = at(points, tau2)
        up = mpmath.fsum((b * c) ** 2 for b, c in zip(a, r, strict=True))
        return float(up), float(trace_p(a, h))


def restricted_log_likelihood(points: Points, tau2: float) -> mpmath.mpf:
    """Of tau2, up to a constant: ln det(X'WX) = ln(sum a Sxx) (Viechtbauer 2005)."""
    with mpmath.workdps(DIGITS):
        line, a, _, _ = at(points, tau2)
        logs = mpmath.fsum(map(mpmath.log, a)) - mpmath.log(mpmath.fsum(a) / line.slope_variance)
        return (logs - line.rss) / 2
