"""What the scripts of this folder share: running a specification, tables, figures."""

import csv
import io
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

Row = dict[str, Any]
#: Distinct for colour-blind readers (Okabe & Ito 2008), and in print by their markers.
_STYLES = (
    ("#0072B2", "o"),
    ("#D55E00", "s"),
    ("#009E73", "^"),
    ("#CC79A7", "D"),
    ("#E69F00", "v"),
    ("#000000", "X"),
)
_GREY = "#888888"
_BESIDE = 0.06  # from one line to the next, so that bars do not cover each other
_WIDTH = 8.5  # inches
_LEGEND = 100  # characters in a line


def simulate(spec: Path, out: Path) -> list[Row]:
    """The rows of the table that ``metapool simulate SPEC --out OUT`` writes, numbered."""
    command = [sys.executable, "-m", "metapool", "simulate", str(spec), "--out", str(out)]
    subprocess.run([*command, "--resume"], check=True)
    with open(out / "table.csv", newline="") as file:
        rows = [{key: _number(value) for key, value in row.items()} for row in csv.DictReader(file)]
    return numbered(rows)


def numbered(rows: Sequence[Row]) -> list[Row]:
    """Rows with the number of their scenario: its place in the grid, the last list fastest."""
    each = len({(row["analysis"], row["measure"]) for row in rows})
    return [{**row, "scenario": i // each} for i, row in enumerate(rows)]


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def select(rows: Sequence[Row], **wanted: Any) -> list[Row]:
    """The rows that have these values."""
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def values(rows: Sequence[Row], name: str) -> list[Any]:
    """The values of a column, in their order, each once."""
    return list(dict.fromkeys(row[name] for row in rows))


def markdown(head: Sequence[str], body: Sequence[Sequence[object]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def draw(
    path: Path,
    title: str,
    panels: Mapping[str, Mapping[str, Sequence[Row]]],
    *,
    columns: int,
    x: str | Sequence[str],
    y: str,
    ticks: Sequence[Sequence[str]],
    nominal: float,
    published: Mapping[str, Mapping[str, Sequence[float]]] | None = None,
    bottom: float | None = None,
    height: float = 2.2,
) -> None:
    """Panels with a line for each name, and bars of two Monte Carlo standard errors to each side.

    Parameters
    ----------
    panels
        By the title of a panel and the name of a line, one row for each tick.
    columns
        Panels beside each other.
    x, ticks
        The label of the x axis and its ticks, for each column or for all.
    nominal
        Where a dashed line is.
    published
        Values that are drawn as open markers, by panel and line.
    bottom
        Where the y axis begins, if that is not left to matplotlib.
    """
    count = -(-len(panels) // columns)
    figure = Figure(figsize=(_WIDTH, count * height + 1.0), layout="constrained")
    grid = figure.subplots(count, columns, sharey=True, squeeze=False)
    for place, (heading, lines) in enumerate(panels.items()):
        axes = grid[place // columns, place % columns]
        axes.axhline(nominal, color=_GREY, linewidth=0.9, linestyle="--", zorder=0)
        for i, (name, rows) in enumerate(lines.items()):
            colour, marker = _STYLES[i]
            at = [tick + _BESIDE * (i - (len(lines) - 1) / 2) for tick in range(len(rows))]
            axes.errorbar(
                at,
                [row["value"] for row in rows],
                yerr=[2 * row["mcse"] for row in rows],
                color=colour,
                marker=marker,
                markersize=3.5,
                linewidth=1,
                capsize=2,
            )
            beside = (published or {}).get(heading, {}).get(name)
            if beside is not None:
                axes.plot(
                    [tick + _BESIDE * (len(lines) + 1) for tick in at],
                    beside,
                    color=colour,
                    marker=marker,
                    markersize=5.5,
                    markerfacecolor="white",
                    linestyle="none",
                )
        own = ticks[place % columns % len(ticks)]
        axes.set_xticks(range(len(own)), own)
        axes.set_xlim(-0.5, len(own) - 0.5)
        axes.set_title(heading, fontsize=9, loc="left")
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        if place // columns == count - 1:
            axes.set_xlabel(x if isinstance(x, str) else x[place % columns], fontsize=9)
    figure.supylabel(y, fontsize=9)
    figure.suptitle(title, fontsize=10.5)
    names = list(next(iter(panels.values())))
    handles = [
        Line2D([], [], color=c, marker=m, markersize=4, linewidth=1)
        for c, m in _STYLES[: len(names)]
    ]
    if published:
        handles.append(
            Line2D([], [], color=_GREY, marker="o", markerfacecolor="white", linestyle="none")
        )
        names.append("published")
    handles.append(Line2D([], [], color=_GREY, linewidth=0.9, linestyle="--"))
    names.append(f"nominal {nominal:g}" if nominal else "no bias")
    handles.append(Line2D([], [], color=_GREY, marker="|", markersize=7, linestyle="none"))
    names.append("±2 Monte Carlo SE")
    high = 1 + (sum(len(name) + 4 for name in names) > _LEGEND)
    figure.legend(
        handles,
        names,
        loc="outside lower center",
        ncols=-(-len(names) // high),
        fontsize=8,
        frameon=False,
    )
    grid[0, 0].set_ylim(bottom=bottom)  # and of all, which share it
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    """A PNG of few colours, which is half as large."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=110)
    image = Image.open(drawn).convert("RGB")
    image.quantize(160, dither=Image.Dither.NONE).save(path, optimize=True)
