"""How far estimates of tau2, and limits of its intervals, may be from the oracle's.

As in tolerances.py: roundings of the data's own arithmetic, carried to first order.
"""

from typing import Any

from tolerances import EPS, ROUNDINGS


def rounding(used: list[Any], tau2: float) -> float:
    """What roundings of y, w and the sums may move an estimate by, to first order.

    The effects move by a unit of the largest, and with them every residual; a sum of squares over
    weights a = 1/(v + tau2) moves by 2 a |r| of that, and by units of itself; what is subtracted
    from it is no larger than k variances. Divided by the slope in tau2, which is at least that of
    the most spread out weights.
    """
    unit = (ROUNDINGS + len(used)) * EPS
    y, v = [float(e.y) for e in used], [float(e.v) for e in used]
    moved = unit * max(map(abs, y))
    spread = max(y) - min(y)
    largest = max(v) + tau2
    return 8 * len(used) * (spread * moved + moved**2 + unit * (spread**2 + largest))


def root_rounding(used: list[Any], tau2: float, target: float) -> float:
    """Of the tau2 at which Q is a target: the error of Q there, and 1e-12 of the target for the
    quantile that it is, over the slope of Q, sum (w r)^2."""
    unit = (ROUNDINGS + len(used)) * EPS
    w = [1 / (float(e.v) + tau2) for e in used]
    y = [float(e.y) for e in used]
    mean = sum(a * b for a, b in zip(w, y, strict=True)) / sum(w)
    residuals = [abs(b - mean) for b in y]
    moved = unit * max(map(abs, y))
    pairs = list(zip(w, residuals, strict=True))
    error = sum(a * (2 * r * moved + moved**2 + unit * r * r) for a, r in pairs) + 1e-12 * target
    return error / sum((a * r) ** 2 for a, r in pairs) + 8 * EPS * tau2


def likelihood_rounding(used: list[Any], *tau2: float) -> float:
    """Of twice the difference of the log-likelihoods at two tau2: roundings of its terms."""
    unit = (ROUNDINGS + len(used)) * EPS
    y = [float(e.y) for e in used]
    moved, spread = unit * max(map(abs, y)), max(y) - min(y)
    error = 0.0
    for at in tau2:
        for e in used:
            w = 1 / (float(e.v) + at)
            error += w * (2 * spread * moved + moved**2 + unit * spread**2) + 4 * unit
    return error
