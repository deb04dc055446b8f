"""The paper that metapool began with, recomputed beside what it prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from metapool._meta_analysis import meta_analysis
from metapool._meta_analysis_result import MetaAnalysis
from metapool._reported import check_reported, t_fits
from metapool._results import Pooled
from metapool._small_study import small_study_test
from metapool._small_study_result import SmallStudyTest
from metapool.examples import _published as published
from metapool.examples import hypertrichosis, nephrotoxicity, remission
from metapool.examples._published import Printed
from metapool.report import table


def analyses() -> dict[str, MetaAnalysis]:
    """The paper's three binary outcomes; remission is not pooled over comparators."""
    return {
        "remission": meta_analysis(remission(), "RR", totals="subgroups"),
        "nephrotoxicity": meta_analysis(nephrotoxicity(), "OR"),
        "hypertrichosis": meta_analysis(hypertrichosis(), "OR"),
    }


def run(out: Path) -> tuple[str, bool]:
    """Recompute the paper, write figures and JSON to `out`.

    Returns the report and whether everything that can be recomputed agrees.
    """
    found = analyses()
    harbord = small_study_test(remission(), "harbord")
    rows = list(_binary_rows(found))
    rows.append(_harbord_row(harbord))
    agrees = all(row[-1] == "agrees" for row in rows)
    heading = ["outcome", "printed", "metapool", ""]
    parts = [
        "Tacrolimus in children with refractory nephrotic syndrome: the paper recomputed",
        table([heading, *rows], flush_left=4),
        "Not recomputable: the raw data are published nowhere. The printed numbers, and whether\n"
        "they fit together:",
        table([["outcome", "printed", "", ""], *_published_rows()], flush_left=4),
        *(f"{name}: {ma.model_reason}" for name, ma in found.items() if ma.has_total),
    ]
    out.mkdir(parents=True, exist_ok=True)
    _write_json(out, found, harbord)
    _draw(out, found, harbord)
    parts.append(f"Figures and demo.json are in {out}")
    return "\n\n".join(parts), agrees


def _binary_rows(found: dict[str, MetaAnalysis]) -> Iterator[list[str]]:
    for printed in published.REMISSION:
        pooled = found["remission"].subgroups[printed.outcome].pooled
        yield _row(f"Remission, {printed.outcome}", printed, pooled)
    for printed in (published.NEPHROTOXICITY, published.HYPERTRICHOSIS):
        yield _row(printed.outcome, printed, found[printed.outcome.lower()].pooled)


def _row(name: str, printed: Printed, pooled: Pooled[float]) -> list[str]:
    shown = pooled.display
    ours = Printed(
        printed.outcome,
        printed.measure,
        _as_printed(shown.estimate, printed.estimate),
        _as_printed(shown.ci_low, printed.ci_low),
        _as_printed(shown.ci_high, printed.ci_high),
        _p_as_printed(pooled.p_value, printed.p),
    )
    return [name, _text(printed), f"{_text(ours)} ({pooled.method})", _verdict(ours == printed)]


def _harbord_row(test: SmallStudyTest[float]) -> list[str]:
    t, p = published.HARBORD
    ours = (_as_printed(test.statistic, t), _p_as_printed(test.p_value, p))
    texts = [f"t {pair[0]}, P {pair[1]}" for pair in (published.HARBORD, ours)]
    return ["Remission, Harbord's test", *texts, _verdict(ours == published.HARBORD)]


def _published_rows() -> Iterator[list[str]]:
    for printed in published.SELF_CONTROLLED:
        check = check_reported(
            estimate=printed.estimate, ci=(printed.ci_low, printed.ci_high), p=printed.p
        )
        verdict = "consistent" if check.consistent else "inconsistent"
        implied = f"{verdict}: the interval implies P {check.p_value:.2g}"
        yield [printed.outcome, _text(printed), "not recomputable", implied]
    t, p = published.SELF_CONTROLLED_TEST
    verdict = f"{'consistent' if t_fits(t, p, df=2) else 'inconsistent'} with 2 degrees of freedom"
    yield ["Self-controlled, small-study test", f"t {t}, P {p}", "not recomputable", verdict]
    found, duplicates, screened, included = published.FLOW
    adds_up = sum(found) - duplicates - screened == included
    flow = f"{sum(found)} - {duplicates} - {screened} = {included}"
    verdict = "consistent" if adds_up else "inconsistent"
    yield ["Records to studies", flow, "not recomputable", verdict]
    trials = ", ".join(published.RISK_OF_BIAS_TRIALS)
    yield ["Figure 3, risk of bias of", trials, "not recomputable", "judgements"]
    yield ["Figures 2 and 6A", "self-controlled studies", "not recomputable", ""]


def _verdict(agrees: bool) -> str:
    return "agrees" if agrees else "DIFFERS"


def _text(printed: Printed) -> str:
    p = printed.p if printed.p.startswith("<") else f"= {printed.p}"
    numbers = f"{printed.estimate} ({printed.ci_low} to {printed.ci_high})"
    return f"{printed.measure} {numbers}, P {p}"


def _as_printed(value: float, printed: str) -> str:
    """A number to as many decimals as the printed one."""
    exponent = Decimal(printed).as_tuple().exponent
    return f"{value:.{-int(exponent)}f}"


def _p_as_printed(p: float, printed: str) -> str:
    """A P value in the manner of the printed one: rounded, or below the same bound."""
    bound = printed.removeprefix("<")
    if bound != printed and p < float(bound):
        return printed
    return _as_printed(p, bound)


def _write_json(out: Path, found: dict[str, MetaAnalysis], harbord: SmallStudyTest[float]) -> None:
    results: dict[str, Any] = {name: ma.to_dict() for name, ma in found.items()}
    results["remission"]["harbord"] = harbord.to_dict()
    (out / "demo.json").write_text(json.dumps(results, indent=2, allow_nan=False) + "\n")


def _draw(out: Path, found: dict[str, MetaAnalysis], harbord: SmallStudyTest[float]) -> None:
    from metapool import plots

    arms = ("Tacrolimus", "Control")
    benefit = ("Favours control", "Favours tacrolimus")
    harm = ("Favours tacrolimus", "Favours control")
    figures = {
        "figure4_remission": plots.forest(found["remission"], labels=arms, favours=benefit),
        "nephrotoxicity": plots.forest(found["nephrotoxicity"], labels=arms, favours=harm),
        "hypertrichosis": plots.forest(found["hypertrichosis"], labels=arms, favours=harm),
        "figure6b_harbord": plots.galbraith(harbord),
    }
    for name, axes in figures.items():
        plots.save(axes, out / f"{name}.png")
