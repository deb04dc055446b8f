"""The marks of a forest plot: squares, diamonds, and the lines behind them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.markers import CARETLEFT, CARETRIGHT
from matplotlib.patches import Polygon

from metapool.plots._axis import EffectAxis
from metapool.plots._forest_layout import ROW
from metapool.plots._forest_table import Mark, Row
from metapool.plots._frame import FAINT, INK

_SQUARE = "#7f9fc6"
_SUBTOTAL = "#555555"
_PREDICTION = "#b3541e"
_SMALLEST_SQUARE = 3.0  # points
_LARGEST_SQUARE = 0.68 * ROW * 72
_REFIT_SQUARE = 0.4 * ROW * 72
_DIAMOND_HEIGHT = 0.64  # rows


def draw_lines(axes: Axes, axis: EffectAxis, rows: Sequence[Row]) -> None:
    """Draw no effect, and the overall pooled effect down to its diamond."""
    bottom, top = axes.get_ylim()
    if axis.shows_null:
        x = axis.null
        axes.plot([x, x], [top, bottom], color=INK, lw=0.8, zorder=1, gid="null")
    for y, row in enumerate(rows):
        if row.kind == "total" and row.mark is not None:
            x, dashes = row.mark.estimate, (0, (4, 3))
            axes.plot([x, x], [top, y], color=FAINT, lw=0.8, ls=dashes, zorder=1, gid="pooled")


def draw_marks(axes: Axes, axis: EffectAxis, rows: Sequence[Row]) -> None:
    """Draw what each row shows; squares of studies have areas proportional to the weights."""
    largest = max((row.mark.weight for row in rows if row.mark is not None), default=0.0)
    for y, row in enumerate(rows):
        mark = row.mark
        if mark is None:
            continue
        color = {"subtotal": _SUBTOTAL, "prediction": _PREDICTION}.get(row.kind, INK)
        if row.kind == "study":
            share = mark.weight / largest if largest > 0 else 0.0
            _draw_square(axes, axis, y, mark, _LARGEST_SQUARE * math.sqrt(share))
        elif row.kind == "refit":
            _draw_square(axes, axis, y, mark, _REFIT_SQUARE)
        elif row.kind == "prediction":
            _draw_prediction(axes, axis, y, mark)
        else:
            _draw_diamond(axes, y, mark, color)
        if axis.side(mark.low) < 0:
            _draw_arrow(axes, axis.low, y, CARETLEFT, color)
        if axis.side(mark.high) > 0:
            _draw_arrow(axes, axis.high, y, CARETRIGHT, color)


def _draw_square(axes: Axes, axis: EffectAxis, y: int, mark: Mark, side: float) -> None:
    """A square with that side in points, under the line of the interval."""
    ends = np.clip([mark.low, mark.high], axis.low, axis.high)
    axes.plot(ends, [y, y], color=INK, lw=1.0, solid_capstyle="butt", zorder=3, gid="interval")
    if axis.side(mark.estimate) == 0:
        axes.scatter(
            [mark.estimate], [y], s=max(side, _SMALLEST_SQUARE) ** 2, marker="s", color=_SQUARE,
            linewidths=0, clip_on=False, zorder=2, gid="square",
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
