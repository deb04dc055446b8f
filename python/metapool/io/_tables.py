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
    """Read a text file with commas, semicolons or tabs, or a Parquet (``.parquet``) file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    pyarrow.Table
        Empty cells and NA are null; empty rows are left out.

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
    try:
        import pyarrow as pa
        from pyarrow import csv, parquet
    except ModuleNotFoundError:
        raise ImportError('reading files needs pyarrow: pip install "metapool[frames]"') from None

    try:
        if path.suffix == ".parquet":
            return parquet.read_table(path)
        parsing = csv.ParseOptions(delimiter=_delimiter(path))
        nulls = csv.ConvertOptions(strings_can_be_null=True)
        table = csv.read_csv(path, parse_options=parsing, convert_options=nulls)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {str(error).splitlines()[0]}") from None
    table = table.rename_columns([name.strip() for name in table.column_names])
    return table.filter(
        pa.array([any(v is not None for v in r.values()) for r in table.to_pylist()])
    )


def _delimiter(path: Path) -> str:
    """Of tab, semicolon and comma, the one that the first line has most of."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        first = file.readline()
    return max(",", ";", "\t", key=first.count)


def read_studies(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    measure: str | None = None,
    log: bool | None = None,
    ci_level: float = 0.95,
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
        What will be taken from the file; decides between counts and means if it holds both, and
        is the label of given effects.
    log, ci_level
        Given effects are printed ratios; the level of their intervals.
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
    labels = {name: found[name] for name in ("study", "subgroup") if name in found}
    complete = [kind for kind in (TwoByTwo, TwoMeans) if all(n in found for n in kind.names)]
    for kind in complete:
        if measure is None or measure in kind.measures:
            named = {name: found[name] for name in kind.names}
            return _build(kind, table, named | labels, missing)
    for spread in _SPREADS:
        if all(name in found for name in ("y", *spread)):
            named = {name: found[name] for name in ("y", *spread)}
            settings = {"measure": measure, "log": log, "ci_level": ci_level}
            return _build(Effects, table, named | labels, missing, **settings)
    for kind in complete:
        raise InputError(
            f"{path}: measure {measure!r} is not taken from {kind.__name__} data, which the file "
            f"holds; that has {', '.join(kind.measures)}"
        )
    raise InputError(
        f"{path}: columns {', '.join(table.column_names)} hold neither counts "
        "(events_e, n_e, events_c, n_c), nor means (mean_e, sd_e, n_e, mean_c, sd_c, n_c), "
        "nor effects (y with v, se or ci_low and ci_high); say which column is what "
        "(columns=, or --column NAME=COLUMN on the command line)"
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
    spelt = {name.lower(): name for name in reversed(present)}
    known = {
        argument: spelt[name.lower()]
        for argument, names in _NAMES.items()
        for name in reversed(names)
        if name.lower() in spelt
    }
    return {**known, **given}
