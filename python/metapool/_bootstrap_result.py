"""Bootstrap distributions and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import comb
from typing import Any, Generic

import numpy as np

from metapool import _bridge, _core_results, _frames
from metapool import _types as t
from metapool._columns import read_only
from metapool._conventions import Conventions
from metapool._errors import InputError
from metapool._format import counted
from metapool._frames import Exported, plain
from metapool._notes import Note, notes, plain_notes
from metapool._pooling import pool
from metapool._results import Display, Pooled
from metapool._statuses import as_status, status_name
from metapool._studies import Studies
from metapool._types import BoolArray, FloatArray, IntArray, NoteCode, Status, T

_ON_THE_ANALYSIS_SCALE = ("estimate", "pi_low", "pi_high", "subgroup_difference")
_HETEROGENEITY = ("tau2", "i2", "h2")
_TESTS = t.choices(t.RadialTest)


@dataclass(frozen=True, eq=False)
class Asked:
    """What :func:`metapool.bootstrap` was asked for."""

    statistics: tuple[t.Statistic, ...]
    plan: _bridge.BootstrapPlan
    measure: str
    #: None if nothing is pooled.
    method: t.Method | None
    conventions: Conventions
    #: The data as given, and as resampled: in two subgroups for their difference.
    studies: Studies[Any]
    resampled: Studies[Any]


@dataclass(frozen=True, eq=False, repr=False)
class Bootstrap(Exported, Generic[T]):
    """The bootstrap distribution of a statistic, of one meta-analysis or of each of a batch.

    Attributes
    ----------
    estimate : float
        The statistic of the data: on the analysis scale (log for ratios) if it is an effect, I2 in
        percent.
    se, bias : float
        Standard deviation of the distribution, and its mean less the estimate.
    ci_low, ci_high : float
        Limits of the interval, on the scale of the estimate.
    ci_low_mcse, ci_high_mcse : float
        Their Monte Carlo standard errors: how much they would differ with another seed.
    p_value : float
        Of scheme "wild", that there is no small-study effect: (1 + b)/(1 + n), b of n resamples as
        far from the estimate as 0 is; with k studies no less than about 2/2^k. NaN for the other
        schemes.
    n_degenerate : int
        Resamples that do not have the statistic.
    n_distinct : int
        Resamples of studies that differ in more than order, C(2k - 1, k) of k; None for the other
        schemes, whose resamples all differ.
    status : Status
    statistic, ci, level, scheme, degenerate
        As asked for.
    measure : str
        Of the effect; of Harbord's test that of its score.
    method : str or None
        How effects are pooled, or the model that "parametric" draws from is fitted; None for
        small-study tests by other schemes, which pool nothing.
    n_resamples, first_replicate, seed : int
        Replicates ``first_replicate`` to ``first_replicate + n_resamples - 1`` of the seed.
    distribution : float64 array, optional
        The statistic of each resample, in order of replicate, if ``distribution=True``; of a batch
        one row per meta-analysis. NaN where a resample does not have it.
    display : Display
        Estimate and interval on the natural scale.
    """

    estimate: T
    se: T
    bias: T
    ci_low: T
    ci_high: T
    ci_low_mcse: T
    ci_high_mcse: T
    p_value: T
    n_degenerate: int | IntArray
    status: Status | IntArray
    distribution: FloatArray | None
    statistic: t.Statistic
    measure: str
    method: t.Method | None
    scheme: t.Scheme
    ci: t.BootstrapInterval
    level: float
    degenerate: t.Degenerate
    n_resamples: int
    first_replicate: int
    seed: int
    _asked: Asked

    @property
    def is_batch(self) -> bool:
        """Whether results are arrays."""
        return self._asked.studies.is_batch

    @property
    def key(self) -> tuple[Any, ...] | None:
        """What tells the meta-analyses of a batch apart."""
        return self._asked.studies.key

    @property
    def subgroups(self) -> tuple[str, str] | None:
        """Of "subgroup_difference": the subgroup that appears first, and the one that is taken
        from it."""
        if self.statistic != "subgroup_difference":
            return None
        first, second = dict.fromkeys(self._asked.studies.subgroup or ())
        return first, second

    @cached_property
    def n_distinct(self) -> int | FloatArray | None:
        """Resamples that differ in more than order; beyond 1e308 infinite in a batch."""
        if self.scheme != "studies":
            return None
        sizes = self._asked.resampled.n_present().tolist()
        counts = [comb(2 * k - 1, k) if k else 0 for k in sizes]
        if self._asked.plan.difference:
            return counts[0] * counts[1]
        if not self.is_batch:
            return counts[0]
        return read_only(np.array([float(n) if n < 10**308 else np.inf for n in counts]))

    @property
    def is_ratio(self) -> bool:
        """Whether the statistic is on a log scale."""
        scale = self.statistic in _ON_THE_ANALYSIS_SCALE
        return scale and self._asked.studies.is_ratio(self.measure)

    @cached_property
    def display(self) -> Display[T]:
        def natural(value: T) -> T:
            return self._asked.studies.natural(self.measure, value) if self.is_ratio else value

        return Display(natural(self.estimate), natural(self.ci_low), natural(self.ci_high))

    @cached_property
    def hartung_knapp(self) -> Pooled[T]:
        """The same studies pooled with the Hartung-Knapp interval, by the random-effects method of
        the bootstrap, or the conventions' where it has none. Of one study it is the Wald interval.
        """
        asked = self._asked
        estimates = set(t.choices(t.RandomMethod)) - {"IVhet", "preset"}
        return pool(
            asked.studies,
            None if asked.measure == "GEN" else asked.measure,
            self.method if self.method in estimates else asked.conventions.default_random,
            asked.conventions,
            interval="hk",
            level=self.level,
        )

    @cached_property
    def notes(self) -> tuple[Note, ...] | IntArray:
        """Advice; of a batch, sets of :class:`NoteCode` flags."""
        sizes = self._asked.resampled.n_present()
        if self._asked.plan.difference:  # the smaller subgroup
            sizes = sizes.min(keepdims=True)
        is_effect = self.statistic in _ON_THE_ANALYSIS_SCALE
        flags = ((sizes < 10) & is_effect) * int(NoteCode.BOOTSTRAP_FEW_STUDIES)
        if self.scheme == "studies" and self.statistic in _HETEROGENEITY:
            flags = flags + int(NoteCode.BOOTSTRAP_HETEROGENEITY)
        if self.scheme == "parametric" and self.statistic in _TESTS:
            flags = flags + int(NoteCode.BOOTSTRAP_OF_NO_BIAS)
        if self.scheme == "wild":
            flags = flags + self._p_is_large() * int(NoteCode.P_MIN_ABOVE_5_PERCENT)
        flags = flags + (np.ravel(self.n_degenerate) > 0) * int(NoteCode.DEGENERATE_RESAMPLES)
        beyond = (self.n_resamples + 1) * (1 - self.level) / 2
        if self.ci != "normal" and beyond < 25 - 1e-9:  # 25 but for rounding
            flags = flags | int(NoteCode.FEW_RESAMPLES)
        flags = flags * (np.ravel(self.status) != Status.NOT_ESTIMABLE)  # which says it all
        if self.is_batch:
            return read_only(flags)
        few = NoteCode.BOOTSTRAP_FEW_STUDIES
        wide = "; see the Hartung-Knapp interval, .hartung_knapp" if beside(self) else ""
        return tuple(
            replace(note, text=note.text + wide) if note.code == few else note
            for note in notes(flags.tolist())
        )

    def _p_is_large(self) -> BoolArray:
        """Whether no P of scheme "wild" can be 0.05, for lack of points or of resamples."""
        (test,) = _only(self._asked, self.statistic).tests
        data = self._asked.resampled
        k = _bridge.small_study(test, data.columns, data.offsets, 1).counts[1]
        few: BoolArray = (k < 6) | (self.n_resamples < 19)  # 2/2^k, 1/(1 + n)
        return few

    def join(self, *others: Bootstrap[T]) -> Bootstrap[T]:
        """This run and those that continue it, as one: the same to the bit as one call of them all.

        Every run needs ``distribution=True`` and the ``first_replicate`` at which the one before it
        ends.
        """
        end = self.first_replicate + self.n_resamples
        for run in others:
            self._check_continues(run)
            if run.first_replicate != end:
                raise InputError(f"replicate {end} should come next, not {run.first_replicate}")
            end += run.n_resamples
        kept = [self._kept(), *(run._kept() for run in others)]
        drawn = np.concatenate([np.atleast_2d(values) for values in kept], axis=1)
        plan = replace(self._asked.plan, n_resamples=drawn.shape[1])
        asked = replace(self._asked, plan=plan)
        asked = replace(asked, plan=_only(asked, self.statistic), statistics=(self.statistic,))
        found = _bridge.bootstrap(
            asked.plan, asked.resampled.columns, asked.resampled.offsets, 1, drawn=drawn[None]
        )
        return results(asked, found)[self.statistic]

    def _kept(self) -> FloatArray:
        if self.distribution is None:
            raise InputError("join() needs runs with distribution=True")
        return self.distribution

    def _check_continues(self, run: object) -> None:
        if not isinstance(run, Bootstrap):
            raise InputError(
                f"join() takes runs of one statistic, not {type(run).__name__}; of a dict join the "
                "runs of each"
            )
        mine, other = self._settings(), run._settings()
        differ = [name for name in mine if mine[name] != other[name]]
        if not self._asked.resampled.has_the_data_of(run._asked.resampled):
            differ.append("data")
        if differ:
            raise InputError(
                "join() is for runs that differ in their replicates only; "
                f"these differ in {', '.join(differ)}"
            )

    def _settings(self) -> dict[str, object]:
        """What runs that join have in common, but for the data."""
        names = ("statistic", "measure", "method", "scheme", "ci", "level", "degenerate", "seed")
        plan = self._asked.plan
        pooling = ["conventions", *(("interval", "prediction", "tau2") if self.method else ())]
        return {
            **{name: getattr(self, name) for name in names},
            **{name: getattr(plan.plan, name) for name in pooling},
            "h": plan.h,
        }

    def __repr__(self) -> str:
        model = f"{self.method} {pooled_measure(self)}"
        compared = f" ({difference_name(self)})" if self.subgroups else ""
        what = f"{self.statistic}{compared}, {model}, {self.scheme}"
        if self.statistic in _TESTS:
            drawn = f"{self.scheme} ({model})" if self.method else self.scheme
            what = f"{self.statistic}, {self.measure}, {drawn}"
        runs = f"{counted(self.n_resamples, 'resample')}, seed {self.seed}"
        if self.is_batch:
            return f"<Bootstrap: {what}, {self._asked.studies.n_analyses} meta-analyses, {runs}>"
        shown = self.display
        return (
            f"<Bootstrap: {what}, {shown.estimate:.4g}, {self.ci} "
            f"[{shown.ci_low:.4g}, {shown.ci_high:.4g}], {runs}, {status_name(self.status)}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold, but for the distribution; NaN and infinity become None.

        Numbers are on the analysis scale, those of ``display`` on the natural scale.
        """
        names = ("statistic", "measure", "method", "scheme", "ci", "level", "degenerate", "seed")
        runs = ("n_resamples", "first_replicate")
        asked = {name: getattr(self, name) for name in names + runs}
        columns = _frames.beside(self._asked.studies.keys(), self._columns())
        return {
            **asked,
            "subgroups": self.subgroups and list(self.subgroups),
            "log_scale": self.is_ratio,
            **columns,
            "notes": plain_notes(self.notes),
            "display": {name: plain(value) for name, value in vars(self.display).items()},
        }

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow, one row per meta-analysis."""
        return _frames.frame(_frames.beside(self._asked.studies.keys(), self._columns()), backend)

    def _columns(self) -> dict[str, Any]:
        own = {name: plain(getattr(self, name)) for name in (*_NUMBERS, "n_degenerate")}
        return {**own, "n_distinct": plain(self.n_distinct), "status": status_name(self.status)}


def difference_name(found: Bootstrap[Any]) -> str:
    """Which subgroup is set against which."""
    assert found.subgroups is not None
    return (" over " if found.is_ratio else " less ").join(found.subgroups)


def pooled_measure(found: Bootstrap[Any]) -> str:
    """The measure of what is pooled, also where the statistic is Harbord's, of a score."""
    return found._asked.measure


def beside(found: Bootstrap[Any]) -> Pooled[float] | None:
    """The Hartung-Knapp interval to show beside that of a mean, if there is one."""
    if found.statistic != "estimate" or found.hartung_knapp.k < 2:
        return None
    return None if np.isnan(found.hartung_knapp.ci_low) else found.hartung_knapp


_NUMBERS = ("estimate", "se", "bias", "ci_low", "ci_high", "ci_low_mcse", "ci_high_mcse", "p_value")


def results(asked: Asked, found: _core_results.Summaries) -> dict[t.Statistic, Bootstrap[Any]]:
    """A result for each statistic."""
    batch = asked.studies.is_batch
    by_name: dict[t.Statistic, Bootstrap[Any]] = {}
    for i, statistic in enumerate(asked.statistics):
        numbers = asked.studies.numbers(np.ascontiguousarray(found.numbers[:, i]))
        n_degenerate, status = asked.studies.numbers(np.ascontiguousarray(found.counts[:, i]))
        kept = None
        if found.distribution is not None:
            kept = read_only(found.distribution[i] if batch else found.distribution[i, 0])
        plan = asked.plan
        scores = {test.method: test.name.upper() for test in plan.tests if test.method == "harbord"}
        by_name[statistic] = Bootstrap(
            **dict(zip(_NUMBERS, numbers, strict=True)),
            n_degenerate=n_degenerate,
            status=as_status(status),
            distribution=kept,
            statistic=statistic,
            measure=scores.get(statistic, asked.measure),
            method=None if statistic in _TESTS and plan.scheme != "parametric" else asked.method,
            scheme=plan.scheme,
            ci=plan.ci,
            level=plan.level,
            degenerate=plan.degenerate,
            n_resamples=plan.n_resamples,
            first_replicate=plan.first_replicate,
            seed=plan.seed,
            _asked=asked,
        )
    return by_name


def _only(asked: Asked, statistic: t.Statistic) -> _bridge.BootstrapPlan:
    """The plan of one statistic."""
    plan = asked.plan
    if statistic in t.choices(t.PooledStatistic) or statistic == "subgroup_difference":
        name = "estimate" if statistic == "subgroup_difference" else statistic
        return replace(plan, statistics=(name,), tests=())
    tests = [name for name in asked.statistics if name in _TESTS]
    return replace(plan, statistics=(), tests=(plan.tests[tests.index(statistic)],))
