"""The key of a bootstrap plot: its lines with their numbers, above the bars in the axes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D

from metapool import _types as t
from metapool._bootstrap_result import beside
from metapool._format import counted
from metapool.plots import _wording
from metapool.plots._text import Ruler

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metapool import Bootstrap
    from metapool._results import Display
    from metapool.plots._histogram import Histogram

_INK = "black"
_ACCENT = "#b5452c"
_HANDLE, _PAD = 1.6, 0.6  # of a line and of the space around it, in font sizes
_LEAST = 0.35  # of the height of the axes, that the bars have in any case


@dataclass(frozen=True)
class Shown:
    """An interval, and how it is drawn."""

    gid: str
    of: Display[float]
    name: str
    color: str


def intervals(result: Bootstrap[float]) -> list[Shown]:
    """That of the bootstrap, and of a pooled effect that of Hartung and Knapp."""
    level = _wording.interval_name(result.level)
    found = [Shown("interval", result.display, f"Bootstrap {level}, {result.ci}", _ACCENT)]
    if wide := beside(result):
        name = f"Hartung-Knapp ({wide.method}) {level}"
        if result.method in t.choices(t.CommonMethod):
            name += f", of random effects, not {result.method}"
        found.append(Shown("hartung-knapp", wide.display, name, _INK))
    return found


def note(result: Bootstrap[float], bars: Histogram, highest: float) -> str:
    """What became of the resamples."""
    parts = [f"{counted(result.n_resamples, 'resample')}, seed {result.seed}"]
    if result.n_degenerate:
        rule = "left out" if result.degenerate == "drop" else "counted as the worst"
        parts.append(f"{result.n_degenerate:,} without the statistic, {rule}")
    digits = _digits(result)
    for value, share in zip(bars.values.tolist(), bars.value_shares.tolist(), strict=True):
        if share > highest:
            number = _wording.number(value, 0 if value == round(value) else digits)
            parts.append(f"{share:.1f}% at {number}, cut")
    if bars.n_beyond:
        parts.append(f"{bars.n_beyond:,} beyond the axis")
    return "; ".join(parts)


def add_key(
    axes: Axes, result: Bootstrap[float], shown: list[Shown], text: str, size: float
) -> float:
    """Write the key; the share of the height of the axes that it leaves."""
    digits = _digits(result)
    lines: list[tuple[str, str, float]] = []
    if math.isfinite(result.estimate):
        number = _wording.number(result.display.estimate, digits)
        lines.append((f"Estimate {number}", _INK, 1.2))
    for each in shown:
        limits = _wording.interval(each.of.ci_low, each.of.ci_high, digits)
        if math.isnan(each.of.ci_low):
            limits = _wording.NOT_ESTIMABLE.lower()
        lines.append((f"{each.name} {limits}", each.color, 2.5))
    box = axes.get_window_extent()
    width = box.width / axes.figure.dpi - 2 * _PAD * size / 72
    ruler = Ruler()
    room = width - (_HANDLE + _PAD) * size / 72
    legend = axes.legend(
        handles=[
            Line2D([], [], color=color, lw=lw, label=ruler.wrap(label, room, size=size))
            for label, color, lw in lines
        ],
        title=ruler.wrap(text, width, size=size), alignment="left", loc="upper left",
        fontsize=size, title_fontsize=size, handlelength=_HANDLE, handletextpad=_PAD,
        borderpad=0, borderaxespad=_PAD, labelspacing=0.3, frameon=False,
    )  # fmt: skip
    below = legend.get_window_extent().y0 - _PAD * size / 72 * axes.figure.dpi
    return max(float((below - box.y0) / box.height), _LEAST)


def _digits(result: Bootstrap[float]) -> int:
    return _wording.digits_of(result.display.ci_high - result.display.ci_low)
