"""Names beside the points of a scatter plot, none over another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from metapool.plots._frame import figure_of, lay_out
from metapool.plots._text import SMALL_FONT_SIZE

if TYPE_CHECKING:
    from metapool._types import FloatArray

Side = tuple[int, int]

#: Distances from a point, in points, and the sides on which a name may stand; best first.
_DISTANCES = (5.0, 10.0, 16.0, 24.0, 34.0, 46.0, 60.0)
_SIDES: tuple[Side, ...] = ((1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1))
_ALIGN_X = {1: "left", 0: "center", -1: "right"}
_ALIGN_Y = {1: "bottom", 0: "center", -1: "top"}
_POINT_SIZE = 6.0
_LEADER = "#888888"
#: So much wider a name may be at another resolution.
_HINTING = 1.05


def label_points(
    axes: Axes,
    x: FloatArray,
    y: FloatArray,
    names: Sequence[str],
    diameters: Sequence[float] | None = None,
) -> None:
    """Write each name where it covers no point and no other name, the nearer the better.

    A thin line leads to a name that is not next to its point. A name without room is left out;
    the first has the first choice. A point with an empty name has none. `diameters` of the points
    are in points.
    """
    lay_out(axes)
    frame = axes.get_window_extent()
    pixels = figure_of(axes).dpi / 72
    points = axes.transData.transform(np.column_stack([x, y]))
    across = [_POINT_SIZE] * len(names) if diameters is None else diameters
    taken = [
        _box(point, (0, 0), size * pixels, size * pixels)
        for point, size in zip(points, across, strict=True)
    ]
    probe = axes.text(0, 0, "", fontsize=SMALL_FONT_SIZE, parse_math=False)
    for i, name in enumerate(names):
        if not name:
            continue
        out = (across[i] - _POINT_SIZE) / 2
        probe.set_text(name)
        extent = probe.get_window_extent()
        width, height = _HINTING * extent.width, extent.height
        for distance, side in product(_DISTANCES, _SIDES):
            offset = (out + distance) * np.array(side)
            box = _box(points[i] + offset * pixels, side, width, height)
            if _inside(box, frame) and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                far = distance > _DISTANCES[0]
                _write(axes, name, (x[i], y[i]), side, offset, out + 3 if far else None)
                break
    probe.remove()


def _write(
    axes: Axes, name: str, point: tuple[float, float], side: Side, offset: FloatArray,
    gap: float | None,
) -> None:  # fmt: skip
    """With a leader that ends that far from the point, if any."""
    leader = {
        "arrowstyle": "-", "lw": 0.5, "color": _LEADER, "shrinkA": 0, "shrinkB": gap,
        "relpos": ((1 - side[0]) / 2, (1 - side[1]) / 2),
    }  # fmt: skip
    axes.annotate(
        name, point, (offset[0], offset[1]), textcoords="offset points", ha=_ALIGN_X[side[0]],
        va=_ALIGN_Y[side[1]], fontsize=SMALL_FONT_SIZE, parse_math=False, zorder=4, gid="study",
        arrowprops=leader if gap is not None else None,
        path_effects=[withStroke(linewidth=2, foreground="white")],
    )  # fmt: skip


def _inside(box: Bbox, frame: Bbox) -> bool:
    return bool(
        frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
    )


def _box(place: FloatArray, side: Side, width: float, height: float) -> Bbox:
    """The box that touches a place from one side, or lies about it."""
    left = place[0] + (side[0] - 1) / 2 * width
    bottom = place[1] + (side[1] - 1) / 2 * height
    return Bbox.from_bounds(left, bottom, width, height)
