"""Peak memory of a call: its outputs and a little more. Each in its own process."""

import sys

import pytest

from .test_threads import run

PEAK = """
import ctypes, gc, sys
import numpy as np, metapool as mp
def status(key):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(key))
def peak_mib(call):
    "Most resident memory during a call above what was there before."
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as reset:
        reset.write("5")
    before = status("VmRSS")
    result = call()
    return status("VmHWM") - before
m, k = 400_000, 10
rng = np.random.default_rng(1)
n = rng.integers(20, 200, (2, m * k)).astype(float)
events = rng.binomial(n.astype(int), 0.1).astype(float)
offsets = np.arange(0, m * k + 1, k)
columns = dict(events_e=events[0], n_e=n[0], events_c=events[1], n_c=n[1], offsets=offsets)
MIB = 2**20
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_a_call_needs_its_outputs_and_16_mib() -> None:
    script = """
studies = mp.TwoByTwo(**columns, copy=False)
few = mp.TwoByTwo(**{name: c[:20] for name, c in columns.items() if name != "offsets"})
mp.pool(few, "RR", "DL")
outputs = m * (10 * 8 + 3 * 8 + 1) / MIB
for method in ("DL", "MH"):
    extra = peak_mib(lambda: mp.pool(studies, "RR", method, threads=2)) - outputs
    assert extra <= 16, (method, extra)
outputs = m * (5 * 8 + 3 * 8) / MIB
extra = peak_mib(lambda: mp.small_study_test(studies, threads=2)) - outputs
assert extra <= 16, extra
print("within")
"""
    assert run(PEAK + script) == "within"


def test_construction_copies_once_or_not_at_all() -> None:
    script = """
one_copy = 4 * m * k * 8 / MIB
lent = peak_mib(lambda: mp.TwoByTwo(**columns, copy=False))
owned = peak_mib(lambda: mp.TwoByTwo(**columns))
# the offsets are always our own
assert lent <= offsets.nbytes / MIB + 4, lent
assert owned <= one_copy + offsets.nbytes / MIB + 4, (owned, one_copy)
print("within")
"""
    assert run(PEAK + script) == "within"


def test_a_simulation_study_keeps_no_replicates() -> None:
    """A hundred times as many: within 4 MiB, a quarter of what one number of each would be."""
    script = """
study = lambda replicates: mp.Simulation(
    data=mp.simulate.Normal(mu=0.0, v=1.0, k=2),
    analyses=[mp.Analysis(None, "IV"), mp.Analysis(None, "DL")],
    tests=[mp.Test("egger")],
    replicates=replicates,
    seed=1,
)
peak = lambda replicates: peak_mib(
    lambda: study(replicates).run(threads=1, progress=False)
)
peak(20_000)  # modules and threads
few, many = peak(20_000), peak(2_000_000)
assert abs(many - few) <= 4, (few, many)
print("within")
"""
    assert run(PEAK + script) == "within"
