"""Up to millions of points as a picture: how many lie in each cell, and how many are red."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

if TYPE_CHECKING:
    from metapool._types import BoolArray, FloatArray, IntArray

    Limits = tuple[float, float]

#: Fewer points than that are drawn one by one.
_FEW = 2_000
_CELLS = (120, 300)  # the fewest and the most across
_SHAPE = 0.65  # cells up, of those across
_DARKEST = 0.995  # of the cells, as a quantile: a line of equal I2 is no measure for the rest
_FAINTEST = 0.35  # opacity of a cell with one point


def draw_cloud(axes: Axes, x: FloatArray, y: FloatArray, red: BoolArray, colors: list[str]) -> None:
    """Draw points within the limits of the axes, in the first colour or, where `red`, the second.

    In a crowd, the more points a cell holds the darker it is (on a log scale), and its colour is
    mixed as its points are.
    """
    if len(x) <= _FEW:
        _draw_points(axes, x, y, red, colors)
        return
    limits = axes.get_xlim(), axes.get_ylim()
    across = int(np.clip(0.7 * math.sqrt(len(x)), *_CELLS))
    cells = (across, int(_SHAPE * across))
    counts = _counts(x, y, limits, cells)
    share = _counts(x[red], y[red], limits, cells) / np.maximum(counts, 1)
    blend = [np.array(to_rgb(color)) for color in colors]
    picture = np.empty((*counts.shape, 4))
    picture[..., :3] = blend[0] + share[..., np.newaxis] * (blend[1] - blend[0])
    most = np.quantile(counts[counts > 0], _DARKEST)
    depth = np.minimum(np.log1p(counts) / np.log1p(most), 1)
    picture[..., 3] = np.where(counts > 0, _FAINTEST + (1 - _FAINTEST) * depth, 0)
    axes.imshow(
        picture, extent=(*limits[0], *limits[1]), origin="lower", aspect="auto",
        interpolation="nearest", zorder=2, gid="cloud",
    )  # fmt: skip


def _draw_points(
    axes: Axes, x: FloatArray, y: FloatArray, red: BoolArray, colors: list[str]
) -> None:
    size = float(np.interp(len(x), [20, _FEW], [5, 3]))
    opacity = float(np.interp(len(x), [20, _FEW], [0.8, 0.5]))
    for shown, color, gid in ((~red, colors[0], "without"), (red, colors[1], "with")):
        axes.plot(
            x[shown], y[shown], "o", ms=size, mew=0, alpha=opacity, color=color, zorder=2,
            rasterized=len(x) > 1000, gid=gid,
        )  # fmt: skip


def _counts(
    x: FloatArray, y: FloatArray, limits: tuple[Limits, Limits], cells: tuple[int, int]
) -> IntArray:
    """Points per cell: rows upwards, columns to the right."""
    places = [
        np.minimum((n * ((values - low) / (high - low))).astype(np.int64), n - 1)
        for values, (low, high), n in zip((x, y), limits, cells, strict=True)
    ]
    across, up = cells
    counts = np.bincount(places[1] * across + places[0], minlength=across * up)
    return counts.reshape(up, across)
