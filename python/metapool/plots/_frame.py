"""What surrounds the points of a scatter plot: its axes, their names, its title and its key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metapool import InputError
from metapool.plots import _wording
from metapool.plots._axis import LARGEST_LOG, EffectAxis, ticks_apart
from metapool.plots._text import FONT_SIZE, SMALL_FONT_SIZE, TITLE_SIZE

SIZE = (6.4, 4.8)  # inches
BOX = (0.11, 0.22, 0.85, 0.67)  # of the figure, for the axes
POINT = "#44688f"
INK = "black"
FAINT = "#888888"
ACCENT = "#b5452c"
_MOST_LABELS = 20
_KEY_DOWN = 4.8  # below the axes, in font sizes


def new_axes(
    size: tuple[float, float] = SIZE, box: tuple[float, float, float, float] = BOX
) -> Axes:
    """Axes in a figure of their own."""
    figure = Figure(size)
    figure.set_layout_engine("none")
    return figure.add_axes(box)


def figure_of(axes: Axes) -> Figure:
    """The whole figure that `axes` are in."""
    figure = axes.get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure


def lay_out(axes: Axes) -> None:
    """Let the figure's layout give the axes their place, so that what is measured lasts."""
    figure = figure_of(axes)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    axes.apply_aspect()


def width_of(axes: Axes) -> float:
    """Width of the axes, in inches."""
    return float(axes.get_window_extent().width / figure_of(axes).dpi)


def names_wanted(labels: bool | None, n: int) -> bool:
    """Whether to name the points: as asked for, otherwise if they are few."""
    return n <= _MOST_LABELS if labels is None else labels


def name_axes(axes: Axes, x: str, y: str) -> None:
    """Say what lies across and up."""
    axes.set_xlabel(x, fontsize=FONT_SIZE, parse_math=False)
    axes.set_ylabel(y, fontsize=FONT_SIZE, parse_math=False)
    axes.tick_params(labelsize=SMALL_FONT_SIZE)
    axes.spines[["top", "right"]].set_visible(False)


def name_effect_axes(axes: Axes, measure: str, is_ratio: bool, y: str) -> None:
    """The same where effects lie across, logs of ratios, with round ticks of the natural scale."""
    low, high = axes.get_xlim()
    if is_ratio and max(-low, high) > LARGEST_LOG:
        name_axes(axes, _wording.analysed_name(measure, is_ratio), y)
        return
    ends = (math.exp(low), math.exp(high)) if is_ratio else (low, high)
    labels = ticks_apart(EffectAxis(*ends, is_ratio), width_of(axes), SMALL_FONT_SIZE)
    axes.set_xticks([math.log(tick) if is_ratio else tick for tick in labels], labels.values())
    name_axes(axes, _wording.measure_name(measure), y)


def write_head(axes: Axes, title: str | None, note: str = "", above: float = 1.0) -> None:
    """A bold title, and a note below it; `above` is the height that is taken, of the axes."""
    if note:
        axes.annotate(
            note, (0, above), (0, 6), xycoords="axes fraction", textcoords="offset points",
            fontsize=FONT_SIZE, parse_math=False, gid="note",
        )  # fmt: skip
    if title:
        axes.set_title(
            title, loc="left", fontsize=TITLE_SIZE, fontweight="bold", pad=20 if note else 6,
            y=above if above > 1 else None, parse_math=False,
        )  # fmt: skip


def add_key(axes: Axes, handles: Sequence[Any] | None = None, *, columns: int = 3) -> None:
    """A key below the axes, by default of everything that has a label."""
    shown = axes.get_legend_handles_labels()[0] if handles is None else handles
    if not shown:
        return
    legend = axes.legend(
        handles=shown, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=_KEY_DOWN,
        ncols=columns, frameon=False, fontsize=SMALL_FONT_SIZE,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_parse_math(False)


def require_one(result: Any, what: str) -> None:
    """Refuse the results of a batch."""
    if result.key:
        raise InputError(f"{what} is for one meta-analysis; this is a batch of them")
