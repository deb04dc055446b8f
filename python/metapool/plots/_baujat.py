"""The Baujat plot."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from metapool import Influence, InputError
from metapool.plots import _frame as frame
from metapool.plots._frame import POINT
from metapool.plots._point_labels import label_points

_BOX = (0.11, 0.13, 0.85, 0.76)  # of the figure, for the axes
_ROOM = 1.08  # the axes reach that much farther than the points
_MOST_LABELS = 20


def baujat(
    result: Influence[float],
    *,
    ax: Axes | None = None,
    labels: bool | None = None,
    title: str | None = None,
) -> Axes:
    """Draw a Baujat plot: where heterogeneity comes from, and what it does to the pooled effect.

    Across is the contribution of each study to Q, up its influence on the pooled effect: the
    squared change of the effect without the study, in units of its variance (Baujat et al. 2002).

    Parameters
    ----------
    result : Influence
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a figure of its own.
    labels : bool, optional
        Whether to name the studies; by default those farthest out, 20 at most.
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import metapool as mp
    >>> axes = mp.plots.baujat(mp.influence(mp.examples.bcg(), "RR", "DL"))
    >>> axes.figure.savefig("baujat.png", dpi=300)  # doctest: +SKIP
    """
    if not isinstance(result, Influence):
        raise InputError(f"baujat draws the result of influence, not {type(result).__name__}")
    frame.require_one(result, "a Baujat plot")
    axes = frame.new_axes(box=_BOX) if ax is None else ax
    known = np.isfinite(result.baujat.x) & np.isfinite(result.baujat.y)
    x, y = result.baujat.x[known], result.baujat.y[known]
    right, top = (_ROOM * float(values.max(initial=0.0)) or 1.0 for values in (x, y))
    axes.set_xlim(0, right)
    axes.set_ylim(0, top)
    axes.plot(
        x, y, "o", ms=5, color=POINT, mec="white", mew=0.5, zorder=3, clip_on=False, gid="points"
    )
    frame.write_head(axes, title, "" if known.any() else "No study has an influence: not estimable")
    frame.name_axes(axes, "Contribution to heterogeneity", "Influence on the pooled effect")
    if labels is not False:
        outwards = np.argsort(-np.hypot(x / right, y / top), kind="stable")
        names = np.array(result.baujat.study, dtype=object)[known][outwards]
        if labels is None:
            names[_MOST_LABELS:] = ""
        label_points(axes, x[outwards], y[outwards], names.tolist())
    return axes
