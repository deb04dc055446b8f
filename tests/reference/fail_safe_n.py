"""Fail-safe N: how many studies without an effect would undo the result."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from scipy import stats

from .effects import Effect, included
from .exact import root


@dataclass(frozen=True)
class FailSafe:
    """``n`` is the least whole number, at least 0, ``exact`` what was rounded up. ``p_value`` is of
    the observed studies, ``mean`` their mean effect."""

    n: float
    exact: float
    p_value: float = math.nan
    mean: float = math.nan
    target: float = math.nan


def whole(exact: float) -> float:
    return float(math.ceil(max(0.0, exact))) if math.isfinite(exact) else exact


def rosenthal(effects: Sequence[Effect], alpha: float = 0.05) -> FailSafe:
    """(sum z)^2 / z_alpha^2 - k, one-sided (Rosenthal 1979); P by Stouffer's sum."""
    z = [e.y / root(e.v) for e in included(effects)]
    total = abs(float(sum(z)))
    exact = (total / float(stats.norm.isf(alpha))) ** 2 - len(z)
    return FailSafe(whole(exact), exact, float(stats.norm.sf(total / math.sqrt(len(z)))))


def orwin(effects: Sequence[Effect], target: float | None = None) -> FailSafe:
    """k (|mean| - |target|) / |target|, of the unweighted mean (Orwin 1983); the target is half the
    mean unless told."""
    y = [e.y for e in included(effects)]
    mean = sum(y) / len(y)
    aim = mean / 2 if target is None else Fraction(target)
    if aim == 0:
        exact = math.nan if mean == 0 else math.inf
    else:
        exact = len(y) * (abs(mean) - abs(aim)) / abs(aim)
    n = whole(exact) if isinstance(exact, float) else float(math.ceil(max(Fraction(0), exact)))
    return FailSafe(n, float(exact), mean=float(mean), target=float(aim))


def rosenberg(effects: Sequence[Effect], alpha: float = 0.05) -> FailSafe:
    """k ((sum wy / z_{alpha/2})^2 - sum w) / sum w: studies of the mean weight (Rosenberg 2005,
    common effect), two-sided."""
    used = included(effects)
    total = float(sum(1 / e.v for e in used))
    weighed = float(sum(e.y / e.v for e in used))
    wanted = (weighed / float(stats.norm.isf(alpha / 2))) ** 2
    exact = len(used) * (wanted - total) / total
    p_value = 2 * float(stats.norm.sf(abs(weighed) / math.sqrt(total)))
    return FailSafe(whole(exact), exact, p_value, weighed / total)
