"""Options that commands share, and what commands do alike: read, show progress, write."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from metapool import _types as t
from metapool._conventions import META, METAFOR, REVMAN5, REVMAN_WEB
from metapool._errors import InputError, hint
from metapool._studies import RATIOS
from metapool._types import choices
from metapool.io import read_studies

CONVENTIONS = {"revman5": REVMAN5, "revman-web": REVMAN_WEB, "metafor": METAFOR, "meta": META}

#: Arguments that have an option of another form.
_OPTIONS = {"log=True": "--log", "log=False": "--no-log", "n_resamples": "resamples"}
#: Those that have one of their name, with dashes.
_NAMES = (
    "alternative|auto_by|ci|common|conventions|degenerate|first_replicate|h|interval|level|measure|"
    "method|missing|model|prediction|random|resamples|scheme|score|seed|statistic|study_level|"
    "subgroup|tau2|threads|totals"
)


def choice(literal: object, text: str) -> Any:
    """An option that takes a name, in small or large letters, with dashes or underscores."""
    allowed = choices(literal)

    def parse(given: str) -> str:
        name = _known(given, allowed)
        if name is None:
            names = ", ".join(map(repr, allowed))
            raise typer.BadParameter(f"{given!r} is not one of {names}{hint(given, allowed)}")
        return name

    return typer.Option(parser=parse, metavar="|".join(allowed), help=text)


def _known(given: str, allowed: Iterable[str]) -> str | None:
    return next((name for name in allowed if _plain(name) == _plain(given)), None)


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _measure(given: str) -> str:
    """A measure by its own letters; labels of given effects may be any."""
    return _known(given, (*choices(t.Measure), *RATIOS)) or given


def names(given: list[str] | None) -> list[str]:
    """Names of an option that is repeated or has commas."""
    parts = [part.strip() for text in given or () for part in text.split(",")]
    return [part.lower().replace("-", "_") for part in parts if part]


def whole(text: str) -> Any:
    """An option that takes a whole number."""
    return typer.Option(parser=whole_number, metavar="INTEGER", help=text)


def real(text: str) -> Any:
    """An option that takes a number."""
    return typer.Option(parser=_real_number, metavar="NUMBER", help=text)


def whole_number(given: str) -> int:
    """What was given for an option that takes a whole number."""
    try:
        return int(given)
    except ValueError:
        raise typer.BadParameter(f"{given!r} is not a whole number, such as 10000") from None


def _real_number(given: str) -> float:
    try:
        return float(given)
    except ValueError:
        raise typer.BadParameter(f"{given!r} is not a number, such as 0.95") from None


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
        parser=_measure,
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
_System = Literal["revman5", "revman-web", "metafor", "meta"]
ConventionsOption = Annotated[_System, choice(_System, "Whose rules to follow.")]
MissingOption = Annotated[
    t.Missing, choice(t.Missing, "Refuse rows with missing values, or leave them out.")
]
Level = Annotated[float, real("Confidence level of the totals.")]
Threads = Annotated[int | None, whole("Results do not depend on it.")]
Subgroup = Annotated[str | None, typer.Option(help="Column of subgroup labels.")]
ScoreOption = Annotated[t.Score, choice(t.Score, "Harbord's score.")]


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
    for argument, option in _OPTIONS.items():
        message = message.replace(argument, option)
    message = re.sub(rf"\b({_NAMES})=\"([^\"]*)\"", r"--\1 \2", message)
    message = re.sub(rf"\b({_NAMES})=(?=\d)", r"--\1 ", message)
    message = re.sub(rf"\b({_NAMES})=(?!\w)", r"--\1", message)
    message = re.sub(rf"^({_NAMES})(?= must | is )", r"--\1", message)
    return re.sub(r"--\w+", lambda option: option[0].replace("_", "-"), message)


def report(text: str) -> None:
    """Print a result, what its notes say of arguments said of options."""
    lines = text.splitlines()
    notes = ("Note: ", "Note on ")
    lines = [as_options(line) if line.startswith(notes) else line for line in lines]
    typer.echo("\n".join(lines))


def read(
    file: Path,
    column: list[str] | None,
    study: str | None,
    subgroup: str | None,
    measure: str | None,
    log: bool | None,
    missing: t.Missing,
) -> Any:
    """The studies of a file."""
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
    """Write a result as JSON, if there is a path."""
    if path:
        path.write_text(json.dumps(result, indent=2, allow_nan=False) + "\n")
