"""``metapool permutation``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from metapool import _types as t
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
    read,
    real,
    report,
    whole,
    whole_number,
    write,
)
from metapool._permutation import MOST_EXACT, arrangements, permutation_test
from metapool._statuses import status_name


def _resamples(given: str) -> int | Literal["exact"]:
    return "exact" if given == "exact" else whole_number(given)


def permutation(
    file: File,
    measure: MeasureOption = None,
    statistic: Annotated[
        t.PermutedStatistic, choice(t.PermutedStatistic, "What is tested.")
    ] = "estimate",
    method: Annotated[
        t.Method | None, choice(t.Method, "How effects are pooled: IV or random effects.")
    ] = None,
    resamples: Annotated[
        Any,
        typer.Option(
            parser=_resamples,
            metavar="INTEGER|exact",
            help="Go through all arrangements if these are no more, else draw so many; exact does "
            "not draw.",
        ),
    ] = MOST_EXACT,
    alternative: Annotated[t.Alternative, choice(t.Alternative, "Of the mean or the bias.")] = (
        "two-sided"
    ),
    seed: Annotated[
        int | None, whole("Of arrangements that are drawn; without it a new one, which is printed.")
    ] = None,
    subgroup: Subgroup = None,
    study: StudyColumn = None,
    column: Columns = None,
    tau2: Annotated[float | None, real("A given tau2: --method preset.")] = None,
    interval: Annotated[
        t.Interval | None, choice(t.Interval, "Whose t of the mean to take: hk, for example.")
    ] = None,
    score: ScoreOption = "or",
    conventions: ConventionsOption = "revman5",
    log: Log = None,
    missing: MissingOption = "raise",
    threads: Threads = None,
    json_out: Json = None,
) -> None:
    """Test the studies of a file by permutations: the mean, subgroups, small-study effects.

    \b
    Examples:
      metapool permutation trials.csv --measure RR
      metapool permutation trials.csv --measure RR --method REML --interval hk --json out.json
      metapool permutation trials.csv --measure OR --statistic subgroup_difference --subgroup drug
      metapool permutation trials.csv --statistic harbord --resamples 10000 --seed 1
    """
    studies = read(file, column, study, subgroup, measure, log, missing)
    found = permutation_test(
        studies,
        statistic,
        measure,
        method,
        n_resamples=resamples,
        alternative=alternative,
        seed=seed,
        threads=threads,
        conventions=CONVENTIONS[conventions],
        interval=interval,
        tau2=tau2,
        score=score,
    )
    write(json_out, found.to_dict())
    of = f"{found.method} {found.measure}" if found.method else found.measure
    side = "" if statistic == "subgroup_difference" else f" ({alternative})"
    lines = [
        f"{statistic}, {of}, {found.scheme}: statistic {found.statistic:.4g}, "
        f"P {found.p_value:.4g}{side}, least {found.p_min:.2g}, "
        f"MC error {found.mcse:.2g}; {arrangements(found)}; status {status_name(found.status)}",
        *(f"Note: {note.text}." for note in found.notes),
    ]
    report("\n".join(lines))
