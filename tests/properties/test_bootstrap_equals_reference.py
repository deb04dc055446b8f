"""The statistic of every resample equals the oracle's, of the studies that the oracle draws."""

import math
from dataclasses import asdict
from fractions import Fraction

import numpy as np
import pytest
import tolerances
from hypothesis import assume, given
from hypothesis import strategies as st
from reference import effects as given_effects
from reference import intervals, pooling
from tau2_tolerances import rounding

import metapool as mp
from metapool import _types as t

from . import strategies
from .resampled import (
    BASES,
    POOLED,
    PREDICTION,
    Value,
    assert_value,
    conventions,
    drawn,
    egger,
    harbord,
    limits,
    of_pooled,
    places,
    pooled,
    present,
    replicates,
    seeds,
)
from .strategies import kind_of
from .test_core_equals_reference import POSSIBLE
from .test_tau2_equals_reference import CLOSED, LIKELIHOODS, check_likelihood

N = 3
RANDOM = ("DL", "PM", "auto")
OF_COMMON = tuple(name for name in POOLED if name != "tau2")
KINDS = tuple(dict.fromkeys((kind_of(measure), method) for measure, method in POSSIBLE))


def measures(kind, method):
    """Those that the method pools."""
    return st.sampled_from([m for m, by in POSSIBLE if (kind_of(m), by) == (kind, method)])


def runs(batch, names, seed, first, **choices):
    """The replicates of each meta-analysis: its number, its studies, the replicate, values."""
    found = mp.bootstrap(
        batch.studies(), list(names), seed=seed, first_replicate=first, n_resamples=N,
        distribution=True, **choices,
    )  # fmt: skip
    for i, studies in enumerate(batch.analyses):
        for r in range(N):
            values = {name: float(found[name].distribution[i, r]) for name in names}
            yield i, studies, first + r, values


@pytest.mark.parametrize(("kind", "method"), KINDS)
@given(data=st.data(), rules=conventions, seed=seeds, first=replicates)
def test_pooled(kind, method, data, rules, seed, first):
    measure = data.draw(measures(kind, method))
    batch = data.draw(strategies.batches(kind, 2))
    fields = asdict(rules)
    assume(method != "auto" or pooling.possible(measure, pooling.common_method(measure, fields)))
    prediction = data.draw(st.sampled_from(["z", "v", "hts"])) if method in RANDOM else None
    names = POOLED + PREDICTION if prediction else OF_COMMON
    choices = {
        "measure": measure, "method": method, "conventions": rules, "prediction": prediction,
    }  # fmt: skip
    for i, studies, replicate, values in runs(batch, names, seed, first, **choices):
        rows = drawn(studies, seed, replicate, i)
        want = pooled(batch.kind, rows, measure, method, fields, prediction)
        if want is not None:
            for name in names:
                assert_value(values[name], want[name], name)


@pytest.mark.parametrize("method", [*CLOSED, *LIKELIHOODS])
@given(data=st.data(), seed=seeds, first=replicates)
def test_estimators_of_tau2(method, data, seed, first):
    # variances of 1e-18 beside others, as differences of risks have them, are too much for REML
    kinds = ["effects"] if method in LIKELIHOODS else list(strategies.CLASSES)
    kind = data.draw(st.sampled_from(kinds))
    measure = data.draw(measures(kind, "IV"))
    batch = data.draw(strategies.batches(kind, 1))
    rules = asdict(mp.METAFOR)
    bases = [name for name in BASES if name != "kr" or method == "REML"]
    prediction = data.draw(st.sampled_from(bases))
    choices = {
        "measure": measure, "method": method, "conventions": mp.METAFOR, "prediction": prediction,
    }  # fmt: skip
    for i, studies, replicate, values in runs(batch, POOLED + PREDICTION, seed, first, **choices):
        rows = drawn(studies, seed, replicate, i)
        effects = pooling.study_effects(batch.kind, rows, measure, rules)
        used = given_effects.included(effects)
        check_tau2(method, used, values["tau2"])
        check_given_tau2(effects, values, prediction)


def check_tau2(method, used, tau2):
    if not used:
        assert math.isnan(tau2)
    elif len(used) == 1:
        assert tau2 == 0
    elif method in LIKELIHOODS:
        check_likelihood(used, tau2, LIKELIHOODS[method])
    else:
        want = float(CLOSED[method](used))
        sizes = max(e.size / max(abs(float(e.y)), 1e-300) for e in used)
        assert abs(tau2 - want) <= rounding(used, want) * max(1.0, sizes), (tau2, want)


def check_given_tau2(effects, values, prediction):
    """What follows from tau2."""
    exact = None if math.isnan(values["tau2"]) else values["tau2"]
    found = pooling.random_effects(effects, "given", None, asdict(mp.METAFOR), 0.95, exact)
    want = of_pooled(found)
    errors = tolerances.Pooled(found, 0.95)
    unit = (tolerances.ROUNDINGS + len(effects)) * tolerances.EPS
    want |= limits(prediction, found.effects, want, found.tau2, errors, unit)
    for name in want:
        assert_value(values[name], want[name], name)


@given(data=st.data(), tau2=st.sampled_from([0.0, 0.1, 30.0]), seed=seeds, first=replicates)
def test_preset(data, tau2, seed, first):
    batch = data.draw(strategies.batches("effects"))
    choices = {"tau2": tau2, "conventions": mp.METAFOR, "prediction": "hts"}
    names = [name for name in POOLED + PREDICTION if name != "tau2"]  # which is refused
    for i, studies, replicate, values in runs(batch, names, seed, first, **choices):
        effects = pooling.study_effects("effects", drawn(studies, seed, replicate, i), "GEN", {})
        values["tau2"] = tau2 if effects else math.nan
        check_given_tau2(effects, values, "hts")


@given(data=st.data(), seed=seeds, first=replicates)
def test_ivhet(data, seed, first):
    batch = data.draw(strategies.batches("effects"))
    choices = {"method": "IVhet", "conventions": mp.METAFOR, "prediction": "z"}
    for i, studies, replicate, values in runs(batch, POOLED + PREDICTION, seed, first, **choices):
        rows = drawn(studies, seed, replicate, i)
        common = of_pooled(pooling.pool("effects", rows, "GEN", "IV", {}, 0.95))
        random = of_pooled(pooling.pool("effects", rows, "GEN", "DL", asdict(mp.METAFOR), 0.95))
        for name in POOLED:
            assert_value(values[name], (common if name == "estimate" else random)[name], name)
        if len(rows) > 1:
            used = pooling.study_effects("effects", rows, "GEN", {})
            variance = float(intervals.ivhet(used, Fraction(values["tau2"]))[1]) + values["tau2"]
            width = 2 * 1.959963984540054 * math.sqrt(variance)
            size = max(abs(values["pi_low"]), abs(values["pi_high"]))
            assert values["pi_high"] - values["pi_low"] == pytest.approx(
                width, rel=tolerances.TAIL, abs=8 * tolerances.EPS * size
            )


@pytest.mark.parametrize("kind", strategies.CLASSES)
@given(data=st.data(), rules=conventions, seed=seeds, first=replicates)
def test_egger(kind, data, rules, seed, first):
    measure = data.draw(measures(kind, "IV"))
    batch = data.draw(strategies.batches(kind))
    rules = rules.replace(default_common="IV")  # which is not taken, but must fit the measure
    choices = {"measure": measure, "conventions": rules}
    for i, studies, replicate, values in runs(batch, ["egger"], seed, first, **choices):
        rest = present(studies)
        chosen = places(len(rest), seed, replicate, i)
        want = egger(batch.kind, [rest[j] for j in chosen], chosen, measure, asdict(rules))
        assert_value(values["egger"], want, "egger")


@pytest.mark.parametrize("score", t.choices(t.Score))
@given(data=st.data(), seed=seeds, first=replicates)
def test_harbord(score, data, seed, first):
    batch = data.draw(strategies.batches("two-by-two"))
    for i, studies, replicate, values in runs(batch, ["harbord"], seed, first, score=score):
        rest = present(studies)
        chosen = places(len(rest), seed, replicate, i)
        want = harbord([rest[j] for j in chosen], chosen, score)
        assert_value(values["harbord"], want, "harbord")


@pytest.mark.parametrize("kind", strategies.CLASSES)
@given(data=st.data(), rules=conventions, seed=seeds, first=replicates)
def test_subgroup_difference(kind, data, rules, seed, first):
    fields = asdict(rules)
    pairs = [pair for pair in POSSIBLE if kind_of(pair[0]) == kind]
    measure, method = data.draw(st.sampled_from(pairs))
    assume(method != "auto" or pooling.possible(measure, pooling.common_method(measure, fields)))
    batch = strategies.Batch(kind, [data.draw(strategies.analyses(kind))])
    rows = batch.analyses[0]
    labels = data.draw(st.lists(st.sampled_from("ab"), min_size=len(rows), max_size=len(rows)))
    assume(len(set(labels)) == 2)
    found = mp.bootstrap(
        batch.studies(offsets=None, subgroup=labels), "subgroup_difference", measure, method,
        conventions=rules, seed=seed, first_replicate=first, n_resamples=N, distribution=True,
    )  # fmt: skip
    groups = [
        [row for row, label in zip(rows, labels, strict=True) if label == name]
        for name in dict.fromkeys(labels)
    ]
    for r in range(N):
        want = [
            pooled(kind, drawn(group, seed, first + r, study=g), measure, method, fields, None)
            for g, group in enumerate(groups)
        ]
        if None not in want:
            one, other = (values["estimate"] for values in want)
            difference = one.value - other.value
            error = one.error + other.error + tolerances.EPS * abs(difference)
            assert_value(float(found.distribution[r]), Value(difference, error), "difference")


SPARSE = strategies.Batch(
    "two-by-two", [[(0, 20, 3, 20), (5, 30, 9, 30), (4, 25, 6, 26), (2, 40, 0, 38), (3, 9, 3, 8)]]
)


@pytest.mark.parametrize("change", ["if0all", "empirical"])
@pytest.mark.parametrize(
    ("measure", "method"), [("OR", "IV"), ("RR", "DL"), ("OR", "MH"), ("RR", "MH")]
)
def test_corrections_by_other_studies(measure, method, change):
    """Those of the resample, whose studies are copied for them."""
    field = "when" if change == "if0all" else "kind"
    rules = mp.REVMAN5.replace(**{f"{of}_cc_{field}": change for of in ("study", "mh")})
    choices = {"measure": measure, "method": method, "conventions": rules}
    names = POOLED if method in RANDOM else OF_COMMON
    for first in range(0, 30, N):
        for i, studies, replicate, values in runs(SPARSE, names, 1, first, **choices):
            rows = drawn(studies, 1, replicate, i)
            want = pooled("two-by-two", rows, measure, method, asdict(rules), None)
            for name in names:
                assert_value(values[name], want[name], name)


def test_auto_of_no_common_effect():
    """As mp.pool(): not estimable, for differences of studies without any event."""
    nobody = mp.TwoByTwo(events_e=[0, 0], n_e=[10, 20], events_c=[0, 0], n_c=[10, 20])
    assert mp.pool(nobody, "RD", "auto").status is mp.Status.NOT_ESTIMABLE
    found = mp.bootstrap(nobody, "estimate", "RD", "auto", seed=1, n_resamples=N)
    assert found.status is mp.Status.NOT_ESTIMABLE


def test_three_studies_on_a_line_have_a_bias():
    """Of (1, 2, 1, 2) twice and (2, 4, 2, 4) copies are taken, since the correction may depend on
    all studies; a line through three different ones is one, though it is perfect."""
    on_a_line = mp.TwoByTwo(events_e=[1, 1, 2], n_e=[2, 2, 4], events_c=[1, 1, 2], n_c=[2, 2, 4])
    rules = mp.REVMAN5.replace(study_cc_when="if0all")
    found = mp.bootstrap(
        on_a_line, "egger", "OR", conventions=rules, seed=1, n_resamples=100, distribution=True
    )
    three = [len(set(places(3, 1, r))) == 3 for r in range(100)]
    assert (~np.isnan(found.distribution)).tolist() == three
