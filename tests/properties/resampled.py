"""What the oracle says of a resample, each number with how far the core may be from it."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import tolerances
from hypothesis import strategies as st
from reference import effects as given_effects
from reference import intervals, pooling, small_study
from reference.resampling import resample
from reference.two_by_two import table
from scipy import stats

import metapool as mp

from . import strategies
from .compare import at_the_threshold
from .strategies import Study

POOLED = ("estimate", "tau2", "i2", "h2", "q")
PREDICTION = ("pi_low", "pi_high")
#: Of a prediction interval: the interval of the mean whose SE it has, and how many degrees of
#: freedom fewer.
BASES = {
    "z": ("wald", 0),
    "v": ("t", 0),
    "hts": ("t", 1),
    "hk": ("hk", 0),
    "hk-pr": ("hk", 1),
    "kr": ("kr", 0),
}
#: Relative error of a quantile of t.
QUANTILE = 1e-12

seeds = st.integers(0, 2**64 - 1)
replicates = st.integers(0, 2**63 - 1)
named_conventions = st.sampled_from(
    [mp.REVMAN5, mp.METAFOR.replace(default_random="DL"), mp.META.replace(default_random="PM")]
)


#: RevMan's, metafor's and meta's, or any others.
conventions = named_conventions | strategies.conventions()


class Value(NamedTuple):
    """A number of the oracle, and how much of it is rounding."""

    value: float
    error: float


UNDEFINED = Value(math.nan, 0.0)
Values = dict[str, Value]


def present(rows: Sequence[Study]) -> list[Study]:
    """The studies that can be drawn."""
    return [row for row in rows if not any(map(math.isnan, row))]


def places(k: int, seed: int, replicate: int, analysis: int = 0, study: int = 0) -> list[int]:
    """Which studies a replicate consists of; of none, none."""
    return resample(k, seed, replicate, analysis, study) if k else []


def drawn(
    rows: Sequence[Study], seed: int, replicate: int, analysis: int = 0, study: int = 0
) -> list[Study]:
    """The studies of a replicate; one that was drawn twice is two rows."""
    rest = present(rows)
    return [rest[i] for i in places(len(rest), seed, replicate, analysis, study)]


def assert_value(got: float, want: Value, name: str) -> None:
    """NaN where the oracle has NaN, elsewhere within the error."""
    if math.isnan(want.value):
        assert math.isnan(got), f"{name}: {got!r}, should be undefined"
    else:
        bound = want.error
        assert abs(got - want.value) <= bound, f"{name}: {got!r}, {want.value!r} within {bound:.1e}"


def pooled(
    kind: str,
    rows: Sequence[Study],
    measure: str,
    method: str,
    rules: dict[str, Any],
    prediction: str | None,
) -> Values | None:
    """Of MH, IV, Peto, DL, PM, auto; None where roundings alone choose the model or decide whether
    there is a variance."""
    by = pooling.common_method(measure, rules) if method == "auto" else method
    found = pooling.pool(kind, rows, measure, by, rules, 0.95)
    if has_lost_variance(found):
        return None
    if method == "auto":
        if at_the_threshold(found, 0.95):
            return None
        found = pooling.pool(kind, rows, measure, method, rules, 0.95)
    values = of_pooled(found)
    if prediction is not None:
        unit = (tolerances.ROUNDINGS + len(rows)) * tolerances.EPS
        errors = tolerances.Pooled(found, 0.95)
        random = found.model == "random" and found.k > 0
        values |= limits(
            prediction, found.effects if random else [], values, found.tau2, errors, unit
        )
    return values


def has_lost_variance(found: pooling.Pooled) -> bool:
    """Whether the difference that Sato's variance is leaves nothing but roundings."""
    unit = (tolerances.ROUNDINGS + len(found.weights)) * tolerances.EPS
    return found.variance_size == found.variance_size and found.se**2 <= unit * found.variance_size


def of_pooled(found: pooling.Pooled) -> Values:
    errors = tolerances.Pooled(found, 0.95)
    values = {}
    for name in POOLED:
        value = getattr(found, name)
        bound = 0.0 if math.isnan(value) else tolerances.POOLED[name].bound(errors)
        values[name] = Value(value, bound)
    return values


def limits(
    prediction: str,
    used: Sequence[given_effects.Effect],
    values: Values,
    tau2: float,
    errors: tolerances.Pooled,
    unit: float,
) -> Values:
    """Estimate -+ t sqrt(SE^2 + tau2); of fewer than two studies, and without degrees of freedom,
    undefined."""
    interval, fewer = BASES[prediction]
    if len(used) < 2:
        return dict.fromkeys(PREDICTION, UNDEFINED)
    basis = intervals.basis(interval, used, Fraction(tau2), 0.95, unit)
    df = basis.df - fewer
    if df <= 0:
        return dict.fromkeys(PREDICTION, UNDEFINED)
    if df < 1:  # a t without bounds, whose own error is larger than any of the data
        return {}
    law = stats.norm if math.isinf(df) else stats.t(df)
    t = float(law.isf(0.025))
    # the classic SE moves with tau2; the others are used with a tau2 that is given
    of_se = max(basis.error, errors.se if interval in ("wald", "t") else 0.0)
    variance = basis.se**2 + tau2
    moved = 2 * basis.se * of_se + of_se**2 + errors.tau2
    root = tolerances.between(lambda x: math.sqrt(max(0.0, x)), variance, moved)
    middle, half = values["estimate"].value, t * math.sqrt(variance)
    loose = QUANTILE if math.isinf(df) or df == round(df) else 1e-9
    error = values["estimate"].error + t * root + loose * (abs(middle) + half)
    return {"pi_low": Value(middle - half, error), "pi_high": Value(middle + half, error)}


def egger(
    kind: str, rows: Sequence[Study], chosen: Sequence[int], measure: str, rules: dict[str, Any]
) -> Value:
    """The bias; undefined without three different studies that have an effect."""
    effects = pooling.study_effects(kind, rows, measure, rules)
    different = {i for i, effect in zip(chosen, effects, strict=True) if effect.included}
    return bias(small_study.egger(effects), len(different))


def harbord(rows: Sequence[Study], chosen: Sequence[int], score: str) -> Value:
    """The bias; undefined without three different studies that have information."""
    different = set()
    for i, row in zip(chosen, rows, strict=True):
        t = table(row)
        if t is not None and t.events > 0 and t.non_events > 0:
            different.add(i)
    return bias(small_study.harbord(rows, score), len(different))


def bias(line: small_study.SmallStudyTest, different: int) -> Value:
    if different < 3 or math.isnan(line.bias):
        return UNDEFINED
    return Value(line.bias, tolerances.Line(line).bias)
