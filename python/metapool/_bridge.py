"""The only importer of the core: lends it columns, names what it returns."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from numbers import Integral
from typing import NamedTuple, ParamSpec, TypeVar

import numpy as np

from metapool import _core
from metapool import _types as t
from metapool._conventions import Conventions
from metapool._errors import InputError
from metapool._types import BoolArray, FloatArray, IntArray

P = ParamSpec("P")
R = TypeVar("R")
Columns = Sequence[FloatArray]
InvalidValue = _core.InvalidValue

_DEFAULTS = ("default_common", "default_random", "default_interval")
_CHOICES = dict(_core.choices())
#: Why a study is excluded, by code; the empty text of code 0 is "included".
EXCLUSIONS: tuple[str | None, ...] = tuple(name or None for name in _CHOICES["exclusion"])


# "baseline" forces the path without AVX2; the results are the same to the bit
if os.environ.get("METAPOOL_SIMD"):
    _core.use_simd(os.environ["METAPOOL_SIMD"])


class Plan(NamedTuple):
    """What to compute, for :func:`pool` and :func:`details`."""

    measure: str
    model: t.ModelRule
    common: str
    random: str
    interval: str
    level: float
    conventions: Conventions


class SmallStudyPlan(NamedTuple):
    """A test: "harbord" with its score, or "egger" with its measure."""

    method: str
    name: str
    conventions: Conventions


class Fits(NamedTuple):
    """What ``pool`` returns, one element per meta-analysis."""

    estimate: FloatArray
    se: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    q: FloatArray
    q_p: FloatArray
    i2: FloatArray
    tau2: FloatArray
    q_df: IntArray
    k: IntArray
    status: IntArray
    random: BoolArray


class Details(NamedTuple):
    """What is computed on demand."""

    weights: FloatArray
    h2: FloatArray


class StudyEffects(NamedTuple):
    """Effects, one element per study."""

    y: FloatArray
    v: FloatArray
    se: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    exclusion: IntArray


class Lines(NamedTuple):
    """Small-study tests, one element per meta-analysis."""

    bias: FloatArray
    se: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    slope: FloatArray
    df: IntArray
    k: IntArray
    status: IntArray


class Points(NamedTuple):
    """Points of a radial plot."""

    x: FloatArray
    y: FloatArray
    included: BoolArray
    slope: float
    band: float


class Reported(NamedTuple):
    """What a printed estimate and interval imply."""

    se: float
    statistic: float
    p_value: float
    p_low: float
    p_high: float
    estimate_consistent: bool
    p_consistent: bool


class SubgroupDifference(NamedTuple):
    """The test between subgroups."""

    q: float
    df: int
    p_value: float
    i2: float


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


@lru_cache(maxsize=256)
def _compiled(plan: Plan) -> _core.Plan:
    try:
        return _core.Plan(
            measure=plan.measure,
            model=plan.model,
            common=plan.common,
            random=plan.random,
            interval=plan.interval,
            level=plan.level,
            conventions=_rules(plan.conventions),
        )
    except ValueError as error:
        raise InputError(str(error)) from None


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
    floats = np.empty((5, len(columns[0])))
    exclusion = _call(
        _core.effect_sizes,
        measure,
        _rules(conventions),
        level,
        columns,
        offsets,
        threads,
        floats,
    )
    return StudyEffects._make([*floats, exclusion.astype("int64")])


def threads_to_use(threads: int | None) -> int:
    """`threads`, else METAPOOL_NUM_THREADS, else the processors that this process may use."""
    if threads is None:
        threads = _environment_threads() or _processors()
    if isinstance(threads, bool) or not isinstance(threads, Integral) or threads < 1:
        raise InputError(f"threads must be a whole number above 0, not {threads!r}")
    return int(threads)


def _environment_threads() -> int | None:
    text = os.environ.get("METAPOOL_NUM_THREADS", "")
    if text and not (text.isdecimal() and int(text) > 0):
        raise InputError(f"METAPOOL_NUM_THREADS must be a whole number above 0, not {text!r}")
    return int(text) if text else None


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def pool(plan: Plan, columns: Columns, offsets: IntArray, threads: int) -> Fits:
    """Pool every meta-analysis."""
    floats, ints = _room(10, offsets)
    status, random = _call(_core.pool, _compiled(plan), columns, offsets, threads, floats, ints)
    return Fits._make([*floats, *ints, status.astype("int64"), random])


def details(plan: Plan, columns: Columns, offsets: IntArray) -> Details:
    """Weights and H2."""
    threads = threads_to_use(None)
    room = _room(10, offsets)
    return Details(*_call(_core.details, _compiled(plan), columns, offsets, threads, *room))


def _room(floats: int, offsets: IntArray) -> tuple[FloatArray, IntArray]:
    """Arrays for the core to fill: rows of numbers, and two rows of whole numbers."""
    n = len(offsets) - 1
    return np.empty((floats, n)), np.empty((2, n), np.int64)


def model_rule(q: float, df: int) -> tuple[str, bool]:
    """The condition that decides between the models, and whether it is for random effects."""
    return _core.model_rule(q, df)


def subgroup_difference(estimate: FloatArray, se: FloatArray) -> SubgroupDifference:
    """The test between subgroups; those without an estimate are NaN."""
    return SubgroupDifference(*_core.subgroup_difference(estimate, se))


def small_study(plan: SmallStudyPlan, columns: Columns, offsets: IntArray, threads: int) -> Lines:
    """Test every meta-analysis."""
    floats, ints = _room(5, offsets)
    status = _call(_core.small_study, _test(plan), columns, offsets, threads, floats, ints)
    return Lines._make([*floats, *ints, status.astype("int64")])


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
