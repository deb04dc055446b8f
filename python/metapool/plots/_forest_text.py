"""The texts of a forest plot and the rules between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory

from metapool.plots._forest_layout import (
    ARM_GAP,
    COLUMN_GAP,
    MARGIN,
    PAD,
    RAISE,
    ROW,
    Layout,
)
from metapool.plots._forest_table import BOLD, Table
from metapool.plots._text import FONT_SIZE, LINE_SPACING, TITLE_SIZE, height

_BASELINE = 0.22  # below the centre of a row, in rows
_FAVOURS_BASELINE = 1.9  # below the axis, in rows


class Writer:
    """Writes into `axes`: across in inches of the figure, down in rows of the plot."""

    def __init__(self, axes: Axes, place: Layout) -> None:
        figure = axes.get_figure(root=True)
        assert figure is not None
        self._axes = axes
        self._place = place
        self._transform = blended_transform_factory(figure.transFigure, axes.transData)

    def title(self) -> None:
        top = -0.5 - PAD - self._place.header / ROW
        down = (MARGIN + height(self._place.title, TITLE_SIZE)) / ROW - _BASELINE
        self._write(MARGIN, top + down, self._place.title, bold=True, size=TITLE_SIZE)

    def header(self, table: Table) -> None:
        rule = -0.5 - PAD
        self._rule(MARGIN, self._place.width - MARGIN, rule)
        baseline = rule - RAISE
        for i, (x, column) in enumerate(zip(self._place.columns, table.columns, strict=True)):
            self._write(x, baseline, column.header, bold=True, ha="right" if i else "left")
        middle = self._place.plot_left + self._place.plot_width / 2
        self._write(middle, baseline, table.columns[-1].header, bold=True, ha="center")
        over = baseline - height("") / ROW - ARM_GAP
        for arm in self._place.arms:
            self._rule(arm.left, arm.right, over)
            middle = (arm.left + arm.right) / 2
            self._write(middle, over - RAISE, arm.name, bold=True, ha="center")

    def rows(self, table: Table) -> None:
        for y, row in enumerate(table.rows):
            bold = row.kind in BOLD
            cells = zip(self._place.columns, row.cells, strict=False)
            for i, (x, cell) in enumerate(cells):
                self._write(x, y + _BASELINE, cell, bold=bold, ha="right" if i else "left")
        for y, note in enumerate(table.notes, start=len(table.rows)):
            self._write(MARGIN, y + _BASELINE, note)

    def favours(self, favours: Sequence[str], n_rows: int) -> None:
        y = n_rows - 0.5 + PAD + _FAVOURS_BASELINE
        for text, side, align in zip(favours, (-1, 1), ("right", "left"), strict=False):
            self._write(self._place.parting + side * COLUMN_GAP / 2, y, text, ha=align)

    def _rule(self, left: float, right: float, y: float) -> None:
        ends = np.array([left, right]) / self._place.width
        self._axes.plot(
            ends, [y, y], color="black", lw=0.8, transform=self._transform, clip_on=False,
            gid="rule",
        )  # fmt: skip

    def _write(
        self, x: float, y: float, text: str, *, bold: bool = False, size: float = FONT_SIZE,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        if text:
            self._axes.text(
                x / self._place.width, y, text, transform=self._transform, fontsize=size,
                fontweight="bold" if bold else "normal", linespacing=LINE_SPACING, va="baseline",
                parse_math=False, **kwargs,
            )  # fmt: skip
