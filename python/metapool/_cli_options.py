"""Options that commands share, and what commands do alike: read, show progress, write."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from metapool import _types as t
from metapool._conventions import META, METAFOR, REVMAN5, REVMAN_WEB
from metapool._errors import InputError
from metapool.io import read_studies

CONVENTIONS = {"revman5": REVMAN5, "revman-web": REVMAN_WEB, "metafor": METAFOR, "meta": META}

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


@contextmanager
def progress(text: str) -> Iterator[Callable[[float], object] | None]:
    """A bar on stderr if that is a terminal; it is told the share that is done."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def as_options(message: str) -> str:
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


def read(
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


def write(path: Path | None, result: dict[str, Any]) -> None:
    if path:
        path.write_text(json.dumps(result, indent=2, allow_nan=False) + "\n")
