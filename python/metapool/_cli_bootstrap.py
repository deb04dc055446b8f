"""``metapool bootstrap``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, cast

import typer

from metapool import _types as t
from metapool import report
from metapool._cli_options import (
    CONVENTIONS,
    Columns,
    ConventionsOption,
    File,
    Json,
    Log,
    MeasureOption,
    MissingOption,
    ScoreOption,
    StudyColumn,
    Subgroup,
    as_options,
    progress,
    read,
    write,
)
from metapool._resampling import bootstrap as resample


def bootstrap(
    file: File,
    measure: MeasureOption = None,
    method: Annotated[t.Method | None, typer.Option(help="How each resample is pooled.")] = None,
    statistic: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help=f"What to compute of each resample: {', '.join(t.choices(t.Statistic))}; repeat "
            "it. By default estimate.",
        ),
    ] = None,
    scheme: Annotated[t.Scheme, typer.Option(help="What is drawn.")] = "studies",
    resamples: Annotated[int, typer.Option(help="How many resamples.")] = 10_000,
    ci: Annotated[
        t.BootstrapInterval, typer.Option(help="How the interval is formed.")
    ] = "percentile",
    level: Annotated[float, typer.Option(help="Confidence level.")] = 0.95,
    seed: Annotated[
        int | None, typer.Option(help="Of the resamples; without it a new one, which is printed.")
    ] = None,
    degenerate: Annotated[
        t.Degenerate,
        typer.Option(help="Leave resamples without the statistic out, or count them as infinite."),
    ] = "drop",
    subgroup: Subgroup = None,
    study: StudyColumn = None,
    column: Columns = None,
    tau2: Annotated[float | None, typer.Option(help="A given tau2: --method preset.")] = None,
    interval: Annotated[
        t.Interval | None, typer.Option(help="Confidence interval that --prediction builds on.")
    ] = None,
    prediction: Annotated[
        t.Prediction | None, typer.Option(help="Prediction interval, of pi_low and pi_high.")
    ] = None,
    score: ScoreOption = "or",
    conventions: ConventionsOption = "revman5",
    log: Log = None,
    missing: MissingOption = "raise",
    threads: Annotated[int | None, typer.Option(help="Results do not depend on it.")] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            help="Draw the distribution (png, pdf, svg); of several statistics one file each, "
            "OUT-tau2.png."
        ),
    ] = None,
    json_out: Json = None,
) -> None:
    """Resample the studies of a file: standard error, bias and interval of any statistic.

    \b
    Examples:
      metapool bootstrap trials.csv --measure RR --seed 1
      metapool bootstrap trials.csv --measure RR --method REML --statistic estimate \\
          --statistic tau2 --resamples 100000 --ci BCa --seed 1 --plot bootstrap.png
      metapool bootstrap trials.csv --statistic harbord --degenerate worst --json out.json
      metapool bootstrap trials.csv --measure OR --subgroup drug --statistic subgroup_difference
    """
    studies = read(file, column, study, subgroup, measure, log, missing)
    statistics = cast("list[t.Statistic]", statistic or ["estimate"])
    with progress("Resampling") as shown:
        found = resample(
            studies,
            statistics,
            measure=measure,
            method=method,
            scheme=scheme,
            n_resamples=resamples,
            ci=ci,
            level=level,
            seed=seed,
            threads=threads,
            conventions=CONVENTIONS[conventions],
            interval=interval,
            prediction=prediction,
            tau2=tau2,
            score=score,
            degenerate=degenerate,
            distribution=plot is not None,
            progress=shown,
        )
    if plot:
        from metapool import plots

        for name, result in found.items():
            path = plot if len(found) == 1 else plot.with_stem(f"{plot.stem}-{name}")
            plots.save(plots.bootstrap(result), path)
    plain: dict[str, Any] = {name: result.to_dict() for name, result in found.items()}
    if "estimate" in found:
        plain["estimate"]["hartung_knapp"] = found["estimate"].hartung_knapp.to_dict()
    write(json_out, plain)
    typer.echo(as_options(report.bootstrap(found)))
