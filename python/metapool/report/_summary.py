"""A meta-analysis as text for a terminal."""

from __future__ import annotations

from math import isinf, isnan

from metapool._format import p_text, p_value
from metapool._meta_analysis_result import MetaAnalysis
from metapool._results import Pooled
from metapool.report._text import table


def summary(ma: MetaAnalysis) -> str:
    """The studies, both models, heterogeneity, subgroups and notes of a meta-analysis.

    Examples
    --------
    >>> import metapool as mp
    >>> print(mp.report.summary(mp.meta_analysis(mp.examples.nephrotoxicity(), "OR")))
    OR of 2 studies, 95 % intervals
    <BLANKLINE>
    study          estimate  95 % interval  weight %
    Choudhry 2009      0.41   [0.12, 1.44]      54.4
    Wang 2012          0.06   [0.00, 1.12]      45.6
    ...
    """
    parts = [_heading(ma), _studies(ma)]
    if ma.has_total:
        parts.append(_models(ma))
    for name, subgroup in ma.subgroups.items():
        chosen = subgroup.pooled
        parts.append(
            f"{name}: {_effect(chosen)}, {p_value(chosen.p_value)} "
            f"({subgroup.model}: {subgroup.model_reason}); {_heterogeneity(chosen)}"
        )
    if ma.subgroup_test is not None:
        test = ma.subgroup_test
        parts.append(
            f"Between subgroups: Q {test.q:.2f}, df {test.df}, {p_value(test.p_value)}, "
            f"I2 {test.i2:.1f} %"
        )
    if ma.notes:
        parts.append("\n".join(f"Note: {note.text}." for note in ma.notes))
    return "\n\n".join(parts)


def _heading(ma: MetaAnalysis) -> str:
    n, k = len(ma.effects), int(ma.effects.included.sum())
    left_out = "" if k == n else f", {k} included"
    studies = f"{n} {'study' if n == 1 else 'studies'}{left_out}"
    return f"{ma.measure} of {studies}, {_level(ma.level)}s"


def _level(level: float) -> str:
    return f"{100 * level:g} % interval"


def _studies(ma: MetaAnalysis) -> str:
    shown = ma.effects.display
    weighted = ma.totals != "none"
    rows = [["study", "estimate", _level(ma.study_level), "weight %" if weighted else ""]]
    for i, name in enumerate(ma.effects.study):
        if ma.effects.included[i]:
            interval = f"[{shown.ci_low[i]:.2f}, {shown.ci_high[i]:.2f}]"
            weight = f"{ma.weights[i]:.1f}" if weighted else ""
            rows.append([name, f"{shown.estimate[i]:.2f}", interval, weight])
        else:
            rows.append([name, "", f"not included: {ma.effects.reason[i]}", ""])
    return table(rows)


def _models(ma: MetaAnalysis) -> str:
    test = "z" if ma.random.interval == "wald" else "z or t"
    rows = [["model", "method", "estimate", _level(ma.level), test, "P"]]
    for model, pooled in (("common", ma.common), ("random", ma.random)):
        mark = "*" if model == ma.model else ""
        row = [f"{model}{mark}", str(pooled.method), "not estimable", "", "", ""]
        if not isnan(pooled.estimate):
            low, high = pooled.display.ci_low, pooled.display.ci_high
            row[2:] = [
                f"{pooled.display.estimate:.2f}",
                f"[{low:.2f}, {high:.2f}]",
                f"{pooled.statistic:.2f}",
                p_text(pooled.p_value),
            ]
        rows.append(row)
    notes = [f"* {ma.model}: {ma.model_reason}"]
    notes += [_heterogeneity(total) for total in (ma.common, ma.random)]
    if ma.random.interval != "wald":
        notes.append(f"{ma.random.method}: interval by {ma.random.interval}, {_law(ma.random.df)}")
    if not isnan(ma.random.pi_low):
        shown = ma.random.display
        notes.append(
            f"{ma.random.method}: prediction interval by {ma.random.prediction} "
            f"[{shown.pi_low:.2f}, {shown.pi_high:.2f}]"
        )
    return "\n".join([table(rows), *dict.fromkeys(notes)])


def _law(df: float) -> str:
    return "normal distribution" if isinf(df) else f"t, df {df:.4g}"


def _effect(pooled: Pooled[float]) -> str:
    shown = pooled.display
    return f"{shown.estimate:.2f} [{shown.ci_low:.2f}, {shown.ci_high:.2f}]"


def _heterogeneity(pooled: Pooled[float]) -> str:
    if pooled.k < 2:
        return "one study" if pooled.k else "nothing to pool"
    tau2 = f"; tau2 {pooled.tau2:.4g}" if pooled.model == "random" else ""
    return (
        f"{pooled.method}: Q {pooled.q:.2f}, df {pooled.q_df}, {p_value(pooled.q_p)}; "
        f"I2 {pooled.i2:.1f} %{tau2}"
    )
