"""Threads: the same bits, fork-safe, interruptible, without the GIL. Each in its own process."""

import subprocess
import sys

import numpy as np
import pytest

import metapool as mp

FIELDS = ("estimate", "se", "ci_low", "ci_high", "p_value", "q", "q_p", "i2", "tau2", "k", "status")


def run(script: str, timeout: int = 60) -> str:
    """What a script prints; it must end by itself, in time and well."""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=timeout, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


BATCH = """
import metapool as mp, numpy as np
def batch(m, k=2):
    rng = np.random.default_rng(1)
    y, v = rng.normal(size=m * k), rng.uniform(0.1, 1, m * k)
    return mp.Effects(y=y, v=v, offsets=np.arange(0, m * k + 1, k), copy=False)
"""


@pytest.mark.parametrize("threads", [2, 3, 4])
def test_bits_do_not_depend_on_threads(threads: int) -> None:
    rng = np.random.default_rng(7)
    offsets = np.concatenate([[0], np.cumsum(rng.integers(0, 12, 3_000))])
    n = rng.integers(5, 80, (2, offsets[-1]))
    events = rng.binomial(n, 0.1)
    studies = mp.TwoByTwo(
        events_e=events[0], n_e=n[0], events_c=events[1], n_c=n[1], offsets=offsets
    )
    for method in ("MH", "DL", "auto"):
        alone = mp.pool(studies, "RR", method, threads=1)
        many = mp.pool(studies, "RR", method, threads=threads)
        for name in FIELDS:
            assert getattr(alone, name).tobytes() == getattr(many, name).tobytes()


def test_a_forked_child_can_pool() -> None:
    script = """
import os, warnings
warnings.simplefilter("ignore", DeprecationWarning)
studies = batch(2_000)
expected = mp.pool(studies, method="DL", threads=2).estimate
child = os.fork()
if child == 0:
    same = np.array_equal(mp.pool(studies, method="DL", threads=2).estimate, expected)
    os._exit(0 if same else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert run(BATCH + script) == "0"


def test_an_interrupt_ends_a_long_call_within_a_second() -> None:
    script = """
import _thread, threading, time
studies = batch(3_000_000)
sent = []
def interrupt():
    sent.append(time.perf_counter())
    _thread.interrupt_main()
threading.Timer(0.1, interrupt).start()
try:
    mp.pool(studies, method="REML", interval="pl", threads=1)
    print("ended before the interrupt")
except KeyboardInterrupt:
    print("in time" if time.perf_counter() - sent[0] < 1 else "late")
"""
    assert run(BATCH + script) == "in time"


def test_other_threads_run_meanwhile() -> None:
    script = """
import threading, time
studies = batch(2_000_000)
running, steps = True, 0
def count():
    global steps
    while running:
        steps += 1
        time.sleep(0.001)
counter = threading.Thread(target=count)
counter.start()
before = steps
mp.pool(studies, method="DL", threads=1)
during = steps - before
running = False
counter.join()
print("progress" if during > 50 else during)
"""
    assert run(BATCH + script) == "progress"


def test_threads_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    studies = mp.Effects(y=[1, 2], v=[1, 1], offsets=[0, 1, 2])
    for threads in (0, -1, 1.5, True, "2"):
        with pytest.raises(mp.InputError, match="threads"):
            mp.pool(studies, threads=threads)  # type: ignore[arg-type]
    many = mp.Effects(y=np.zeros(9_000), v=np.ones(9_000), offsets=np.arange(0, 9_001, 3))
    assert (mp.pool(many, threads=2**70).k == 3).all()  # no more are started than can help
    monkeypatch.setenv("METAPOOL_NUM_THREADS", "none")
    with pytest.raises(mp.InputError, match="METAPOOL_NUM_THREADS"):
        mp.pool(studies)
    monkeypatch.setenv("METAPOOL_NUM_THREADS", "1")
    assert mp.pool(studies).k.tolist() == [1, 1]


@pytest.mark.parametrize("path", ["avx2", "baseline"])
def test_each_simd_path_can_be_forced_and_gives_the_same_bits(path: str) -> None:
    from metapool import _core

    script = f"""
import os
os.environ["METAPOOL_SIMD"] = {path!r}
import metapool as mp, numpy as np
from metapool import _core
rng = np.random.default_rng(5)
n = rng.integers(10, 90, (2, 4001))
events = rng.binomial(n, 0.08)
trials = mp.TwoByTwo(
    events_e=events[0], n_e=n[0], events_c=events[1], n_c=n[1], offsets=[0, 1, 3, 1000, 1000, 4001]
)
means = mp.Effects(y=rng.normal(size=4001), v=rng.uniform(0.1, 1, 4001), offsets=range(0, 4002))
methods = ("IV", "DL", "PM", "auto")
results = [mp.pool(trials, m, by) for m in ("RR", "OR", "RD", "AS") for by in methods]
results += [mp.pool(trials, m, "MH") for m in ("RR", "OR", "RD")] + [mp.pool(means, method="PM")]
fields = ("estimate", "se", "p_value", "q_p", "i2", "tau2")
bits = b"".join(getattr(r, f).tobytes() for r in results for f in fields)
test = mp.small_study_test(trials)
import hashlib
bits += test.bias.tobytes() + test.p_value.tobytes()
print(_core.simd_path(), hashlib.sha256(bits).hexdigest())
"""
    if path == "avx2" and _core.simd_path() != "avx2":
        pytest.skip("this processor has no AVX2")
    taken, bits = run(script).split()
    assert taken == path
    other = run(script.replace(f"= {path!r}", "= 'baseline'")).split()
    assert other == ["baseline", bits]
