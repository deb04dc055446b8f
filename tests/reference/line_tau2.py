"""The variance between studies about a weighted straight line (Thompson & Sharp 1999)."""

import math
from dataclasses import dataclass

from .direct_pooling import Floats, dot, highest, weights


@dataclass(frozen=True)
class Normal:
    """Weighted least squares of a line with inverse variances as weights: what the restricted
    likelihood and the moment estimator are made of. ``mean``: of x; ``sxx``: about it."""

    w: list[float]
    mean: float
    sxx: float
    residuals: list[float]

    def leverage(self, x: float) -> float:
        """Variance of the line at x."""
        return 1 / math.fsum(self.w) + (x - self.mean) ** 2 / self.sxx


def line(x: Floats, y: Floats, v: Floats, tau2: float) -> Normal:
    w = weights(v, tau2)
    total = math.fsum(w)
    mean_x, mean_y = dot(w, x) / total, dot(w, y) / total
    sxx = math.fsum(a * (b - mean_x) ** 2 for a, b in zip(w, x, strict=True))
    sxy = math.fsum(a * (b - mean_x) * (c - mean_y) for a, b, c in zip(w, x, y, strict=True))
    slope = sxy / sxx
    residuals = [c - mean_y - slope * (b - mean_x) for b, c in zip(x, y, strict=True)]
    return Normal(w, mean_x, sxx, residuals)


def trace_p(fit: Normal, x: Floats) -> float:
    """tr P = sum w (1 - w h), h the variance of the line at x."""
    return math.fsum(a * (1 - a * fit.leverage(b)) for a, b in zip(fit.w, x, strict=True))


def tau2_dl(x: Floats, y: Floats, v: Floats) -> float:
    """max(0, (Q - (k - 2)) / tr P), weights 1/v (DerSimonian & Laird 1986, for a line)."""
    fit = line(x, y, v, 0.0)
    q = dot(fit.w, [r**2 for r in fit.residuals])
    return max(0.0, (q - (len(x) - 2)) / trace_p(fit, x))


def restricted_slope(x: Floats, y: Floats, v: Floats, tau2: float) -> float:
    """Twice the slope of the restricted log-likelihood: y'PPy - tr P (Viechtbauer 2005)."""
    fit = line(x, y, v, tau2)
    return math.fsum((a * r) ** 2 for a, r in zip(fit.w, fit.residuals, strict=True)) - trace_p(
        fit, x
    )


def restricted_log_likelihood(x: Floats, y: Floats, v: Floats, tau2: float) -> float:
    """Of tau2, up to a constant: ln det(X'WX) = ln(sum w sxx) (Viechtbauer 2005)."""
    fit = line(x, y, v, tau2)
    terms = math.fsum(math.log(a) - a * r**2 for a, r in zip(fit.w, fit.residuals, strict=True))
    return (terms - math.log(math.fsum(fit.w) * fit.sxx)) / 2


def tau2_reml(x: Floats, y: Floats, v: Floats) -> float:
    """The tau2 >= 0 of greatest restricted likelihood (Viechtbauer 2005)."""
    return highest(
        lambda tau2: restricted_slope(x, y, v, tau2),
        lambda tau2: restricted_log_likelihood(x, y, v, tau2),
        (max(y) - min(y)) ** 2 + max(v),
    )


def tau2(x: Floats, y: Floats, v: Floats, method: str) -> float:
    """By DL, REML, or 0 ("IV")."""
    if method == "IV":
        return 0.0
    return {"DL": tau2_dl, "REML": tau2_reml}[method](x, y, v)
