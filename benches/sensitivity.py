"""Sensitivity analyses: leave-one-out beside pooling, GOSH, small-study tests beside Harbord's.

``python benches/sensitivity.py`` times all in turn, round by round; a ratio is the median over the
rounds.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

import metapool as mp
from metapool import _core

INVERSE_VARIANCE = mp.METAFOR.replace(double_zero="drop", all_events="drop")
TESTS = ("egger", "peters", "macaskill", "deeks", "pustejovsky-rodgers", "peese", "begg")


def trials(analyses: int, k: int) -> mp.TwoByTwo:
    """Arms of 20 to 200 people, risks of 5 to 30 %, odds ratios about 0.8."""
    rng = np.random.default_rng(7)
    rows = analyses * k
    n = rng.integers(20, 201, rows)
    risk = rng.uniform(0.05, 0.3, rows)
    events_e, events_c = rng.binomial(n, 0.8 * risk), rng.binomial(n, risk)
    offsets = None if analyses == 1 else np.arange(0, rows + 1, k)
    return mp.TwoByTwo(events_e=events_e, n_e=n, events_c=events_c, n_c=n, offsets=offsets)


def given(studies: mp.TwoByTwo) -> mp.Effects:
    sizes = mp.effect_sizes(studies, "OR", INVERSE_VARIANCE)
    return mp.Effects(y=sizes.y, v=sizes.v, offsets=studies.offsets, missing="exclude")


def timed(calls: list[Callable[[], object]], rounds: int) -> list[list[float]]:
    """Seconds of each call in each round."""
    seconds: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds + 1):
        for call, kept in zip(calls, seconds, strict=True):
            start = time.perf_counter()
            call()
            kept.append(time.perf_counter() - start)
    return [kept[1:] for kept in seconds]


def beside(name: str, first: Callable[[], object], second: Callable[[], object], n: int) -> None:
    """Two calls, nanoseconds per meta-analysis and their ratio."""
    one, other = timed([first, second], ROUNDS)
    ratio = statistics.median(b / a for a, b in zip(one, other, strict=True))
    ns = [statistics.median(seconds) / n * 1e9 for seconds in (one, other)]
    print(f"{name:<52}{ns[0]:8.0f}{ns[1]:9.0f}{ratio:8.2f}")


def agrees(studies: mp.TwoByTwo | mp.Effects, measure: str | None, method: str) -> None:
    """Leaving a study out is pooling the others."""
    rows = np.delete(np.arange(10), 3)
    part = studies.in_groups([np.arange(10)]) if not studies.is_batch else studies
    without = mp.leave_one_out(part, measure, method, INVERSE_VARIANCE)
    columns = {name: column[rows] for name, column in zip(part.names, part.columns, strict=True)}
    alone = mp.pool(type(part)(**columns), measure, method, INVERSE_VARIANCE)
    assert abs(without.estimate[3] - alone.estimate) < 1e-12
    assert abs(without.p_value[3] - alone.p_value) < 1e-12


def leave_one_out(analyses: int) -> None:
    tables = trials(analyses, 10)
    print(f"{'leave-one-out, k = 10':<52}{'pool':>8}{'without':>9}{'ratio':>8}")
    for kind, studies, measure in (
        ("OR of tables", tables, "OR"),
        ("effects", given(tables), None),
    ):
        for method in ("IV", "DL", "REML"):
            agrees(studies, measure, method)
            for threads in (1, 2):
                asked = (studies, measure, method, INVERSE_VARIANCE)
                beside(
                    f"{kind}, {method}, {threads} thread{'s'[: threads - 1]}",
                    lambda asked=asked, threads=threads: mp.pool(*asked, threads=threads),
                    lambda asked=asked, threads=threads: mp.leave_one_out(*asked, threads=threads),
                    analyses,
                )


def small_study(analyses: int) -> None:
    tables = trials(analyses, 10)
    print(f"\n{'small-study tests, k = 10, 1 thread':<52}{'harbord':>8}{'test':>9}{'ratio':>8}")
    for test in TESTS:
        beside(
            test,
            lambda: mp.small_study_test(tables, "harbord", threads=1),
            lambda test=test: mp.small_study_test(tables, test, "OR", threads=1),
            analyses,
        )


def gosh() -> None:
    studies = trials(1, 20)
    print(f"\n{'GOSH, k = 20, 1,048,575 subsets':<52}{'1 thread':>9}{'2 threads':>11}  s")
    for method in ("IV", "DL", "MH", "REML"):
        calls = [
            lambda threads=threads, method=method: mp.gosh(studies, "OR", method, threads=threads)
            for threads in (1, 2)
        ]
        one, two = (statistics.median(seconds) for seconds in timed(calls, 3))
        print(f"{method:<52}{one:9.3f}{two:11.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--analyses", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    ROUNDS = asked.rounds
    print(f"metapool {mp.__version__}, {_core.simd_path()}")
    leave_one_out(asked.analyses)
    small_study(asked.analyses)
    gosh()
