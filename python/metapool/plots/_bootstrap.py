"""The plot of a bootstrap distribution."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.markers import CARETLEFT, CARETRIGHT, CARETUPBASE
from matplotlib.ticker import MaxNLocator

from metapool import Bootstrap, InputError
from metapool.plots import _bootstrap_key as key
from metapool.plots import _wording
from metapool.plots._axis import EffectAxis, ticks_apart
from metapool.plots._frame import FAINT, INK, lay_out, new_axes, width_of
from metapool.plots._histogram import Histogram, histogram
from metapool.plots._text import FONT_SIZE, SMALL_FONT_SIZE, TITLE_SIZE, Ruler

_BAR = "#7f9fc6"
_SIZE = (6.4, 4.4)  # inches
_BOX = (0.10, 0.12, 0.87, 0.80)  # of the figure, for the axes
_FULL_WIDTH = 3.6  # inches; narrower axes have smaller letters
_SMALLEST = 0.65
_TOP = 0.86  # the bars end there, of the height that the key leaves
_LEVELS = (0.97, 0.91)  # the intervals lie there
_THICKEST = 9.0  # bars of single values, in points
_CUT = 3.0  # single values are cut that are so many times as frequent as any range
_AT_NO_EFFECT = ("estimate", "pi_low", "pi_high", "subgroup_difference", "harbord", "egger")


def bootstrap(
    result: Bootstrap[float], *, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw the distribution of a bootstrap with the estimate and the interval.

    Bars are percentages of the resamples that have the statistic. Where few values occur, as with
    up to five studies, and where one occurs often, as tau2 = 0 does, each has a bar of its own. A
    pooled effect has the Hartung-Knapp interval of random effects beside that of the bootstrap.
    The axis shows the body of the values; those that lie far out are counted in the key, and
    limits that do have an arrow.

    Parameters
    ----------
    result : Bootstrap
        Of one meta-analysis, with ``distribution=True``.
    ax : matplotlib.axes.Axes, optional
        Where to draw, all but title and labels within it; by default in a figure of its own.
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes
        Across is the natural scale: logarithmic for ratios.

    Examples
    --------
    >>> import metapool as mp
    >>> found = mp.bootstrap(mp.examples.bcg(), measure="RR", seed=1, distribution=True)
    >>> axes = mp.plots.bootstrap(found)
    >>> axes.figure.savefig("bootstrap.png", dpi=300)  # doctest: +SKIP
    """
    _check(result)
    axes = new_axes(_SIZE, _BOX) if ax is None else ax
    assert result.distribution is not None
    lay_out(axes)
    scale = min(max(width_of(axes) / _FULL_WIDTH, _SMALLEST), 1.0)
    intervals = key.intervals(result)
    marks = [x for i in intervals for x in (i.of.estimate, i.of.ci_low, i.of.ci_high)]
    bars = histogram(result.distribution, np.array(marks), is_ratio=result.is_ratio)
    axis = EffectAxis(bars.low, bars.high, result.is_ratio)
    _set_axes(axes, axis, result, scale)
    if title:
        axes.set_title(
            title, loc="left", fontsize=scale * TITLE_SIZE, fontweight="bold", parse_math=False
        )
    lay_out(axes)
    text = key.note(result, bars, _highest(bars))
    rest = key.add_key(axes, result, intervals, text, scale * SMALL_FONT_SIZE)
    if np.isnan(result.distribution).all():
        _say_that_there_is_nothing(axes, scale)
        return axes
    _set_height(axes, _highest(bars), _TOP * rest)
    _draw_bars(axes, bars)
    if result.statistic in _AT_NO_EFFECT and axis.shows_null:
        axes.axvline(axis.null, ymax=rest, color=FAINT, lw=0.8, zorder=1, gid="null")
    if math.isfinite(result.estimate):
        axes.axvline(
            result.display.estimate, ymax=rest, color=INK, lw=1.2, zorder=3, gid="estimate"
        )
    for shown, level in zip(intervals, _LEVELS, strict=False):
        _draw_interval(axes, axis, shown, level * rest)
    return axes


def _check(result: object) -> None:
    if not isinstance(result, Bootstrap):
        raise InputError(
            f"plots.bootstrap draws one result of metapool.bootstrap, not {type(result).__name__}"
        )
    if result.is_batch:
        raise InputError("plots.bootstrap is for one meta-analysis; this is a batch of them")
    if result.distribution is None:
        raise InputError("plots.bootstrap needs a bootstrap with distribution=True")


def _set_axes(axes: Axes, axis: EffectAxis, result: Bootstrap[float], scale: float) -> None:
    axes.set_xscale("log" if axis.is_ratio else "linear")
    axes.set_xlim(axis.low, axis.high)
    ticks = ticks_apart(axis, width_of(axes), scale * SMALL_FONT_SIZE)
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.minorticks_off()
    name = Ruler().wrap(_wording.statistic_name(result), width_of(axes), size=scale * FONT_SIZE)
    axes.set_xlabel(name, fontsize=scale * FONT_SIZE, parse_math=False)
    axes.set_ylabel("Resamples, %", fontsize=scale * FONT_SIZE)
    axes.tick_params(labelsize=scale * SMALL_FONT_SIZE)
    axes.spines[["top", "right"]].set_visible(False)


def _set_height(axes: Axes, top: float, share: float) -> None:
    """Bars that are `top` percent high end at that share of the height."""
    axes.set_ylim(0, top / share)
    ticks = np.asarray(MaxNLocator(4).tick_values(0, top))
    axes.set_yticks(ticks[ticks <= top])
    axes.spines["left"].set_bounds(0, top)


def _say_that_there_is_nothing(axes: Axes, scale: float) -> None:
    axes.set(xticks=[], yticks=[])
    axes.text(
        0.5, 0.4, "No resample has the statistic", ha="center", va="center",
        transform=axes.transAxes, fontsize=scale * FONT_SIZE, gid="nothing",
    )  # fmt: skip


def _draw_bars(axes: Axes, bars: Histogram) -> None:
    if bars.shares.size:
        axes.bar(
            bars.edges[:-1], bars.shares, np.diff(bars.edges), align="edge", color=_BAR,
            lw=0, zorder=2, gid="bars",
        )  # fmt: skip
    if bars.values.size:
        thickness = min(max(0.7 * bars.gap * 72 * width_of(axes), 2.0), _THICKEST)
        tops = np.minimum(bars.value_shares, _highest(bars))
        axes.vlines(bars.values, 0, tops, color=_BAR, lw=thickness, zorder=3.5, gid="values")
    top = _highest(bars)
    cut = bars.values[bars.value_shares > top]
    axes.plot(
        cut, np.full(len(cut), 0.99 * top), marker=CARETUPBASE, ms=8, color=_BAR, ls="none", mew=0,
        zorder=5, gid="cut",
    )  # fmt: skip


def _highest(bars: Histogram) -> float:
    """Where bars end at most, in percent."""
    highest = float(bars.value_shares.max(initial=0.0))
    if bars.shares.size:
        of_ranges = float(bars.shares.max())
        return min(max(highest, of_ranges), _CUT * of_ranges)
    return highest or 1.0


def _draw_interval(axes: Axes, axis: EffectAxis, shown: key.Shown, level: float) -> None:
    """A bar above the distribution, and down from it the limits of the bootstrap."""
    low, high = shown.of.ci_low, shown.of.ci_high
    if math.isnan(low) or math.isnan(high):
        return
    ends = np.clip([low, high], axis.low, axis.high)
    over = axes.get_xaxis_transform()
    axes.plot(
        ends, [level, level], color=shown.color, lw=2.5, solid_capstyle="butt", transform=over,
        zorder=4, gid=shown.gid,
    )  # fmt: skip
    for limit, end, caret in ((low, ends[0], CARETLEFT), (high, ends[1], CARETRIGHT)):
        if axis.side(limit):
            axes.plot(
                [end], [level], marker=caret, ms=6, color=shown.color, ls="none", mew=0,
                transform=over, clip_on=False, zorder=4, gid="arrow",
            )  # fmt: skip
        elif shown.gid == "interval":
            axes.plot(
                [limit, limit], [0, level], color=shown.color, lw=1.0, ls="--", transform=over,
                zorder=3, gid="limit",
            )  # fmt: skip
