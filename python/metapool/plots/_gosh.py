"""The GOSH plot: the pooled effects of subsets of the studies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from metapool import Gosh, InputError
from metapool.plots import _frame as frame
from metapool.plots import _wording
from metapool.plots._axis import widened
from metapool.plots._frame import ACCENT, INK, POINT
from metapool.plots._gosh_cloud import draw_cloud
from metapool.plots._text import SMALL_FONT_SIZE, Ruler, one_line

if TYPE_CHECKING:
    from metapool._types import BoolArray, FloatArray

    Limits = tuple[float, float]

_LEFT, _WIDTH, _HEIGHT = 0.70, 4.6, 3.1  # of the axes, in inches
_RIGHT, _ABOVE, _BELOW = 0.95, 1.15, 0.65
_KEY_LINE = 0.17
_BESIDE, _GAP = 0.16, 0.02  # the histograms: their depth and distance, of the axes
_BINS = (10, 60)  # the fewest and the most
_FEW = 100  # no more subsets than that have a narrow bar each
_CUT = 3.0  # a bar is cut that is so many times as high as any other
_HANDLE = 0.6  # with the space around it in the key, in inches
_MARGIN = 0.03  # below and above, of the height
_LEAST_I2 = 10.0  # the top of the axis is not lower


def gosh(
    result: Gosh,
    *,
    study: str | int | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw a GOSH plot: I² against the pooled effect, for subsets of the studies.

    Several clouds, or a histogram with several peaks, say that the studies are of several kinds
    (Olkin, Dahabreh & Trikalinos 2012). Subsets with one of the studies can have another colour:
    if that sets a cloud apart, the study made it. The cross is the analysis of all studies. A bar
    of the histograms that is three times as high as any other is cut there.

    Parameters
    ----------
    result : Gosh
    study : str or int, optional
        Label or row of the study whose subsets are red.
    ax : matplotlib.axes.Axes, optional
        Where to draw, with histograms above and right of it; by default in a figure of its own.
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes
        Across is the analysis scale, log for ratios, with ticks of the natural scale.

    Examples
    --------
    >>> import metapool as mp
    >>> found = mp.gosh(mp.examples.bcg(), "RR", "DL")
    >>> axes = mp.plots.gosh(found, study="TPT Madras 1980")
    >>> axes.figure.savefig("gosh.png", dpi=300)  # doctest: +SKIP
    """
    if not isinstance(result, Gosh):
        kind = type(result).__name__
        raise InputError(f"plots.gosh draws the result of metapool.gosh, not {kind}")
    known = np.isfinite(result.estimate) & np.isfinite(result.i2)
    x, y = result.estimate[known], result.i2[known]
    red = np.zeros(len(x), dtype=bool) if study is None else result.contains(study)[known]
    room = _WIDTH if ax is None else frame.width_of(ax)
    key, columns = _key(result, study, red, room)
    axes = _new_axes(key, columns) if ax is None else ax
    _set_limits(axes, x, y, result)
    colors = [POINT, ACCENT]
    if x.size:
        draw_cloud(axes, x, y, red, colors)
    _draw_all_studies(axes, result)
    for side in ("x", "y"):
        _add_histogram(axes, side, x if side == "x" else y, red, colors)
    frame.write_head(axes, title, _note(result, len(x)), above=1 + _GAP + _BESIDE)
    frame.name_effect_axes(axes, result.measure, result.is_ratio, "I², %")
    frame.add_key(axes, key, columns=columns)
    return axes


def _new_axes(key: list[Line2D], columns: int) -> Axes:
    lines = sum(str(line.get_label()).count("\n") + 1 for line in key) if columns == 1 else 1
    below = _BELOW + lines * _KEY_LINE
    across, up = _LEFT + _WIDTH + _RIGHT, below + _HEIGHT + _ABOVE
    return frame.new_axes((across, up), (_LEFT / across, below / up, _WIDTH / across, _HEIGHT / up))


def _set_limits(axes: Axes, x: FloatArray, y: FloatArray, result: Gosh) -> None:
    overall = result.overall.estimate
    places = np.append(x, overall) if math.isfinite(overall) else x
    low, high = (float(places.min()), float(places.max())) if places.size else (0.0, 0.0)
    axes.set_xlim(widened(low, high))
    top = max(float(y.max(initial=_LEAST_I2)), float(np.nan_to_num(result.overall.i2)))
    axes.set_ylim(-_MARGIN * top, (1 + _MARGIN) * top)


def _draw_all_studies(axes: Axes, result: Gosh) -> None:
    place = result.overall.estimate, float(np.nan_to_num(result.overall.i2))
    if math.isfinite(place[0]):
        axes.axvline(place[0], color=INK, lw=0.8, ls="--", zorder=3, gid="pooled")
        axes.plot(
            [place[0]], [place[1]], "X", ms=9, color=INK, mec="white", mew=1.0, zorder=4,
            clip_on=False, gid="all",
        )  # fmt: skip


def _add_histogram(
    axes: Axes, side: str, values: FloatArray, red: BoolArray, colors: list[str]
) -> None:
    """Beside the axes, one over the other; with equal bins."""
    across = side == "x"
    bounds = (0, 1 + _GAP, 1, _BESIDE) if across else (1 + _GAP, 0, _BESIDE, 1)
    inset = axes.inset_axes(bounds, gid=f"{side} histogram")
    inset.axis("off")
    inset.set(xticks=[], yticks=[])
    limits = axes.get_xlim() if across else axes.get_ylim()
    bins = int(np.clip(2 * len(values) ** (1 / 3), *_BINS)) if len(values) > _FEW else _BINS[1]
    edges = np.linspace(*limits, bins + 1)
    highest = [0.0, 0.0]
    for shown, color in ((~red, colors[0]), (red, colors[1])):
        heights = np.histogram(values[shown], edges)[0]
        highest = np.maximum(highest, np.sort(heights)[-2:]).tolist()
        inset.stairs(
            heights, edges, fill=True, color=color, alpha=0.6, lw=0, gid="bars",
            orientation="vertical" if across else "horizontal",
        )  # fmt: skip
    ceiling = (0.0, min(highest[1], _CUT * highest[0] or highest[1]) or 1.0)
    inset.set_xlim(limits if across else ceiling)
    inset.set_ylim(ceiling if across else limits)


def _note(result: Gosh, n: int) -> str:
    if not n:
        return "No subset has an estimate"
    subsets = f"{'' if result.exact else 'random '}{'subset' if n == 1 else 'subsets'}"
    all_of = "All " if result.exact and n > 1 else ""
    return f"{all_of}{n:,} {subsets} of {_wording.studies(result.n_studies)}"


def _key(
    result: Gosh, study: str | int | None, red: BoolArray, room: float
) -> tuple[list[Line2D], int]:
    """Its entries, no wider than `room` inches, and in how many columns they have room."""
    handles = [Line2D([], [], marker="X", ms=8, ls="none", color=INK, mec="white")]
    texts = ["All studies"]
    if study is not None:
        name = one_line(study if isinstance(study, str) else result.study[study])
        for color, text, n in (
            (ACCENT, f"With {name}", red.sum()),
            (POINT, "Without it", (~red).sum()),
        ):
            handles.append(Line2D([], [], marker="o", ms=5, mew=0, ls="none", color=color))
            texts.append(f"{text} ({n:,})")
    ruler = Ruler()
    beside = sum(ruler.width(text, size=SMALL_FONT_SIZE) + _HANDLE for text in texts) <= room
    for handle, text in zip(handles, texts, strict=True):
        handle.set_label(ruler.wrap(text, room - _HANDLE, size=SMALL_FONT_SIZE))
    return handles, len(texts) if beside else 1
