"""A Dask cluster on this machine gives the bits of one thread, also when a worker is killed."""

import os
import signal
from concurrent.futures import Executor

import pytest

from .test_simulation_bits import rows, study

distributed = pytest.importorskip("distributed")


@pytest.fixture
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0", silence_logs=50
    ) as found:
        yield found


def test_same_bits(cluster):
    with distributed.Client(cluster) as client:
        found = study().run(executor=client.get_executor(), progress=False)
    assert rows(found) == rows(study().run(threads=1, progress=False))


class Killing(Executor):
    """Kills a process when so many blocks are submitted, of which some are on their way."""

    def __init__(self, executor, pid, after):
        self.executor, self.pid, self.left = executor, pid, after

    def submit(self, *args, **kwargs):
        future = self.executor.submit(*args, **kwargs)
        self.left -= 1
        if self.left == 0:
            os.kill(self.pid, signal.SIGKILL)
        return future


def test_a_worker_that_dies_changes_nothing(cluster):
    replicates = 50_000
    with distributed.Client(cluster) as client:
        pids = client.run(os.getpid)
        killing = Killing(client.get_executor(), next(iter(pids.values())), after=12)
        found = study(replicates).run(executor=killing, progress=False)
        assert killing.left < 0
    assert rows(found) == rows(study(replicates).run(progress=False))
