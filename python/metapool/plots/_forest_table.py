"""The content of a forest plot: its columns, its rows, and the marks of each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from metapool import TwoByTwo, TwoMeans
from metapool.plots import _wording as wording
from metapool.plots._text import one_line

if TYPE_CHECKING:
    from metapool._meta_analysis_result import MetaAnalysis
    from metapool._results import Pooled
    from metapool._types import FloatArray

Kind = Literal["study", "refit", "heading", "subtotal", "total", "prediction", "note", "blank"]

BOLD: set[str] = {"heading", "subtotal", "total"}
#: Rows with a cell in each column.
IN_COLUMNS: set[str] = {"study", "refit", "subtotal", "total", "prediction"}
#: Rows with one text, which may run over all columns.
SPANNING: set[str] = {"heading", "note", "blank"}


@dataclass(frozen=True)
class Column:
    """A column of text. ``arm`` is 0 or 1 under the name of an arm, otherwise None."""

    header: str
    arm: int | None = None


@dataclass(frozen=True)
class Mark:
    """What a row shows in the plot, on the natural scale."""

    estimate: float
    low: float
    high: float
    weight: float = 0.0


@dataclass(frozen=True)
class Row:
    """One line: a cell for each column (a spanning row has the first only) and its mark."""

    kind: Kind
    cells: tuple[str, ...] = ("",)
    mark: Mark | None = None


@dataclass(frozen=True)
class Table:
    """Everything a forest plot says; `notes` stand below the rows."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def table(ma: MetaAnalysis, digits: int) -> Table:
    """The content of the forest plot of `ma`."""
    return _Builder(ma, digits).table()


class _Builder:
    def __init__(self, ma: MetaAnalysis, digits: int) -> None:
        self.ma = ma
        self.digits = digits
        self.arms = _arm_columns(ma.studies, digits)
        self.totals = wording.pooled_totals(ma)
        self.methods = list(dict.fromkeys(wording.method_name(total) for total in self.totals))

    def table(self) -> Table:
        ma = self.ma
        notes = [wording.subgroup_differences(ma.subgroup_test)] if ma.subgroup_test else []
        if ma.has_total:
            notes = [wording.heterogeneity(ma.pooled), wording.overall_effect(ma.pooled), *notes]
        return Table(self._columns(), tuple(self._rows()), tuple(notes))

    def _columns(self) -> tuple[Column, ...]:
        label = "Study" if self.ma.studies.subgroup is None else "Study or subgroup"
        weight = [Column("Weight")] if self.totals else []
        arms = [column for column, _, _ in self.arms]
        method = self.methods if len(self.methods) == 1 else []
        kind = ", ".join([*method, wording.interval_name(self.ma.study_level)])
        name = wording.measure_name(self.ma.measure)
        return (Column(label), *arms, *weight, Column(f"{name}\n{kind}"))

    def _rows(self) -> Iterator[Row]:
        ma = self.ma
        everyone = range(len(ma.effects))
        groups = ma.studies.subgroup
        if groups is None:
            yield from map(self._study, everyone)
        else:
            for name in dict.fromkeys(groups):
                yield from self._subgroup(name, [i for i in everyone if groups[i] == name])
        if ma.has_total:
            yield self._total("total", "Total", ma.pooled, everyone)
            yield from self._prediction(ma.pooled)

    def _subgroup(self, name: str, members: Sequence[int]) -> Iterator[Row]:
        yield Row("heading", (one_line(name),))
        yield from map(self._study, members)
        if name in self.ma.subgroups:
            pooled = self.ma.subgroups[name].pooled
            yield self._total("subtotal", "Subtotal", pooled, members)
            yield from self._prediction(pooled)
            yield Row("note", (wording.heterogeneity(pooled),))
            yield Row("note", (wording.overall_effect(pooled),))
        yield Row("blank")

    def _study(self, i: int) -> Row:
        ma, shown = self.ma, self.ma.effects.display
        values = float(shown.estimate[i]), float(shown.ci_low[i]), float(shown.ci_high[i])
        included = bool(ma.effects.included[i])
        arms = [text[i] for _, text, _ in self.arms]
        weight = [wording.percent(ma.weights[i]) if included else ""] if self.totals else []
        missing = ma.effects.reason[i] == "missing"
        effect = wording.MISSING_DATA if missing else wording.effect(*values, self.digits)
        cells = (one_line(ma.effects.study[i]), *arms, *weight, effect)
        mark = Mark(*values, float(ma.weights[i]) if self.totals else 1.0)
        return Row("study", cells, mark if included else None)

    def _total(self, kind: Kind, name: str, pooled: Pooled[float], members: Sequence[int]) -> Row:
        shown = pooled.display
        values = shown.estimate, shown.ci_low, shown.ci_high
        known = not np.isnan(shown.estimate)
        interval = wording.interval_name(pooled.level)
        if len(self.methods) > 1:
            interval = f"{wording.method_name(pooled)}, {interval}"
        known_rows = [i for i in members if self.ma.effects.reason[i] != "missing"]
        arms = [_sum(numbers, known_rows) for _, _, numbers in self.arms]
        weight = wording.percent(float(self.ma.weights[list(members)].sum())) if known else ""
        cells = (f"{name} ({interval})", *arms, weight, wording.effect(*values, self.digits))
        return Row(kind, cells, Mark(*values) if known else None)

    def _prediction(self, pooled: Pooled[float]) -> Iterator[Row]:
        """The row of the prediction interval, if there is one."""
        shown = pooled.display
        if pooled.model == "common" or np.isnan(shown.pi_low):
            return
        empty = [""] * (len(self.arms) + 1)  # arms and weight
        interval = wording.interval(shown.pi_low, shown.pi_high, self.digits)
        name = f"Prediction interval ({100 * pooled.level:g}%)"
        mark = Mark(shown.estimate, shown.pi_low, shown.pi_high)
        yield Row("prediction", (name, *empty, interval), mark)


def _arm_columns(studies: object, digits: int) -> list[tuple[Column, list[str], FloatArray | None]]:
    """Column, text of each study, and the numbers to add up in totals, if any."""
    if isinstance(studies, TwoByTwo):
        counts = [
            (Column("Events", 0), studies.events_e),
            (Column("Total", 0), studies.n_e),
            (Column("Events", 1), studies.events_c),
            (Column("Total", 1), studies.n_c),
        ]
        return [(column, list(map(wording.count, x)), x) for column, x in counts]
    if isinstance(studies, TwoMeans):
        arms = [
            (0, studies.mean_e, studies.sd_e, studies.n_e),
            (1, studies.mean_c, studies.sd_c, studies.n_c),
        ]
        means = wording.decimals(np.concatenate([studies.mean_e, studies.mean_c]), digits)
        sds = wording.decimals(np.concatenate([studies.sd_e, studies.sd_c]), digits)
        return [
            column
            for arm, mean, sd, n in arms
            for column in (
                (Column("Mean", arm), [wording.number(x, means) for x in mean], None),
                (Column("SD", arm), [wording.number(x, sds) for x in sd], None),
                (Column("Total", arm), list(map(wording.count, n)), n),
            )
        ]
    return []


def _sum(numbers: FloatArray | None, members: Sequence[int]) -> str:
    """The sum over studies as RevMan prints it: also over those that are not estimable."""
    if numbers is None:
        return ""
    return wording.count(float(numbers[list(members)].sum()))
