"""Bootstraps as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metapool._bootstrap_result import Bootstrap, beside, difference_name, pooled_measure
from metapool._errors import InputError
from metapool._format import counted
from metapool._statuses import status_name
from metapool._types import NoteCode, Scheme, Statistic, Status
from metapool.report._text import table

_HEADINGS = ("statistic", "estimate", "interval", "MC errors", "SE", "bias", "degenerate")
_COUNTLESS = 10**9
_OF_WHAT: dict[Scheme, str] = {
    "studies": "of the studies",
    "within": "of the people within studies",
    "parametric": "of the fitted model",
    "wild": "of the signs of residuals",
}


def bootstrap(found: Bootstrap[float] | Mapping[Statistic, Bootstrap[float]]) -> str:
    """Estimate, interval, Monte Carlo errors of its limits, SE and bias of each statistic.

    Parameters
    ----------
    found : Bootstrap or dict of Bootstrap
        What :func:`metapool.bootstrap` returns for one meta-analysis.

    Examples
    --------
    >>> import metapool as mp
    >>> trials = mp.examples.bcg()
    >>> found = mp.bootstrap(trials, ["estimate", "tau2"], measure="RR", method="DL", seed=1)
    >>> print(mp.report.bootstrap(found))
    RR, DL: 10,000 resamples of the studies, of 5,200,300 that differ, seed 1
    95 % percentile intervals
    <BLANKLINE>
    statistic  estimate           interval       MC errors      SE    bias  degenerate
    estimate     0.4896   [0.3427, 0.7067]  0.0052, 0.0054  0.1827    0.01           0
    tau2         0.3095  [0.06342, 0.5389]  0.0013, 0.0088  0.1216  -0.061           0
    <BLANKLINE>
    MC errors: Monte Carlo standard errors of the limits.
    RR: estimate and interval on the natural scale; MC errors, SE and bias on the log scale.
    <BLANKLINE>
    Note: a study that is drawn twice agrees with itself: ...
    """
    if not isinstance(found, Bootstrap | Mapping):
        raise InputError(
            "report.bootstrap takes what metapool.bootstrap returns, a Bootstrap or a dict of "
            f"them, not {type(found).__name__}"
        )
    results = [found] if isinstance(found, Bootstrap) else list(found.values())
    if not results or any(result.is_batch for result in results):
        raise InputError("report.bootstrap is for the bootstrap of one meta-analysis")
    first = results[0]
    rows = [_HEADINGS, *(_row(result) for result in results)]
    parts = [
        f"{_heading(results)}\n{100 * first.level:g} % {first.ci} intervals",
        table(rows),
    ]
    remarks = ["MC errors: Monte Carlo standard errors of the limits."]
    if first.subgroups:
        remarks.append(f"Difference: {difference_name(first)}.")
    if ratios := [result for result in results if result.is_ratio]:
        remarks.append(
            f"{ratios[0].measure}: estimate and interval on the natural scale; MC errors, SE and "
            "bias on the log scale."
        )
    remarks += [
        f"P of {r.statistic}, were there no small-study effect: {r.p_value:.4f}"
        for r in results
        if r.scheme == "wild"
    ]
    undefined = {r.statistic: status_name(r.status) for r in results if r.status != Status.OK}
    remarks += [f"Status of {name}: {status}" for name, status in undefined.items()]
    parts.append("\n".join(remarks))
    if notes := _notes(results):
        parts.append("\n".join(f"Note: {text}." for text in notes))
    return "\n\n".join(parts)


def _heading(results: Sequence[Bootstrap[float]]) -> str:
    result = max(results, key=lambda result: result.method is not None)
    what = f"{pooled_measure(result)}, {result.method}: " if result.method else ""
    runs = f"{counted(result.n_resamples, 'resample')} {_OF_WHAT[result.scheme]}"
    if result.first_replicate:
        runs += f" from replicate {result.first_replicate:,} on"
    distinct = result.n_distinct
    if isinstance(distinct, int) and distinct < _COUNTLESS:
        runs += f", of {distinct:,} that {'differs' if distinct == 1 else 'differ'}"
    return f"{what}{runs}, seed {result.seed}"


def _row(result: Bootstrap[float]) -> tuple[str, ...]:
    shown = result.display
    return (
        f"harbord ({result.measure})" if result.statistic == "harbord" else result.statistic,
        f"{shown.estimate:.4g}",
        _interval(shown.ci_low, shown.ci_high),
        f"{result.ci_low_mcse:.2g}, {result.ci_high_mcse:.2g}",
        f"{result.se:.4g}",
        f"{result.bias:.2g}",
        f"{result.n_degenerate:,}",
    )


def _interval(low: float, high: float) -> str:
    return f"[{low:.4g}, {high:.4g}]"


def _notes(results: Sequence[Bootstrap[float]]) -> list[str]:
    """Each once, with the Hartung-Knapp interval where it is referred to; of the mean first."""
    texts: dict[NoteCode, str] = {}
    for result in sorted(results, key=lambda result: result.statistic != "estimate"):
        for note in result.notes:
            text = note.text
            if note.code == NoteCode.BOOTSTRAP_FEW_STUDIES:
                text = text.partition(";")[0]
                if wide := beside(result):
                    limits = _interval(wide.display.ci_low, wide.display.ci_high)
                    text += f"; the Hartung-Knapp interval is {limits} ({wide.method})"
            texts.setdefault(note.code, text)
    return list(texts.values())
