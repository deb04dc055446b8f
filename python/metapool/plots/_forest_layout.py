"""Where the parts of a forest plot stand, in inches, from the measured widths of its texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from metapool.plots._axis import EffectAxis
from metapool.plots._forest_table import BOLD, IN_COLUMNS, SPANNING, Row, Table
from metapool.plots._text import SMALL_FONT_SIZE, TITLE_SIZE, Ruler, height

ROW = 0.21
MARGIN = 0.15
COLUMN_GAP = 0.2
PLOT_GAP = 0.35
PLOT_WIDTH = 3.0
TICK_GAP = 0.08
#: Space between the header rule and the first row, and between the last row and the axis, in rows.
PAD = 0.25
#: Rows under the axis: tick labels and favours-labels.
AXIS_ROWS = 2.2
#: Height of a baseline above the header rule, and above the rule under the name of an arm, in rows.
RAISE = 0.35
#: Depth of that rule below the line of text under it, in rows.
ARM_GAP = 0.22


@dataclass(frozen=True)
class Words:
    """What a forest plot says beside its table. `favours` is empty where it has no place."""

    title: str
    arms: Sequence[str]
    favours: Sequence[str]


@dataclass(frozen=True)
class Arm:
    """The heading over the columns of an arm."""

    name: str
    left: float
    right: float


@dataclass(frozen=True)
class Layout:
    """Places across are inches from the left edge of the figure.

    `columns` has the left edge of the first column and the right edges of the others; `header` is
    the height above the header rule; `parting` is the place between the two favours-labels.
    """

    width: float
    height: float
    header: float
    title: str
    columns: tuple[float, ...]
    arms: tuple[Arm, ...]
    plot_left: float
    plot_width: float
    parting: float


def plot_height(n_rows: int) -> float:
    """Height from the header rule to the axis."""
    return (n_rows + 2 * PAD) * ROW


def layout(table: Table, words: Words, axis: EffectAxis, ruler: Ruler) -> Layout:
    """Give every column the width of its widest text, and the plot that of its labels."""
    widths = [_column_width(table, i, ruler) for i in range(len(table.columns))]
    groups = _arm_columns(table)
    names = [
        _fit_name(name, widths, members, ruler)
        for name, members in zip(words.arms, groups, strict=False)
    ]
    spanning = max(ruler.widest(table.notes), _widest(table, SPANNING, 0, ruler))
    widths[0] += max(0.0, spanning - _total_width(widths))
    edges = _right_edges(widths)

    plot_left = edges[-1] + PLOT_GAP
    plot_width = max(
        PLOT_WIDTH,
        ruler.width(table.columns[-1].header, bold=True),
        sum(map(ruler.width, words.favours)) + COLUMN_GAP,
        _ticks_width(axis, ruler),
    )
    width = plot_left + plot_width + 2 * MARGIN
    title = ruler.wrap(words.title, width - 2 * MARGIN, bold=True, size=TITLE_SIZE)
    header = MARGIN + _title_height(title) + _header_height(table, names)
    below = ROW * max(len(table.notes), AXIS_ROWS) + MARGIN
    return Layout(
        width=width,
        height=header + plot_height(len(table.rows)) + below,
        header=header,
        title=title,
        columns=(MARGIN, *edges[1:]),
        arms=tuple(
            Arm(name, edges[members[0]] - widths[members[0]], edges[members[-1]])
            for name, members in zip(names, groups, strict=False)
        ),
        plot_left=plot_left,
        plot_width=plot_width,
        parting=plot_left + _parting(words.favours, axis, plot_width, ruler),
    )


def _column_width(table: Table, i: int, ruler: Ruler) -> float:
    header = ruler.width(table.columns[i].header, bold=True)
    return max(header, _widest(table, IN_COLUMNS, i, ruler))


def _widest(table: Table, kinds: set[str], i: int, ruler: Ruler) -> float:
    rows: list[Row] = [row for row in table.rows if row.kind in kinds]
    return max((ruler.width(row.cells[i], bold=row.kind in BOLD) for row in rows), default=0.0)


def _arm_columns(table: Table) -> list[list[int]]:
    """The columns of the experimental and the control arm, if there are any."""
    arms = [[i for i, column in enumerate(table.columns) if column.arm == a] for a in (0, 1)]
    return [members for members in arms if members]


def _fit_name(name: str, widths: list[float], members: list[int], ruler: Ruler) -> str:
    """Break an arm's name into lines over its columns, and widen them for a long word."""
    room = _total_width([widths[i] for i in members])
    wrapped = ruler.wrap(name, room, bold=True)
    widths[members[0]] += max(0.0, ruler.width(wrapped, bold=True) - room)
    return wrapped


def _ticks_width(axis: EffectAxis, ruler: Ruler) -> float:
    """The width at which neighbouring tick labels leave a gap."""
    labels = [ruler.width(label, size=SMALL_FONT_SIZE) + TICK_GAP for label in axis.tick_labels]
    places = [axis.position(tick) for tick in axis.ticks]
    steps = [b - a for a, b in pairwise(places)]
    pairs = zip(pairwise(labels), steps, strict=True)
    return max(((a + b) / 2 / step for (a, b), step in pairs), default=0.0)


def _parting(favours: Sequence[str], axis: EffectAxis, plot_width: float, ruler: Ruler) -> float:
    """At no effect, or as near as the labels can come within the plot."""
    if not favours:
        return 0.0
    left, right = (ruler.width(text) + COLUMN_GAP / 2 for text in favours)
    return min(max(axis.position(axis.null) * plot_width, left), plot_width - right)


def _total_width(widths: Sequence[float]) -> float:
    return sum(widths) + COLUMN_GAP * (len(widths) - 1)


def _right_edges(widths: Sequence[float]) -> list[float]:
    return [MARGIN + _total_width(widths[: i + 1]) for i in range(len(widths))]


def _title_height(title: str) -> float:
    return height(title, TITLE_SIZE) + ROW / 2 if title else 0.0


def _header_height(table: Table, arms: Sequence[str]) -> float:
    own = max(height(column.header) for column in table.columns)
    over = height("") + (ARM_GAP + RAISE) * ROW
    return RAISE * ROW + max(own, *(over + height(name) for name in arms), 0.0)
