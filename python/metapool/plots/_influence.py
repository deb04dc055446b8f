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
from metapool.plots._frame import ACCENT, FAINT, POINT, require_one
from metapool.plots._text import FONT_SIZE, SMALL_FONT_SIZE, TITLE_SIZE, Ruler, height, one_line

if TYPE_CHECKING:
    from metapool._types import BoolArray, FloatArray

_COLUMNS = 3
_LEAST_WIDTH, _MOST_WIDTH = 2.8, 4.0  # of a panel, in inches
_PER_STUDY = 0.06
_HEIGHT = 1.25
_BESIDE, _ABOVE, _RIGHT = 0.72, 0.36, 0.15  # of a panel: labels of ticks, its title, the edge
_NUMBERS = 0.3  # height of numbers and the name of the axis
_TICK_GAP, _MARGIN = 0.15, 0.2  # above and around the key
_PITCH = 0.15  # from one name to the next
_LONGEST_NAME = 1.8
_TICK = 0.2  # from one number to the next
_STEPS = (1, 2, 5, 10)
_ROUNDING = 1e-9  # values no farther apart, of their size, are one
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


def influence(result: Influence[float], *, title: str | None = None) -> list[Axes]:
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
    require_one(result, "a figure of influence")
    width = min(max(_LEAST_WIDTH, len(result.study) * _PER_STUDY), _MOST_WIDTH)
    across = _COLUMNS * (width + _BESIDE) + _RIGHT
    names = _names(result, width)
    key = _key_text(result, across - _BESIDE - _RIGHT, numbered=not names)
    figure, axes = _panels(across, _below(names, key), title)
    for panel, (diagnostic, name) in zip(axes, _PANELS, strict=True):
        values = np.asarray(getattr(result, diagnostic), dtype=np.float64)
        _draw(panel, values, result.is_influential, _reference(result, diagnostic))
        panel.set_title(name, loc="left", fontsize=FONT_SIZE)
    for panel in axes[-_COLUMNS:]:
        _name_studies(panel, names, result, most=int(width / _TICK))
    _add_key(figure, key, ACCENT if result.is_influential.any() else "none")
    return axes


def _panels(across: float, below: float, title: str | None) -> tuple[Figure, list[Axes]]:
    """A grid of axes in a figure that wide, in inches, with that much room below them."""
    rows = math.ceil(len(_PANELS) / _COLUMNS)
    head = 1.4 * height(title, TITLE_SIZE) if title else 0.0
    up = head + rows * (_ABOVE + _HEIGHT) + below
    figure = Figure((across, up))
    figure.set_layout_engine("none")
    width = (across - _RIGHT) / _COLUMNS - _BESIDE
    grid = figure.subplots(
        rows, _COLUMNS, sharex=True, squeeze=False,
        gridspec_kw={
            "left": _BESIDE / across, "right": 1 - _RIGHT / across, "wspace": _BESIDE / width,
            "bottom": below / up, "top": 1 - (head + _ABOVE) / up, "hspace": _ABOVE / _HEIGHT,
        },
    )  # fmt: skip
    if title:
        figure.text(
            _RIGHT / across, 1 - head / 2 / up, title, va="center", fontsize=TITLE_SIZE,
            fontweight="bold", parse_math=False,
        )  # fmt: skip
    return figure, list(grid.flat)


def _below(names: list[str], key: str) -> float:
    ruler = Ruler()
    ticks = max((ruler.width(name, size=SMALL_FONT_SIZE) for name in names), default=_NUMBERS)
    return ticks + _TICK_GAP + height(key, SMALL_FONT_SIZE) + _MARGIN


def _names(result: Influence[float], width: float) -> list[str]:
    """Of all studies, or none if they have no room."""
    if len(result.study) * _PITCH > width:
        return []
    names = [one_line(name) for name in result.study]
    ruler = Ruler()
    longest = max((ruler.width(name, size=SMALL_FONT_SIZE) for name in names), default=0.0)
    return names if longest <= _LONGEST_NAME else []


def _reference(result: Influence[float], diagnostic: str) -> float:
    """The value of a study that changes nothing; NaN without one."""
    overall = result.overall
    k = float(overall.k)
    references: dict[str, float] = {
        "cov_ratio": 1.0,
        "tau2_deleted": overall.tau2,
        "q_deleted": overall.q,
        "hat": 1 / k if k else math.nan,
        "weight": 100 / k if k else math.nan,
    }
    return references.get(diagnostic, 0.0)


def _draw(panel: Axes, values: FloatArray, red: BoolArray, reference: float) -> None:
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
    seen = np.append(values, reference)
    seen = seen[np.isfinite(seen)]
    least, most = float(seen.min()), float(seen.max())
    if most - least <= _ROUNDING * max(abs(least), abs(most)):
        panel.set_ylim(0, 2 * most if most else 1)
    panel.yaxis.set_major_locator(MaxNLocator(4, steps=_STEPS))
    panel.yaxis.set_major_formatter(FuncFormatter(_tick_label))


def _tick_label(value: float, _: object) -> str:
    return f"{value:.6g}".replace("-", "\N{MINUS SIGN}")


def _name_studies(panel: Axes, names: list[str], result: Influence[float], most: int) -> None:
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


def _key_text(result: Influence[float], room: float, *, numbered: bool) -> str:
    """What is red, with the names of the studies if they are numbered."""
    found = np.flatnonzero(result.is_influential)
    if not found.size:
        return "No study is influential"
    names = "; ".join(f"{i + 1} {one_line(result.study[i])}" for i in found)
    return Ruler().wrap(
        f"Influential: {names}" if numbered else "Influential", room, size=SMALL_FONT_SIZE
    )


def _add_key(figure: Figure, text: str, color: str) -> None:
    dot = Line2D([], [], marker="o", ms=4, mew=0, ls="none", color=color, label=text)
    legend = figure.legend(
        handles=[dot], loc="lower left", bbox_to_anchor=(0, 0), fontsize=SMALL_FONT_SIZE,
        frameon=False, handlelength=1.0, borderaxespad=0.2,
    )  # fmt: skip
    for label in legend.get_texts():
        label.set_parse_math(False)
