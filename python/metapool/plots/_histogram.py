"""A distribution as bars: of ranges, and of single values that occur often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from metapool._types import FloatArray, IntArray

#: With no more distinct values than that, each has a bar.
_FEW_VALUES = 200
#: A value that takes that share of the resamples has a bar in any case.
_OFTEN = 0.02
_FEWEST_BINS, _MOST_BINS = 10, 80
#: The body of the values lies between the quantiles of the first of these shares, and of its
#: complement, that differ. The axis reaches so many of its widths beyond it, for values and marks.
_TAILS = (0.05, 0.001, 0.0)
_FARTHER, _FARTHER_OF_MARKS = 1.0, 1.5
_MARGIN = 0.04  # beyond everything, of the width
_ROUNDING = 1e-9  # limits no farther apart, of their size, are one
_CELLS = 400  # single values that share a cell of the axis share a bar
_LARGEST_LOG = 600.0  # exp of it is a float


@dataclass(frozen=True)
class Histogram:
    """Limits of the axis and bars on the natural scale; shares in percent.

    `gap` is the least distance between two single values, as a share of the axis.
    """

    low: float
    high: float
    edges: FloatArray
    shares: FloatArray
    values: FloatArray
    value_shares: FloatArray
    gap: float
    n_beyond: int


def histogram(distribution: FloatArray, marks: FloatArray, *, is_ratio: bool) -> Histogram:
    """Bars of a distribution, logs if `is_ratio`, on an axis that shows the `marks` too, which are
    on the natural scale."""
    natural = np.exp if is_ratio else np.asarray
    with np.errstate(divide="ignore", invalid="ignore"):
        places = np.log(marks) if is_ratio else marks
    defined = distribution[~np.isnan(distribution)]
    finite = defined[np.isfinite(defined)]
    percent = 100 / max(len(defined), 1)
    values, counts = np.unique(finite, return_counts=True)
    alone = np.full(len(values), True)
    body, shown = finite, places[np.isfinite(places)]
    if len(values) > _FEW_VALUES:
        alone = counts >= _OFTEN * len(defined)
        body = np.repeat(values[~alone], counts[~alone])
        shown = np.concatenate([shown, values[alone]])
    low, high = _limits(body, shown, is_ratio)
    inside = (values >= low) & (values <= high)
    n_beyond = len(defined) - int(counts[inside].sum())
    values, counts, alone = values[inside], counts[inside], alone[inside]
    rest = np.repeat(values[~alone], counts[~alone])
    n_bins = int(np.clip(2 * len(rest) ** (1 / 3), _FEWEST_BINS, _MOST_BINS))
    heights, edges = np.histogram(rest, n_bins if len(rest) else 1)
    if not len(rest):
        heights, edges = heights[:0], edges[:1]
    values, counts = _merged(values[alone], counts[alone], (high - low) / _CELLS)
    gap = np.diff(values).min(initial=high - low) / (high - low)
    ends = natural(np.array([low, high])).tolist()
    return Histogram(
        low=ends[0],
        high=ends[1],
        edges=natural(edges),
        shares=np.asarray(heights * percent, np.float64),
        values=natural(values),
        value_shares=np.asarray(counts * percent, np.float64),
        gap=float(gap),
        n_beyond=n_beyond,
    )


def _limits(values: FloatArray, marks: FloatArray, is_ratio: bool) -> tuple[float, float]:
    within = marks
    if values.size:
        cores = (np.quantile(values, [tail, 1 - tail]) for tail in _TAILS)
        core = next((core for core in cores if core[1] > core[0]), values[[0, 0]])
        slack = (core[1] - core[0]) * np.array([-1, 1])
        if slack.any():
            marks = np.clip(marks, *(core + _FARTHER_OF_MARKS * slack))
        ends = np.clip([values.min(), values.max()], *(core + _FARTHER * slack))
        within = np.concatenate([marks, ends])
    if is_ratio:
        within = np.clip(within, -_LARGEST_LOG, _LARGEST_LOG)
    low, high = within.min(initial=np.inf), within.max(initial=-np.inf)
    if not within.size:
        low, high = 0.0, 0.0
    apart = high - low > _ROUNDING * max(abs(low), abs(high), float(is_ratio))
    margin = _MARGIN * (high - low) if apart else 0.1 * max(abs(low), 1.0)
    return float(low - margin), float(high + margin)


def _merged(values: FloatArray, counts: IntArray, cell: float) -> tuple[FloatArray, IntArray]:
    """Values that are in one cell as the first of them."""
    starts = np.flatnonzero(np.diff(np.floor(values / cell), prepend=-np.inf))
    return values[starts], np.add.reduceat(counts, starts) if len(starts) else counts
