"""The plot of influence diagnostics: a panel for each, with the studies across."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from metapool import Influence, InputError
from metapool.plots._frame import ACCENT, FAINT, POINT
from metapool.plots._text import FONT_SIZE, SMALL_FONT_SIZE, TITLE_SIZE, Ruler, one_line

if TYPE_CHECKING:
    from metapool._types import FloatArray

_COLUMNS = 3
_LEAST_WIDTH, _MOST_WIDTH = 2.8, 4.0  # of a panel, in inches
_PER_STUDY = 0.06
_HEIGHT = 1.7
_BESIDE = 0.75  # left of a panel, for the labels of its ticks
_PITCH = 0.15  # from one name to the next
_LONGEST_NAME = 1.8
_TICK = 0.2  # from one number to the next
_STEPS = (1, 2, 5, 10)
_PANELS = (
    ("rstudent", "Studentised residual"),
    ("dffits", "DFFITS"),
    ("dfbetas", "DFBETAS"),
    ("cook_d", "Cook's distance"),
    ("cov_ratio", "Covariance ratio"),
    ("hat", "Hat value"),
    ("tau2_deleted", "Tau² without the study"),
    ("q_deleted", "Q without the study"),
    ("weight", "Weight, %"),
)


def influence(result: Influence, *, title: str | None = None) -> list[Axes]:
    """Draw influence diagnostics: a panel for each, with the studies across in their order.

    Influential studies are red. The dashed line is what a study has that changes nothing: 0, a
    ratio of 1, tau² and Q of all studies, or equal weights. Studies are named where their names
    have room, and otherwise numbered from 1; the key names the influential ones.

    Parameters
    ----------
    result : Influence
    title : str, optional

    Returns
    -------
    list of matplotlib.axes.Axes
        One per diagnostic, in a figure of their own: ``axes[0].figure.savefig("influence.png")``.

    Examples
    --------
    >>> import metapool as mp
    >>> panels = mp.plots.influence(mp.influence(mp.examples.bcg(), "RR", "DL"))
    >>> [axes.get_title(loc="left") for axes in panels][:2]
    ['Studentised residual', 'DFFITS']
    """
    if not isinstance(result, Influence):
        raise InputError(
            f"plots.influence draws the result of metapool.influence, not {type(result).__name__}"
        )
    n = len(result.study)
    width = min(max(_LEAST_WIDTH, n * _PER_STUDY), _MOST_WIDTH)
    names = _names(result, width)
    rows = math.ceil(len(_PANELS) / _COLUMNS)
    below = max(map(Ruler().width, names), default=0.0) + 0.7
    size = (_COLUMNS * (width + _BESIDE), rows * _HEIGHT + below + (0.3 if title else 0.0))
    figure = Figure(size, layout="constrained")
    axes = list(figure.subplots(rows, _COLUMNS, sharex=True, squeeze=False).flat)
    for panel, (diagnostic, name) in zip(axes, _PANELS, strict=True):
        values = np.asarray(getattr(result, diagnostic), dtype=np.float64)
        _draw(panel, values, result.is_influential, _reference(result, diagnostic))
        panel.set_title(name, loc="left", fontsize=FONT_SIZE)
    for panel in axes[-_COLUMNS:]:
        _name_studies(panel, names, result, most=int(width / _TICK))
    if title:
        figure.suptitle(
            title, x=0.01, ha="left", fontsize=TITLE_SIZE, fontweight="bold", parse_math=False
        )
    _add_key(figure, result, numbered=not names)
    return axes


def _names(result: Influence, width: float) -> list[str]:
    """Of all studies, or none if they have no room."""
    names = [one_line(name) for name in result.study]
    ruler = Ruler()
    longest = max((ruler.width(name, size=SMALL_FONT_SIZE) for name in names), default=0.0)
    return names if longest <= _LONGEST_NAME and len(names) * _PITCH <= width else []


def _reference(result: Influence, diagnostic: str) -> float:
    """The value of a study that changes nothing; NaN without one."""
    overall = result.overall
    k = float(overall.k)
    return {
        "cov_ratio": 1.0,
        "tau2_deleted": overall.tau2,
        "q_deleted": overall.q,
        "hat": 1 / k if k else math.nan,
        "weight": 100 / k if k else math.nan,
    }.get(diagnostic, 0.0)


def _draw(panel: Axes, values: FloatArray, red: FloatArray, reference: float) -> None:
    places = np.arange(1, len(values) + 1)
    panel.set_xlim(0.4, len(values) + 0.6)
    panel.tick_params(labelsize=SMALL_FONT_SIZE)
    panel.spines[["top", "right"]].set_visible(False)
    if not np.isfinite(values).any():
        panel.set_yticks([])
        panel.text(
            0.5, 0.5, "Not estimable", ha="center", va="center", transform=panel.transAxes,
            fontsize=SMALL_FONT_SIZE, gid="nothing",
        )  # fmt: skip
        return
    if math.isfinite(reference):
        panel.axhline(reference, color=FAINT, lw=0.8, ls="--", zorder=1, gid="reference")
    panel.plot(places, values, color=POINT, lw=0.7, alpha=0.5, zorder=2, gid="values")
    size = 4.0 if len(values) <= 30 else 3.0
    for shown, color, gid in ((~red, POINT, "usual"), (red, ACCENT, "influential")):
        panel.plot(
            places[shown], values[shown], "o", ms=size, mew=0, color=color, zorder=3, gid=gid
        )
    panel.yaxis.set_major_locator(MaxNLocator(4, steps=_STEPS))
    panel.yaxis.set_major_formatter(FuncFormatter(_tick_label))


def _tick_label(value: float, _: object) -> str:
    return f"{value:.6g}".replace("-", "\N{MINUS SIGN}")


def _name_studies(panel: Axes, names: list[str], result: Influence, most: int) -> None:
    n = len(result.study)
    if names:
        panel.set_xticks(range(1, n + 1), names, rotation=90, fontsize=SMALL_FONT_SIZE)
        for label in panel.get_xticklabels():
            label.set_parse_math(False)
    else:
        step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000, n) if n <= most * step)
        ticks = [*([1] if step > 2 else []), *range(step, n + 1, step)]
        panel.set_xticks(ticks)
        panel.set_xlabel("Study", fontsize=FONT_SIZE)
    for place, label in zip(panel.get_xticks(), panel.get_xticklabels(), strict=True):
        if result.is_influential[int(place) - 1]:
            label.set_color(ACCENT)


def _add_key(figure: Figure, result: Influence, *, numbered: bool) -> None:
    """What is red, with the names of the studies if they are numbered."""
    found = np.flatnonzero(result.is_influential)
    text = "Influential"
    if not found.size:
        text = "No study is influential"
    elif numbered:
        text += ": " + "; ".join(f"{i + 1} {one_line(result.study[i])}" for i in found)
    room = figure.get_figwidth() - 0.8
    text = Ruler().wrap(text, room, size=SMALL_FONT_SIZE)
    color = ACCENT if found.size else "none"
    dot = Line2D([], [], marker="o", ms=4, mew=0, ls="none", color=color, label=text)
    legend = figure.legend(
        handles=[dot], loc="outside lower left", fontsize=SMALL_FONT_SIZE, frameon=False,
        handlelength=1.0,
    )  # fmt: skip
    for label in legend.get_texts():
        label.set_parse_math(False)
