"""Permutation tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Literal, cast

import numpy as np

from metapool import _bridge, _frames
from metapool import _types as t
from metapool._checks import draw_seed, whole
from metapool._columns import read_only
from metapool._conventions import REVMAN5, Conventions
from metapool._errors import InputError, choose
from metapool._format import counted
from metapool._frames import Exported, plain
from metapool._notes import Note, notes, plain_notes
from metapool._pooling import asked_plan, default_common
from metapool._small_study import asked_test
from metapool._statuses import as_status, status_name
from metapool._studies import Studies, as_studies
from metapool._threads import threads_to_use
from metapool._types import BoolArray, IntArray, NoteCode, Status, T

#: Exact tests go through no more arrangements than these.
MOST_EXACT = 2**20

_SCHEMES: dict[t.PermutedStatistic, t.PermutationScheme] = {
    "estimate": "sign-flip",
    "subgroup_difference": "labels",
    "harbord": "freedman-lane",
    "egger": "freedman-lane",
}


@dataclass(frozen=True, eq=False, repr=False)
class PermutationTest(Exported, Generic[T]):
    """A permutation test, of one meta-analysis or of each of a batch.

    Attributes
    ----------
    statistic : float
        Of the data: z (or t) of the mean, Q between subgroups, t of the bias.
    p_value : float
        Exact: share of all arrangements whose statistic is at least as extreme. Drawn: (1 + b)/(1 +
        n), b of n as extreme.
    p_min : float
        The least P that there could be: for the signs of k effects 2/2^k, so that with five studies
        or fewer P cannot be below 0.05, and 1/2^k if one-sided; drawn, 1/(1 + n).
    mcse : float
        Monte Carlo standard error of P; 0 if exact.
    n_permutations : int
    exact : bool
    status : Status
        NOT_ESTIMABLE if the data do not have the statistic.
    notes : tuple of Note, or int64 array of NoteCode flags for a batch
        Whether P can be 0.05 at all.
    tested, scheme, alternative, measure : str
        What is tested and how.
    method : str or None
        How effects are pooled; None for small-study tests.
    seed : int or None
        Of the arrangements that were drawn; None if none were.
    """

    statistic: T
    p_value: T
    p_min: T
    mcse: T
    n_permutations: int | IntArray
    exact: bool | BoolArray
    status: Status | IntArray
    tested: t.PermutedStatistic
    scheme: t.PermutationScheme
    alternative: t.Alternative
    measure: str
    method: t.Method | None
    seed: int | None
    _studies: Studies[T]

    @property
    def key(self) -> tuple[Any, ...] | None:
        """What tells the meta-analyses of a batch apart."""
        return self._studies.key

    @property
    def is_batch(self) -> bool:
        """Whether results are arrays."""
        return self._studies.is_batch

    @property
    def notes(self) -> tuple[Note, ...] | IntArray:
        """Advice; of a batch, sets of :class:`NoteCode` flags."""
        defined = np.ravel(self.status) != Status.NOT_ESTIMABLE
        flags = (defined & (np.ravel(self.p_min) > 0.05)) * int(NoteCode.P_MIN_ABOVE_5_PERCENT)
        return read_only(flags) if self.is_batch else notes(flags.tolist())

    def __repr__(self) -> str:
        of = f"{self.method} {self.measure}" if self.method else self.measure
        what = f"{self.tested}, {of}, {self.scheme}"
        if self.is_batch:
            return f"<PermutationTest: {what}, {self._studies.n_analyses} meta-analyses>"
        return (
            f"<PermutationTest: {what}, statistic {self.statistic:.4g}, P {self.p_value:.4g} "
            f"(least {self.p_min:.2g}), {arrangements(self)}, {status_name(self.status)}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold; NaN and infinity become None."""
        asked = {
            name: getattr(self, name)
            for name in ("tested", "scheme", "alternative", "measure", "method", "seed")
        }
        columns = _frames.beside(self._studies.keys(), self._columns())
        return {**asked, **columns, "notes": plain_notes(self.notes)}

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow, one row per meta-analysis."""
        return _frames.frame(_frames.beside(self._studies.keys(), self._columns()), backend)

    def _columns(self) -> dict[str, Any]:
        names = ("statistic", "p_value", "p_min", "mcse", "n_permutations", "exact")
        own = {name: plain(getattr(self, name)) for name in names}
        return {**own, "status": status_name(self.status)}


def arrangements(test: PermutationTest[Any]) -> str:
    """How many arrangements of one meta-analysis there were, and which."""
    n = counted(cast(int, test.n_permutations), "arrangement")
    return f"{n}, all" if test.exact else f"{n}, drawn, seed {test.seed}"


def permutation_test(
    studies: Studies[T],
    statistic: t.PermutedStatistic = "estimate",
    measure: str | None = None,
    method: t.Method | None = None,
    scheme: t.PermutationScheme | None = None,
    n_resamples: int | Literal["exact"] = MOST_EXACT,
    alternative: t.Alternative = "two-sided",
    seed: int | None = None,
    threads: int | None = None,
    *,
    conventions: Conventions = REVMAN5,
    interval: t.Interval | None = None,
    tau2: float | None = None,
    score: t.Score = "or",
) -> PermutationTest[T]:
    """Test by what the statistic would be had chance fallen otherwise.

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis or, but for "subgroup_difference", a batch.
    statistic : {"estimate", "subgroup_difference", "harbord", "egger"}
        "estimate": z of the mean (t with ``interval="hk"``), tau2 fitted anew each time.
        "subgroup_difference": Q between the subgroups' estimates. A small-study test: t of its
        bias.
    measure, method, conventions, interval, tau2
        As in :func:`metapool.pool`; effects are permuted, so `method` is "IV", one of random
        effects or "auto", which chooses for each arrangement anew.
    scheme : {"sign-flip", "labels", "freedman-lane"}, optional
        The one scheme that fits the statistic: signs of the effects (Follmann & Proschan 1999),
        labels of the subgroups over the studies, residuals of the line through the origin, since
        score and precision themselves cannot change places (Freedman & Lane 1983).
    n_resamples : int or "exact"
        If there are no more arrangements than this, and than 2**20, all are gone through; else so
        many are drawn. "exact" does not draw.
    alternative : {"two-sided", "greater", "less"}
        Of the mean or the bias; Q is large or not.
    seed : int, optional
        Of arrangements that are drawn; drawn and kept in the result if not given. Not for "exact".
    threads : int, optional
        As in :func:`metapool.pool`. Results do not depend on it.
    score : {"or", "rr"}
        Of Harbord's test.

    Returns
    -------
    PermutationTest

    Raises
    ------
    InputError
        For a choice that does not fit the statistic, or "exact" with too many arrangements.

    Notes
    -----
    Statistics within 1e-10 of the observed one (of its size, if above 1) count as equal to it; an
    arrangement without the statistic counts as extreme.

    Examples
    --------
    >>> import metapool as mp
    >>> mp.permutation_test(mp.examples.bcg(), measure="RR", method="REML")
    <PermutationTest: estimate, REML RR, sign-flip, statistic -3.974, P 0.001465 (least 0.00024), \
8,192 arrangements, all, OK>
    """
    as_studies(studies)
    fits = _SCHEMES[choose("statistic", statistic, t.PermutedStatistic)]
    if scheme is not None and choose("scheme", scheme, t.PermutationScheme) != fits:
        raise InputError(f"scheme {scheme!r} is not for {statistic!r}, whose scheme is {fits!r}")
    choose("alternative", alternative, t.Alternative)
    if statistic == "subgroup_difference" and alternative != "two-sided":
        raise InputError(f"Q between subgroups has no side: alternative {alternative!r}")
    most = MOST_EXACT
    if n_resamples != "exact":
        most = whole("n_resamples", n_resamples, 1, 10**12)
    what: _bridge.Plan | _bridge.SmallStudyPlan
    pooled_by: t.Method | None = None
    labels = None
    if fits == "freedman-lane":
        for option, value in (("method", method), ("interval", interval), ("tau2", tau2)):
            if value is not None:
                raise InputError(f"{option} is not for {statistic!r}, which pools nothing")
        name = cast(t.RadialTest, statistic)
        label, what = asked_test(studies, name, measure, score, conventions)
    else:
        if choose("score", score, t.Score) != "or":
            raise InputError(f"score is for Harbord's test, not for {statistic!r}")
        label = studies.resolve_measure(measure)
        core_measure = studies.core_measure(label)
        default = default_common(conventions, core_measure)
        if method in ("MH", "Peto") or (method is None and tau2 is None and default != "IV"):
            method = _no_tables(method)
        pooled_by, what = asked_plan(core_measure, method, conventions, interval, None, 0.95, tau2)
        if fits == "labels":
            labels = _labels(studies)
    if n_resamples == "exact" and seed is not None:
        raise InputError('seed is for arrangements that are drawn: n_resamples="exact" draws none')
    seed = draw_seed(seed)
    found = _bridge.permutation(
        what,
        labels,
        studies.columns,
        studies.offsets,
        threads_to_use(threads, np.empty(3, np.int64)),
        seed=seed,
        most=most,
        alternative=alternative,
    )
    if n_resamples == "exact" and not found.exact.all():
        raise InputError(
            f"there are more than {MOST_EXACT:,} arrangements: give a number of arrangements, "
            "n_resamples="
        )
    numbers = studies.numbers(found.numbers)
    (n_permutations,) = studies.numbers(found.counts)
    (exact,) = studies.numbers(found.exact[None])
    statistic_of_data, p_value, p_min, mcse = numbers
    undefined = np.isnan(found.numbers[0]) * np.int64(Status.NOT_ESTIMABLE)
    (status,) = studies.numbers(undefined[None])
    return PermutationTest(
        statistic=statistic_of_data,
        p_value=p_value,
        p_min=p_min,
        mcse=mcse,
        n_permutations=n_permutations,
        exact=exact,
        status=as_status(status),
        tested=statistic,
        scheme=fits,
        alternative=alternative,
        measure=label,
        method=pooled_by,
        seed=None if found.exact.all() else seed,
        _studies=studies,
    )


def _no_tables(method: t.Method | None) -> t.Method:
    if method is None:
        return "IV"
    raise InputError(f"signs and labels of effects are permuted; method {method!r} pools tables")


def _labels(studies: Studies[Any]) -> IntArray:
    """The number of each study's subgroup."""
    studies.require_one("'subgroup_difference'")
    names = list(dict.fromkeys(studies.subgroup or ()))
    if studies.subgroup is None or len(names) < 2:
        raise InputError("'subgroup_difference' needs subgroup= with two subgroups or more")
    return np.array([names.index(name) for name in studies.subgroup], np.int64)
