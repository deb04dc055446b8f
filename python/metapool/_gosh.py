"""GOSH: the analysis of all subsets of the studies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metapool import _bridge
from metapool import _types as t
from metapool._checks import draw_seed, whole
from metapool._conventions import REVMAN5, Conventions
from metapool._errors import InputError, hint
from metapool._frames import Exported, plain
from metapool._pooling import pool
from metapool._results import Pooled
from metapool._statuses import status_name
from metapool._studies import Studies, as_studies
from metapool._threads import threads_to_use
from metapool._types import BoolArray, FloatArray, IntArray

MOST_SUBSETS = 2**20


@dataclass(frozen=True, eq=False)
class GoshDisplay:
    """Estimates on the natural scale."""

    estimate: FloatArray


@dataclass(frozen=True, eq=False, repr=False)
class Gosh(Exported):
    """The same analysis of many subsets of the studies, one element per subset.

    Attributes
    ----------
    estimate, q, i2, tau2, k, status : array, one element per subset
        As of :func:`metapool.pool`, estimates on the analysis scale; NaN where a subset has none.
    exact : bool
        Whether all subsets but the empty one are there, or a sample of them.
    seed : int or None
        Of the sample.
    overall : Pooled
        The analysis of all studies.
    study : tuple of str
    """

    estimate: FloatArray
    q: FloatArray
    i2: FloatArray
    tau2: FloatArray
    k: IntArray
    status: IntArray
    exact: bool
    seed: int | None
    overall: Pooled[float]
    _bits: NDArray[np.uint64]
    _studies: Studies[Any]

    @property
    def study(self) -> tuple[str, ...]:
        return self._studies.study

    @property
    def n_studies(self) -> int:
        return len(self._studies)

    @property
    def measure(self) -> str:
        return self.overall.measure

    @property
    def method(self) -> t.Method:
        return self.overall.method

    @property
    def is_ratio(self) -> bool:
        """Whether the analysis scale is a log scale."""
        return self.overall.is_ratio

    @cached_property
    def display(self) -> GoshDisplay:
        return GoshDisplay(self._studies.natural(self.measure, self.estimate))

    def contains(self, study: str | int) -> BoolArray:
        """Which subsets have a study, by its label or its row.

        Raises
        ------
        InputError
            If there is no such study, or two of that label.
        """
        row = study
        if isinstance(study, str):
            times = self.study.count(study)
            if times != 1:
                what = f"{times} studies are" if times else "no study is"
                raise InputError(f"{what} called {study!r}{hint(study, self.study)}")
            row = self.study.index(study)
        row = whole("study", row, 0, self.n_studies - 1)
        word, bit = divmod(row, 64)
        found: BoolArray = (self._bits[:, word] >> np.uint64(bit)) & np.uint64(1) == 1
        return found

    def __len__(self) -> int:
        return len(self.estimate)

    def __repr__(self) -> str:
        of = "all" if self.exact else "a sample"
        return f"<Gosh: {self.measure}, {self.method}, {of} of {len(self):,} subsets>"

    def to_dict(self) -> dict[str, Any]:
        """One list per column, one element per subset; NaN becomes None."""
        names = ("estimate", "q", "i2", "tau2", "k")
        own = {name: plain(getattr(self, name)) for name in names}
        return {**own, "status": status_name(self.status)}


def gosh(
    studies: Studies[float],
    measure: str | None = None,
    method: t.Method | None = None,
    conventions: Conventions = REVMAN5,
    threads: int | None = None,
    *,
    tau2: float | None = None,
    n_subsets: int | None = None,
    seed: int | None = None,
    progress: Callable[[float], object] | None = None,
) -> Gosh:
    """Pool all subsets of the studies, or a sample of them (Olkin, Dahabreh & Trikalinos 2012).

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis.
    measure, method, conventions, threads, tau2
        As for :func:`metapool.pool`.
    n_subsets : int, optional
        How many subsets to draw. By default all, up to 20 studies; beyond, 2**20 are drawn. In a
        sample each study is in a subset or not with even chances.
    seed : int, optional
        Of a sample; drawn and kept in the result if not given.
    progress : callable, optional
        Told the share that is done, now and then.

    Returns
    -------
    Gosh

    Raises
    ------
    InputError
        For a batch, no studies, or a seed where all subsets are taken.

    Examples
    --------
    >>> import metapool as mp
    >>> all_subsets = mp.gosh(mp.examples.bcg(), "RR", "DL")
    >>> all_subsets
    <Gosh: RR, DL, all of 8,191 subsets>
    >>> f"{all_subsets.i2[all_subsets.contains('TPT Madras 1980')].mean():.0f}"
    '90'
    """
    as_studies(studies).require_one("GOSH")
    if not len(studies):
        raise InputError("there are no subsets of no studies")
    overall = pool(studies, measure, method, conventions, threads=threads, tau2=tau2)
    possible = 2 ** len(studies) - 1
    exact = n_subsets is None and possible < MOST_SUBSETS
    if exact and seed is not None:
        raise InputError("seed is for a sample of subsets; all of them are taken: give n_subsets=")
    if n_subsets is not None:
        n = whole("n_subsets", n_subsets, 1, 10**8)
    else:
        n = min(possible, MOST_SUBSETS)
    seed = None if exact else draw_seed(seed)
    workers = threads_to_use(threads, np.empty(3, np.int64))
    plan, columns = overall._plan, studies.columns
    found = _bridge.fit_subsets(plan, seed, n, columns, studies.offsets, workers, progress)
    (estimate, q, i2, between), (k, status) = found.numbers, found.counts
    return Gosh(estimate, q, i2, between, k, status, exact, seed, overall, found.bits, studies)
