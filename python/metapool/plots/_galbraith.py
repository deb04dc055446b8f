"""The Galbraith (radial) plot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metapool import InputError, MetaAnalysis, SmallStudyTest
from metapool.plots import _wording
from metapool.plots._axis import EffectAxis
from metapool.plots._point_labels import label_points
from metapool.plots._text import FONT_SIZE, SMALL_FONT_SIZE, TITLE_SIZE

if TYPE_CHECKING:
    from metapool._small_study_result import Radial

_POINT = "#44688f"
_INK = "black"
_FAINT = "#888888"
_ACCENT = "#b5452c"
_SIZE = (6.4, 4.8)  # inches
_BOX = (0.11, 0.21, 0.77, 0.69)  # of the figure, for the axes
_ROOM = 1.08  # the axes reach that much farther than the points
_MOST_LABELS = 20
_LARGEST_LOG = 600.0  # exp of it is a float
_LEGEND_DOWN = 4.8  # below the axes, in font sizes
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
    axes = _new_axes() if ax is None else ax
    reach = _ROOM * (float(radial.x.max(initial=0.0)) or 1.0)
    lines = _lines(radial, test)
    _set_limits(axes, radial, lines, reach)
    _draw_lines(axes, lines, reach)
    axes.plot(radial.x, radial.y, "o", ms=5, color=_POINT, mec="white", mew=0.5, zorder=3)
    if isinstance(result, SmallStudyTest):
        _write_head(axes, title, _wording.small_study(result))
        _name_axes(axes, *_TEST_AXES[result.method])
    else:
        _write_head(axes, title, "")
        effect = _wording.analysed_name(result.measure, result.effects.is_ratio)
        _name_axes(axes, "1 / SE", f"{effect} / SE")
        _add_effect_axis(axes, result, reach)
    if labels or (labels is None and len(radial.study) <= _MOST_LABELS):
        label_points(axes, radial.x, radial.y, radial.study)
    return axes


def _new_axes() -> Axes:
    figure = Figure(_SIZE)
    figure.set_layout_engine("none")
    return figure.add_axes(_BOX)


def _lines(radial: Radial, test: SmallStudyTest[float] | None) -> list[_Line]:
    """Those that have a slope and an intercept: not the ones of a degenerate result."""
    slope = radial.slope
    lines = [
        _Line("Common effect", 0.0, slope, "-", _INK),
        _Line("\N{PLUS-MINUS SIGN}2 about the common effect", radial.band, slope, "--", _FAINT),
        _Line("", -radial.band, slope, "--", _FAINT),
    ]
    if test is not None:
        name = f"Line of {_wording.test_name(test)}"
        lines.append(_Line(name, test.bias, test.slope, "-", _ACCENT))
    return [line for line in lines if math.isfinite(line.intercept + line.slope)]


def _set_limits(axes: Axes, radial: Radial, lines: list[_Line], reach: float) -> None:
    ends = [y for line in lines for y in (line.intercept, line.at(reach))]
    heights = [0.0, *radial.y.tolist(), *ends]
    margin = 0.05 * (max(heights) - min(heights)) or 1.0
    axes.set_xlim(0, reach)
    axes.set_ylim(min(heights) - margin, max(heights) + margin)


def _draw_lines(axes: Axes, lines: list[_Line], reach: float) -> None:
    axes.plot([0, reach], [0, 0], color=_FAINT, lw=0.8, zorder=1, gid="null")
    for line in lines:
        axes.plot(
            [0, reach], [line.intercept, line.at(reach)], color=line.color, ls=line.style,
            lw=1.0, zorder=2, label=line.name or "_nolegend_", gid="line",
        )  # fmt: skip
    if lines:
        axes.legend(
            loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=_LEGEND_DOWN, ncols=3,
            frameon=False, fontsize=SMALL_FONT_SIZE,
        )  # fmt: skip


def _add_effect_axis(axes: Axes, ma: MetaAnalysis, reach: float) -> None:
    """The effects of the rays from the origin, where they meet the right-hand side."""
    is_ratio = ma.effects.is_ratio
    ends = np.array(axes.get_ylim()) / reach
    if is_ratio and abs(ends).max() > _LARGEST_LOG:
        return
    low, high = (np.exp(ends) if is_ratio else ends).tolist()
    scale = EffectAxis(low, high, is_ratio)
    effects = [math.log(tick) if is_ratio else tick for tick in scale.ticks]
    side = axes.secondary_yaxis("right")
    side.set_yticks([effect * reach for effect in effects], scale.tick_labels)
    side.set_ylabel(f"{_wording.measure_name(ma.measure)} (slope of a ray from the origin)")
    side.yaxis.label.set(fontsize=FONT_SIZE, parse_math=False)
    side.tick_params(labelsize=SMALL_FONT_SIZE)


def _name_axes(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x, fontsize=FONT_SIZE, parse_math=False)
    axes.set_ylabel(y, fontsize=FONT_SIZE, parse_math=False)
    axes.tick_params(labelsize=SMALL_FONT_SIZE)
    axes.spines[["top", "right"]].set_visible(False)


def _write_head(axes: Axes, title: str | None, note: str) -> None:
    if note:
        axes.annotate(
            note, (0, 1), (0, 6), xycoords="axes fraction", textcoords="offset points",
            fontsize=FONT_SIZE, gid="note",
        )  # fmt: skip
    if title:
        axes.set_title(
            title, loc="left", fontsize=TITLE_SIZE, fontweight="bold", pad=20 if note else 6,
            parse_math=False,
        )  # fmt: skip
