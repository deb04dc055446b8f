"""The plot of a bootstrap distribution."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.markers import CARETLEFT, CARETRIGHT, CARETUPBASE

from metapool import Bootstrap, InputError
from metapool.plots import _wording
from metapool.plots._axis import EffectAxis
from metapool.plots._histogram import Histogram, histogram
from metapool.plots._text import FONT_SIZE, SMALL_FONT_SIZE, TITLE_SIZE, Ruler, height

if TYPE_CHECKING:
    from metapool._results import Display

_BAR = "#7f9fc6"
_INK = "black"
_FAINT = "#888888"
_ACCENT = "#b5452c"
_SIZE = (6.4, 4.2)  # inches
_BOX = (0.11, 0.21, 0.85, 0.60)  # of the figure, for the axes
_LEGEND_DOWN = 4.8  # below the axes, in font sizes
_TOP = 0.84  # the bars end there, of the height of the axes
_LEVELS = (0.95, 0.89)  # the intervals lie there
_THICKEST = 9.0  # bars of single values, in points
_CUT = 3.0  # single values are cut that are so many times as frequent as any range
_HEAD_GAP = 6.0  # points
_AT_NO_EFFECT = ("estimate", "pi_low", "pi_high", "subgroup_difference", "harbord", "egger")


def bootstrap(
    result: Bootstrap[float], *, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw the distribution of a bootstrap with the estimate and the interval.

    Bars are percentages of the resamples that have the statistic. Where few values occur, as with
    up to five studies, and where one occurs often, as tau2 = 0 does, each has a bar of its own. A
    pooled effect has the Hartung-Knapp interval beside that of the bootstrap. Values that lie far
    out are left out of the axis and counted above it.

    Parameters
    ----------
    result : Bootstrap
        Of one meta-analysis, with ``distribution=True``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a figure of its own.
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
    axes = _new_axes() if ax is None else ax
    beside = result.hartung_knapp.display if result.statistic == "estimate" else None
    intervals = [_Shown("interval", result.display, _bootstrap_name(result), _ACCENT)]
    if beside is not None and not math.isnan(beside.ci_low):
        name = f"Hartung-Knapp {_wording.interval_name(result.level)}"
        intervals.append(_Shown("hartung-knapp", beside, name, _INK))
    marks = [x for i in intervals for x in (i.of.estimate, i.of.ci_low, i.of.ci_high)]
    assert result.distribution is not None
    bars = histogram(result.distribution, np.array(marks), is_ratio=result.is_ratio)
    axis = EffectAxis(bars.low, bars.high, result.is_ratio)
    _set_axes(axes, axis, result)
    _draw_bars(axes, bars)
    if result.statistic in _AT_NO_EFFECT and axis.shows_null:
        axes.axvline(axis.null, color=_FAINT, lw=0.8, zorder=1, gid="null")
    if math.isfinite(result.estimate):
        axes.axvline(
            result.display.estimate, color=_INK, lw=1.2, zorder=3, label="Estimate", gid="estimate"
        )
    for shown, level in zip(intervals, _LEVELS, strict=False):
        _draw_interval(axes, axis, shown, level)
    _add_legend(axes)
    _write_head(axes, title, _note(result, intervals, bars))
    return axes


class _Shown:
    """An interval, and how it is drawn."""

    def __init__(self, gid: str, of: Display[float], name: str, color: str) -> None:
        self.gid, self.of, self.name, self.color = gid, of, name, color


def _check(result: object) -> None:
    if not isinstance(result, Bootstrap):
        raise InputError(
            f"plots.bootstrap draws one result of metapool.bootstrap, not {type(result).__name__}"
        )
    if result.is_batch:
        raise InputError("plots.bootstrap is for one meta-analysis; this is a batch of them")
    if result.distribution is None:
        raise InputError("plots.bootstrap needs a bootstrap with distribution=True")


def _new_axes() -> Axes:
    figure = Figure(_SIZE)
    figure.set_layout_engine("none")
    return figure.add_axes(_BOX)


def _set_axes(axes: Axes, axis: EffectAxis, result: Bootstrap[float]) -> None:
    axes.set_xscale("log" if axis.is_ratio else "linear")
    axes.set_xlim(axis.low, axis.high)
    axes.set_xticks(axis.ticks, axis.tick_labels)
    axes.minorticks_off()
    name = _wording.statistic_name(result.statistic, result.measure, result.is_ratio)
    axes.set_xlabel(name, fontsize=FONT_SIZE, parse_math=False)
    axes.set_ylabel("Resamples, %", fontsize=FONT_SIZE)
    axes.tick_params(labelsize=SMALL_FONT_SIZE)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_bars(axes: Axes, bars: Histogram) -> None:
    if bars.shares.size:
        axes.bar(
            bars.edges[:-1], bars.shares, np.diff(bars.edges), align="edge", color=_BAR,
            lw=0, zorder=2, gid="bars",
        )  # fmt: skip
    if bars.values.size:
        width = axes.get_position().width * _figure(axes).get_figwidth() * 72
        thickness = min(max(0.7 * bars.gap * width, 2.0), _THICKEST)
        tops = np.minimum(bars.value_shares, _highest(bars))
        axes.vlines(bars.values, 0, tops, color=_BAR, lw=thickness, zorder=3.5, gid="values")
    top = _highest(bars)
    axes.set_ylim(0, top / _TOP)
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


def _draw_interval(axes: Axes, axis: EffectAxis, shown: _Shown, level: float) -> None:
    """A bar above the distribution, and down from it the limits of the bootstrap."""
    low, high = shown.of.ci_low, shown.of.ci_high
    if math.isnan(low) or math.isnan(high):
        return
    ends = np.clip([low, high], axis.low, axis.high)
    over = axes.get_xaxis_transform()
    axes.plot(
        ends, [level, level], color=shown.color, lw=2.5, solid_capstyle="butt", transform=over,
        label=shown.name, zorder=4, gid=shown.gid,
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


def _add_legend(axes: Axes) -> None:
    if axes.get_legend_handles_labels()[0]:
        axes.legend(
            loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=_LEGEND_DOWN, ncols=3,
            frameon=False, fontsize=SMALL_FONT_SIZE,
        )  # fmt: skip


def _bootstrap_name(result: Bootstrap[float]) -> str:
    return f"Bootstrap {_wording.interval_name(result.level)}, {result.ci}"


def _note(result: Bootstrap[float], intervals: list[_Shown], bars: Histogram) -> list[str]:
    """The numbers, and what became of the resamples."""
    shown = intervals[0].of
    digits = _wording.digits_of(shown.ci_high - shown.ci_low)
    numbers = _wording.effect(shown.estimate, shown.ci_low, shown.ci_high, digits)
    if len(intervals) > 1:
        beside = intervals[1].of
        limits = _wording.interval(beside.ci_low, beside.ci_high, digits)
        numbers += f"; Hartung-Knapp {limits}"
    parts = [f"{result.n_resamples:,} resamples, seed {result.seed}"]
    if result.n_degenerate:
        rule = "left out" if result.degenerate == "drop" else "counted as the worst"
        parts.append(f"{result.n_degenerate:,} without the statistic, {rule}")
    for value, share in zip(bars.values.tolist(), bars.value_shares.tolist(), strict=True):
        if share > _highest(bars):
            number = _wording.number(value, 0 if value == round(value) else digits)
            parts.append(f"{share:.1f}% at {number}, cut")
    if bars.n_beyond:
        parts.append(f"{bars.n_beyond:,} beyond the axis")
    return [numbers, "; ".join(parts)]


def _write_head(axes: Axes, title: str | None, note: list[str]) -> None:
    width = axes.get_position().width * _figure(axes).get_figwidth()
    ruler = Ruler()
    text = "\n".join(ruler.wrap(line, width) for line in note)
    axes.annotate(
        text, (0, 1), (0, _HEAD_GAP), xycoords="axes fraction", textcoords="offset points",
        va="bottom", fontsize=FONT_SIZE, parse_math=False, gid="note",
    )  # fmt: skip
    if title:
        pad = 72 * height(text) + 2 * _HEAD_GAP
        axes.set_title(
            title, loc="left", fontsize=TITLE_SIZE, fontweight="bold", pad=pad, parse_math=False
        )


def _figure(axes: Axes) -> Figure:
    figure = axes.get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure
