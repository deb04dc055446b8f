"""The L'Abbé plot."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from metapool import InputError, MetaAnalysis, TwoByTwo
from metapool.plots import _frame as frame
from metapool.plots import _wording
from metapool.plots._frame import ACCENT, FAINT, POINT
from metapool.plots._point_labels import label_points

if TYPE_CHECKING:
    from metapool._types import FloatArray

_SIZE = (5.6, 6.0)  # inches
_BOX = (0.13, 0.19, 0.81, 0.81 * 5.6 / 6.0)  # of the figure, for the axes: square
_ROOM = 1.08  # the axes reach that much farther than the largest risk, and not beyond 1
_SMALLEST, _LARGEST, _LARGEST_OF_MANY = 3.0, 18.0, 10.0  # diameters in points
_MANY = 60


def labbe(
    result: MetaAnalysis,
    *,
    ax: Axes | None = None,
    labels: bool | None = None,
    title: str | None = None,
) -> Axes:
    """Draw a L'Abbé plot: the risk of the experimental arm of each study against that of control.

    The diagonal is no effect, the dashed line the pooled effect at any risk of control. The area
    of a point is proportional to the weight of the study (L'Abbé, Detsky & O'Rourke 1987).

    Parameters
    ----------
    result : MetaAnalysis
        Of two-by-two tables.
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
    >>> axes = mp.plots.labbe(mp.meta_analysis(mp.examples.bcg(), "RR", model="random"))
    >>> axes.figure.savefig("labbe.png", dpi=300)  # doctest: +SKIP
    """
    if not isinstance(result, MetaAnalysis):
        raise InputError(f"labbe draws the result of meta_analysis, not {type(result).__name__}")
    if not isinstance(result.studies, TwoByTwo):
        raise InputError(f"labbe is for two-by-two tables, not {type(result.studies).__name__}")
    data = result.labbe
    axes = frame.new_axes(_SIZE, _BOX) if ax is None else ax
    risks = np.concatenate([data.risk_c, data.risk_e])
    top = min(_ROOM * float(risks.max(initial=0.0)), 1.0) or 1.0
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    axes.set_aspect("equal", adjustable="box")
    axes.set_yticks(axes.get_xticks())
    axes.set_ylim(0, top)

    axes.plot([0, top], [0, top], color=FAINT, lw=0.8, zorder=1, label="No effect", gid="null")
    if data.curve_c.size:
        axes.plot(
            data.curve_c, data.curve_e, color=ACCENT, lw=1.2, ls="--", zorder=2,
            label=_pooled(result), gid="pooled",
        )  # fmt: skip
    diameters = _diameters(data.weight)
    axes.scatter(
        data.risk_c, data.risk_e, s=diameters**2, color=POINT, alpha=0.65, ec="white", lw=0.5,
        zorder=3, clip_on=False, gid="points",
    )  # fmt: skip
    frame.write_head(axes, title)
    frame.name_axes(axes, "Risk, control", "Risk, experimental")
    frame.add_key(axes)
    if frame.names_wanted(labels, len(data.study)):
        label_points(axes, data.risk_c, data.risk_e, data.study, diameters.tolist())
    return axes


def _diameters(weight: FloatArray) -> FloatArray:
    """Areas in proportion to the weights; the more points there are, the smaller they are."""
    largest = np.interp(len(weight), [0, _MANY], [_LARGEST, _LARGEST_OF_MANY])
    shares = np.nan_to_num(weight) / (float(np.nan_to_num(weight).max(initial=0.0)) or 1.0)
    return np.maximum(largest * np.sqrt(shares), _SMALLEST)


def _pooled(result: MetaAnalysis) -> str:
    name = _wording.measure_name(result.measure)
    if not result.has_total or math.isnan(result.pooled.estimate):
        return name
    shown = result.pooled.display
    digits = _wording.digits_of(shown.ci_high - shown.ci_low)
    method = _wording.method_name(result.pooled)
    return f"{name} {_wording.number(shown.estimate, digits)} ({method})"
