"""``metapool bootstrap``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, cast

import numpy as np
import typer

from metapool import _types as t
from metapool._bootstrap_result import Bootstrap
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
    Threads,
    choice,
    names,
    progress,
    read,
    real,
    report,
    whole,
    write,
)
from metapool._errors import InputError
from metapool._resampling import bootstrap as resample
from metapool.report import bootstrap as text_of

_ENDINGS = (".csv", ".parquet", ".npy")


def bootstrap(
    file: File,
    measure: MeasureOption = None,
    method: Annotated[t.Method | None, choice(t.Method, "How each resample is pooled.")] = None,
    statistic: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help=f"What to compute of each resample: {', '.join(t.choices(t.Statistic))}; several "
            "with commas. By default estimate.",
        ),
    ] = None,
    scheme: Annotated[t.Scheme, choice(t.Scheme, "What is drawn.")] = "studies",
    resamples: Annotated[int, whole("How many resamples.")] = 10_000,
    ci: Annotated[
        t.BootstrapInterval, choice(t.BootstrapInterval, "How the interval is formed.")
    ] = "percentile",
    first_replicate: Annotated[
        int, whole("Number of the first resample, to go on where another run ended.")
    ] = 0,
    level: Annotated[float, real("Confidence level.")] = 0.95,
    seed: Annotated[
        int | None, whole("Of the resamples; without it a new one, which is printed.")
    ] = None,
    degenerate: Annotated[
        t.Degenerate,
        choice(
            t.Degenerate, "Leave resamples without the statistic out, or count them as infinite."
        ),
    ] = "drop",
    subgroup: Subgroup = None,
    study: StudyColumn = None,
    column: Columns = None,
    tau2: Annotated[float | None, real("A given tau2: --method preset.")] = None,
    interval: Annotated[
        t.Interval | None, choice(t.Interval, "Confidence interval that --prediction builds on.")
    ] = None,
    prediction: Annotated[
        t.Prediction | None, choice(t.Prediction, "Prediction interval, of pi_low and pi_high.")
    ] = None,
    score: ScoreOption = "or",
    h: Annotated[
        float | None,
        real("Of --scheme within: what is added to events and to non-events; 0.5 if not given."),
    ] = None,
    conventions: ConventionsOption = "revman5",
    log: Log = None,
    missing: MissingOption = "raise",
    threads: Threads = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            help="Draw the distribution (png, pdf, svg); of several statistics one file each, "
            "OUT-tau2.png."
        ),
    ] = None,
    distribution: Annotated[
        Path | None,
        typer.Option(
            help="Write the statistics of every resample, a column each (csv, parquet; npy: an "
            "array)."
        ),
    ] = None,
    json_out: Json = None,
) -> None:
    """Resample the studies of a file: standard error, bias and interval of any statistic.

    \b
    Examples:
      metapool bootstrap trials.csv --measure RR --seed 1
      metapool bootstrap trials.csv --measure RR --method REML --statistic estimate,tau2 \\
          --resamples 100000 --ci BCa --seed 1 --plot bootstrap.png
      metapool bootstrap trials.csv --statistic harbord --degenerate worst --json out.json
      metapool bootstrap trials.csv --measure RR --scheme within --h 0.5 \\
          --distribution drawn.parquet
      metapool bootstrap trials.csv --measure OR --subgroup drug --statistic subgroup_difference
    """
    studies = read(file, column, study, subgroup, measure, log, missing)
    statistics = cast("list[t.Statistic]", names(statistic) or ["estimate"])
    if distribution and distribution.suffix not in _ENDINGS:
        raise InputError(f"{distribution}: distributions are written as {', '.join(_ENDINGS)}")
    with progress("Resampling") as shown:
        found = resample(
            studies,
            statistics,
            measure=measure,
            method=method,
            scheme=scheme,
            n_resamples=resamples,
            first_replicate=first_replicate,
            ci=ci,
            level=level,
            seed=seed,
            threads=threads,
            conventions=CONVENTIONS[conventions],
            interval=interval,
            prediction=prediction,
            tau2=tau2,
            score=score,
            h=h,
            degenerate=degenerate,
            distribution=plot is not None or distribution is not None,
            progress=shown,
        )
    if plot:
        from metapool import plots

        for name, result in found.items():
            path = plot if len(found) == 1 else plot.with_stem(f"{plot.stem}-{name}")
            plots.save(plots.bootstrap(result), path)
    if distribution:
        _write_distribution(distribution, found)
    plain: dict[str, Any] = {name: result.to_dict() for name, result in found.items()}
    if "estimate" in found:
        plain["estimate"]["hartung_knapp"] = found["estimate"].hartung_knapp.to_dict()
    write(json_out, plain)
    report(text_of(found))


def _write_distribution(path: Path, found: dict[t.Statistic, Bootstrap[float]]) -> None:
    columns: dict[str, Any] = {name: result.distribution for name, result in found.items()}
    with path.open("wb") as file:
        if path.suffix == ".npy":
            np.save(file, np.column_stack(list(columns.values())))
            return
        import pyarrow as pa
        from pyarrow import csv, parquet

        first = next(iter(found.values()))
        replicates = np.arange(first.n_resamples) + first.first_replicate
        table = pa.table({"replicate": replicates} | columns)
        write_table = csv.write_csv if path.suffix == ".csv" else parquet.write_table
        write_table(table, file)
