"""The forest plot."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metapool import Cumulative, InputError, LeaveOneOut, MetaAnalysis
from metapool.plots._axis import EffectAxis, fitting_axis
from metapool.plots._forest_layout import PAD, Layout, Words, layout, plot_height
from metapool.plots._forest_marks import draw_lines, draw_marks
from metapool.plots._forest_refits import refits_axis, refits_table
from metapool.plots._forest_table import Table, table
from metapool.plots._forest_text import Writer
from metapool.plots._frame import require_one
from metapool.plots._text import SMALL_FONT_SIZE, Ruler, one_line


def forest(
    result: MetaAnalysis | LeaveOneOut[float] | Cumulative[float],
    *,
    title: str | None = None,
    labels: tuple[str, str] = ("Experimental", "Control"),
    favours: tuple[str, str] | None = None,
    xlim: tuple[float, float] | None = None,
    digits: int | None = None,
) -> Axes:
    """Draw the forest plot of a meta-analysis, in a figure of its own that grows with the rows.

    Leave-one-out and cumulative meta-analyses have a row for each of their pooled effects, and a
    dashed line at that of all studies.

    Parameters
    ----------
    result : MetaAnalysis, LeaveOneOut or Cumulative
        Of a meta-analysis the chosen model is drawn; fix the model by
        ``meta_analysis(..., model="random")``.
    title : str, optional
    labels : (str, str)
        Names of the experimental and the control arm, where there are columns of both.
    favours : (str, str) or None
        Texts below the axis, left and right of no effect. Which side favours which arm depends on
        the outcome: exchange them if the event is a good one.
    xlim : (float, float), optional
        Limits of the axis on the natural scale. Intervals that they cut end in an arrow. Without
        them the limits of a meta-analysis lie at equal distances from no effect, and studies of
        little weight do not widen them; those of the others are as near as their rows allow.
    digits : int, optional
        Decimals of effects and intervals; by default 2, and for the refits of leave-one-out and
        cumulative meta-analyses as many as show how they differ.

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
    >>> axes = mp.plots.forest(mp.leave_one_out(mp.examples.bcg(), "RR", "DL"))
    """
    _check(result, labels, favours, digits)
    if isinstance(result, MetaAnalysis):
        content, is_ratio = table(result, 2 if digits is None else digits), result.effects.is_ratio
    else:
        content, is_ratio = refits_table(result, digits), result.is_ratio
    if xlim is not None:
        axis = _axis_of(xlim, is_ratio)
    elif isinstance(result, MetaAnalysis):
        axis = _fitting_axis(content, is_ratio)
    else:
        axis = refits_axis(result)
    beside = favours if favours and axis.shows_null else ()
    words = Words(title or "", labels, tuple(map(one_line, beside)))
    place = layout(content, words, axis, Ruler())

    figure = Figure((place.width, place.height))
    figure.set_layout_engine("none")
    axes = _add_axes(figure, place, axis, len(content.rows))
    draw_lines(axes, axis, content.rows)
    draw_marks(axes, axis, content.rows)
    writer = Writer(axes, place)
    writer.title()
    writer.header(content)
    writer.rows(content)
    writer.favours(words.favours, len(content.rows))
    return axes


def _check(result: object, labels: object, favours: object, digits: object) -> None:
    if not isinstance(result, (MetaAnalysis, LeaveOneOut, Cumulative)):
        raise InputError(
            "forest draws the result of meta_analysis, leave_one_out or cumulative, "
            f"not {type(result).__name__}"
        )
    if not isinstance(result, MetaAnalysis):
        require_one(result, "a forest plot")
    for name, value in (("labels", labels), ("favours", favours)):
        two = isinstance(value, (tuple, list)) and len(value) == 2
        if not (two or (name == "favours" and value is None)):
            raise InputError(f"{name} must be two texts, not {value!r}")
    if digits is not None and not (isinstance(digits, int) and digits >= 0):
        raise InputError(f"digits must be a whole number >= 0, not {digits!r}")


def _fitting_axis(content: Table, is_ratio: bool) -> EffectAxis:
    marks = [(row.kind, row.mark) for row in content.rows if row.mark is not None]
    studies = [mark for kind, mark in marks if kind == "study"]
    return fitting_axis(
        totals=np.array([(m.low, m.high) for kind, m in marks if kind in ("subtotal", "total")]),
        estimates=np.array([m.estimate for m in studies]),
        intervals=np.array([(m.low, m.high) for m in studies]).reshape(-1, 2),
        weights=np.array([m.weight for m in studies]),
        is_ratio=is_ratio,
    )


def _axis_of(xlim: tuple[float, float], is_ratio: bool) -> EffectAxis:
    low, high = map(float, xlim)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"xlim must be two finite numbers, the smaller first, not {xlim!r}")
    if is_ratio and low <= 0:
        raise InputError(f"xlim of a ratio must lie above 0, not {xlim!r}")
    return EffectAxis(low, high, is_ratio)


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
