"""An axis of effects on the natural scale: its limits and its round ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from metapool.plots._text import Ruler

if TYPE_CHECKING:
    from metapool._types import FloatArray

#: exp of it is a float.
LARGEST_LOG = 600.0
_RATIO_LIMITS = (1.25, 1.5, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)
_STEPS = (1, 2, 5, 10)
#: First digits of the ticks of a logarithmic axis, and how many decades lie between.
_LADDERS = (((1, 2, 5), 1), *(((1,), decades) for decades in (1, 2, 3, 5, 10, 20, 50, 100)))
_MOST_RATIO_TICKS = 9
_FEWEST_TICKS = 3
_MOST_INTERVALS = 6
_HAIR = 1e-6
_GAP = 0.06  # between labels of ticks, in inches
#: Of a narrow axis: how far intervals widen it, in widths of what it has to show.
_FARTHER = 1.5
_MARGIN, _ROUNDING = 0.04, 1e-9


@dataclass(frozen=True)
class EffectAxis:
    """Logarithmic for ratios, linear for the rest."""

    low: float
    high: float
    is_ratio: bool

    @property
    def null(self) -> float:
        """No effect."""
        return 1.0 if self.is_ratio else 0.0

    @property
    def shows_null(self) -> bool:
        """Whether no effect lies inside the limits."""
        return self.low < self.null < self.high

    def position(self, value: float) -> float:
        """Where a value lies, from 0 at the left end to 1 at the right end."""
        if self.is_ratio:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def side(self, value: float) -> int:
        """-1 or 1 if the value lies visibly beyond the left or the right end, otherwise 0."""
        if self.is_ratio:
            low, high = self.low * (1 - _HAIR), self.high * (1 + _HAIR)
        else:
            hair = _HAIR * (self.high - self.low)
            low, high = self.low - hair, self.high + hair
        return int(value > high) - int(value < low)

    @cached_property
    def ticks(self) -> list[float]:
        """Round values within the limits."""
        if self.is_ratio:
            for digits, decades in _LADDERS:
                values = self._inside(_ladder(self.low, self.high, digits, decades))
                if len(values) <= _MOST_RATIO_TICKS:
                    break
            if len(values) >= _FEWEST_TICKS:
                return values
        return self._inside(_round_values(self.low, self.high, _MOST_INTERVALS + 1))

    @property
    def tick_labels(self) -> list[str]:
        """The ticks as text, without superfluous digits."""
        return [f"{tick:g}".replace("-", "\N{MINUS SIGN}") for tick in self.ticks]

    def _inside(self, values: Iterable[float]) -> list[float]:
        if self.is_ratio:
            low, high = self.low * (1 - 1e-9), self.high * (1 + 1e-9)
        else:
            slack = 1e-9 * (abs(self.low) + abs(self.high))
            low, high = self.low - slack, self.high + slack
        return [float(v) + 0.0 for v in values if low <= v <= high]


def ticks_apart(axis: EffectAxis, width: float, size: float) -> dict[float, str]:
    """Ticks of an axis of that width in inches whose labels do not touch: all, every other one, ...

    `size` is that of the letters.
    """
    ruler = Ruler()
    labels = dict(zip(axis.ticks, axis.tick_labels, strict=True))
    while len(labels) > 1:
        ends = [
            (axis.position(tick) * width, ruler.width(label, size=size) / 2)
            for tick, label in labels.items()
        ]
        if all(a + half + _GAP <= b - other for (a, half), (b, other) in pairwise(ends)):
            break
        labels = {tick: labels[tick] for tick in list(labels)[::2]}
    return labels


def fitting_axis(
    totals: FloatArray,
    estimates: FloatArray,
    intervals: FloatArray,
    weights: FloatArray,
    is_ratio: bool,
) -> EffectAxis:
    """An axis with round limits at equal distances from no effect (ratios: 1/1000 to 1000 at most).

    It shows every total, the estimates of the studies that hold 99.5 % of the weight, and the
    intervals (one row each) of those that hold 95 %.
    """
    reach = max(
        float(_distances(totals, is_ratio).max(initial=0.0)),
        _reach(_distances(estimates, is_ratio), weights, 0.005),
        _reach(_distances(intervals, is_ratio).max(axis=1, initial=0.0), weights, 0.05),
    )
    if is_ratio:
        rounded = (r for r in _RATIO_LIMITS if math.log(r) >= reach - 1e-9)
        high = next(rounded, _RATIO_LIMITS[-1])
        return EffectAxis(1 / high, float(high), is_ratio)
    reach = reach or 1.0
    high = float(_round_values(-reach, reach, _MOST_INTERVALS)[-1])
    return EffectAxis(-high, high, is_ratio)


def near_axis(
    total: FloatArray, estimates: FloatArray, intervals: FloatArray, is_ratio: bool
) -> EffectAxis:
    """An axis as narrow as the interval of the total and the estimates allow.

    It shows all of these, no effect unless most of the axis were empty then, and of the intervals
    (one row each) what does not reach far beyond; of 20 or more, 5 % may be cut in any case.
    """
    total, estimates, intervals = (_scaled(x, is_ratio) for x in (total, estimates, intervals))
    body = np.concatenate([estimates, total])
    body = body[np.isfinite(body)]
    if not body.size:
        return EffectAxis(0.5, 2.0, is_ratio) if is_ratio else EffectAxis(-1.0, 1.0, is_ratio)
    low, high = float(body.min()), float(body.max())
    slack = _FARTHER * max(high - low, float(np.ptp(total)) if np.isfinite(total).all() else 0.0)
    ends = intervals[np.isfinite(intervals).all(axis=1)]
    if ends.size:
        lowest = np.quantile(ends[:, 0], 0.05, method="lower")
        highest = np.quantile(ends[:, 1], 0.95, method="higher")
        low, high = min(low, max(lowest, low - slack)), max(high, min(highest, high + slack))
    width = high - low
    if low <= width:
        low = min(low, 0.0)
    if high >= -width:
        high = max(high, 0.0)
    low, high = widened(low, high)
    if is_ratio:
        low, high = (math.exp(min(max(end, -LARGEST_LOG), LARGEST_LOG)) for end in (low, high))
    return EffectAxis(low, high, is_ratio)


def widened(low: float, high: float) -> tuple[float, float]:
    """Limits with a margin; those that are one, but for rounding, 1 to either side."""
    apart = high - low > _ROUNDING * max(abs(low), abs(high))
    margin = _MARGIN * (high - low) if apart else 1.0
    return low - margin, high + margin


def _reach(distances: FloatArray, weights: FloatArray, lost: float) -> float:
    """The least distance beyond which lies no more than the share `lost` of the weight."""
    inwards = np.argsort(-distances)
    shown = np.cumsum(weights[inwards]) > lost * weights.sum()
    return float(distances[inwards][shown].max(initial=0.0))


def _scaled(values: FloatArray, is_ratio: bool) -> FloatArray:
    """Values on the scale of the axis, where no effect is 0."""
    with np.errstate(divide="ignore"):
        return np.log(values) if is_ratio else values


def _distances(values: FloatArray, is_ratio: bool) -> FloatArray:
    """Distances from no effect on the scale of the axis; 0 for what no axis can show."""
    scaled = np.abs(_scaled(values, is_ratio))
    return np.where(np.isfinite(scaled), scaled, 0.0)


def _round_values(low: float, high: float, intervals: int) -> FloatArray:
    """Evenly spaced round values from at most `low` to at least `high`."""
    locator = MaxNLocator(nbins=intervals, steps=_STEPS)
    return np.asarray(locator.tick_values(low, high), dtype=np.float64)


def _ladder(low: float, high: float, digits: Sequence[int], decades: int) -> list[float]:
    first = math.floor(math.log10(low) / decades) * decades
    exponents = range(first, math.ceil(math.log10(high)) + 1, decades)
    return [float(f"{digit}e{exponent}") for exponent in exponents for digit in digits]
