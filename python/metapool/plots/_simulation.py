"""The plot of a simulation study: a measure of performance over its scenarios."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metapool import InputError, Simulation, SimulationResult
from metapool.plots._text import FONT_SIZE, SMALL_FONT_SIZE

_FAINT = "#888888"
#: Distinct for colour-blind readers (Okabe & Ito 2008), and in print by their markers.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_LINES = ("-", "--", ":")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_PANEL = (3.2, 2.7)  # inches
_KEY = 1.9  # inches
_COLUMNS = 3  # of panels
_TITLE = 38  # letters in a line
_TICK = 14
_BESIDE = 0.05  # from one line to the next, so that bars do not cover each other
_TITLES = {
    "mean_estimate": "Mean estimate",
    "bias": "Bias",
    "relative_bias": "Relative bias",
    "empirical_se": "Empirical SE",
    "mse": "Mean squared error",
    "model_se": "Model SE",
    "relative_error_of_model_se": "Relative error of model SE",
    "coverage": "Coverage",
    "bias_eliminated_coverage": "Coverage of the mean estimate",
    "power": "Share of P below alpha",
    "interval_width": "Interval width",
    "tau2_bias": "Bias of tau²",
    "tau2_mse": "Mean squared error of tau²",
    "failed": "Share of failures",
    "bias_difference": "Bias less that of the first",
    "mse_difference": "Mean squared error less that of the first",
    "coverage_difference": "Coverage less that of the first",
    "power_difference": "Share of P below alpha less that of the first",
}
_AT_ZERO = (
    "bias",
    "relative_bias",
    "relative_error_of_model_se",
    "tau2_bias",
    "bias_difference",
    "mse_difference",
    "coverage_difference",
    "power_difference",
)


def simulation(
    result: SimulationResult, measure: str, *, x: str | None = None, by: str = "analysis"
) -> list[Axes]:
    """Draw a measure of performance over an argument of the scenarios.

    Bars are Monte Carlo standard errors, twice to each side. A line marks the level for coverage,
    alpha for power where there is no effect (or, of small-study tests, no selection), and 0 for
    biases and differences. What else varies has a panel for each of its values.

    Parameters
    ----------
    result : SimulationResult
    measure : str
        As in the table: "coverage", "bias", "power", ...
    x : str, optional
        The argument across; by default the last that varies.
    by : str
        What has a line each: "analysis", or another argument that varies.

    Returns
    -------
    list of matplotlib.axes.Axes
        One per panel, in a figure of their own: ``axes[0].figure.savefig("coverage.png")``.

    Raises
    ------
    InputError
        If nothing of it can be drawn; the message has the reasons.

    Examples
    --------
    >>> import metapool as mp
    >>> study = mp.Simulation(
    ...     data=mp.simulate.Normal(mu=0.5, tau=[0.0, 0.3], v=0.1, k=[5, 10, 20]),
    ...     analyses=[mp.Analysis(method="DL"), mp.Analysis(method="DL", interval="hk")],
    ...     replicates=500, seed=1)
    >>> panels = mp.plots.simulation(study.run(progress=False), "coverage", x="k")
    >>> [axes.get_title(loc="left") for axes in panels]
    ['tau = 0', 'tau = 0.3']
    """
    rows = _rows(result, measure)
    varying = [name for name in (*result.study.data.axes, "analysis") if _differ(rows, name)]
    across = x if x is not None else next((n for n in reversed(result.study.data.axes)), None)
    if across not in result.study.data.axes or across == by:
        raise InputError(f"x must be an argument that varies, one of {result.study.data.axes}")
    if by not in rows[0]:
        raise InputError(f"by must be 'analysis' or an argument that varies, not {by!r}")
    apart = [name for name in varying if name not in (across, by)]
    panels = _split(rows, apart)
    columns = min(_COLUMNS, len({row[apart[-1]] for row in rows}) if apart else 1)
    groups = list(dict.fromkeys(row[by] for row in rows))
    figure, axes = _panels(len(panels), columns)
    for panel, (title, own) in zip(axes, panels.items(), strict=True):
        _draw(panel, own, groups, by, across)
        _mark(panel, measure, own, result)
        panel.set_title(
            textwrap.fill(title, _TITLE), fontsize=SMALL_FONT_SIZE, loc="left", parse_math=False
        )
        panel.set_xlabel(across, fontsize=FONT_SIZE)
    for panel in axes[::columns]:
        panel.set_ylabel(_TITLES.get(measure, measure), fontsize=FONT_SIZE)
    if len(groups) > 1 or len(result.study.labels) > 1:
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(
            handles,
            labels,
            loc="outside right upper",
            fontsize=SMALL_FONT_SIZE,
            frameon=False,
            title=None if by == "analysis" else by,
            title_fontsize=SMALL_FONT_SIZE,
        )
    return axes


def _rows(result: SimulationResult, measure: str) -> list[dict[str, Any]]:
    rows = [row for row in result.rows if row["measure"] == measure]
    if not rows:
        known = ", ".join(dict.fromkeys(row["measure"] for row in result.rows))
        raise InputError(f"measure must be one of {known}, not {measure!r}")
    defined = [row for row in rows if not math.isnan(row["value"])]
    if not defined:
        reasons = "; ".join(dict.fromkeys(row["reason"] for row in rows))
        raise InputError(f"no analysis has {measure!r}: {reasons}")
    return defined


def _differ(rows: list[dict[str, Any]], name: str) -> bool:
    return any(row[name] != rows[0][name] for row in rows)


def _split(rows: list[dict[str, Any]], names: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Rows by what their panel is called."""
    panels: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        title = ", ".join(f"{name} = {_text(row[name])}" for name in names)
        panels.setdefault(title, []).append(row)
    return panels


def _text(value: object) -> str:
    """Distributions without the names of their arguments."""
    return f"{value:g}" if isinstance(value, float) else re.sub(r"\b\w+=", "", str(value))


def _panels(n: int, columns: int) -> tuple[Figure, list[Axes]]:
    rows = math.ceil(n / columns)
    size = (columns * _PANEL[0] + _KEY, rows * _PANEL[1])
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(rows, columns, sharey=True, squeeze=False).flat
    axes = list(grid)
    for empty in axes[n:]:
        empty.remove()
    return figure, axes[:n]


def _draw(axes: Axes, rows: list[dict[str, Any]], groups: list[Any], by: str, across: str) -> None:
    places = _places(rows, across)
    for i, group in enumerate(groups):
        own = [row for row in rows if row[by] == group]
        beside = _BESIDE * (i - (len(groups) - 1) / 2)
        axes.errorbar(
            [places[row[across]] + beside for row in own],
            [row["value"] for row in own],
            yerr=[2 * row["mcse"] for row in own],
            label=_text(group),
            color=_COLOURS[i % len(_COLOURS)],
            marker=_MARKERS[(i + i // len(_COLOURS)) % len(_MARKERS)],
            markersize=4,
            linewidth=1,
            linestyle=_LINES[i // len(_COLOURS) % len(_LINES)],
            capsize=2,
        )
    axes.tick_params(labelsize=SMALL_FONT_SIZE)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xticks(list(places.values()), [textwrap.fill(_text(value), _TICK) for value in places])


def _places(rows: list[dict[str, Any]], across: str) -> Mapping[Any, float]:
    """Where values lie: side by side, as grids are rarely even."""
    return {value: float(i) for i, value in enumerate(dict.fromkeys(row[across] for row in rows))}


def _mark(axes: Axes, measure: str, rows: list[dict[str, Any]], result: SimulationResult) -> None:
    """The value that would be perfect."""
    study = result.study
    alphas = {analysis.label: 1 - analysis.level for analysis in study.analyses}
    if measure.endswith("coverage"):
        perfect = {1 - alphas[row["analysis"]] for row in rows}
    elif measure == "power":
        for test in study.tests:
            alphas[test.label] = test.alpha
        perfect = {alphas[row["analysis"]] for row in rows if _is_null(row, study)}
    else:
        perfect = {0.0} if measure in _AT_ZERO else set()
    if len(perfect) == 1:
        axes.axhline(perfect.pop(), color=_FAINT, linewidth=0.8, linestyle="--", zorder=0)


def _is_null(row: dict[str, Any], study: Simulation) -> bool:
    """Whether what is tested is not there."""
    if any(test.label == row["analysis"] for test in study.tests):
        return row["selection"] is None
    return row.get("effect", row.get("mu")) in (0, "0", "0.0")
