"""Effect sizes and pooled effects equal the oracle's, for every measure, method and rule."""

from dataclasses import asdict
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from reference import effects, pooling, two_means

import metapool as mp
from metapool import _types as t

from . import strategies
from .compare import assert_effects, assert_pooled, at_the_threshold
from .strategies import Batch, kind_of

MEASURES = t.choices(t.Measure)
#: An estimator of tau2 sees effects and variances alone; test_tau2_equals_reference.py has them.
METHODS = ("MH", "IV", "Peto", "DL", "PM", "auto")
PAIRS = tuple(product(MEASURES, METHODS))
POSSIBLE = tuple(pair for pair in PAIRS if pooling.possible(*pair))
CONVENTIONS = {"REVMAN5": mp.REVMAN5, "METAFOR": mp.METAFOR.replace(default_random="DL")}
named_conventions = pytest.mark.parametrize("system", CONVENTIONS)


def check_effects(batch: Batch, measure: str, conventions: mp.Conventions, level: float) -> None:
    got = mp.effect_sizes(batch.studies(), measure, conventions, level)
    wanted = [
        effect
        for studies in batch.analyses
        for effect in pooling.study_effects(batch.kind, studies, measure, asdict(conventions))
    ]
    assert len(got) == len(wanted)
    assert_effects(got, wanted, level)


def check_pooled(
    batch: Batch, measure: str, method: str, conventions: mp.Conventions, level: float
) -> None:
    rules = asdict(conventions)
    by = pooling.common_method(measure, rules)
    if method == "auto" and not pooling.possible(measure, by):
        with pytest.raises(mp.InputError, match=by):
            mp.pool(batch.studies(), measure, method, conventions)
        return
    got = mp.pool(batch.studies(), measure, method, conventions, level=level)
    for i, (start, studies) in enumerate(zip(batch.offsets, batch.analyses, strict=False)):
        if method == "auto":
            common = pooling.pool(batch.kind, studies, measure, by, rules, level)
            assume(not at_the_threshold(common, level))
        want = pooling.pool(batch.kind, studies, measure, method, rules, level)
        assert_pooled(got, i, want, start)


@named_conventions
@pytest.mark.parametrize("measure", MEASURES)
@given(data=st.data(), level=strategies.levels)
def test_effect_sizes(measure, system, data, level):
    batch = data.draw(strategies.batches(kind_of(measure)))
    check_effects(batch, measure, CONVENTIONS[system], level)


@pytest.mark.parametrize("measure", MEASURES)
@given(data=st.data(), conventions=strategies.conventions())
def test_effect_sizes_by_any_rules(measure, data, conventions):
    batch = data.draw(strategies.batches(kind_of(measure)))
    check_effects(batch, measure, conventions, 0.95)


@given(
    rows=st.lists(strategies.intervals(), min_size=1), log=st.booleans(), level=strategies.levels
)
def test_effects_given_with_an_interval(rows, log, level):
    y, low, high = (list(column) for column in zip(*rows, strict=True))
    studies = mp.Effects(y=y, ci_low=low, ci_high=high, ci_level=level, log=log, missing="exclude")
    wanted = [effects.given_interval(*row, level, log) for row in rows]
    assert_effects(mp.effect_sizes(studies), wanted, 0.95)


@pytest.mark.parametrize("n", [10**k for k in range(1, 10)])
def test_the_unbiased_smd_variance_keeps_its_digits(n):
    """Its textbook form 1 - (m - 2)/(m J^2) loses as many as the sample size has."""
    arms = (1.0, 1.0, n, 0.0, 1.0, n)
    rules = mp.METAFOR.replace(smd_variance="ub")
    got = mp.effect_sizes(Batch("two-means", [[arms]]).one(0), "SMD", rules)
    want = two_means.effect(arms, "SMD", asdict(rules))
    assert got.v[0] == pytest.approx(float(want.v), rel=1e-13)


@named_conventions
@pytest.mark.parametrize(("measure", "method"), POSSIBLE)
@given(data=st.data(), level=strategies.levels)
def test_pool(measure, method, system, data, level):
    batch = data.draw(strategies.batches(kind_of(measure)))
    check_pooled(batch, measure, method, CONVENTIONS[system], level)


@pytest.mark.parametrize(("measure", "method"), POSSIBLE)
@given(data=st.data(), conventions=strategies.conventions())
def test_pool_by_any_rules(measure, method, data, conventions):
    batch = data.draw(strategies.batches(kind_of(measure)))
    check_pooled(batch, measure, method, conventions, 0.95)


@pytest.mark.parametrize(("measure", "method"), sorted(set(PAIRS) - set(POSSIBLE)))
def test_impossible_pairs_are_refused(measure, method):
    kind = kind_of(measure)
    studies = Batch(
        kind, [[(1.0, 10.0, 2.0, 10.0, 3.0, 10.0)[: len(strategies.CLASSES[kind].names)]]]
    )
    with pytest.raises(mp.InputError, match=method):
        mp.pool(studies.one(0), measure, method)
