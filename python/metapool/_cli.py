"""The command line: results on stdout, anything else on stderr, exit status 2 for bad input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from metapool import _types as t
from metapool._bridge import __version__
from metapool._cli_bootstrap import bootstrap
from metapool._cli_options import (
    CONVENTIONS,
    Columns,
    ConventionsOption,
    File,
    Json,
    Level,
    Log,
    MeasureOption,
    MissingOption,
    ScoreOption,
    StudyColumn,
    Subgroup,
    as_options,
    choice,
    read,
    real,
    report,
    write,
)
from metapool._cli_permutation import permutation
from metapool._cli_simulate import simulate
from metapool._conventions import Conventions
from metapool._errors import InputError
from metapool._format import p_value
from metapool._meta_analysis import meta_analysis
from metapool._sensitivity_of import every_test
from metapool._sensitivity_of import sensitivity as sensitivity_of
from metapool._small_study import small_study_test
from metapool.report import small_study_tests

_TestMethod = Literal[t.SmallStudyMethod, "all"]

_typer = typer.Typer(
    help="Meta-analysis: the numbers of RevMan and metafor.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


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
        print(f"metapool: {as_options(str(error))}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:  # a file that cannot be written
        print(f"metapool: {error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(2)


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
    model: Annotated[t.ModelRule, choice(t.ModelRule, "Which model to report.")] = "auto",
    auto_by: Annotated[t.AutoBy, choice(t.AutoBy, "Where --model auto decides.")] = "outcome",
    common: Annotated[
        t.CommonMethod | None, choice(t.CommonMethod, "Method of the common-effect model.")
    ] = None,
    random: Annotated[
        t.RandomMethod | None, choice(t.RandomMethod, "Method of the random-effects model.")
    ] = None,
    tau2: Annotated[float | None, real("A given tau2 for random effects: --random preset.")] = None,
    interval: Annotated[
        t.Interval | None, choice(t.Interval, "Confidence interval of random effects.")
    ] = None,
    prediction: Annotated[
        t.Prediction | None, choice(t.Prediction, "Prediction interval of random effects.")
    ] = None,
    totals: Annotated[t.Totals, choice(t.Totals, "What to pool.")] = "all",
    level: Level = 0.95,
    study_level: Annotated[float | None, real("Confidence level of the studies.")] = None,
    conventions: ConventionsOption = "revman5",
    log: Log = None,
    missing: MissingOption = "raise",
    forest: Annotated[Path | None, typer.Option(help="Draw a forest plot (png, pdf, svg).")] = None,
    galbraith: Annotated[
        Path | None, typer.Option(help="Draw a Galbraith plot (png, pdf, svg).")
    ] = None,
    funnel: Annotated[Path | None, typer.Option(help="Draw a funnel plot (png, pdf, svg).")] = None,
    sensitivity: Annotated[
        bool,
        typer.Option(
            "--sensitivity",
            help="Also leave-one-out, influence, small-study tests, trim and fill, PET-PEESE.",
        ),
    ] = False,
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
      metapool analyse trials.csv --measure OR --sensitivity --funnel funnel.png
      metapool analyse trials.csv --measure RR --column events_e=cases --column n_e=treated \\
          --column events_c=controls --column n_c=untreated --forest forest.png --json out.json
    """
    studies = read(file, column, study, subgroup, measure, log, missing)
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
        conventions=CONVENTIONS[conventions],
    )
    if forest or galbraith or funnel:
        from metapool import plots

        if forest:
            plots.save(plots.forest(ma, title=title, labels=arms, favours=favours), forest)
        if galbraith:
            plots.save(plots.galbraith(ma), galbraith)
        if funnel:
            plots.save(plots.funnel(ma), funnel)
    result, text = ma.to_dict(), ma.summary()
    if sensitivity:
        found = sensitivity_of(ma)
        result["sensitivity"] = found.to_dict()
        text += f"\n\n{found.summary()}"
    write(json_out, result)
    report(text)


@_typer.command()
def test(
    file: File,
    method: Annotated[_TestMethod, choice(_TestMethod, "Which test; all that fit.")] = "harbord",
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
      metapool test trials.csv --method all --measure RR
    """
    studies = read(file, column, study, None, measure, log, missing)
    if method == "all":
        _test_all(studies, measure, score, CONVENTIONS[conventions], galbraith, json_out)
        return
    found = small_study_test(studies, method, measure, score, CONVENTIONS[conventions])
    if galbraith:
        from metapool import plots

        plots.save(plots.galbraith(found), galbraith)
    write(json_out, found.to_dict())
    law = f"t {found.statistic:.4g}, df {found.df}" if found.df else f"z {found.statistic:.4g}"
    typer.echo(
        f"{method}, {found.measure}: bias {found.bias:.4g} (se {found.se:.4g}), "
        f"{law}, {p_value(found.p_value)}; "
        f"slope {found.slope:.4g}; k {found.k}; status {t.Status(int(found.status)).name}"
    )
    for note in found.notes:
        typer.echo(f"Note: {note.text}.")


def _test_all(
    studies: Any,
    measure: str | None,
    score: t.Score,
    conventions: Conventions,
    galbraith: Path | None,
    json_out: Path | None,
) -> None:
    if score != "or" or galbraith:
        given = "score" if score != "or" else "galbraith"
        raise InputError(f"--{given} is for one test, not for --method all")
    found = every_test(studies, measure, conventions)
    write(json_out, {name: test.to_dict() for name, test in found.items()})
    report(small_study_tests(found))


_typer.command()(bootstrap)
_typer.command()(permutation)
_typer.command()(simulate)
