"""Tests of two-by-two tables: no effect in any, the same odds ratio in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic

from metapool import _bridge, _core_results, _frames
from metapool._conventions import REVMAN5, Conventions, as_conventions
from metapool._errors import InputError
from metapool._frames import Exported, plain
from metapool._statuses import as_status, status_name
from metapool._studies import Studies, as_studies
from metapool._threads import threads_to_use
from metapool._two_by_two import TwoByTwo
from metapool._types import IntArray, Status, T


@dataclass(frozen=True, eq=False, repr=False)
class TableTests(Exported, Generic[T]):
    """Tests of the tables of one meta-analysis, or of each of a batch.

    Attributes
    ----------
    cmh, cmh_p : float
        Cochran-Mantel-Haenszel: chi-square with one degree of freedom, and P, that no study has an
        effect.
    breslow_day, breslow_day_p : float
        Breslow & Day's chi-square with ``df`` degrees of freedom, and P, that all studies have the
        same odds ratio.
    tarone, tarone_p : float
        The same by Tarone, whose statistic has that distribution more nearly.
    df : int
        Tables that contribute less one.
    k : int
        Tables that contribute: those with events and non-events, and people in both arms.
    status : Status
        Q_UNDEFINED if the pooled odds ratio is 0 or infinite: Breslow-Day and Tarone are then NaN.
    """

    cmh: T
    cmh_p: T
    breslow_day: T
    breslow_day_p: T
    tarone: T
    tarone_p: T
    df: int | IntArray
    k: int | IntArray
    status: Status | IntArray
    _studies: Studies[T]

    def __repr__(self) -> str:
        if self._studies.is_batch:
            return f"<TableTests: {self._studies.n_analyses} meta-analyses>"
        return (
            f"<TableTests: CMH {self.cmh:.4g} (P {self.cmh_p:.4g}), Breslow-Day "
            f"{self.breslow_day:.4g} (df {self.df}, P {self.breslow_day_p:.4g}), Tarone "
            f"{self.tarone:.4g} (P {self.tarone_p:.4g}), k {self.k}, {status_name(self.status)}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold; NaN and infinity become None."""
        own = {name: plain(getattr(self, name)) for name in _COLUMNS}
        return _frames.beside(self._studies.keys(), {**own, "status": status_name(self.status)})


_COLUMNS = (
    "cmh", "cmh_p", "breslow_day", "breslow_day_p", "tarone", "tarone_p", "df", "k",
)  # fmt: skip


def table_tests(
    studies: Studies[T],
    correct: bool = True,
    conventions: Conventions = REVMAN5,
    threads: int | None = None,
) -> TableTests[T]:
    """Cochran-Mantel-Haenszel, Breslow-Day and Tarone tests.

    Parameters
    ----------
    studies : TwoByTwo
        One meta-analysis or a batch.
    correct : bool
        Cochran-Mantel-Haenszel with the continuity correction of 1/2, as in R.
    conventions : Conventions
        Which tables enter Mantel-Haenszel's odds ratio, and with which corrections of zero cells
        (``mh_cc``, ``double_zero``, ``all_events``): the tests take the same tables.
    threads : int, optional
        As for :func:`pool`.

    Returns
    -------
    TableTests

    Raises
    ------
    InputError
        For studies that are not two-by-two tables.

    Notes
    -----
    (abs(sum(a - n1 m1/N)) - c)^2 / sum(n1 n2 m1 m0/(N^2 (N - 1))), c = 1/2 or 0 (Cochran 1954;
    Mantel & Haenszel 1959). With A the count that has the table's margins and the pooled odds
    ratio, and 1/V = 1/A + 1/B + 1/C + 1/D: sum((a - A)^2/V) (Breslow & Day 1980), less
    (sum(a - A))^2/sum(V) (Tarone 1985).

    Examples
    --------
    >>> import metapool as mp
    >>> found = mp.table_tests(mp.examples.bcg())
    >>> f"{found.cmh:.4f} {found.breslow_day:.4f} {found.tarone:.4f} {found.df}"
    '135.6889 171.7654 171.7567 12'
    """
    as_studies(studies)
    if not isinstance(studies, TwoByTwo):
        raise InputError(f"table_tests is for TwoByTwo, not {type(studies).__name__}")
    if not isinstance(correct, bool):
        raise InputError(f"correct must be True or False, not {correct!r}")
    workers = threads_to_use(threads, studies.offsets)
    found: _core_results.TableTests = _bridge.table_tests(
        as_conventions(conventions),
        studies.columns,
        studies.offsets,
        workers,
        correct=correct,
    )
    df, k, status = studies.numbers(found.counts)
    tests = dict(zip(_COLUMNS, [*studies.numbers(found.numbers), df, k], strict=True))
    return TableTests(**tests, status=as_status(status), _studies=studies)
