"""Bootstraps: the same bits however they are run, in little memory, and interruptible."""

import dataclasses
import pickle
import sys
from functools import cache

import numpy as np
import pytest

import metapool as mp
from metapool import _types as t

from .test_memory import PEAK
from .test_threads import run

K = 20
FIELDS = ("estimate", "se", "bias", "ci_low", "ci_high", "ci_low_mcse", "ci_high_mcse",
          "n_degenerate", "status", "distribution")  # fmt: skip
STATISTICS: list[t.Statistic] = ["estimate", "tau2", "pi_high", "harbord", "egger"]


@cache
def tables(m: int = 1) -> mp.TwoByTwo:
    """Sparse studies: some resamples lack a test."""
    rng = np.random.default_rng(7)
    sizes = [0, K] if m == 1 else [0, *rng.integers(0, 9, m)]
    offsets = np.cumsum(sizes)
    n = rng.integers(5, 80, (2, offsets[-1]))
    events = rng.binomial(n, 0.1)
    return mp.TwoByTwo(
        events_e=events[0], n_e=n[0], events_c=events[1], n_c=n[1],
        offsets=None if m == 1 else offsets,
    )  # fmt: skip


@cache
def effects(k: int = K) -> mp.Effects[float]:
    rng = np.random.default_rng(8)
    return mp.Effects(
        y=rng.normal(size=k), v=rng.uniform(0.1, 1, k), subgroup=["a", "b", *"ab" * (k // 2 - 1)]
    )


def bits(found: mp.Bootstrap) -> bytes:
    return b"".join(np.asarray(getattr(found, name), float).tobytes() for name in FIELDS)


@pytest.mark.parametrize("threads", [2, 3, 4])
@pytest.mark.parametrize("m", [1, 40])
def test_bits_do_not_depend_on_threads(m: int, threads: int) -> None:
    for ci in t.choices(t.BootstrapInterval):
        alone, many = (
            mp.bootstrap(
                tables(m), STATISTICS, "OR", "DL", n_resamples=5_000, ci=ci, seed=3,
                threads=workers, prediction="hts", degenerate="worst", distribution=True,
            )
            for workers in (1, threads)
        )  # fmt: skip
        for name in STATISTICS:
            assert bits(alone[name]) == bits(many[name]), name


@pytest.mark.parametrize("threads", [2, 4])
def test_a_subgroup_difference_does_not_depend_on_threads(threads: int) -> None:
    alone, many = (
        mp.bootstrap(
            effects(), "subgroup_difference", method="REML", n_resamples=20_000, ci="BCa", seed=3,
            threads=workers, distribution=True,
        )
        for workers in (1, threads)
    )  # fmt: skip
    assert bits(alone) == bits(many)


def test_keeping_the_distribution_changes_nothing() -> None:
    kept, not_kept = (
        mp.bootstrap(tables(40), "estimate", "RR", n_resamples=5_000, seed=3, distribution=keep)
        for keep in (True, False)
    )
    assert not_kept.distribution is None
    assert bits(dataclasses.replace(kept, distribution=None)) == bits(not_kept)


def test_the_first_of_a_batch_is_as_if_alone_and_the_others_have_their_own_streams() -> None:
    one = effects()
    twice = mp.Effects(
        y=np.tile(one.y, 3), v=np.tile(one.columns[1], 3), offsets=[0, K, 2 * K, 3 * K]
    )
    alone = mp.bootstrap(one, method="DL", n_resamples=3_000, seed=3, distribution=True)
    batch = mp.bootstrap(twice, method="DL", n_resamples=3_000, seed=3, distribution=True)
    assert alone.distribution.tobytes() == batch.distribution[0].tobytes()
    for name in FIELDS[:-1]:
        assert getattr(alone, name) == getattr(batch, name)[0]
    assert (batch.estimate == alone.estimate).all()
    for i, j in ((0, 1), (0, 2), (1, 2)):
        same = batch.distribution[i] == batch.distribution[j]
        assert same.mean() < 0.01


@pytest.mark.parametrize("ci", t.choices(t.BootstrapInterval))
@pytest.mark.parametrize("statistic", ["estimate", "egger", "subgroup_difference"])
def test_runs_that_are_joined_are_one_run(statistic: t.Statistic, ci: t.BootstrapInterval) -> None:
    def resampled(n: int, first: int) -> mp.Bootstrap[float]:
        return mp.bootstrap(
            effects(), statistic, method=None if statistic == "egger" else "DL", n_resamples=n,
            first_replicate=first, ci=ci, seed=3, distribution=True,
        )  # fmt: skip

    whole = resampled(100_000, 7)
    parts = [resampled(10_000, first) for first in range(7, 100_007, 10_000)]
    joined = parts[0].join(*parts[1:])
    assert bits(joined) == bits(whole)
    assert joined.to_dict() == whole.to_dict()
    assert bits(parts[0]) != bits(whole)


def test_runs_of_batches_and_of_shared_resamples_join() -> None:
    first, second, whole = (
        mp.bootstrap(
            tables(40), STATISTICS, "OR", "DL", n_resamples=n, first_replicate=start, seed=3,
            prediction="hts", degenerate="worst", distribution=True,
        )
        for n, start in ((700, 0), (1_300, 700), (2_000, 0))
    )  # fmt: skip
    for name in STATISTICS:
        assert bits(first[name].join(second[name])) == bits(whole[name]), name


def test_runs_of_other_processes_join() -> None:
    first, second, whole = (
        mp.bootstrap(effects(), n_resamples=n, first_replicate=start, seed=3, distribution=True)
        for n, start in ((700, 0), (1_300, 700), (2_000, 0))
    )
    sent = [pickle.loads(pickle.dumps(found)) for found in (first, second)]
    assert bits(sent[0].join(sent[1])) == bits(whole)


@pytest.mark.parametrize("method", ["MH", "DL", "PM", "REML", "auto"])
def test_both_simd_paths_give_the_same_bits(method: str) -> None:
    script = f"""
import os
if PATH:
    os.environ["METAPOOL_SIMD"] = PATH
import hashlib
import metapool as mp, numpy as np
from metapool import _core
rng = np.random.default_rng(5)
n = rng.integers(10, 90, (2, 60))
events = rng.binomial(n, 0.08)
trials = mp.TwoByTwo(
    events_e=events[0], n_e=n[0], events_c=events[1], n_c=n[1], offsets=[0, 1, 3, 13, 13, 60]
)
names = ["estimate", "i2", "h2", "q", "harbord", "egger"]
names += [] if {method!r} == "MH" else ["tau2"]
bits = b""
for ci in ("percentile", "normal", "BCa"):
    found = mp.bootstrap(
        trials, names, "OR", {method!r}, n_resamples=5_003, ci=ci, seed=3, distribution=True
    )
    for name in names:
        bits += b"".join(np.asarray(getattr(found[name], f), float).tobytes() for f in {FIELDS})
print(_core.simd_path(), hashlib.sha256(bits).hexdigest())
"""
    path, digest = run(script.replace("PATH", "None")).split()
    if path == "baseline":
        pytest.skip("this processor has no other path")
    assert run(script.replace("PATH", "'baseline'")).split() == ["baseline", digest]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_ten_million_resamples_need_little_more_than_their_values() -> None:
    script = """
rng = np.random.default_rng(1)
studies = mp.Effects(y=rng.normal(size=20), v=rng.uniform(0.1, 1, 20))
mp.bootstrap(studies, method="DL", n_resamples=1_000, seed=1, threads=2)
for ci in ("percentile", "basic", "BCa"):
    extra = peak_mib(lambda: mp.bootstrap(
        studies, method="DL", n_resamples=10_000_000, seed=1, ci=ci, threads=2
    ))
    assert 10_000_000 * 8 / MIB - 1 <= extra <= 100, (ci, extra)
print("within")
"""
    assert run(PEAK.split("m, k = ")[0] + "MIB = 2**20\n" + script) == "within"


@pytest.mark.skipif(sys.platform != "linux", reason="others may promise any memory")
def test_more_resamples_than_memory_are_an_error() -> None:
    script = """
import metapool as mp
try:
    mp.bootstrap(mp.Effects(y=[1, 2], v=[1, 1]), n_resamples=10**12, seed=1)
except MemoryError:
    print("refused")
"""
    assert run(script) == "refused"


@pytest.mark.parametrize("ci", ["percentile", "BCa"])
def test_an_interrupt_ends_a_long_call_within_a_second(ci: str) -> None:
    script = f"""
import _thread, threading, time
import metapool as mp, numpy as np
rng = np.random.default_rng(1)
studies = mp.Effects(y=rng.normal(size=20), v=rng.uniform(0.1, 1, 20))
sent = []
def interrupt():
    sent.append(time.perf_counter())
    _thread.interrupt_main()
threading.Timer(0.2, interrupt).start()
try:
    mp.bootstrap(studies, method="REML", n_resamples=10_000_000, seed=1, ci={ci!r}, threads=1)
    print("ended before the interrupt")
except KeyboardInterrupt:
    print("in time" if time.perf_counter() - sent[0] < 1 else "late")
"""
    assert run(script) == "in time"
