"""metapool beside what a user would write instead: ``python benches/compare.py --help``.

Every task is first held against its rivals' results; then all are timed in turn, round by round, so
that a slow moment of the machine meets everyone. The ratio is the median over the rounds of rival
over metapool.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numba
import numpy as np
from rivals import data, numba_bootstrap, numba_loop, numpy_blocked, simulation

import metapool as mp
from metapool import _core

#: Rivals disagree with metapool by no more than this, relative to max(1, |value|).
AGREE = 1e-9
#: Seconds in which the threads of the one before stop spinning, OpenMP's too.
REST = 0.03
RIVAL_RULES = mp.REVMAN5.replace(dl_q_centre="iv", all_events="drop")
POOLED = ("estimate", "se", "ci_low", "ci_high", "statistic", "p_value", "q", "q_p", "i2", "tau2")
TESTED = ("bias", "se", "statistic", "p_value", "slope")
Call = Callable[[], object]


class Task:
    """A task by metapool and by its rivals."""

    def __init__(self, name: str, unit: int, ours: Call) -> None:
        self.name, self.unit = name, unit
        self.calls: dict[str, Call] = {"metapool": ours}
        self.rounds: dict[str, list[float]] = {}

    def against(self, rival: str, call: Call) -> "Task":
        self.calls[rival] = call
        return self

    def time(self, rounds: int) -> None:
        self.rounds = {name: [] for name in self.calls}
        for call in self.calls.values():
            call()
        for _ in range(rounds):
            for name, call in self.calls.items():
                time.sleep(REST)
                call()
                start = time.perf_counter()
                call()
                self.rounds[name].append((time.perf_counter() - start) / self.unit * 1e9)

    def rows(self) -> list[dict[str, object]]:
        ours = self.rounds["metapool"]
        return [
            {
                "task": self.name,
                "rival": name,
                "ns": round(statistics.median(times), 1),
                "least_ns": round(min(times), 1),
                "ratio": round(
                    statistics.median(t / o for t, o in zip(times, ours, strict=True)), 2
                ),
            }
            for name, times in self.rounds.items()
        ]


def agree(name: str, ours: object, fields: tuple[str, ...], theirs: np.ndarray) -> None:
    """Stop if the results differ."""
    for field, column in zip(fields, theirs, strict=False):
        mine = getattr(ours, field)
        worst = np.nanmax(np.abs(mine - column) / np.maximum(1, np.abs(column)))
        if not worst <= AGREE:
            sys.exit(f"{name}: {field} differs from the rival's by {worst:.1e}")


def two_by_two(cells: list[np.ndarray], offsets: np.ndarray) -> mp.TwoByTwo:
    a, b, c, d = (cell.ravel() for cell in cells)
    return mp.TwoByTwo(events_e=a, n_e=a + b, events_c=c, n_c=c + d, offsets=offsets)


def batch_tasks(analyses: int, k: int) -> list[Task]:
    """Tasks c, e, m, g and p."""
    cells, (y, v) = data.tables(analyses, k), data.effects(analyses, k)
    offsets = np.arange(0, analyses * k + 1, k)
    tables = two_by_two(cells, offsets)
    given = mp.Effects(y=y.ravel(), v=v.ravel(), offsets=offsets)

    def numba_on(threads: int) -> Call:
        def call() -> object:
            numba.set_num_threads(threads)
            return numba_loop.rr_dl_parallel(*cells)

        return call if threads > 1 else lambda: numba_loop.rr_dl(*cells)

    agree("c", mp.pool(tables, "RR", "DL", RIVAL_RULES), POOLED, numba_loop.rr_dl(*cells).T)
    agree("c", mp.pool(tables, "RR", "DL", RIVAL_RULES), POOLED, numpy_blocked.rr_dl(*cells))
    agree("m RR", mp.pool(tables, "RR", "MH", RIVAL_RULES), POOLED, numpy_blocked.mh_rr(*cells))
    agree("m OR", mp.pool(tables, "OR", "MH", RIVAL_RULES), POOLED, numpy_blocked.mh_or(*cells))
    agree("g", mp.pool(given, method="DL"), POOLED, numpy_blocked.dl(y, v))
    agree("p", mp.pool(given, method="PM"), POOLED, numpy_blocked.pm(y, v))
    agree("e", mp.small_study_test(tables), TESTED, numba_loop.harbord(*cells))
    agree("e", mp.small_study_test(tables), TESTED, numpy_blocked.harbord(*cells))

    tasks = []
    for threads in (1, 2):
        on = f"{threads} thread" + "s" * (threads > 1)
        rules = ((RIVAL_RULES, "the rival's computation"), (mp.REVMAN5, "REVMAN5"))
        for conventions, label in rules:

            def pool_c(conventions: mp.Conventions = conventions, threads: int = threads) -> object:
                return mp.pool(tables, "RR", "DL", conventions, threads=threads)

            task = Task(f"c, {label}, {on}", analyses, pool_c).against("numba", numba_on(threads))
            if threads == 1:
                task.against("blocked NumPy", lambda: numpy_blocked.rr_dl(*cells))
            tasks.append(task)
    tasks[-1].against("metapool, 1", lambda: mp.pool(tables, "RR", "DL", threads=1))
    one = {"threads": 1}
    tasks += [
        Task("e", analyses, lambda: mp.small_study_test(tables, **one))
        .against("numba", lambda: numba_loop.harbord(*cells))
        .against("blocked NumPy", lambda: numpy_blocked.harbord(*cells)),
        Task("m, RR", analyses, lambda: mp.pool(tables, "RR", "MH", **one)).against(
            "blocked NumPy", lambda: numpy_blocked.mh_rr(*cells)
        ),
        Task("m, OR", analyses, lambda: mp.pool(tables, "OR", "MH", **one)).against(
            "blocked NumPy", lambda: numpy_blocked.mh_or(*cells)
        ),
        Task("g", analyses, lambda: mp.pool(given, method="DL", **one)).against(
            "blocked NumPy", lambda: numpy_blocked.dl(y, v)
        ),
        Task("p", analyses, lambda: mp.pool(given, method="PM", **one)).against(
            "blocked NumPy", lambda: numpy_blocked.pm(y, v)
        ),
    ]
    return tasks


def random_effects_tasks(analyses: int, k: int) -> list[Task]:
    """Other estimators and intervals beside DL's Wald interval; one fit of 2,000 studies."""
    y, v = data.effects(analyses, k)
    offsets = np.arange(0, analyses * k + 1, k)
    given = mp.Effects(y=y.ravel(), v=v.ravel(), offsets=offsets)
    y, v = (column.ravel() for column in data.effects(1, 2_000))
    large = mp.Effects(y=y, v=v)

    def by(studies: mp.Effects, method: str, interval: str = "wald") -> Call:
        return lambda: mp.pool(studies, method=method, interval=interval, threads=1)

    beside = Task("DL", analyses, by(given, "DL"))
    for method in ("REML", "ML", "PM", "PMM", "SJ"):
        beside.against(method, by(given, method))
    for interval in ("hk", "kr"):
        beside.against(f"REML {interval}", by(given, "REML", interval))
    beside.against("REML pl", by(given, "REML", "pl"))
    fit = mp.pool(given, method="REML", threads=1)
    for kind in ("qp", "pl", "ht"):
        beside.against(f"tau2 by {kind}", partial(fit.heterogeneity_interval, kind, threads=1))
    return [
        beside,
        Task("REML, k = 2,000, one fit", 1, by(large, "REML")).against("DL", by(large, "DL")),
    ]


def ragged_tasks(analyses: int) -> list[Task]:
    """c and g with 2 to 40 studies, per study, beside 21 studies each: the cost of raggedness."""
    offsets = data.ragged_offsets(analyses)
    n = int(offsets[-1])
    flat = [cell.ravel() for cell in data.tables(n, 1)]
    y, v = (column.ravel() for column in data.effects(n, 1))
    even = np.arange(0, n // 21 * 21 + 1, 21)
    part = slice(0, int(even[-1]))
    tables = two_by_two(flat, offsets), two_by_two([cell[part] for cell in flat], even)
    given = (
        mp.Effects(y=y, v=v, offsets=offsets),
        mp.Effects(y=y[part], v=v[part], offsets=even),
    )

    def c(studies: mp.TwoByTwo) -> Call:
        return lambda: mp.pool(studies, "RR", "DL", RIVAL_RULES, threads=1)

    def g(studies: mp.Effects) -> Call:
        return lambda: mp.pool(studies, method="DL", threads=1)

    return [
        Task("c, k 2 to 40, per study", n, c(tables[0])).against("fixed k = 21", c(tables[1])),
        Task("g, k 2 to 40, per study", n, g(given[0])).against("fixed k = 21", g(given[1])),
    ]


def bootstrap_tasks(resamples: int) -> list[Task]:
    """Task d, a percentile interval of 20 studies, and what else a resample may be of."""
    y, v = (column.ravel() for column in data.effects(1, 20))
    given = mp.Effects(y=y, v=v)
    cells = [cell.ravel() for cell in data.tables(1, 20)]
    tables = two_by_two(cells, np.array([0, 20]))

    def ours(threads: int, studies: mp.Effects | mp.TwoByTwo = given, **choices: Any) -> Call:
        return lambda: mp.bootstrap(
            studies, **{"method": "DL", **choices}, n_resamples=resamples, seed=1, threads=threads
        )

    tasks = []
    for threads in (1, 2):
        found = mp.bootstrap(given, method="DL", n_resamples=resamples, seed=1, threads=threads)
        theirs = numba_bootstrap.percentile(y, v, resamples, threads)
        for limit, error, other in zip(
            (found.ci_low, found.ci_high), (found.ci_low_mcse, found.ci_high_mcse), theirs,
            strict=True,
        ):  # fmt: skip
            if abs(limit - other) > 6 * error:
                sys.exit(f"d: limits {limit} and {other} differ by more than chance")
        on = f"{threads} thread" + "s" * (threads > 1)
        rival = partial(numba_bootstrap.percentile, y, v, resamples, threads)
        tasks.append(Task(f"d, {on}", resamples, ours(threads)).against("numba", rival))
    beside = tasks[0]
    beside.against("BCa", ours(1, ci="BCa"))
    beside.against("REML", ours(1, method="REML"))
    beside.against("MH, RR", ours(1, tables, measure="RR", method="MH"))
    beside.against("MH, OR", ours(1, tables, measure="OR", method="MH"))
    beside.against("DL, RR", ours(1, tables, measure="RR"))
    return tasks


def simulation_tasks(replicates: int) -> list[Task]:
    """Task s, a simulation study."""
    found = simulation.rivals()
    if found is None:
        print("task s needs ../shared/bench", file=sys.stderr)
        return []
    numpy_sim, numba_sim = found
    study = simulation.study(replicates)
    result = study.run(progress=False)
    loops = {
        "numba inv_rep": numba_sim.make(numba_sim.gen_inv, numba_sim.ana_rep),
        "numba lanes": numba_sim.make(numba_sim.gen_lanes, numba_sim.ana_block),
    }
    start = np.uint64(12345)
    for name, (_, serial, _) in loops.items():
        for measure, off in simulation.differences(
            result, numpy_sim, serial(start, replicates, numpy_sim.K)
        ).items():
            if abs(off) > simulation.CHANCE:
                sys.exit(f"s: {measure} differs from that of {name} by {off:.1f} standard errors")

    def parallel(loop: Any, threads: int) -> Call:
        def call() -> object:
            numba.set_num_threads(threads)
            return loop(start, replicates, numpy_sim.K, 8 * threads)

        return call

    tasks = []
    for threads in (1, 2):
        on = f"{threads} thread" + "s" * (threads > 1)
        task = Task(f"s, {on}", replicates, partial(study.run, threads=threads, progress=False))
        for name, (_, serial, several) in loops.items():
            alone = partial(serial, start, replicates, numpy_sim.K)
            task.against(name, alone if threads == 1 else parallel(several, threads))
        tasks.append(task)
    tasks[0].against("NumPy", lambda: numpy_sim.simulate(replicates, 1))
    tasks[0].against("data alone", simulation.generator(study))
    for name, (only, _, _) in loops.items():
        tasks[0].against(f"data, {name[6:]}", partial(only, start, replicates, numpy_sim.K))
    return tasks


def conditions() -> dict[str, object]:
    return {
        "metapool": version("metapool"),
        "simd": _core.simd_path(),
        "build": "release, generic target, installed package",
        "processors": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "scipy": version("scipy"),
        "machine": platform.machine(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Times metapool beside NumPy and numba on the same tasks, in one run.",
        epilog="example: python benches/compare.py --analyses 100000 --rounds 25 --json out.json",
    )
    parser.add_argument("--analyses", type=int, default=100_000)
    parser.add_argument("--k", type=int, default=10, help="studies of an analysis")
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--json", type=Path, help="also write the table here")
    parser.add_argument("--only", help="tasks whose name begins so")
    options = parser.parse_args()
    print(json.dumps(conditions()))
    print(f"\n{'task':42} {'by':14} {'ns':>9} {'least ns':>9} {'ratio':>6}")
    rows: list[dict[str, object]] = []
    tasks = [
        *batch_tasks(options.analyses, options.k),
        *random_effects_tasks(options.analyses, options.k),
        *ragged_tasks(options.analyses // 2),
        *bootstrap_tasks(options.analyses),
        *simulation_tasks(options.analyses),
    ]
    for task in tasks:
        if options.only and not task.name.startswith(options.only):
            continue
        task.time(options.rounds)
        for row in task.rows():
            rows.append(row)
            print("{task:42} {rival:14} {ns:9.1f} {least_ns:9.1f} {ratio:6.2f}".format(**row))
    if options.json:
        options.json.write_text(json.dumps({**conditions(), "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
