"""What must hold whatever the numbers are."""

from dataclasses import asdict, replace

import numpy as np
import pytest
import tolerances
from hypothesis import assume, given
from hypothesis import strategies as st
from reference import pooling

import metapool as mp
from metapool import _types as t

from . import strategies
from .compare import same_bits
from .strategies import CLASSES, Batch, kind_of

METHODS = ("MH", "IV", "Peto", "DL", "PM", "auto")
PAIRS = tuple(
    (measure, method)
    for measure in t.choices(t.Measure)
    for method in METHODS
    if pooling.possible(measure, method)
)
#: An estimator of tau2 sees effects and variances alone.
ESTIMATORS = tuple(
    ("GEN", method) for method in t.choices(t.RandomMethod) if method not in (*METHODS, "preset")
)
FLOATS = ("estimate", "se", "ci_low", "ci_high", "statistic", "p_value", "q", "q_p", "i2", "tau2",
          "h2")  # fmt: skip
WHOLE = ("q_df", "k", "status")
conventions = st.sampled_from([mp.REVMAN5, mp.METAFOR.replace(default_random="DL")])
kinds = pytest.mark.parametrize("kind", CLASSES)
pairs = pytest.mark.parametrize(("measure", "method"), PAIRS)


@pytest.mark.parametrize(("measure", "method"), PAIRS + ESTIMATORS)
@given(data=st.data(), conventions=conventions)
def test_a_batch_equals_its_loop(measure, method, data, conventions):
    batch = data.draw(strategies.batches(kind_of(measure)))
    together = mp.pool(batch.studies(), measure, method, conventions)
    for i, (start, studies) in enumerate(zip(batch.offsets, batch.analyses, strict=False)):
        alone = mp.pool(batch.one(i), measure, method, conventions)
        for name in FLOATS + WHOLE:
            same_bits(getattr(together, name)[i], getattr(alone, name))
        same_bits(together.weights[start : start + len(studies)], alone.weights)
        assert together.model[i] == alone.model


@pytest.mark.parametrize("measure", t.choices(t.Measure))
@given(data=st.data(), conventions=conventions)
def test_a_batch_of_tests_equals_its_loop(measure, data, conventions):
    batch = data.draw(strategies.batches(kind_of(measure)))
    method = data.draw(
        st.sampled_from(["egger", "harbord"] if batch.kind == "two-by-two" else ["egger"])
    )
    together = mp.small_study_test(batch.studies(), method, measure, conventions=conventions)
    effects = mp.effect_sizes(batch.studies(), measure, conventions)
    for i, (start, studies) in enumerate(zip(batch.offsets, batch.analyses, strict=False)):
        alone = mp.small_study_test(batch.one(i), method, measure, conventions=conventions)
        for name in ("bias", "se", "statistic", "p_value", "slope", "df", "k", "status"):
            same_bits(getattr(together, name)[i], getattr(alone, name))
        own = mp.effect_sizes(batch.one(i), measure, conventions)
        for name in ("y", "v", "se", "ci_low", "ci_high", "included"):
            same_bits(getattr(effects, name)[start : start + len(studies)], getattr(own, name))


@pairs
@given(data=st.data(), conventions=conventions)
def test_lent_columns_give_the_same_bits(measure, method, data, conventions):
    batch = data.draw(strategies.batches(kind_of(measure)))
    lent = mp.pool(batch.studies(copy=False), measure, method, conventions)
    owned = mp.pool(batch.studies(copy=True), measure, method, conventions)
    for name in (*FLOATS, *WHOLE, "weights"):
        same_bits(getattr(lent, name), getattr(owned, name))


@pairs
@given(data=st.data(), conventions=conventions)
def test_ranges_and_weights(measure, method, data, conventions):
    batch = data.draw(strategies.batches(kind_of(measure)))
    pooled = mp.pool(batch.studies(), measure, method, conventions)
    effects = mp.effect_sizes(batch.studies(), measure, conventions)
    for i, (start, stop) in enumerate(zip(batch.offsets, batch.offsets[1:], strict=False)):
        weights = pooled.weights[start:stop]
        if pooled.status[i] == mp.Status.NOT_ESTIMABLE and not weights.any():
            continue
        assert abs(weights.sum() - 100) <= 100 * tolerances.EPS * (
            tolerances.ROUNDINGS + len(weights)
        )
        assert (weights >= 0).all()
        if method in ("IV", "DL", "PM"):
            assert ((weights > 0) == effects.included[start:stop]).all()
        if pooled.status[i] == mp.Status.NOT_ESTIMABLE:
            assert method in ("MH", "auto")  # a mean, and weights, without a variance
            continue
        if pooled.status[i] == mp.Status.Q_UNDEFINED:
            continue
        assert pooled.q[i] >= 0
        assert pooled.tau2[i] >= 0
        assert 0 <= pooled.i2[i] <= 100
        assert 0 <= pooled.q_p[i] <= 1
        assert pooled.ci_low[i] <= pooled.estimate[i] <= pooled.ci_high[i]


def swapped(batch: Batch) -> Batch:
    """Experimental and control arm change places."""
    half = len(CLASSES[batch.kind].names) // 2
    return replace(
        batch, analyses=[[(*s[half:], *s[:half]) for s in studies] for studies in batch.analyses]
    )


def bounds(batch: Batch, i: int, measure: str, method: str, rules: mp.Conventions):
    """The oracle's pooled effect and how far the core may be from it."""
    want = pooling.pool(batch.kind, batch.analyses[i], measure, method, asdict(rules), 0.95)
    return want, tolerances.Pooled(want, 0.95)


ANTISYMMETRIC = [pair for pair in PAIRS if pair[0] != "GEN" and pair[1] != "auto"]


@pytest.mark.parametrize(("measure", "method"), ANTISYMMETRIC)
@given(data=st.data(), conventions=conventions)
def test_swapping_the_arms_flips_the_effect(measure, method, data, conventions):
    # RevMan's risk ratio of exactly 1 takes its weight from the control arm, whichever that is.
    if conventions.all_events == "unit":
        conventions = conventions.replace(all_events="drop")
    batch = data.draw(strategies.batches(kind_of(measure)))
    one = mp.pool(batch.studies(), measure, method, conventions)
    other = mp.pool(swapped(batch).studies(), measure, method, conventions)
    assert one.status.tolist() == other.status.tolist()
    for i in range(len(batch.analyses)):
        want, errors = bounds(batch, i, measure, method, conventions)
        if want.status == "NOT_ESTIMABLE":
            continue
        assert abs(one.estimate[i] + other.estimate[i]) <= 2 * errors.estimate
        assert abs(one.se[i] - other.se[i]) <= 2 * errors.se
        assert abs(one.ci_low[i] + other.ci_high[i]) <= 2 * errors.end
        if want.q == want.q:
            assert abs(one.q[i] - other.q[i]) <= 2 * errors.q


@pairs
@given(data=st.data(), conventions=conventions)
def test_the_order_of_studies_does_not_matter(measure, method, data, conventions):
    batch = data.draw(strategies.batches(kind_of(measure), max_size=1))
    studies = batch.analyses[0]
    order = data.draw(st.permutations(range(len(studies))))
    shuffled = replace(batch, analyses=[[studies[i] for i in order]])
    one = mp.pool(batch.one(0), measure, method, conventions)
    other = mp.pool(shuffled.one(0), measure, method, conventions)
    assert one.status == other.status
    assume(one.model == other.model)
    by = method
    if method == "auto" and one.model == "random":
        by = conventions.default_random
    elif method == "auto":
        by = pooling.common_method(measure, asdict(conventions))
    want, errors = bounds(batch, 0, measure, by, conventions)
    for name in ("estimate", "se", "q", "tau2", "i2"):
        if getattr(want, name) == getattr(want, name):
            bound = 2 * tolerances.POOLED[name].bound(errors)
            assert abs(getattr(one, name) - getattr(other, name)) <= bound, name
    if want.status != "NOT_ESTIMABLE":
        moved = abs(other.weights - one.weights[list(order)])
        assert (moved <= 2 * tolerances.POOLED["weights"].bound(errors)).all()


@pytest.mark.parametrize("method", ["IV", "DL", "PM"])
@given(batch=strategies.batches("two-means"), exponent=st.integers(-20, 20))
def test_mean_differences_scale_with_their_unit(method, batch, exponent):
    """By a power of two, so that not a single bit of the rest may change."""
    scale = 2.0**exponent

    def rescaled(study):
        m1, s1, n1, m2, s2, n2 = study
        return (m1 * scale, s1 * scale, n1, m2 * scale, s2 * scale, n2)

    other = replace(batch, analyses=[list(map(rescaled, a)) for a in batch.analyses])
    one = mp.pool(batch.studies(), "MD", method)
    scaled = mp.pool(other.studies(), "MD", method)
    for name in ("estimate", "se", "ci_low", "ci_high"):
        same_bits(getattr(one, name) * scale, getattr(scaled, name))
    same_bits(one.tau2 * scale**2, scaled.tau2)
    for name in ("statistic", "p_value", "q", "q_p", "i2", "weights"):
        same_bits(getattr(one, name), getattr(scaled, name))


@kinds
@given(data=st.data(), conventions=conventions)
def test_by_equals_offsets_after_sorting(kind, data, conventions):
    """``by=`` groups rows wherever they stand; per-study outputs keep the order of the rows."""
    batch = data.draw(strategies.batches(kind))
    batch = replace(batch, analyses=[a for a in batch.analyses if a])
    assume(batch.analyses)
    keys = [f"review {i}" for i, studies in enumerate(batch.analyses) for _ in studies]
    order = np.array(data.draw(st.permutations(range(len(keys)))))
    measure = data.draw(st.sampled_from(CLASSES[kind].measures))
    method = data.draw(st.sampled_from([m for pair_measure, m in PAIRS if pair_measure == measure]))

    frame = {name: column[order] for name, column in batch.columns.items()}
    frame["review"] = [keys[i] for i in order]
    names = {name: name for name in batch.columns}
    studies = CLASSES[kind].from_frame(frame, **names, by="review", missing="exclude")
    mixed = mp.pool(studies, measure, method, conventions)

    first_seen = list(dict.fromkeys(frame["review"]))
    assert list(mixed.key) == first_seen
    rows = [[i for i in order if keys[i] == key] for key in first_seen]
    flat = np.array([i for group in rows for i in group])
    offsets = np.cumsum([0, *map(len, rows)])
    columns = {name: column[flat] for name, column in batch.columns.items()}
    by_offsets = CLASSES[kind](**columns, offsets=offsets, missing="exclude")
    sorted_first = mp.pool(by_offsets, measure, method, conventions)
    for name in FLOATS + WHOLE:
        same_bits(getattr(mixed, name), getattr(sorted_first, name))

    position = {row: place for place, row in enumerate(flat.tolist())}
    place = [position[row] for row in order.tolist()]
    same_bits(mixed.weights, sorted_first.weights[place])
    effects = mp.effect_sizes(studies, measure, conventions)
    same_bits(effects.y, mp.effect_sizes(by_offsets, measure, conventions).y[place])
