"""What must hold of a bootstrap whatever the numbers are, and where there are hardly any."""

import math
from collections import Counter
from itertools import combinations_with_replacement, product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from reference.resampling import distinct, resample

import metapool as mp
from metapool import _types as t

from . import strategies
from .resampled import present, seeds
from .strategies import Batch, kind_of

#: How far two ways to the same statistic, sums with counts and sums of repeated rows, may be apart:
#: these data lose no more than three digits.
SAME = 1e-12
POOLED = ["estimate", "i2", "q"]
#: A few plain meta-analyses.
TABLES = [(3, 20, 6, 20), (5, 30, 9, 30), (0, 25, 6, 26), (4, 40, 5, 38)]
MEANS = [
    (3, 1.5, 20, 4, 1.2, 21),
    (5, 2.0, 9, 2, 2.5, 12),
    (1, 1, 30, 1.5, 1, 30),
    (4, 2, 8, 3, 2, 7),
]
EFFECTS = [(0.1, 0.04), (0.5, 0.09), (-0.2, 0.01), (0.9, 0.25)]
PLAIN = {"two-by-two": TABLES, "two-means": MEANS, "effects": EFFECTS}


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("measure", "method"),
    [("OR", "MH"), ("RR", "DL"), ("RD", "IV"), ("PETO", "Peto"), ("SMD", "REML"), ("GEN", "PM")],
)
def test_the_statistics_are_those_of_all_multisets(measure, method, k):
    """Each of the C(2k - 1, k) expanded meta-analyses occurs, and nothing else."""
    kind = kind_of(measure)
    rows = PLAIN[kind][:k]
    multisets = list(combinations_with_replacement(range(k), k))
    assert len(multisets) == distinct(k)
    expanded = Batch(kind, [[rows[i] for i in chosen] for chosen in multisets])
    pooled = mp.pool(expanded.studies(), measure, method)
    names = POOLED if method in t.choices(t.CommonMethod) else [*POOLED, "tau2"]
    found = mp.bootstrap(
        Batch(kind, [rows]).one(0), names, measure, method, seed=1, n_resamples=4_000,
        distribution=True,
    )  # fmt: skip
    assert found["estimate"].n_distinct == len(multisets)
    for name in names:
        values = found[name].distribution
        apart = abs(values[:, None] - getattr(pooled, name)) / np.maximum(1, abs(values[:, None]))
        assert apart.min(axis=1).max() <= SAME, name
        assert apart.min(axis=0).max() <= SAME, name


@given(data=st.data(), seed=seeds)
def test_the_order_of_studies_does_not_change_what_is_possible(data, seed):
    """Another order draws other resamples, of the same set."""
    measure, method = data.draw(st.sampled_from([("OR", "MH"), ("SMD", "DL"), ("GEN", "DL")]))
    kind = kind_of(measure)
    rows = PLAIN[kind][: data.draw(st.integers(1, 4))]
    order = data.draw(st.permutations(rows))
    one, other = (
        mp.bootstrap(
            Batch(kind, [studies]).one(0), "estimate", measure, method, seed=seed,
            n_resamples=6_000, distribution=True,
        )
        for studies in (rows, order)
    )  # fmt: skip
    assert one.estimate == pytest.approx(other.estimate, abs=SAME)
    kinds = [np.unique(np.round(found.distribution, 10)) for found in (one, other)]
    assert np.allclose(*kinds, rtol=0, atol=1e-9)


@given(data=st.data(), seed=seeds)
def test_one_study_is_drawn_every_time(data, seed):
    measure, method = data.draw(st.sampled_from([("OR", "MH"), ("MD", "DL"), ("GEN", "PM")]))
    kind = kind_of(measure)
    studies = Batch(kind, [[data.draw(strategies.STUDIES[kind])]])
    pooled = mp.pool(studies.one(0), measure, method)
    assume(not math.isnan(pooled.estimate))
    spreads = ["q", "i2"] if method == "MH" else ["q", "tau2"]
    found = mp.bootstrap(
        studies.one(0), ["estimate", *spreads], measure, method, seed=seed, n_resamples=40,
        distribution=True,
    )  # fmt: skip
    estimate = found["estimate"]
    assert estimate.n_distinct == 1
    assert estimate.estimate == pytest.approx(pooled.estimate, rel=SAME, abs=SAME)
    assert (estimate.distribution == estimate.estimate).all()
    assert estimate.ci_low == estimate.estimate == estimate.ci_high
    assert estimate.bias == pytest.approx(0, abs=SAME * max(1, abs(estimate.estimate)))
    assert estimate.n_degenerate == 0
    for name in spreads:
        assert not found[name].distribution.any()


@given(y=strategies.hundredths(-3, 3), k=st.integers(2, 9), seed=seeds)
def test_equal_effects(y, k, seed):
    """Ties but for roundings: no spread, no tau2, and no BCa interval of an exact statistic."""
    studies = mp.Effects(y=[y] * k, v=[0.1 * (i + 1) for i in range(k)])
    found = mp.bootstrap(
        studies, ["estimate", "tau2", "i2"], method="DL", ci="BCa", seed=seed, n_resamples=50,
        distribution=True,
    )  # fmt: skip
    assert found["estimate"].distribution == pytest.approx(y, rel=SAME, abs=SAME)
    assert found["estimate"].se == pytest.approx(0, abs=SAME)
    for name in ("tau2", "i2"):
        assert not found[name].distribution.any()
        assert found[name].status is mp.Status.BCA_UNDEFINED
        assert found[name].se == found[name].bias == 0


ZEROS = [(0, 20, 0, 21), (0, 30, 0, 30), (0, 25, 0, 25)]


@pytest.mark.parametrize("method", ["MH", "IV", "DL", "PM", "REML"])
@pytest.mark.parametrize("measure", ["RR", "OR"])
@pytest.mark.parametrize("ci", t.choices(t.BootstrapInterval))
def test_studies_without_any_event(measure, method, ci):
    """No study has an effect: nothing to resample, but the resamples are counted."""
    studies = Batch("two-by-two", [ZEROS]).one(0)
    statistics = ["estimate", "i2", "harbord"]
    found = mp.bootstrap(studies, statistics, measure, method, seed=1, n_resamples=30, ci=ci)
    for bootstrap in found.values():
        assert_not_estimable(bootstrap, 30)
        assert bootstrap.n_distinct == 10


def assert_not_estimable(found, n):
    assert found.status is mp.Status.NOT_ESTIMABLE
    assert found.n_degenerate == n
    for name in ("estimate", "se", "bias", "ci_low", "ci_high", "ci_low_mcse", "ci_high_mcse"):
        assert math.isnan(getattr(found, name))


@pytest.mark.parametrize("measure", ["RR", "OR", "PETO"])
@given(seed=seeds)
def test_double_zero_tables_can_fill_a_resample(measure, seed):
    """They are drawn like others; a resample of them alone has no statistic."""
    rows = [*ZEROS[:2], (3, 20, 6, 20)]
    method = "Peto" if measure == "PETO" else "MH"
    found = mp.bootstrap(
        Batch("two-by-two", [rows]).one(0), "estimate", measure, method, seed=seed, n_resamples=60,
        distribution=True,
    )  # fmt: skip
    without = [2 not in resample(3, seed, r) for r in range(60)]
    assert np.isnan(found.distribution).tolist() == without
    assert found.n_degenerate == sum(without)
    assert found.n_distinct == 10


@pytest.mark.parametrize("kind", strategies.CLASSES)
@pytest.mark.parametrize("k", [0, 1, 3])
def test_no_study_can_be_drawn(kind, k):
    rows = [(math.nan, *row[1:]) for row in PLAIN[kind][:k]]
    measure = {"two-by-two": "OR", "two-means": "MD", "effects": "GEN"}[kind]
    found = mp.bootstrap(Batch(kind, [rows]).one(0), "estimate", measure, seed=1, n_resamples=9)
    assert_not_estimable(found, 9)
    assert found.n_distinct == 0


@given(data=st.data(), seed=seeds)
def test_studies_with_a_missing_value_are_not_drawn(data, seed):
    """Nor do they take part in the choice of the others: the same bits without their rows."""
    kind = data.draw(st.sampled_from(list(strategies.CLASSES)))
    measure = {"two-by-two": "OR", "two-means": "MD", "effects": "GEN"}[kind]
    rows = data.draw(strategies.analyses(kind))
    missing = tuple([math.nan] * len(PLAIN[kind][0]))
    with_holes = [row for r in rows for row in (missing, r, (math.nan, *r[1:]))]
    one, other = (
        mp.bootstrap(
            Batch(kind, [studies]).one(0), ["estimate", "egger"], measure, seed=seed,
            n_resamples=20, distribution=True,
        )
        for studies in (present(rows), with_holes)
    )  # fmt: skip
    for name in one:
        assert np.array_equal(one[name].distribution, other[name].distribution, equal_nan=True)
        assert one[name].n_distinct == other[name].n_distinct


@pytest.mark.parametrize("statistic", t.choices(t.RadialTest))
@pytest.mark.parametrize("k", [2, 3, 4])
def test_a_test_needs_three_different_studies(statistic, k):
    """At k = 4, 88 of the 256 resamples lack them."""
    chosen = list(product(range(k), repeat=k))
    share = sum(len(set(c)) < 3 for c in chosen) / len(chosen)
    assert k != 4 or share == 88 / 256
    studies = Batch("two-by-two", [[*TABLES[:2], (2, 25, 6, 26), TABLES[3]][:k]]).one(0)
    found = mp.bootstrap(studies, statistic, "OR", seed=2, n_resamples=2_000, distribution=True)
    few = [len(set(resample(k, 2, r))) < 3 for r in range(2_000)]
    assert np.isnan(found.distribution).tolist() == few
    assert found.n_degenerate == sum(few) == pytest.approx(2_000 * share, abs=100)


def test_resamples_are_uniform():
    """All 27 resamples of three studies, told apart by sums that no other order has."""
    studies = mp.Effects(y=[1.0, 4.0, 16.0], v=[1, 1, 1])
    found = mp.bootstrap(studies, seed=1, n_resamples=27_000, distribution=True)
    counts = Counter(np.round(found.distribution * 3).astype(int).tolist())
    sums = Counter(sum(chosen) for chosen in product((1, 4, 16), repeat=3))
    assert counts.keys() == sums.keys()
    chi2 = sum((counts[s] - 1000 * n) ** 2 / (1000 * n) for s, n in sums.items())
    assert chi2 < 28  # 9 degrees of freedom, P 0.001
