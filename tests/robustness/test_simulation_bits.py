"""Simulation studies have the same bits whatever computes them, and go on after a kill."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

import metapool as mp
from metapool import simulate as sim

STUDY = """
import metapool as mp
from metapool import simulate as sim
study = mp.Simulation(
    data=sim.TwoByTwo(
        risk_c=sim.Beta(2, 8), effect=[-0.4, 0.0], tau=0.3, k=sim.Integers(3, 9), n_e=[30, 3000]
    ),
    analyses=[mp.Analysis("OR", "DL"), mp.Analysis("OR", "REML", interval="hk")],
    tests=[mp.Test("harbord")],
    replicates={replicates},
    seed=20261126,
)
"""


def study(replicates=12_000):
    names = {}
    exec(STUDY.format(replicates=replicates), names)  # the same text as that of other processes
    return names["study"]


def rows(result):
    """Numbers as bits: NaN is equal to NaN."""
    return [np.array([(r["value"], r["mcse"], r["replicates"]) for r in result.rows]).tobytes()]


@pytest.fixture(scope="module")
def alone():
    return rows(study().run(threads=1, progress=False))


def test_threads(alone):
    for threads in (2, 4):
        assert rows(study().run(threads=threads, progress=False)) == alone


def test_executors(alone):
    with ThreadPoolExecutor(3) as pool:
        assert rows(study().run(executor=pool, progress=False)) == alone
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert rows(study().run(executor=pool, progress=False)) == alone


def test_simd_paths(alone, tmp_path):
    code = STUDY.format(replicates=12_000) + (
        "import sys, numpy as np\n"
        "r = study.run(threads=1, progress=False)\n"
        "rows = np.array([(x['value'], x['mcse'], x['replicates']) for x in r.rows])\n"
        "open(sys.argv[1], 'wb').write(rows.tobytes())\n"
    )
    out = tmp_path / "rows"
    run = {"METAPOOL_SIMD": "baseline"}
    subprocess.run([sys.executable, "-c", code, out], check=True, env=os.environ | run)
    assert [out.read_bytes()] == alone


def test_checkpoints(alone, tmp_path):
    pytest.importorskip("pyarrow")
    first = study().run(checkpoint=tmp_path, progress=False)
    assert (rows(first), first.n_reused) == (alone, 0)
    again = study().run(checkpoint=tmp_path, progress=False)
    assert (rows(again), again.n_reused) == (alone, 4 * 3)  # scenarios x blocks


def test_killed_runs_go_on(tmp_path):
    """SIGKILL at any moment: what was written is reused, and the bits are the same."""
    pytest.importorskip("pyarrow")
    replicates = 150_000
    code = "import metapool._simulation_checkpoint as c; c._EVERY = 0.02\n" + (
        STUDY.format(replicates=replicates) + f"study.run(checkpoint={str(tmp_path)!r})\n"
    )
    random = np.random.default_rng(6)
    killed = 0
    for _ in range(5):
        before = len(list(tmp_path.glob("*.parquet")))
        running = subprocess.Popen([sys.executable, "-c", code])
        while running.poll() is None and len(list(tmp_path.glob("*.parquet"))) == before:
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.1))
        killed += running.poll() is None
        running.send_signal(signal.SIGKILL)
        running.wait()
    finished = study(replicates).run(checkpoint=tmp_path, progress=False)
    assert killed >= 1
    assert finished.n_reused > 0
    assert rows(finished) == rows(study(replicates).run(progress=False))


def test_foreign_and_damaged_checkpoints(tmp_path):
    pytest.importorskip("pyarrow")
    data = sim.Normal(mu=0.5, v=0.1, k=5)

    def run(**choices):
        choices = {"replicates": 10, "seed": 1, "analyses": [mp.Analysis()]} | choices
        return mp.Simulation(data=data, **choices).run(checkpoint=tmp_path, progress=False)

    run()
    for choices, what in [
        ({"seed": 2}, "seed"),
        ({"replicates": 11}, "replicates"),
        ({"analyses": [mp.Analysis(method="DL")]}, "specification"),
    ]:
        with pytest.raises(mp.InputError, match=f"of another study: its {what} is"):
            run(**choices)
    (file,) = tmp_path.glob("*.parquet")
    whole = file.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"not a table"):
        file.write_bytes(damaged)
        with pytest.raises(mp.InputError, match=r"cannot be read .*; delete it"):
            run()
    (tmp_path / "leftover.unfinished").write_bytes(whole[:100])  # of a kill while writing
    file.write_bytes(whole)
    assert run().n_reused == 1


def test_flipped_bits_of_checkpoints_do_not_pass(tmp_path):
    pytest.importorskip("pyarrow")
    data = sim.Normal(mu=0.5, v=0.1, k=5)
    one = mp.Simulation(data=data, analyses=[mp.Analysis()], replicates=100, seed=1)
    expected = rows(one.run(checkpoint=tmp_path, progress=False))
    (file,) = tmp_path.glob("*.parquet")
    whole = file.read_bytes()
    random = np.random.default_rng(6)
    refused = 0
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[random.integers(len(whole))] ^= 1 << int(random.integers(8))
        file.write_bytes(damaged)
        try:
            found = rows(one.run(checkpoint=tmp_path, progress=False))
        except mp.InputError:
            refused += 1
        else:
            assert found == expected  # nothing that is read was in that byte
    assert refused > 50


def test_second_runs_about_the_means_go_on_too(tmp_path):
    pytest.importorskip("pyarrow")
    data = sim.Normal(mu=0.5, v=0.1, k=[5, 8])
    one = mp.Simulation(
        data=data, analyses=[mp.Analysis()], replicates=6000, seed=1, bias_eliminated=True
    )
    first = one.run(checkpoint=tmp_path, progress=False)
    (file,) = (tmp_path / "about-means").glob("*.parquet")
    file.unlink()
    again = one.run(checkpoint=tmp_path, progress=False)
    assert (first.n_reused, again.n_reused) == (0, 4)  # scenarios x blocks of the first run
    assert rows(first) == rows(again)
    assert one.run(checkpoint=tmp_path, progress=False).n_reused == 8
