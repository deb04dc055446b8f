"""Runs simulation studies: blocks of replicates on an executor, merged in their order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np

from metapool import _bridge
from metapool._progress import shown
from metapool._scenario import ScenarioPlan
from metapool._simulation_checkpoint import Checkpoint, identity
from metapool._threads import threads_to_use
from metapool._types import FloatArray

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

    def about_means(self, sums: FloatArray) -> Work:
        """The same, of which every analysis should find the mean of the estimates in ``sums``."""
        rows = sums.reshape(len(self.analyses) + len(self.tests), -1)
        means = [
            judged._replace(effect=_bridge.mean_estimate(row, judged.effect))
            for judged, row in zip(self.analyses, rows, strict=False)
        ]
        return replace(self, analyses=means)

    def block(self, seed: int, first: int, n: int) -> FloatArray:
        """Sums over replicates ``first`` to ``first + n - 1``."""
        return _bridge.simulate_block(self.scenario, self.analyses, self.tests, seed, first, n)


Unit = tuple[int, int]  #: scenario, block


@dataclass(frozen=True, kw_only=True)
class Run:
    """Replicates of every scenario, and where they are computed."""

    seed: int
    replicates: int
    executor: Executor | None = None
    threads: int | None = None
    progress: bool = True

    def of(
        self,
        work: list[Work],
        checkpoint: str | PathLike[str] | None = None,
        what: str = "replicates",
    ) -> Sums:
        """The sums of every scenario, a row for each analysis and test."""
        workers = threads_to_use(self.threads, np.empty(3, np.int64))
        sums = Sums(len(work))
        kept, done = None, {}
        if checkpoint is not None:
            kept = Checkpoint(checkpoint, identity(work, self.seed, self.replicates, BLOCK))
            done = kept.done()
        for unit, tally in done.items():
            sums.add(unit, tally)
        sums.reused = len(done)
        rest = (unit for unit in self._units(work) if unit not in done)
        total = len(work) * self.replicates
        reused = sum(map(self._size, done))
        own: AbstractContextManager[Executor]
        own = ThreadPoolExecutor(workers) if self.executor is None else nullcontext(self.executor)
        with shown(what, total, reused, wanted=self.progress) as advance, own as pool:
            waiting: dict[Future[Any], Unit] = {}
            try:
                while True:
                    for unit in rest:
                        waiting[self._submit(pool, work, unit)] = unit
                        if len(waiting) >= _AHEAD * workers:
                            break
                    if not waiting:
                        return sums
                    finished, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
                    for future in finished:
                        unit = waiting.pop(future)
                        tally = np.array(future.result())  # its own memory, in place for the core
                        sums.add(unit, tally)
                        advance(self._size(unit))
                        if kept is not None:
                            kept.keep(unit, tally)
            finally:
                for future in waiting:
                    future.cancel()
                if kept is not None:
                    kept.flush()

    def _units(self, work: list[Work]) -> Iterator[Unit]:
        blocks = -(-self.replicates // BLOCK)
        return ((scenario, block) for scenario in range(len(work)) for block in range(blocks))

    def _submit(self, pool: Executor, work: list[Work], unit: Unit) -> Future[Any]:
        scenario, block = unit
        return pool.submit(work[scenario].block, self.seed, block * BLOCK, self._size(unit))

    def _size(self, unit: Unit) -> int:
        """Replicates of a block."""
        return min(BLOCK, self.replicates - unit[1] * BLOCK)


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
