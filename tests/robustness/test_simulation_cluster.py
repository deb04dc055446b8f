"""A Dask cluster on this machine gives the bits of one thread, also when a worker is killed."""

import threading
import time

import pytest

import metapool as mp

from .test_simulation_bits import rows, study

distributed = pytest.importorskip("distributed")


@pytest.fixture
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as found:
        yield found


def test_same_bits(cluster):
    with distributed.Client(cluster) as client:
        found = study().run(executor=client.get_executor(), progress=False)
    assert rows(found) == rows(study().run(threads=1, progress=False))


def test_a_worker_that_dies_changes_nothing(cluster):
    def kill():
        """In mid-run: when the first blocks are done."""
        while not client.has_what() or not any(client.has_what().values()):
            time.sleep(0.005)
        killed.append(cluster.workers[0].process.process.kill())

    killed: list[object] = []
    replicates = 100_000
    with distributed.Client(cluster) as client:
        killer = threading.Thread(target=kill)
        killer.start()
        found = study(replicates).run(executor=client.get_executor(), progress=False)
        killer.join(timeout=10)
    assert killed
    assert isinstance(found, mp.SimulationResult)
    assert rows(found) == rows(study(replicates).run(progress=False))
