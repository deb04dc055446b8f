"""The reference of the bootstrap is NumPy's generator and quantile, and SciPy's intervals."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import philox, resampling
from scipy import stats

WORDS = st.integers(0, 2**64 - 1)
SKEWED = [0.1, 0.4, 0.5, 0.9, 1.7, 3.3, 8.0]
OTHERS = [0.3, 0.2, 1.1, 2.9]


@given(seed=WORDS, purpose=st.sampled_from((1, 2)), stream=st.tuples(WORDS, WORDS, WORDS))
def test_blocks_are_numpys(seed, purpose, stream):
    for b in (0, 1, 17, 2**64 - 2):
        generator = np.random.Philox(
            key=np.array([seed, purpose + 2**32], np.uint64),
            counter=np.array([b, *stream], np.uint64),
        )
        assert philox.block(seed, purpose, b, *stream) == generator.random_raw(4).tolist()


def test_words_are_numpys():
    key, counter = np.array([5, 1 + 2**32], np.uint64), np.array([0, 3, 4711, 2], np.uint64)
    want = np.random.Philox(key=key, counter=counter).random_raw(42).tolist()
    words = philox.words(5, philox.BOOTSTRAP, 3, 4711, 2)
    assert [next(words) for _ in want] == want


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), p=st.floats(0, 1))
def test_quantiles_are_numpys(values, p):
    want = float(np.quantile(values, p))
    assert resampling.quantile(values, p) == pytest.approx(want, rel=1e-12, abs=1e-9)


def tied(values, estimate):
    """What differs from the estimate by rounding is it; SciPy would let rounding decide."""
    near = np.isclose(values, estimate, rtol=resampling.TIE, atol=0)
    return np.where(near, estimate, values).tolist()


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("method", ["percentile", "basic", "BCa"])
def test_intervals_are_scipys(method, level, seed):
    def variance(rows, axis=-1):
        return np.var(rows, axis=axis)

    estimate = float(variance(SKEWED))
    values = resampling.bootstrap(SKEWED, lambda rows: float(variance(rows)), 999, seed)
    values = tied(values, estimate)
    want = stats.bootstrap(
        (SKEWED,),
        variance,
        n_resamples=0,
        bootstrap_result=SimpleNamespace(bootstrap_distribution=np.array(values)),
        method=method,
        confidence_level=level,
    )
    jackknife = resampling.jackknife(SKEWED, lambda rows: float(variance(rows)))
    got = {
        "percentile": resampling.percentile(values, level),
        "basic": resampling.basic(values, estimate, level),
        "BCa": resampling.bca(values, estimate, [jackknife], level),
    }[method]
    assert got == pytest.approx(tuple(want.confidence_interval), rel=1e-12, abs=1e-12)
    assert resampling.se(values) == pytest.approx(float(want.standard_error), rel=1e-12)


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_bca_of_two_samples_is_scipys(level):
    def ratio(x, y, axis=-1):
        return np.mean(x, axis=axis) / np.mean(y, axis=axis)

    first, second = (
        [[rows[i] for i in resampling.resample(len(rows), 9, b, study=study)] for b in range(500)]
        for study, rows in enumerate((SKEWED, OTHERS))
    )
    values = [float(ratio(x, y)) for x, y in zip(first, second, strict=True)]
    values = tied(values, float(ratio(SKEWED, OTHERS)))
    want = stats.bootstrap(
        (SKEWED, OTHERS),
        ratio,
        n_resamples=0,
        bootstrap_result=SimpleNamespace(bootstrap_distribution=np.array(values)),
        method="BCa",
        confidence_level=level,
    )
    jackknives = [
        resampling.jackknife(SKEWED, lambda rows: float(ratio(rows, OTHERS))),
        resampling.jackknife(OTHERS, lambda rows: float(ratio(SKEWED, rows))),
    ]
    got = resampling.bca(values, float(ratio(SKEWED, OTHERS)), jackknives, level)
    assert got == pytest.approx(tuple(want.confidence_interval), rel=1e-12)
