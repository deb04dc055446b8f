"""The funnel plot."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Polygon

from metapool import InputError, MetaAnalysis, TrimAndFill
from metapool.plots import _frame as frame
from metapool.plots import _wording
from metapool.plots._axis import widened
from metapool.plots._frame import ACCENT, FAINT, INK, POINT
from metapool.plots._point_labels import label_points

if TYPE_CHECKING:
    from metapool._funnel import Funnel

_ROOM = 1.06  # the axes reach that much farther down than the points
#: P of no effect between the limits of 90, 95 and 99 % confidence, from the centre outwards.
_CONTOURS = (
    ("P > 0.10", "white"),
    ("P = 0.10 to 0.05", "#b9bcc0"),
    ("P = 0.05 to 0.01", "#d6d8db"),
    ("P < 0.01", "#eeeff0"),
)
_EDGE = "#888888"
_MARKER = 5.0  # points


def funnel(
    result: MetaAnalysis | TrimAndFill[float],
    *,
    ax: Axes | None = None,
    contours: bool = False,
    labels: bool | None = None,
    title: str | None = None,
) -> Axes:
    """Draw a funnel plot: the effect of each study across, its standard error downwards.

    The vertical line is the pooled effect. Of studies without heterogeneity and without bias 95%
    lie between the dashed lines. The contours are instead about no effect, between the P values
    that studies have (Peters et al. 2008). Studies of trim and fill that were filled in are open
    circles.

    Parameters
    ----------
    result : MetaAnalysis or TrimAndFill
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a figure of its own.
    contours : bool
        Whether to shade the regions of P rather than to draw 95% limits.
    labels : bool, optional
        Whether to name the studies; by default if they are 20 at most.
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes
        Across is the analysis scale, log for ratios, with ticks of the natural scale.

    Examples
    --------
    >>> import metapool as mp
    >>> found = mp.trim_and_fill(mp.examples.bcg(), "RR", "DL")
    >>> axes = mp.plots.funnel(found, contours=True)
    >>> axes.figure.savefig("funnel.png", dpi=300)  # doctest: +SKIP
    """
    if not isinstance(result, (MetaAnalysis, TrimAndFill)):
        raise InputError(
            "funnel draws the result of meta_analysis or trim_and_fill, "
            f"not {type(result).__name__}"
        )
    data = result.funnel
    axes = frame.new_axes() if ax is None else ax
    reach = _ROOM * (float(data.se.max(initial=0.0)) or 1.0)
    original = result.original.estimate if isinstance(result, TrimAndFill) else math.nan
    _set_limits(axes, data, reach, contours)
    keys = _draw_contours(axes, data, reach) if contours else []
    _draw_lines(axes, data, reach, original, limits=not contours)
    _draw_studies(axes, data)
    frame.write_head(axes, title, _note(result))
    error = "Standard error (log scale)" if data.is_ratio else "Standard error"
    frame.name_effect_axes(axes, data.measure, data.is_ratio, error)
    columns = 3 if contours else 2
    frame.add_key(axes, [*axes.get_legend_handles_labels()[0], *keys], columns=columns)
    own = ["" if filled else name for name, filled in zip(data.study, data.filled, strict=True)]
    if frame.names_wanted(labels, len(own) - int(data.filled.sum())):
        label_points(axes, data.y, data.se, own)
    return axes


def _set_limits(axes: Axes, data: Funnel, reach: float, contours: bool) -> None:
    centre, z = (0.0, data.z[2]) if contours else (data.estimate, data.z[1])
    ends = np.array([*data.y, data.estimate, centre - z * reach, centre + z * reach])
    ends = ends[np.isfinite(ends)]
    low, high = (float(ends.min()), float(ends.max())) if ends.size else (-1.0, 1.0)
    axes.set_xlim(widened(low, high))
    axes.set_ylim(reach, 0)


def _draw_contours(axes: Axes, data: Funnel, reach: float) -> list[Patch]:
    """Triangles about no effect over one another, the widest first; their key."""
    left, right = axes.get_xlim()
    outermost = [(left, 0.0), (right, 0.0), (right, reach), (left, reach)]
    inner = [[(0.0, 0.0), (z * reach, reach), (-z * reach, reach)] for z in reversed(data.z)]
    shapes = zip([outermost, *inner], reversed(_CONTOURS), strict=True)
    for corners, (_, color) in shapes:
        axes.add_patch(Polygon(corners, color=color, lw=0, zorder=0, gid="contour"))
    axes.plot([0, 0], [0, reach], color=FAINT, lw=0.8, zorder=1, gid="null")
    return [Patch(fc=color, ec=_EDGE, lw=0.5, label=name) for name, color in _CONTOURS]


def _draw_lines(axes: Axes, data: Funnel, reach: float, original: float, *, limits: bool) -> None:
    """Those that are estimable."""
    centre = data.estimate
    if not math.isfinite(centre):
        return
    filled = bool(data.filled.any())
    name = "Effect with filled-in studies" if filled else "Pooled effect"
    axes.plot([centre, centre], [0, reach], color=INK, lw=1.0, zorder=2, label=name, gid="pooled")
    if filled and math.isfinite(original):
        axes.plot(
            [original, original], [0, reach], color=ACCENT, lw=1.0, ls=":", zorder=2,
            label="Effect without them", gid="original",
        )  # fmt: skip
    for side in (-1, 1) if limits else ():
        axes.plot(
            [centre, centre + side * data.z[1] * reach], [0, reach], color=FAINT, lw=1.0, ls="--",
            zorder=2, label="Pseudo 95% limits" if side < 0 else "_nolegend_", gid="limit",
        )  # fmt: skip


def _draw_studies(axes: Axes, data: Funnel) -> None:
    points = np.array([data.y, data.se])
    observed, filled = points[:, ~data.filled], points[:, data.filled]
    axes.plot(
        *observed, "o", ms=_MARKER, color=POINT, mec="white", mew=0.5, zorder=3, clip_on=False,
        gid="observed",
    )  # fmt: skip
    if filled.size:
        axes.plot(
            *filled, "o", ms=_MARKER, color="white", mec=POINT, mew=1.0, zorder=3, clip_on=False,
            label="Filled in", gid="filled",
        )  # fmt: skip


def _note(result: MetaAnalysis | TrimAndFill[float]) -> str:
    if not result.funnel.y.size:
        return "No study has an effect"
    if isinstance(result, MetaAnalysis):
        return ""
    if not result.side:
        return f"Trim and fill ({result.estimator}): not estimable"
    where = f" on the {result.side}" if result.k0 else ""
    return (
        f"Trim and fill ({result.estimator}): {_wording.studies(int(result.k0))} filled in{where}"
    )
