"""Resamples are those of NumPy's generator, intervals those of SciPy."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

import metapool as mp

#: Relative difference of quantiles whose levels went through Phi and its inverse.
TIGHT = 1e-12

K = 20
RANDOM = np.random.default_rng(20)
Y, V = RANDOM.normal(0.3, 0.6, K), RANDOM.uniform(0.02, 0.4, K)


def numpy_indices(k, seed, replicate, analysis=0, study=0):
    """The lines of docs/bootstrap.md: m indices from every word, digits of word/2^64 to base k."""
    m = max(m for m in range(1, 33) if k**m <= 2**32)
    found, b = [], 0
    while len(found) < k:
        key = np.array([seed, 1 + 2**32], np.uint64)
        counter = np.array([b, study, replicate, analysis], np.uint64)
        for word in np.random.Philox(key=key, counter=counter).random_raw(4).tolist():
            for _ in range(m):
                i, word = divmod(word * k, 2**64)
                found.append(i)
        b += 1
    return np.array(found[:k])


@pytest.mark.parametrize("k", [1, 2, 3, 13, 40, 257, 1000])
@pytest.mark.parametrize("seed", [0, 20260801, 2**64 - 1])
@pytest.mark.parametrize("first", [0, 4704, 2**40 - 5, 2**63 - 20])
def test_indices_are_numpys(k, seed, first):
    """The mean of whole numbers of equal weight is exact, so that every bit tells the resample."""
    y = np.random.default_rng(k).integers(0, 2**40, k).astype(float)
    found = mp.bootstrap(
        mp.Effects(y=y, v=np.ones(k)), method="IV", seed=seed, first_replicate=first,
        n_resamples=18, distribution=True,
    )  # fmt: skip
    want = [y[numpy_indices(k, seed, first + r)].sum() / k for r in range(18)]
    assert found.distribution.tolist() == want


def test_replicate_4711_in_a_long_run():
    y = np.random.default_rng(13).integers(0, 2**40, 13).astype(float)
    found = mp.bootstrap(
        mp.Effects(y=y, v=np.ones(13)), seed=5, n_resamples=5_000, distribution=True
    )
    for replicate in (0, 15, 16, 1023, 1024, 4711, 4999):
        want = y[numpy_indices(13, 5, replicate)].sum() / 13
        assert found.distribution[replicate] == want


def test_each_analysis_and_subgroup_has_its_stream():
    y = np.random.default_rng(7).integers(0, 2**40, 14).astype(float)
    batch = mp.Effects(y=y, v=np.ones(14), offsets=[0, 5, 9, 14])
    found = mp.bootstrap(batch, seed=11, n_resamples=20, distribution=True)
    for i, rows in enumerate((y[:5], y[5:9], y[9:])):
        k = len(rows)
        want = [rows[numpy_indices(k, 11, r, analysis=i)].sum() / k for r in range(20)]
        assert found.distribution[i].tolist() == want
    labels = ["x"] * 6 + ["y"] * 8
    found = mp.bootstrap(
        mp.Effects(y=y, v=np.ones(14), subgroup=labels), "subgroup_difference", seed=11,
        n_resamples=20, distribution=True,
    )  # fmt: skip
    want = [
        y[:6][numpy_indices(6, 11, r)].sum() / 6 - y[6:][numpy_indices(8, 11, r, study=1)].sum() / 8
        for r in range(20)
    ]
    assert found.distribution.tolist() == want


def moments(y, v, axis=-1):
    """Cochran's Q and DerSimonian and Laird's tau2, vectorised as SciPy wants it."""
    w = 1 / v
    total = w.sum(axis)
    mean = (w * y).sum(axis, keepdims=True) / w.sum(axis, keepdims=True)
    q = (w * (y - mean) ** 2).sum(axis)
    c = total - (w**2).sum(axis) / total
    return q, np.maximum(0, (q - (y.shape[axis] - 1)) / c)


def estimate(y, v, axis=-1):
    w = 1 / (v + np.expand_dims(moments(y, v, axis)[1], axis))
    return (w * y).sum(axis) / w.sum(axis)


def q(y, v, axis=-1):
    return moments(y, v, axis)[0]


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
@pytest.mark.parametrize("n", [999, 10_000])
@pytest.mark.parametrize("method", ["percentile", "basic", "BCa"])
@pytest.mark.parametrize("statistic", [estimate, q])
def test_intervals_are_scipys(statistic, method, n, level):
    """No resample of twenty studies happens to be the data, in which case bits would decide."""
    found = mp.bootstrap(
        mp.Effects(y=Y, v=V), statistic.__name__, method="DL", seed=4, n_resamples=n, ci=method,
        level=level, distribution=True,
    )  # fmt: skip
    assert found.estimate == pytest.approx(statistic(Y, V), rel=1e-12)
    want = scipys((Y, V), statistic, found)
    assert (found.ci_low, found.ci_high) == pytest.approx(
        tuple(want.confidence_interval), rel=TIGHT
    )
    assert found.se == pytest.approx(float(want.standard_error), rel=TIGHT)


def scipys(data, statistic, found, **choices):
    """SciPy's intervals of a distribution that is drawn already, of which what differs from the
    estimate by rounding is the estimate."""
    drawn = found.distribution
    tie = 1e-10 * max(abs(found.estimate), found.se)
    drawn = np.where(abs(drawn - found.estimate) <= tie, found.estimate, drawn)
    return stats.bootstrap(
        data,
        statistic,
        n_resamples=0,
        bootstrap_result=SimpleNamespace(bootstrap_distribution=drawn),
        method=found.ci,
        confidence_level=found.level,
        paired=True,
        **choices,
    )


def test_ties_count_half_as_scipys():
    """Of three studies many resamples are the data, in another order."""

    def own(y, v):
        return mp.bootstrap(mp.Effects(y=y, v=v), n_resamples=1, seed=1).estimate

    y, v = np.array([0.1, 0.7, 1.9]), np.array([0.2, 0.1, 0.3])
    found = mp.bootstrap(
        mp.Effects(y=y, v=v), seed=3, n_resamples=2_000, ci="BCa", distribution=True
    )
    ties = np.mean(found.distribution == found.estimate)
    assert math.isclose(ties, math.factorial(3) / 3**3, abs_tol=0.03)
    want = scipys((y, v), own, found, vectorized=False)
    assert (found.ci_low, found.ci_high) == pytest.approx(
        tuple(want.confidence_interval), rel=TIGHT
    )


@pytest.mark.parametrize("y", [[9, 8, 3, 9], [7, 3, 7, -6, 0]])
def test_rounding_does_not_decide_what_ties(y):
    """The means of the data in other orders and of other units differ by rounding only."""

    def limits(scale, v):
        data = mp.Effects(y=np.array(y) * scale, v=[v] * len(y))
        found = mp.bootstrap(data, method="IV", ci="BCa", seed=1)
        return np.array([found.ci_low, found.ci_high]) / scale

    want = limits(1.0, 1.0)
    for scale, v in [(0.1, 0.07), (1 / 3, 0.0625), (1e-9, 0.07)]:
        assert limits(scale, v) == pytest.approx(want, rel=1e-12)
