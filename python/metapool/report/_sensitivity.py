"""Sensitivity analyses as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import TYPE_CHECKING, Any

from metapool._format import interval, number, p_text, p_value
from metapool._results import Pooled
from metapool._statuses import status_name
from metapool.report._text import table

if TYPE_CHECKING:
    from metapool._sensitivity_of import Sensitivity
    from metapool._small_study_result import SmallStudyTest


def small_study_tests(tests: Mapping[str, SmallStudyTest[Any]]) -> str:
    """Tests for small-study effects, a row each, and their notes.

    Examples
    --------
    >>> import metapool as mp
    >>> test = mp.small_study_test(mp.examples.bcg(), "harbord")
    >>> print(mp.report.small_study_tests({"harbord": test}))
    test     measure   bias    SE  t or z  df     P   k
    harbord  OR       -2.09  1.67   -1.26  11  0.23  13
    """
    rows = [["test", "measure", "bias", "SE", "t or z", "df", "P", "k"]]
    notes: dict[str, None] = {}
    for name, test in tests.items():
        bias, se = ("" if isnan(x) else f"{x:.3g}" for x in (test.bias, test.se))
        row = [name, test.measure, bias, se, "", "", "", str(test.k)]
        if isnan(test.statistic):
            row[4] = str(status_name(test.status)).lower().replace("_", " ")
        else:
            row[4] = f"{test.statistic:.2f}"
            row[5] = str(test.df) if test.df else "z"
            row[6] = p_text(test.p_value)
        rows.append(row)
        notes |= {f"Note: {note.text}.": None for note in test.notes}
    return "\n".join([table(rows, flush_left=2), *notes])


def sensitivity(found: Sensitivity) -> str:
    """Leave-one-out, influence, small-study tests, trim and fill, PET-PEESE."""
    return "\n\n".join(
        [
            f"Leave-one-out ({_method(found.leave_one_out.overall)}):\n{_leave_one_out(found)}",
            f"Influential studies: {_influential(found)}",
            f"Small-study tests:\n{small_study_tests(found.small_study_tests)}",
            f"Trim and fill ({found.trim_and_fill.estimator}, {found.trim_and_fill.method}): "
            f"{_trim_and_fill(found)}",
            f"PET-PEESE: {_pet_peese(found)}",
        ]
    )


def _method(pooled: Pooled[float]) -> str:
    return f"{pooled.measure}, {pooled.method}"


def _leave_one_out(found: Sensitivity) -> str:
    left = found.leave_one_out
    whole = left.overall
    level = f"{100 * left.level:g} % interval"
    rows = [["without", "estimate", level, "P", "I2 %", "tau2"]]
    shown = left.display
    changes = left.changes()
    for i, name in enumerate(left.study):
        mark = "*" if changes[i] else ""
        numbers = (shown.estimate[i], shown.ci_low[i], shown.ci_high[i], left.p_value[i])
        rows.append([f"{name}{mark}", *_fit(*numbers, left.i2[i], left.tau2[i])])
    every = whole.display
    numbers = (every.estimate, every.ci_low, every.ci_high, whole.p_value)
    rows.append(["(none)", *_fit(*numbers, whole.i2, whole.tau2)])
    legend = ["* the interval changes sides of no effect"] if changes.any() else []
    return "\n".join([table(rows), *legend])


def _fit(estimate: float, low: float, high: float, p: float, i2: float, tau2: float) -> list[str]:
    if isnan(estimate):
        return ["not estimable", "", "", "", ""]
    return [number(estimate), interval(low, high), p_text(p), f"{i2:.1f}", f"{tau2:.4g}"]


def _influential(found: Sensitivity) -> str:
    sway = found.influence
    named = [
        f"{sway.study[i]} (Cook's D {sway.cook_d[i]:.2f}, DFFITS {sway.dffits[i]:.2f})"
        for i in range(len(sway))
        if sway.is_influential[i]
    ]
    return "; ".join(named) or "none"


def _trim_and_fill(found: Sensitivity) -> str:
    filled = found.trim_and_fill
    status = str(status_name(filled.status))
    if status not in ("OK", "NOT_CONVERGED"):
        return f"undefined ({status.lower().replace('_', ' ')})"
    shown = filled.pooled.display
    settled = "" if status == "OK" else ", not converged"
    return (
        f"{filled.k0} missing on the {filled.side} (SE {filled.se_k0:.1f}){settled}; with them "
        f"{number(shown.estimate)} {interval(shown.ci_low, shown.ci_high)}"
    )


def _pet_peese(found: Sensitivity) -> str:
    line = found.pet_peese
    if isnan(line.estimate):
        return f"undefined ({str(status_name(line.status)).lower().replace('_', ' ')})"
    shown = line.display
    effect = f"{number(shown.estimate)} {interval(shown.ci_low, shown.ci_high)}"
    return f"{line.model}, adjusted effect {effect}, {p_value(line.p_value)}"
