"""The command line: results on stdout, anything else on stderr, exit status 2 for bad input."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import typer

from metapool import _types as t
from metapool import report
from metapool._bridge import __version__
from metapool._conventions import META, METAFOR, REVMAN5, REVMAN_WEB
from metapool._errors import InputError
from metapool._format import p_value
from metapool._meta_analysis import meta_analysis
from metapool._resampling import bootstrap as resample
from metapool._small_study import small_study_test
from metapool.io import read_studies

_typer = typer.Typer(
    help="Meta-analysis: the numbers of RevMan and metafor.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
_CONVENTIONS = {"revman5": REVMAN5, "revman-web": REVMAN_WEB, "metafor": METAFOR, "meta": META}

File = Annotated[Path, typer.Argument(help="CSV, TSV or Parquet, one row per study.")]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="NAME=COLUMN",
        help="Which column is what, e.g. events_e=cases; repeat it. metapool's, metafor's and "
        "meta's own names are understood.",
    ),
]
StudyColumn = Annotated[str | None, typer.Option("--study", help="Column of study labels.")]
MeasureOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="RR, OR, RD, AS, PETO of counts; MD, SMD, ROM of means; the label (HR, ...) of given "
        "effects.",
    ),
]
Log = Annotated[
    bool | None,
    typer.Option("--log/--no-log", help="Given effects are printed ratios, or logs of them."),
]
Json = Annotated[Path | None, typer.Option("--json", help="Write everything as JSON.")]
ConventionsOption = Annotated[
    Literal["revman5", "revman-web", "metafor", "meta"], typer.Option(help="Whose rules to follow.")
]
MissingOption = Annotated[
    t.Missing, typer.Option(help="Refuse rows with missing values, or leave them out.")
]
Level = Annotated[float, typer.Option(help="Confidence level of the totals.")]
Subgroup = Annotated[str | None, typer.Option(help="Column of subgroup labels.")]
ScoreOption = Annotated[t.Score, typer.Option(help="Harbord's score.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"metapool {__version__}")
        raise typer.Exit


@_typer.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Meta-analysis: the numbers of RevMan and metafor."""


def app() -> None:
    """Run the command line."""
    try:
        sys.exit(_typer(standalone_mode=False))
    except typer.TyperException as error:  # options that are wrong, on one line
        text = error.format_message().replace("Value error, ", "")
        print(text if text.startswith("Usage") else f"metapool: {text}", file=sys.stderr)
        sys.exit(2)
    except typer.Abort:
        sys.exit(130)
    except InputError as error:
        print(f"metapool: {_as_options(str(error))}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:  # a file that cannot be written
        print(f"metapool: {error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(2)


def _as_options(message: str) -> str:
    """What a message says of arguments, said of options."""
    options = {
        'missing="exclude"': "--missing exclude",
        "log=True": "--log",
        "log=False": "--no-log",
        'totals="subgroups"': "--totals subgroups",
        "needs tau2=": "needs --tau2",
        "needs subgroup=": "needs --subgroup",
        'prediction=, for example "hts"': "--prediction, for example hts",
        "n_resamples": "--resamples",
        "the rule degenerate=": "--degenerate",
    }
    for argument, option in options.items():
        message = message.replace(argument, option)
    return message


@_typer.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for figures and JSON.")] = Path("metapool-demo"),
) -> None:
    """Recompute the paper that metapool began with, beside what it prints.

    \b
    Example:
      metapool demo --out demo
    """
    from metapool import _demo

    report, agrees = _demo.run(out)
    typer.echo(report)
    if not agrees:
        raise typer.Exit(1)


@_typer.command()
def analyse(
    file: File,
    measure: MeasureOption = None,
    subgroup: Subgroup = None,
    study: StudyColumn = None,
    column: Columns = None,
    model: Annotated[t.ModelRule, typer.Option(help="Which model to report.")] = "auto",
    auto_by: Annotated[t.AutoBy, typer.Option(help="Where --model auto decides.")] = "outcome",
    common: Annotated[
        t.CommonMethod | None, typer.Option(help="Method of the common-effect model.")
    ] = None,
    random: Annotated[
        t.RandomMethod | None, typer.Option(help="Method of the random-effects model.")
    ] = None,
    tau2: Annotated[
        float | None, typer.Option(help="A given tau2 for random effects: --random preset.")
    ] = None,
    interval: Annotated[
        t.Interval | None, typer.Option(help="Confidence interval of random effects.")
    ] = None,
    prediction: Annotated[
        t.Prediction | None, typer.Option(help="Prediction interval of random effects.")
    ] = None,
    totals: Annotated[t.Totals, typer.Option(help="What to pool.")] = "all",
    level: Level = 0.95,
    study_level: Annotated[
        float | None, typer.Option(help="Confidence level of the studies.")
    ] = None,
    conventions: ConventionsOption = "revman5",
    log: Log = None,
    missing: MissingOption = "raise",
    forest: Annotated[Path | None, typer.Option(help="Draw a forest plot (png, pdf, svg).")] = None,
    galbraith: Annotated[
        Path | None, typer.Option(help="Draw a Galbraith plot (png, pdf, svg).")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Title of the forest plot.")] = None,
    arms: Annotated[
        tuple[str, str], typer.Option(metavar="EXPERIMENTAL CONTROL", help="Names of the arms.")
    ] = ("Experimental", "Control"),
    favours: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="LEFT RIGHT", help="Texts below the axis of the forest plot."),
    ] = None,
    json_out: Json = None,
) -> None:
    """Pool the studies of a file: both models, heterogeneity, subgroups.

    \b
    Examples:
      metapool analyse trials.csv --measure RR
      metapool analyse trials.csv --measure OR --subgroup comparator --totals subgroups
      metapool analyse trials.csv --measure RR --model random --random REML --interval hk \\
          --prediction hk-pr
      metapool analyse hazards.csv --measure HR --log
      metapool analyse trials.csv --measure RR --column events_e=cases --column n_e=treated \\
          --column events_c=controls --column n_c=untreated --forest forest.png --json out.json
    """
    studies = _read(file, column, study, subgroup, measure, log, missing)
    ma = meta_analysis(
        studies,
        measure,
        model=model,
        auto_by=auto_by,
        common=common,
        random=random,
        tau2=tau2,
        interval=interval,
        prediction=prediction,
        totals=totals,
        level=level,
        study_level=study_level,
        conventions=_CONVENTIONS[conventions],
    )
    if forest or galbraith:
        from metapool import plots

        if forest:
            plots.save(plots.forest(ma, title=title, labels=arms, favours=favours), forest)
        if galbraith:
            plots.save(plots.galbraith(ma), galbraith)
    _write(json_out, ma.to_dict())
    typer.echo(ma.summary())


@_typer.command()
def test(
    file: File,
    method: Annotated[t.SmallStudyMethod, typer.Option(help="Which test.")] = "harbord",
    measure: MeasureOption = None,
    score: ScoreOption = "or",
    study: StudyColumn = None,
    column: Columns = None,
    conventions: ConventionsOption = "revman5",
    log: Log = None,
    missing: MissingOption = "raise",
    galbraith: Annotated[
        Path | None, typer.Option(help="Draw the test's Galbraith plot (png, pdf, svg).")
    ] = None,
    json_out: Json = None,
) -> None:
    """Test the studies of a file for small-study effects.

    \b
    Examples:
      metapool test trials.csv
      metapool test trials.csv --method egger --measure RR --galbraith egger.png
    """
    studies = _read(file, column, study, None, measure, log, missing)
    found = small_study_test(studies, method, measure, score, _CONVENTIONS[conventions])
    if galbraith:
        from metapool import plots

        plots.save(plots.galbraith(found), galbraith)
    _write(json_out, found.to_dict())
    typer.echo(
        f"{method}: bias {found.bias:.4g} (se {found.se:.4g}), t {found.statistic:.4g}, "
        f"df {found.df}, {p_value(found.p_value)}; slope {found.slope:.4g}; "
        f"k {found.k}; status {t.Status(int(found.status)).name}"
    )


@_typer.command()
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
    studies = _read(file, column, study, subgroup, measure, log, missing)
    statistics = cast("list[t.Statistic]", statistic or ["estimate"])
    with _progress("Resampling") as progress:
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
            conventions=_CONVENTIONS[conventions],
            interval=interval,
            prediction=prediction,
            tau2=tau2,
            score=score,
            degenerate=degenerate,
            distribution=plot is not None,
            progress=progress,
        )
    if plot:
        from metapool import plots

        for name, result in found.items():
            path = plot if len(found) == 1 else plot.with_stem(f"{plot.stem}-{name}")
            plots.save(plots.bootstrap(result), path)
    plain: dict[str, Any] = {name: result.to_dict() for name, result in found.items()}
    if "estimate" in found:
        plain["estimate"]["hartung_knapp"] = found["estimate"].hartung_knapp.to_dict()
    _write(json_out, plain)
    typer.echo(_as_options(report.bootstrap(found)))


@contextmanager
def _progress(text: str) -> Iterator[Callable[[float], object] | None]:
    """A bar on stderr if that is a terminal; it is told the share that is done."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def _read(
    file: Path,
    column: list[str] | None,
    study: str | None,
    subgroup: str | None,
    measure: str | None,
    log: bool | None,
    missing: t.Missing,
) -> Any:
    columns: dict[str, str] = {}
    for pair in column or ():
        name, equals, value = pair.partition("=")
        if not equals:
            raise InputError(f"--column takes NAME=COLUMN, not {pair!r}")
        columns[name] = value
    columns |= {"study": study} if study else {}
    columns |= {"subgroup": subgroup} if subgroup else {}
    return read_studies(file, columns=columns, measure=measure, log=log, missing=missing)


def _write(path: Path | None, result: dict[str, Any]) -> None:
    if path:
        path.write_text(json.dumps(result, indent=2, allow_nan=False) + "\n")
