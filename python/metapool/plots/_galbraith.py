"""The Galbraith (radial) plot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from metapool import InputError, MetaAnalysis, SmallStudyTest
from metapool.plots import _wording
from metapool.plots._axis import LARGEST_LOG, EffectAxis
from metapool.plots._frame import (
    ACCENT,
    FAINT,
    INK,
    POINT,
    SIZE,
    add_key,
    name_axes,
    names_wanted,
    new_axes,
    write_head,
)
from metapool.plots._point_labels import label_points
from metapool.plots._text import FONT_SIZE, SMALL_FONT_SIZE

if TYPE_CHECKING:
    from metapool._small_study_result import Radial

_BOX = (0.11, 0.21, 0.77, 0.69)  # of the figure, for the axes
_ROOM = 1.08  # the axes reach that much farther than the points
_TEST_AXES = {
    "harbord": ("√V", "Z / √V  (score Z, variance V)"),
    "egger": ("1 / SE", "Effect / SE"),
}


@dataclass(frozen=True)
class _Line:
    name: str
    intercept: float
    slope: float
    style: str
    color: str

    def at(self, x: float) -> float:
        return self.intercept + self.slope * x


def galbraith(
    result: MetaAnalysis | SmallStudyTest[float],
    *,
    ax: Axes | None = None,
    labels: bool | None = None,
    title: str | None = None,
) -> Axes:
    """Draw a Galbraith (radial) plot: effect/SE of each study against 1/SE.

    The slope of a ray from the origin is an effect. The solid line is the common effect; of
    homogeneous studies about 95% lie between the dashed lines, 2 above and below it. The figure of
    Egger's or Harbord's test has its regression line too, with Z/sqrt(V) against sqrt(V) for
    Harbord's (score Z, variance V).

    Parameters
    ----------
    result : MetaAnalysis or SmallStudyTest
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a figure of its own.
    labels : bool, optional
        Whether to name the studies; by default if they are 20 at most.
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import metapool as mp
    >>> test = mp.small_study_test(mp.examples.remission(), method="harbord")
    >>> axes = mp.plots.galbraith(test)
    >>> axes.figure.savefig("galbraith.png", dpi=300)  # doctest: +SKIP
    """
    if not isinstance(result, (MetaAnalysis, SmallStudyTest)):
        raise InputError(
            "galbraith draws the result of meta_analysis or small_study_test, "
            f"not {type(result).__name__}"
        )
    radial = result.radial
    test = result if isinstance(result, SmallStudyTest) else None
    axes = new_axes(SIZE, _BOX) if ax is None else ax
    reach = _ROOM * (float(radial.x.max(initial=0.0)) or 1.0)
    lines = _lines(radial, test)
    _set_limits(axes, radial, lines, reach)
    _draw_lines(axes, lines, reach)
    axes.plot(radial.x, radial.y, "o", ms=5, color=POINT, mec="white", mew=0.5, zorder=3)
    if isinstance(result, SmallStudyTest):
        write_head(axes, title, _wording.small_study(result))
        name_axes(axes, *_TEST_AXES[result.method])
    else:
        write_head(axes, title)
        effect = _wording.analysed_name(result.measure, result.effects.is_ratio)
        name_axes(axes, "1 / SE", f"{effect} / SE")
        _add_effect_axis(axes, result, reach)
    if names_wanted(labels, len(radial.study)):
        label_points(axes, radial.x, radial.y, radial.study)
    return axes


def _lines(radial: Radial, test: SmallStudyTest[float] | None) -> list[_Line]:
    """Those that have a slope and an intercept: not the ones of a degenerate result."""
    slope = radial.slope
    lines = [
        _Line("Common effect", 0.0, slope, "-", INK),
        _Line("\N{PLUS-MINUS SIGN}2 about the common effect", radial.band, slope, "--", FAINT),
        _Line("", -radial.band, slope, "--", FAINT),
    ]
    if test is not None:
        name = f"Line of {_wording.test_name(test)}"
        lines.append(_Line(name, test.bias, test.slope, "-", ACCENT))
    return [line for line in lines if math.isfinite(line.intercept + line.slope)]


def _set_limits(axes: Axes, radial: Radial, lines: list[_Line], reach: float) -> None:
    ends = [y for line in lines for y in (line.intercept, line.at(reach))]
    heights = [0.0, *radial.y.tolist(), *ends]
    margin = 0.05 * (max(heights) - min(heights)) or 1.0
    axes.set_xlim(0, reach)
    axes.set_ylim(min(heights) - margin, max(heights) + margin)


def _draw_lines(axes: Axes, lines: list[_Line], reach: float) -> None:
    axes.plot([0, reach], [0, 0], color=FAINT, lw=0.8, zorder=1, gid="null")
    for line in lines:
        axes.plot(
            [0, reach], [line.intercept, line.at(reach)], color=line.color, ls=line.style,
            lw=1.0, zorder=2, label=line.name or "_nolegend_", gid="line",
        )  # fmt: skip
    add_key(axes)


def _add_effect_axis(axes: Axes, ma: MetaAnalysis, reach: float) -> None:
    """The effects of the rays from the origin, where they meet the right-hand side."""
    is_ratio = ma.effects.is_ratio
    ends = np.array(axes.get_ylim()) / reach
    if is_ratio and abs(ends).max() > LARGEST_LOG:
        return
    low, high = (np.exp(ends) if is_ratio else ends).tolist()
    scale = EffectAxis(low, high, is_ratio)
    effects = [math.log(tick) if is_ratio else tick for tick in scale.ticks]
    side = axes.secondary_yaxis("right")
    side.set_yticks([effect * reach for effect in effects], scale.tick_labels)
    side.set_ylabel(f"{_wording.measure_name(ma.measure)} (slope of a ray from the origin)")
    side.yaxis.label.set(fontsize=FONT_SIZE, parse_math=False)
    side.tick_params(labelsize=SMALL_FONT_SIZE)
