"""Tables of studies: CSV, TSV and Parquet, by pyarrow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metapool import _types as t
from metapool._effects import Effects
from metapool._errors import InputError
from metapool._studies import Studies
from metapool._two_by_two import TwoByTwo
from metapool._two_means import TwoMeans

if TYPE_CHECKING:
    import pyarrow as pa

#: Column names that are understood: metapool's, metafor's, and those of R's meta.
_NAMES: dict[str, tuple[str, ...]] = {
    "events_e": ("events_e", "ai", "event.e"),
    "n_e": ("n_e", "n1i", "n.e"),
    "events_c": ("events_c", "ci", "event.c"),
    "n_c": ("n_c", "n2i", "n.c"),
    "mean_e": ("mean_e", "m1i", "mean.e"),
    "sd_e": ("sd_e", "sd1i", "sd.e"),
    "mean_c": ("mean_c", "m2i", "mean.c"),
    "sd_c": ("sd_c", "sd2i", "sd.c"),
    "y": ("y", "yi", "TE"),
    "v": ("v", "vi"),
    "se": ("se", "sei", "seTE"),
    "ci_low": ("ci_low", "ci.lb", "lower"),
    "ci_high": ("ci_high", "ci.ub", "upper"),
    "study": ("study", "studlab", "slab", "trial", "author"),
    "subgroup": ("subgroup",),
}

_SPREADS = (("v",), ("se",), ("ci_low", "ci_high"))


def read_table(path: str | Path) -> pa.Table:
    """Read a CSV, TSV (``.tsv``, ``.txt``) or Parquet (``.parquet``) file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    pyarrow.Table
        Empty cells and NA are null.

    Raises
    ------
    InputError
        For a file that is not there or cannot be parsed.

    Examples
    --------
    >>> import metapool as mp
    >>> path = getfixture("tmp_path") / "trials.csv"
    >>> _ = path.write_text("study,ai,n1i,ci,n2i\\nA,3,20,6,20\\n")
    >>> mp.io.read_table(path).column_names
    ['study', 'ai', 'n1i', 'ci', 'n2i']
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    import pyarrow as pa
    from pyarrow import csv, parquet

    try:
        if path.suffix == ".parquet":
            return parquet.read_table(path)
        delimiter = "\t" if path.suffix in (".tsv", ".txt") else ","
        return csv.read_csv(path, parse_options=csv.ParseOptions(delimiter=delimiter))
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {str(error).splitlines()[0]}") from None


def read_studies(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    measure: str | None = None,
    missing: t.Missing = "raise",
) -> Studies[float]:
    """Read a file of studies: counts, means or effects, whichever its columns hold.

    Parameters
    ----------
    path : str or Path
        As for :func:`read_table`.
    columns : mapping, optional
        Which column is what, where the names do not say it: ``{"events_e": "tac_events"}``.
        Names of metapool (events_e, n_e, …), metafor (ai, n1i, …) and meta (event.e, n.e, …) are
        understood.
    measure : str, optional
        What will be taken from the file; decides between counts and means if it holds both.
    missing : {"raise", "exclude"}

    Returns
    -------
    TwoByTwo, TwoMeans or Effects

    Raises
    ------
    InputError
        If no kind of study data is complete, or for bad data.

    Examples
    --------
    >>> import metapool as mp
    >>> path = getfixture("tmp_path") / "trials.csv"
    >>> _ = path.write_text("study,ai,n1i,ci,n2i\\nA,3,20,6,20\\nB,5,30,9,31\\n")
    >>> mp.io.read_studies(path)
    <TwoByTwo: 2 studies>
    """
    table = read_table(path)
    found = _recognise(table.column_names, dict(columns or {}))
    labels: dict[str, str] = {
        name: column for name, column in found.items() if name in ("study", "subgroup")
    }
    for kind in (TwoByTwo, TwoMeans):
        suits = measure is None or measure in kind.measures
        if suits and all(name in found for name in kind.names):
            named: dict[str, str] = {name: found[name] for name in kind.names}
            return _build(kind, table, named | labels, missing)
    for spread in _SPREADS:
        if all(name in found for name in ("y", *spread)):
            named = {name: found[name] for name in ("y", *spread)}
            return _build(Effects, table, named | labels, missing, measure=measure)
    raise InputError(
        f"{path}: columns {', '.join(table.column_names)} hold neither counts "
        "(events_e, n_e, events_c, n_c), nor means (mean_e, sd_e, n_e, mean_c, sd_c, n_c), "
        "nor effects (y with v, se or ci_low and ci_high); say which column is what"
    )


def _build(
    kind: Any, table: pa.Table, columns: dict[str, str], missing: t.Missing, **settings: Any
) -> Studies[float]:
    studies: Studies[float] = kind.from_frame(table, missing=missing, **columns, **settings)
    return studies


def _recognise(present: list[str], given: dict[str, str]) -> dict[str, str]:
    """The column of each argument: as given, else by a name that is understood."""
    for argument, column in given.items():
        if argument not in _NAMES:
            raise InputError(f"{argument!r} is not one of {', '.join(_NAMES)}")
        if column not in present:
            raise InputError(f"there is no column {column!r}; there are {', '.join(present)}")
    known = {
        argument: name
        for argument, names in _NAMES.items()
        for name in reversed(names)
        if name in present
    }
    return {**known, **given}
