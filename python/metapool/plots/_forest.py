"""The forest plot."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.markers import CARETLEFT, CARETRIGHT
from matplotlib.patches import Polygon

from metapool import InputError, MetaAnalysis
from metapool.plots._axis import EffectAxis, fitting_axis
from metapool.plots._forest_layout import PAD, ROW, Layout, Words, layout, plot_height
from metapool.plots._forest_table import Mark, Row, Table, table
from metapool.plots._forest_text import Writer
from metapool.plots._text import SMALL_FONT_SIZE, Ruler, one_line

_SQUARE = "#7f9fc6"
_INK = "black"
_SUBTOTAL = "#555555"
_FAINT = "#888888"
_PREDICTION = "#b3541e"
_SMALLEST_SQUARE = 3.0  # points
_LARGEST_SQUARE = 0.68 * ROW * 72
_DIAMOND_HEIGHT = 0.64  # rows


def forest(
    ma: MetaAnalysis,
    *,
    title: str | None = None,
    labels: tuple[str, str] = ("Experimental", "Control"),
    favours: tuple[str, str] | None = None,
    xlim: tuple[float, float] | None = None,
    digits: int = 2,
) -> Axes:
    """Draw the forest plot of a meta-analysis, in a figure of its own that grows with the rows.

    Parameters
    ----------
    ma : MetaAnalysis
        Its chosen model is drawn; fix the model by ``meta_analysis(..., model="random")``.
    title : str, optional
    labels : (str, str)
        Names of the experimental and the control arm.
    favours : (str, str) or None
        Texts below the axis, left and right of no effect. Which side favours which arm depends on
        the outcome: exchange them if the event is a good one.
    xlim : (float, float), optional
        Limits of the axis on the natural scale. Intervals that they cut end in an arrow. Without
        them the limits lie at equal distances from no effect; studies of little weight do not
        widen them.
    digits : int
        Decimals of effects and intervals.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes of the effects: across is the natural scale, down are the rows of the table,
        0 the first. ``.figure`` is the whole figure.

    Examples
    --------
    >>> import metapool as mp
    >>> ma = mp.meta_analysis(mp.examples.bcg(), "RR", model="random")
    >>> axes = mp.plots.forest(
    ...     ma, labels=("BCG", "Control"), favours=("Favours BCG", "Favours control")
    ... )
    >>> axes.figure.savefig("forest.png", dpi=300)  # doctest: +SKIP
    """
    _check(ma, labels, favours, digits)
    content = table(ma, digits)
    axis = _fitting_axis(ma, content) if xlim is None else _axis_of(ma, xlim)
    beside = favours if favours and axis.shows_null else ()
    words = Words(title or "", labels, tuple(map(one_line, beside)))
    place = layout(content, words, axis, Ruler())

    figure = Figure((place.width, place.height))
    figure.set_layout_engine("none")
    axes = _add_axes(figure, place, axis, len(content.rows))
    _draw_lines(axes, axis, content.rows)
    _draw_marks(axes, axis, content.rows)
    writer = Writer(axes, place)
    writer.title()
    writer.header(content)
    writer.rows(content)
    writer.favours(words.favours, len(content.rows))
    return axes


def _check(ma: object, labels: object, favours: object, digits: object) -> None:
    if not isinstance(ma, MetaAnalysis):
        raise InputError(f"forest draws the result of meta_analysis, not {type(ma).__name__}")
    for name, value in (("labels", labels), ("favours", favours)):
        two = isinstance(value, (tuple, list)) and len(value) == 2
        if not (two or (name == "favours" and value is None)):
            raise InputError(f"{name} must be two texts, not {value!r}")
    if not (isinstance(digits, int) and digits >= 0):
        raise InputError(f"digits must be a whole number >= 0, not {digits!r}")


def _fitting_axis(ma: MetaAnalysis, content: Table) -> EffectAxis:
    marks = [(row.kind, row.mark) for row in content.rows if row.mark is not None]
    studies = [mark for kind, mark in marks if kind == "study"]
    return fitting_axis(
        totals=np.array([(m.low, m.high) for kind, m in marks if kind in ("subtotal", "total")]),
        estimates=np.array([m.estimate for m in studies]),
        intervals=np.array([(m.low, m.high) for m in studies]).reshape(-1, 2),
        weights=np.array([m.weight for m in studies]),
        is_ratio=ma.effects.is_ratio,
    )


def _axis_of(ma: MetaAnalysis, xlim: tuple[float, float]) -> EffectAxis:
    low, high = map(float, xlim)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"xlim must be two finite numbers, the smaller first, not {xlim!r}")
    if ma.effects.is_ratio and low <= 0:
        raise InputError(f"xlim of a ratio must lie above 0, not {xlim!r}")
    return EffectAxis(low, high, ma.effects.is_ratio)


def _add_axes(figure: Figure, place: Layout, axis: EffectAxis, n_rows: int) -> Axes:
    left, width = place.plot_left / place.width, place.plot_width / place.width
    top, tall = 1 - place.header / place.height, plot_height(n_rows) / place.height
    axes = figure.add_axes((left, top - tall, width, tall))
    axes.set_xscale("log" if axis.is_ratio else "linear")
    axes.set_xlim(axis.low, axis.high)
    axes.set_ylim(n_rows - 0.5 + PAD, -0.5 - PAD)
    axes.set_xticks(axis.ticks, axis.tick_labels)
    axes.minorticks_off()
    axes.set_yticks([])
    axes.tick_params(axis="x", labelsize=SMALL_FONT_SIZE)
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.patch.set_visible(False)
    return axes


def _draw_lines(axes: Axes, axis: EffectAxis, rows: Sequence[Row]) -> None:
    """No effect, and the overall pooled effect down to its diamond."""
    bottom, top = axes.get_ylim()
    if axis.shows_null:
        x = axis.null
        axes.plot([x, x], [top, bottom], color=_INK, lw=0.8, zorder=1, gid="null")
    for y, row in enumerate(rows):
        if row.kind == "total" and row.mark is not None:
            x, dashes = row.mark.estimate, (0, (4, 3))
            axes.plot([x, x], [top, y], color=_FAINT, lw=0.8, ls=dashes, zorder=1, gid="pooled")


def _draw_marks(axes: Axes, axis: EffectAxis, rows: Sequence[Row]) -> None:
    largest = max((row.mark.weight for row in rows if row.mark is not None), default=0.0)
    for y, row in enumerate(rows):
        mark = row.mark
        if mark is None:
            continue
        color = {"subtotal": _SUBTOTAL, "prediction": _PREDICTION}.get(row.kind, _INK)
        if row.kind == "study":
            _draw_study(axes, axis, y, mark, mark.weight / largest if largest > 0 else 0.0)
        elif row.kind == "prediction":
            _draw_prediction(axes, axis, y, mark)
        else:
            _draw_diamond(axes, y, mark, color)
        if axis.side(mark.low) < 0:
            _draw_arrow(axes, axis.low, y, CARETLEFT, color)
        if axis.side(mark.high) > 0:
            _draw_arrow(axes, axis.high, y, CARETRIGHT, color)


def _draw_study(axes: Axes, axis: EffectAxis, y: int, mark: Mark, share: float) -> None:
    """A square with an area proportional to the weight, under the line of the interval."""
    ends = np.clip([mark.low, mark.high], axis.low, axis.high)
    axes.plot(ends, [y, y], color=_INK, lw=1.0, solid_capstyle="butt", zorder=3, gid="interval")
    if axis.side(mark.estimate) == 0:
        side = max(_SMALLEST_SQUARE, _LARGEST_SQUARE * math.sqrt(share))
        axes.scatter(
            [mark.estimate], [y], s=side**2, marker="s", color=_SQUARE, linewidths=0,
            clip_on=False, zorder=2, gid="square",
        )  # fmt: skip


def _draw_prediction(axes: Axes, axis: EffectAxis, y: int, mark: Mark) -> None:
    ends = np.clip([mark.low, mark.high], axis.low, axis.high)
    axes.plot(
        ends, [y, y], color=_PREDICTION, lw=3.0, solid_capstyle="butt", zorder=3, gid="prediction"
    )


def _draw_diamond(axes: Axes, y: int, mark: Mark, color: str) -> None:
    middle, half = mark.estimate, _DIAMOND_HEIGHT / 2
    tips = [(mark.low, y), (middle, y - half), (mark.high, y), (middle, y + half)]
    axes.add_patch(Polygon(tips, closed=True, color=color, lw=0, zorder=4, gid="diamond"))


def _draw_arrow(axes: Axes, x: float, y: int, marker: int, color: str) -> None:
    """The end of an interval that the axis cuts."""
    axes.plot(
        [x], [y], marker=marker, ms=6, color=color, ls="none", mew=0, clip_on=False, zorder=4,
        gid="arrow",
    )  # fmt: skip
