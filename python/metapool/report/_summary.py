"""A meta-analysis as text for a terminal."""

from __future__ import annotations

from math import isinf, isnan

from metapool._format import interval, number, p_text, p_value
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
        details = [_heterogeneity(chosen), *_intervals(chosen)]
        parts.append(
            f"{name}: {_effect(chosen)}, {p_value(chosen.p_value)} "
            f"({subgroup.model}: {subgroup.model_reason}); {'; '.join(details)}"
        )
    if ma.subgroup_test is not None:
        test = ma.subgroup_test
        parts.append(
            f"Between subgroups: Q {test.q:.2f}, df {test.df}, {p_value(test.p_value)}, "
            f"I2 {test.i2:.1f} %"
        )
    notes = _notes(ma)
    if notes:
        parts.append("\n".join(notes))
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
            limits = interval(shown.ci_low[i], shown.ci_high[i])
            weight = f"{ma.weights[i]:.1f}" if weighted else ""
            rows.append([name, number(shown.estimate[i]), limits, weight])
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
                number(pooled.display.estimate),
                interval(low, high),
                f"{pooled.statistic:.2f}",
                p_text(pooled.p_value),
            ]
        rows.append(row)
    notes = [f"* {ma.model}: {ma.model_reason}"]
    notes += [_heterogeneity(total) for total in (ma.common, ma.random)]
    notes += [f"{ma.random.method}: {text}" for text in _intervals(ma.random)]
    return "\n".join([table(rows), *dict.fromkeys(notes)])


def _intervals(pooled: Pooled[float]) -> list[str]:
    """How the intervals of random effects were made, if not by Wald's."""
    texts = []
    if pooled.model == "random" and pooled.k > 1:
        if pooled.interval == "pl":
            texts.append("interval by profile likelihood")
        elif pooled.interval != "wald":
            law = "normal distribution" if isinf(pooled.df) else f"t, df {pooled.df:.4g}"
            texts.append(f"interval by {pooled.interval}, {law}")
        if not isnan(pooled.pi_low):
            limits = interval(pooled.display.pi_low, pooled.display.pi_high)
            texts.append(f"prediction interval by {pooled.prediction} {limits}")
    return texts


def _notes(ma: MetaAnalysis) -> list[str]:
    """Those of the whole, and of subgroups where they are others."""
    own = ma.notes if ma.has_total else ()
    lines = [f"Note: {note.text}." for note in own]
    for name, subgroup in ma.subgroups.items():
        lines += [f"Note on {name}: {note.text}." for note in subgroup.notes if note not in own]
    return lines


def _effect(pooled: Pooled[float]) -> str:
    shown = pooled.display
    return f"{number(shown.estimate)} {interval(shown.ci_low, shown.ci_high)}"


def _heterogeneity(pooled: Pooled[float]) -> str:
    if pooled.k < 2:
        return "one study" if pooled.k else "nothing to pool"
    tau2 = f"; tau2 {pooled.tau2:.4g}" if pooled.model == "random" else ""
    return (
        f"{pooled.method}: Q {pooled.q:.2f}, df {pooled.q_df}, {p_value(pooled.q_p)}; "
        f"I2 {pooled.i2:.1f} %{tau2}"
    )
