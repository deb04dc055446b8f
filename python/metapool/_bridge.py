"""The only importer of the core: lends it columns, names what it returns."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple, ParamSpec, TypeVar

import numpy as np

from metapool import _core
from metapool import _types as t
from metapool._conventions import Conventions
from metapool._core_results import (
    Details,
    Fits,
    HeterogeneityLimits,
    Influences,
    Lines,
    PartFits,
    PermutationTests,
    Points,
    Reported,
    StudyEffects,
    SubgroupDifference,
    SubsetFits,
    Summaries,
    TableTests,
    Trims,
)
from metapool._errors import InputError
from metapool._scenario import ScenarioPlan
from metapool._threads import threads_to_use
from metapool._types import FloatArray, IntArray

P = ParamSpec("P")
R = TypeVar("R")
Columns = Sequence[FloatArray]
InvalidValue = _core.InvalidValue
__version__ = _core.__version__
#: Changes whenever the numbers of a random stream do.
STREAM_VERSION = _core.STREAM_VERSION

_DEFAULTS = ("default_common", "default_random", "default_interval", "default_prediction")
_CHOICES = dict(_core.choices())
#: Why a study is excluded, by code; the empty text of code 0 is "included".
EXCLUSIONS: tuple[str | None, ...] = tuple(name or None for name in _CHOICES["exclusion"])


# "baseline" forces the path without AVX2; the results are the same to the bit
if os.environ.get("METAPOOL_SIMD"):
    _core.use_simd(os.environ["METAPOOL_SIMD"])


@dataclass(frozen=True, eq=False)
class Plan:
    """What to compute, for :func:`pool` and :func:`details`."""

    measure: str
    model: t.ModelRule
    common: str
    random: str
    interval: t.Interval
    prediction: t.Prediction
    level: float
    #: Of method "preset".
    tau2: float
    conventions: Conventions

    def __getstate__(self) -> dict[str, object]:
        """The fields: a copy makes its own core plan."""
        return {name: value for name, value in vars(self).items() if name != "core"}

    @cached_property
    def core(self) -> _core.Plan:
        """The plan as the core knows it."""
        return _call(
            _core.Plan,
            measure=self.measure,
            model=self.model,
            common=self.common,
            random=self.random,
            interval=self.interval,
            prediction=self.prediction,
            level=self.level,
            tau2=self.tau2,
            conventions=_rules(self.conventions),
        )


class SmallStudyPlan(NamedTuple):
    """A test: "harbord" with its score, or "egger" with its measure."""

    method: str
    name: str
    conventions: Conventions


class LinePlan(NamedTuple):
    """A test by a line of the effects on a covariate; tau2 and distribution are Thompson's."""

    method: str
    tau2: str
    distribution: str
    measure: str
    conventions: Conventions


class RankPlan(NamedTuple):
    """A rank correlation test."""

    p: str
    measure: str
    conventions: Conventions


@dataclass(frozen=True, eq=False)
class BootstrapPlan:
    """What a bootstrap is asked for, but for the data."""

    plan: Plan
    statistics: tuple[str, ...]
    tests: tuple[SmallStudyPlan, ...]
    scheme: t.Scheme
    #: Of scheme "within".
    h: float
    seed: int
    first_replicate: int
    n_resamples: int
    difference: bool
    ci: t.BootstrapInterval
    level: float
    degenerate: t.Degenerate

    def core(self) -> _core.BootstrapPlan:
        """The request as the core knows it."""
        return _call(
            _core.BootstrapPlan,
            plan=self.plan.core,
            statistics=self.statistics,
            tests=[_test(test) for test in self.tests],
            scheme=self.scheme,
            h=self.h,
            seed=self.seed,
            first_replicate=self.first_replicate,
            n_resamples=self.n_resamples,
            difference=self.difference,
            ci=self.ci,
            level=self.level,
            degenerate=self.degenerate,
        )


@lru_cache(maxsize=64)
def _rules(conventions: Conventions) -> _core.Conventions:
    if not isinstance(conventions, Conventions):
        raise InputError(
            f"conventions must be mp.REVMAN5 or another Conventions, not {conventions!r}"
        )
    fields = dataclasses.asdict(conventions)
    for name in _DEFAULTS:
        del fields[name]
    return _core.Conventions(**fields)


@lru_cache(maxsize=64)
def _test(plan: SmallStudyPlan) -> _core.SmallStudyTest:
    return _core.SmallStudyTest(plan.method, plan.name, _rules(plan.conventions))


def validate(
    columns: Columns, offsets: IntArray, *, allow_missing: bool, copy: bool
) -> tuple[FloatArray, ...]:
    """Check columns; return copies of them, or themselves. Raises ``InvalidValue``."""
    copies = _call(_core.validate, columns, offsets, allow_missing, copy)
    return tuple(columns if copies is None else copies)


def effects(
    y: FloatArray, kind: str, spread: Columns, level: float, *, log: bool, allow_missing: bool
) -> tuple[FloatArray, FloatArray]:
    """Effects and variances from what papers print. Raises ``InvalidValue``."""
    return _call(_core.effects, y, kind, spread, level, log, allow_missing)


def effect_sizes(
    measure: str,
    conventions: Conventions,
    level: float,
    columns: Columns,
    offsets: IntArray,
    threads: int,
) -> StudyEffects:
    """Effect of every study."""
    numbers = np.empty((5, len(columns[0])))
    exclusion = _call(
        _core.effect_sizes,
        measure,
        _rules(conventions),
        level,
        columns,
        offsets,
        threads,
        numbers,
    )
    return StudyEffects(numbers, exclusion)


def pool(plan: Plan, columns: Columns, offsets: IntArray, threads: int) -> Fits:
    """Pool every meta-analysis."""
    room = _room(10, offsets)
    random = _call(_core.pool, plan.core, columns, offsets, threads, *room)
    return Fits(*room, random)


def details(plan: Plan, columns: Columns, offsets: IntArray) -> Details:
    """What ``pool`` leaves for later."""
    threads, room = threads_to_use(None, offsets), _room(10, offsets)
    found = _call(_core.details, plan.core, columns, offsets, threads, *room)
    weights, (h2, df, tau2_se, pi_low, pi_high), (iterations, notes) = found
    return Details(weights, h2, df, tau2_se, pi_low, pi_high, iterations, notes)


def heterogeneity(
    plan: Plan, interval: str, level: float, columns: Columns, offsets: IntArray, threads: int
) -> HeterogeneityLimits:
    """Intervals of tau2, tau, I2 and H2."""
    method = plan.common if plan.model == "common" else plan.random
    if interval == "pl" and method not in ("ML", "REML"):
        raise InputError(f"interval 'pl' of tau2 needs method ML or REML, not {method!r}")
    room = _room(8, offsets, 1)
    _call(_core.heterogeneity, plan.core, interval, level, columns, offsets, threads, *room)
    return HeterogeneityLimits(*room)


def table_tests(
    conventions: Conventions, columns: Columns, offsets: IntArray, threads: int, *, correct: bool
) -> TableTests:
    """Cochran-Mantel-Haenszel, Breslow-Day and Tarone of every meta-analysis."""
    room = _room(6, offsets)
    _call(_core.table_tests, _rules(conventions), correct, columns, offsets, threads, *room)
    return TableTests(*room)


def _room(floats: int, offsets: IntArray, ints: int = 3) -> tuple[FloatArray, IntArray]:
    """Arrays for the core to fill: rows of numbers, and rows of whole numbers."""
    n = len(offsets) - 1
    return np.empty((floats, n)), np.empty((ints, n), np.int64)


def model_rule(q: float, df: int) -> tuple[str, bool]:
    """The condition that decides between the models, and whether it is for random effects."""
    return _core.model_rule(q, df)


def subgroup_difference(estimate: FloatArray, se: FloatArray) -> SubgroupDifference:
    """The test between subgroups; those without an estimate are NaN."""
    return SubgroupDifference(*_core.subgroup_difference(estimate, se))


def small_study(
    plan: SmallStudyPlan | LinePlan | RankPlan, columns: Columns, offsets: IntArray, threads: int
) -> Lines:
    """Test every meta-analysis."""
    room = _room(7, offsets)
    data = (columns, offsets, threads)
    match plan:
        case SmallStudyPlan():
            _call(_core.small_study, _test(plan), *data, *room)
        case LinePlan(method, tau2, distribution, measure, conventions):
            asked = (method, tau2, distribution == "z", measure, _rules(conventions))
            _call(_core.line_tests, *asked, *data, *room)
        case RankPlan(p, measure, conventions):
            _call(_core.rank_tests, p, measure, _rules(conventions), *data, *room)
    return Lines(*room)


def t_tests(
    estimate: FloatArray, se: FloatArray, df: FloatArray, level: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """t of estimates, P and confidence limits."""
    return _core.t_tests(estimate, se, df, level)


def fit_parts(
    part: t.Part, plan: Plan, columns: Columns, offsets: IntArray, threads: int, *, every: bool
) -> PartFits:
    """Fit parts of the studies of every meta-analysis."""
    rows = len(columns[0])
    floats = np.empty((10 if every else 3, rows))
    ints = np.empty((3, rows), np.int64) if every else None
    _call(_core.fit_parts, part, plan.core, columns, offsets, threads, floats, ints)
    return PartFits(floats, ints)


def influence(plan: Plan, columns: Columns, offsets: IntArray, threads: int) -> Influences:
    """Influence of every study."""
    rows = len(columns[0])
    room = np.empty((11, rows)), np.empty((1, rows), np.int64)
    return Influences(*room, _call(_core.influence, plan.core, columns, offsets, threads, *room))


def fit_subsets(
    plan: Plan,
    seed: int | None,
    n: int,
    columns: Columns,
    offsets: IntArray,
    threads: int,
    progress: Callable[[float], object] | None,
) -> SubsetFits:
    """Fit `n` subsets of the studies of one meta-analysis: the first of all, or drawn by a seed."""
    room = np.empty((4, n)), np.empty((2, n), np.int64)
    # without _call: what `progress` raises is no error of the core
    bits = _core.fit_subsets(plan.core, seed, n, columns, offsets, threads, *room, progress)
    return SubsetFits(*room, bits.reshape(n, -1))


def trim_and_fill(
    estimator: t.TrimEstimator,
    side: t.Side | None,
    plan: Plan,
    measure: str,
    columns: Columns,
    offsets: IntArray,
    threads: int,
) -> Trims:
    """Trim and fill every meta-analysis; the plan is one for given effects."""
    n = len(offsets) - 1
    room = np.empty((2, n)), np.empty((3, n), np.int64)
    asked = (estimator, side, plan.core, measure, _rules(plan.conventions))
    return Trims(*room, *_call(_core.trim_and_fill, *asked, columns, offsets, threads, *room))


def fail_safe_n(
    alpha: float,
    target: float,
    measure: str,
    conventions: Conventions,
    columns: Columns,
    offsets: IntArray,
    threads: int,
) -> FloatArray:
    """Rows rosenthal, orwin, rosenberg of every meta-analysis."""
    room = np.empty((3, len(offsets) - 1))
    asked = (alpha, target, measure, _rules(conventions))
    _call(_core.fail_safe_n, *asked, columns, offsets, threads, room)
    return room


def pooled_risks(measure: str, effect: float, risk: FloatArray) -> FloatArray:
    """Risks of the experimental arm at risks of the control arm, under an effect."""
    return _core.pooled_risks(measure, effect, risk)


def normal_critical(level: float) -> float:
    """The normal quantile of a two-sided confidence level."""
    return _core.normal_critical(level)


def bootstrap(
    plan: BootstrapPlan,
    columns: Columns,
    offsets: IntArray,
    threads: int,
    *,
    keep: bool = False,
    drawn: FloatArray | None = None,
    progress: Callable[[float], object] | None = None,
) -> Summaries:
    """Bootstrap every meta-analysis; or describe distributions that are `drawn` already, axes as in
    :class:`Summaries`."""
    analyses = (len(offsets) - 1) // (2 if plan.difference else 1)
    shape = (analyses, len(plan.statistics) + len(plan.tests))
    n = shape[0] * shape[1]
    numbers, counts = np.empty((8, n)), np.empty((2, n), np.int64)
    kept = None
    if drawn is not None:
        kept = np.ascontiguousarray(drawn.transpose(1, 0, 2)).ravel()
    elif keep:
        kept = np.empty(n * plan.n_resamples)
    _core.bootstrap(  # without _call: what `progress` raises is no error of the core
        plan.core(),
        columns,
        offsets,
        threads,
        numbers,
        counts,
        kept,
        drawn is not None,
        progress,
    )
    return Summaries(
        numbers.reshape(8, *shape).transpose(0, 2, 1),
        counts.reshape(2, *shape).transpose(0, 2, 1),
        None if kept is None else kept.reshape(*shape, -1).transpose(1, 0, 2),
    )


def permutation(
    what: Plan | SmallStudyPlan,
    labels: IntArray | None,
    columns: Columns,
    offsets: IntArray,
    threads: int,
    *,
    seed: int,
    most: int,
    alternative: t.Alternative,
) -> PermutationTests:
    """Permutation test of every meta-analysis."""
    room = _room(4, offsets, 1)
    exact = _call(
        _core.permutation,
        _core.PermutationPlan(seed=seed, most=most, alternative=alternative),
        what.core if isinstance(what, Plan) else None,
        labels,
        _test(what) if isinstance(what, SmallStudyPlan) else None,
        columns,
        offsets,
        threads,
        *room,
    )
    return PermutationTests(*room, exact)


class Judged(NamedTuple):
    """An analysis and what it should find."""

    plan: Plan
    effect: float
    tau2: float


def simulate_block(
    scenario: ScenarioPlan,
    analyses: Sequence[Judged],
    tests: Sequence[tuple[SmallStudyPlan, float]],
    seed: int,
    first: int,
    n: int,
) -> FloatArray:
    """Sums over replicates, of every analysis and then of every test (with its alpha)."""
    return _call(
        _core.simulate_block,
        _core.Scenario(**vars(scenario)),
        [(judged.plan.core, judged.effect, judged.tau2) for judged in analyses],
        [(_test(test), alpha) for test, alpha in tests],
        seed,
        first,
        n,
    )


def generate_block(
    scenario: ScenarioPlan, seed: int, first: int, n: int
) -> tuple[list[FloatArray], IntArray]:
    """Columns and offsets of replicates."""
    return _call(_core.generate_block, _core.Scenario(**vars(scenario)), seed, first, n)


def merge_tallies(first: FloatArray, second: FloatArray) -> FloatArray:
    """Sums over the replicates of both."""
    return _core.merge_tallies(first, second)


def performance_measures(
    tally: FloatArray,
    truth: tuple[float, float] | None,
    is_first: bool,
    about_mean: FloatArray | None = None,
) -> list[tuple[str, float, float, float]]:
    """Name, value, Monte Carlo standard error and replicates of each measure; of a test without a
    truth. The first of its kind has no differences from the first; ``about_mean`` is the tally with
    the mean estimate for the truth."""
    return _core.performance_measures(tally, truth, is_first, about_mean)


def mean_estimate(tally: FloatArray, effect: float) -> float:
    """The mean of the estimates of an analysis that should find ``effect``."""
    return _core.mean_estimate(tally, effect)


def chi_square_sf(x: float, df: float) -> float:
    """P(X > x) of a chi-square variable."""
    return _core.chi_square_sf(x, df)


def small_study_points(plan: SmallStudyPlan, columns: Columns, offsets: IntArray) -> Points:
    """The points that a test puts a line through."""
    return Points(*_call(_core.small_study_points, _test(plan), columns, offsets))


def radial(y: FloatArray, v: FloatArray) -> Points:
    """The points of the radial plot of study effects."""
    return Points(*_core.radial_points(y, v))


Rounded = tuple[float, float]


def check_reported(
    estimate: Rounded, low: Rounded, high: Rounded, p: Rounded, level: float, *, log: bool
) -> Reported:
    """Consistency of printed numbers, each given with half of its last digit; P as a range."""
    return Reported(*_core.check_reported(estimate, low, high, p, level, log))


def t_fits(t: Rounded, p: Rounded, df: int) -> bool:
    """Whether a printed t, with half of its last digit, and a range of P fit `df`."""
    return _core.t_fits(t, p, df)


def natural(values: FloatArray) -> FloatArray:
    """Log ratios as ratios."""
    return _core.natural(values)


def _call(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """A core function, its errors as InputError."""
    try:
        return function(*args, **kwargs)
    except InvalidValue:
        raise
    except ValueError as error:
        raise InputError(str(error)) from None
