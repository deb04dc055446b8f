"""What a study says: an effect and its variance, or the reason why it says nothing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from scipy import stats

from .exact import ln, root

MISSING = "missing"
NO_EVENTS = "no events in either arm"
ONLY_EVENTS = "all events in both arms"
ZERO_CELL = "zero cell without continuity correction"
ZERO_SD = "standard deviation of zero"
ZERO_VARIANCE = "zero variance"
TOO_FEW_PEOPLE = "fewer than three people"
NOT_A_RATIO = "ratio of means not positive"
NOT_FINITE = "effect or variance not finite"


@dataclass(frozen=True)
class Effect:
    """The effect ``y`` of a study on the analysis scale and its variance ``v``.

    ``size`` and ``v_size`` are the magnitudes that floating point rounds on the way to them: the
    terms of a difference, 1 + abs(y) for a logarithm. Tolerances are derived from them.
    """

    y: Fraction | None = None
    v: Fraction | None = None
    size: float = 0.0
    v_size: float = 0.0
    reason: str | None = None

    @property
    def included(self) -> bool:
        return self.reason is None


def excluded(reason: str) -> Effect:
    return Effect(reason=reason)


def checked(y: Fraction, v: Fraction, size: float, v_size: float | None = None) -> Effect:
    """An effect, unless it has no variance: such a study would have infinite weight.

    ``v_size`` is that of ``v`` itself unless told: a sum of positive terms, or a difference that
    can be written as one.
    """
    if v <= 0:
        return excluded(ZERO_VARIANCE)
    return Effect(y, v, size, float(v) if v_size is None else v_size)


def included(effects: Sequence[Effect]) -> list[Effect]:
    return [effect for effect in effects if effect.included]


def interval(effect: Effect, level: float) -> tuple[float, float]:
    """Wald interval of one study (every textbook)."""
    half = stats.norm.isf((1 - level) / 2) * float(root(effect.v))
    return float(effect.y) - half, float(effect.y) + half


def given(y: float, v: float) -> Effect:
    """An effect given with its variance."""
    if math.isnan(y) or math.isnan(v):
        return excluded(MISSING)
    return Effect(Fraction(y), Fraction(v), abs(y), v)


def given_interval(y: float, ci_low: float, ci_high: float, ci_level: float, log: bool) -> Effect:
    """An effect given with its interval: SE = (high - low) / 2z (Cochrane Handbook 6.3.2)."""
    if any(map(math.isnan, (y, ci_low, ci_high))):
        return excluded(MISSING)
    middle, low, high = map(Fraction, (y, ci_low, ci_high))
    size, v_rounded = abs(y), 1.0
    if log:
        middle, low, high = map(ln, (middle, low, high))
        size = 1 + abs(float(middle))
        v_rounded += (2 + abs(float(low)) + abs(float(high))) / float(high - low)
    v = ((high - low) / (2 * Fraction(stats.norm.isf((1 - ci_level) / 2)))) ** 2
    return checked(middle, v, size, 2 * float(v) * v_rounded)
