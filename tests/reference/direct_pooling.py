"""Inverse-variance means in plain floats, each sum correctly rounded: quick enough to be refitted
thousands of times, where heterogeneity.py is exact and slow."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scipy import optimize, special

Floats = Sequence[float]

#: Where the slope of the restricted likelihood is looked at, in units of the greatest tau2.
GRID = (0.0, *(2.0**-i for i in range(24, 0, -2)), 0.5, 1.0)


@dataclass(frozen=True)
class Fit:
    """One pooled effect."""

    k: int
    estimate: float
    se: float
    statistic: float
    p_value: float
    tau2: float
    q: float
    q_p: float
    i2: float
    h2: float
    weights: tuple[float, ...]


def dot(a: Floats, b: Floats) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def weights(v: Floats, tau2: float) -> list[float]:
    return [1 / (x + tau2) for x in v]


def weighted_mean(y: Floats, w: Floats) -> float:
    return dot(w, y) / math.fsum(w)


def trace_p(w: Floats) -> float:
    """tr P = sum w - sum w^2 / sum w."""
    return math.fsum(w) - dot(w, w) / math.fsum(w)


def cochran_q(y: Floats, v: Floats) -> float:
    """Sum w (y - mean)^2, w = 1/v (Cochran 1954)."""
    w = weights(v, 0.0)
    mean = weighted_mean(y, w)
    return math.fsum(a * (x - mean) ** 2 for a, x in zip(w, y, strict=True))


def tau2_dl(y: Floats, v: Floats) -> float:
    """max(0, (Q - (k - 1)) / C) (DerSimonian & Laird 1986)."""
    if len(y) < 2:
        return 0.0
    return max(0.0, (cochran_q(y, v) - (len(y) - 1)) / trace_p(weights(v, 0.0)))


def restricted_log_likelihood(y: Floats, v: Floats, tau2: float) -> float:
    """Of tau2, up to a constant (Viechtbauer 2005)."""
    w = weights(v, tau2)
    mean = weighted_mean(y, w)
    terms = math.fsum(math.log(a) - a * (x - mean) ** 2 for a, x in zip(w, y, strict=True))
    return (terms - math.log(math.fsum(w))) / 2


def restricted_slope(y: Floats, v: Floats, tau2: float) -> float:
    """Twice the slope of the restricted log-likelihood: y'PPy - tr P (Viechtbauer 2005)."""
    w = weights(v, tau2)
    mean = weighted_mean(y, w)
    return math.fsum((a * (x - mean)) ** 2 for a, x in zip(w, y, strict=True)) - trace_p(w)


def tau2_reml(y: Floats, v: Floats) -> float:
    """The tau2 >= 0 of greatest restricted likelihood (Viechtbauer 2005)."""
    if len(y) < 2 or max(y) == min(y):
        return 0.0
    return highest(
        lambda tau2: restricted_slope(y, v, tau2),
        lambda tau2: restricted_log_likelihood(y, v, tau2),
        (max(y) - min(y)) ** 2,
    )


def highest(
    slope: Callable[[float], float], value: Callable[[float], float], beyond: float
) -> float:
    """Where a function on [0, inf) is greatest: at 0, or at the highest of its summits, each found
    by Brent's method between two points of a grid that it rises from and falls to."""
    while slope(beyond) > 0:
        beyond *= 2
    grid = [share * beyond for share in GRID]
    slopes = [slope(x) for x in grid]
    tops = [0.0] if slopes[0] <= 0 else []
    for (low, rise), (high, fall) in itertools.pairwise(zip(grid, slopes, strict=True)):
        if rise > 0 >= fall:
            tops.append(optimize.brentq(slope, low, high, xtol=1e-300, rtol=1e-15))
    return tops[0] if len(tops) == 1 else max(tops, key=value)


def tau2_reml_scored(y: Floats, v: Floats, change: float = 1e-5) -> float:
    """REML as metafor stops by default: Fisher scoring from Hedges' estimate, steps halved at 0,
    until one is no longer than ``change``; 0 instead where that is likelier (Viechtbauer 2005)."""
    k = len(y)
    if k < 2:
        return 0.0
    middle = math.fsum(y) / k
    hedges = math.fsum((x - middle) ** 2 for x in y) / (k - 1) - math.fsum(v) / k
    tau2 = max(0.0, hedges)
    for _ in range(100):
        w = weights(v, tau2)
        squares = dot(w, w)
        trace_pp = squares - 2 * math.fsum(a**3 for a in w) / math.fsum(w)
        trace_pp += (squares / math.fsum(w)) ** 2
        step = restricted_slope(y, v, tau2) / trace_pp
        while tau2 + step < 0:
            step /= 2
        tau2 += step
        if abs(step) <= change:
            break
    else:
        raise ArithmeticError("Fisher scoring did not converge")
    at_0, here = (restricted_log_likelihood(y, v, t) for t in (0.0, tau2))
    return 0.0 if tau2 > change and at_0 >= here else tau2


def tau2_by(y: Floats, v: Floats, method: str) -> float:
    return {
        "IV": lambda y, v: 0.0,
        "DL": tau2_dl,
        "REML": tau2_reml,
        "REML_SCORED": tau2_reml_scored,
    }[method](y, v)


def i2_and_h2(v: Floats, q: float, tau2: float, method: str) -> tuple[float, float]:
    """From Q for a common effect, from tau2 and the typical variance (k - 1)/C for random effects
    (Higgins & Thompson 2002); I2 in per cent. 0 and 1 for one study."""
    k = len(v)
    if k == 1:
        return 0.0, 1.0
    if method == "IV":
        return (100 * max(0.0, (q - (k - 1)) / q) if q > 0 else 0.0), q / (k - 1)
    typical = (k - 1) / trace_p(weights(v, 0.0))
    return 100 * tau2 / (tau2 + typical), tau2 / typical + 1


def fit(y: Floats, v: Floats, method: str) -> Fit:
    """sum wy / sum w with w = 1/(v + tau2), SE 1 / sqrt(sum w), z test (every textbook)."""
    tau2 = tau2_by(y, v, method)
    w = weights(v, tau2)
    estimate, se = weighted_mean(y, w), 1 / math.sqrt(math.fsum(w))
    q, df = cochran_q(y, v), len(y) - 1
    i2, h2 = i2_and_h2(v, q, tau2, method)
    return Fit(
        k=len(y),
        estimate=estimate,
        se=se,
        statistic=estimate / se,
        p_value=2 * float(special.ndtr(-abs(estimate / se))),
        tau2=tau2,
        q=q,
        q_p=float(special.chdtrc(df, q)) if df > 0 else 1.0,
        i2=i2,
        h2=h2,
        weights=tuple(100 * a / math.fsum(w) for a in w),
    )
