"""Runs simulation studies: blocks of replicates on an executor, merged in their order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from metapool import _bridge
from metapool._progress import shown
from metapool._scenario import ScenarioPlan
from metapool._simulation_checkpoint import Checkpoint, identity
from metapool._threads import threads_to_use
from metapool._types import FloatArray

if TYPE_CHECKING:
    from metapool._simulation import Simulation

#: Replicates of a block, the unit of work.
BLOCK = 5000
#: Blocks that wait for each worker, so that none is idle.
_AHEAD = 4


@dataclass(frozen=True, eq=False)
class Work:
    """What is done for a scenario."""

    scenario: ScenarioPlan
    analyses: list[_bridge.Judged]
    tests: list[tuple[_bridge.SmallStudyPlan, float]]

    def block(self, seed: int, first: int, n: int) -> FloatArray:
        """Sums over replicates ``first`` to ``first + n - 1``."""
        return _bridge.simulate_block(self.scenario, self.analyses, self.tests, seed, first, n)


Unit = tuple[int, int]  #: scenario, block


def run(
    study: Simulation,
    executor: Executor | None,
    threads: int | None,
    checkpoint: str | PathLike[str] | None,
    *,
    progress: bool,
) -> Sums:
    """The sums of every scenario, a row for each analysis and test."""
    workers = threads_to_use(threads, np.empty(3, np.int64))
    sums = Sums(len(study.work))
    kept, done = None, {}
    if checkpoint is not None:
        what = identity(study.work, study.seed_used, study.replicates, BLOCK)
        kept = Checkpoint(checkpoint, what)
        done = kept.done()
    units = list(_units(study))
    for unit in units:
        if unit in done:
            sums.add(unit, done[unit])
    sums.reused = len(done)
    rest = iter([unit for unit in units if unit not in done])
    total = len(study.work) * study.replicates
    reused = sum(_size(study, unit) for unit in done)
    own: AbstractContextManager[Executor]
    own = ThreadPoolExecutor(workers) if executor is None else nullcontext(executor)
    with shown("replicates", total, reused, wanted=progress) as advance, own as pool:
        waiting: dict[Future[Any], Unit] = {}
        try:
            while True:
                for unit in rest:
                    waiting[_submit(pool, study, unit)] = unit
                    if len(waiting) >= _AHEAD * workers:
                        break
                if not waiting:
                    return sums
                finished, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in finished:
                    unit = waiting.pop(future)
                    tally = np.array(future.result())  # its own memory, in place for the core
                    sums.add(unit, tally)
                    advance(_size(study, unit))
                    if kept is not None:
                        kept.keep(unit, tally)
        finally:
            for future in waiting:
                future.cancel()
            if kept is not None:
                kept.flush()


def _units(study: Simulation) -> Iterator[Unit]:
    blocks = -(-study.replicates // BLOCK)
    return ((scenario, block) for scenario in range(len(study.work)) for block in range(blocks))


def _submit(pool: Executor, study: Simulation, unit: Unit) -> Future[Any]:
    scenario, block = unit
    n = _size(study, unit)
    return pool.submit(study.work[scenario].block, study.seed_used, block * BLOCK, n)


def _size(study: Simulation, unit: Unit) -> int:
    """Replicates of a block."""
    return min(BLOCK, study.replicates - unit[1] * BLOCK)


class Sums:
    """Merges blocks in their order, whatever order they come in."""

    #: Blocks that were done already.
    reused = 0

    def __init__(self, scenarios: int) -> None:
        self.merged: list[Any] = [None] * scenarios
        self._next = [0] * scenarios
        self._early: dict[Unit, FloatArray] = {}

    def add(self, unit: Unit, tally: FloatArray) -> None:
        self._early[unit] = tally
        scenario, _ = unit
        while (scenario, self._next[scenario]) in self._early:
            found = self._early.pop((scenario, self._next[scenario]))
            before = self.merged[scenario]
            self.merged[scenario] = (
                found if before is None else _bridge.merge_tallies(before, found)
            )
            self._next[scenario] += 1
