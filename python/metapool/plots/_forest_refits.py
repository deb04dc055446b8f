"""The content of the forest plot of refits: leave-one-out and cumulative meta-analyses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np

from metapool import Cumulative
from metapool._format import p_text
from metapool.plots import _wording as wording
from metapool.plots._axis import EffectAxis, near_axis
from metapool.plots._forest_table import Column, Mark, Row, Table
from metapool.plots._text import one_line

if TYPE_CHECKING:
    from metapool import LeaveOneOut

    Refits = LeaveOneOut[float] | Cumulative[float]


def refits_table(result: Refits, digits: int | None) -> Table:
    """A row for each refit and the total of all studies.

    Without `digits`, effects have the decimals that the interval of the total needs.
    """
    overall = result.overall
    shown = overall.display
    if digits is None:
        digits = wording.digits_of(shown.ci_high - shown.ci_low)
    interval = wording.interval_name(result.level)
    name = wording.measure_name(result.measure)
    columns = (
        Column("Studies"),
        Column("P"),
        Column("I²"),
        Column(f"{name}\n{wording.method_name(overall)}, {interval}"),
    )
    total = _row(
        "total",
        f"All studies ({interval})",
        Mark(shown.estimate, shown.ci_low, shown.ci_high),
        (overall.p_value, overall.i2, float(overall.k)),
        digits,
    )
    notes = (wording.heterogeneity(overall), wording.overall_effect(overall))
    return Table(columns, (*_refits(result, digits), total), notes)


def refits_axis(result: Refits) -> EffectAxis:
    """An axis that is as fine as the refits allow."""
    all_studies, refits = result.overall.display, result.display
    return near_axis(
        total=np.array([all_studies.ci_low, all_studies.ci_high]),
        estimates=refits.estimate,
        intervals=np.column_stack([refits.ci_low, refits.ci_high]),
        is_ratio=result.is_ratio,
    )


def _refits(result: Refits, digits: int) -> Iterator[Row]:
    shown = result.display
    for i, study in enumerate(map(one_line, result.study)):
        if isinstance(result, Cumulative):
            name = f"+ {study}" if i else study
        else:
            name = f"Omitting {study}"
        mark = Mark(float(shown.estimate[i]), float(shown.ci_low[i]), float(shown.ci_high[i]))
        numbers = float(result.p_value[i]), float(result.i2[i]), float(result.k[i])
        yield _row("refit", name, mark, numbers, digits)


def _row(
    kind: Literal["refit", "total"],
    name: str,
    mark: Mark,
    numbers: tuple[float, float, float],
    digits: int,
) -> Row:
    """`numbers` are P, I2 and k."""
    p, i2, k = numbers
    cells = (
        name,
        wording.MISSING if math.isnan(p) else p_text(p),
        wording.MISSING if math.isnan(i2) or k < 2 else f"{wording.number(i2, 0)}%",
        wording.effect(mark.estimate, mark.low, mark.high, digits),
    )
    return Row(kind, cells, None if math.isnan(mark.estimate) else mark)
