"""One meta-analysis of 13 studies: what a call costs (pytest benches --benchmark-enable)."""

import pytest

import metapool as mp

TRIALS = mp.examples.bcg()
COLUMNS = {name: getattr(TRIALS, name).tolist() for name in mp.TwoByTwo.names}


@pytest.mark.parametrize("method", ["MH", "IV", "DL", "auto"])
def test_pool(benchmark, method):
    assert benchmark(mp.pool, TRIALS, "RR", method).k == 13


def test_meta_analysis(benchmark):
    assert benchmark(mp.meta_analysis, TRIALS, "RR").model == "random"


def test_small_study_test(benchmark):
    assert benchmark(mp.small_study_test, TRIALS).k == 13


def test_two_by_two(benchmark):
    assert len(benchmark(lambda: mp.TwoByTwo(**COLUMNS))) == 13
