"""One analysis: what a call costs, by metapool, by the Python packages and by R's metafor.

The BCG trials (k = 13), log risk ratio, DerSimonian-Laird. Packages that are not installed are left
out, R too; ``pip install statsmodels pymare pimeta pymetaanalysis`` brings the first.
"""

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator

import numpy as np

import metapool as mp

os.environ.setdefault("MPLBACKEND", "Agg")
BCG = mp.examples.bcg()
A, N1, C, N2 = BCG.events_e, BCG.n_e, BCG.events_c, BCG.n_c
EFFECTS = mp.effect_sizes(BCG, "RR")
TRUTH = mp.pool(BCG, "RR", "DL", mp.METAFOR)
Call = Callable[[], float]


def calls() -> Iterator[tuple[str, Call]]:
    """Each returns its estimate, which must be that of the others."""
    yield "metapool pool", lambda: mp.pool(BCG, "RR", "DL", mp.METAFOR).estimate
    yield (
        "metapool meta_analysis",
        lambda: (
            mp.meta_analysis(
                BCG, "RR", model="random", random="DL", conventions=mp.METAFOR
            ).random.estimate
        ),
    )
    with contextlib.suppress(ImportError):
        from statsmodels.stats.meta_analysis import combine_effects

        y, v = EFFECTS.y, EFFECTS.v
        yield "statsmodels, given effects", lambda: combine_effects(y, v, "dl").mean_effect_re
    with contextlib.suppress(ImportError):
        from pymare import meta_regression

        def pymare() -> float:
            fitted = meta_regression(EFFECTS.y, EFFECTS.v, method="DL")
            return fitted.get_fe_stats()["est"].item()

        yield "PyMARE, given effects", pymare
    with contextlib.suppress(ImportError):
        import pimeta

        def pimeta_rma() -> float:
            effects = pimeta.escalc(measure="RR", ai=A, bi=N1 - A, ci=C, di=N2 - C)
            return float(np.squeeze(pimeta.rma(effects.yi, effects.vi, method="DL").b))

        yield "pimeta", pimeta_rma
    with contextlib.suppress(ImportError):
        import meta_analyze

        def pymetaanalysis() -> float:
            return meta_analyze.meta_binary(
                event_treat=A, n_treat=N1, event_control=C, n_control=N2, measure="RR",
                method="IV", model="random", tau2_method="DL",
            ).estimate  # fmt: skip

        yield "pymetaanalysis", pymetaanalysis


def microseconds(call: Call, rounds: int) -> float:
    """Median of groups of calls, each about 20 ms long."""
    start = time.perf_counter()
    call()
    group = max(1, int(0.02 / (time.perf_counter() - start)))
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(group):
            call()
        times.append((time.perf_counter() - start) / group)
    return statistics.median(times) * 1e6


def import_seconds(module: str, rounds: int) -> float:
    """A new interpreter that imports a module, less one that imports nothing."""

    def run(code: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - start

    run(f"import {module}")
    times = [run(f"import {module}") - run("pass") for _ in range(rounds)]
    return statistics.median(times)


METAFOR = """
suppressMessages(library(metafor)); d <- dat.bcg
f <- function() rma(measure="RR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=d, method="DL")
invisible(f()); s <- proc.time()[[3]]; for (i in 1:300) f(); cat((proc.time()[[3]] - s) / 300 * 1e6)
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    print(f"{'one analysis, k = 13':28} {'µs':>9}  estimate")
    for name, call in calls():
        found = call()
        if abs(found - TRUTH.estimate) > 1e-6:
            sys.exit(f"{name} estimates {found}, not {TRUTH.estimate}")
        print(f"{name:28} {microseconds(call, options.rounds):9.1f}  {found:.10f}", flush=True)
    if shutil.which("Rscript"):
        asked = ["Rscript", "-e", METAFOR]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        print(f"{'metafor':28} {float(done.stdout):9.1f}" if done.returncode == 0 else done.stderr)
    ours, numpy = (import_seconds(name, options.rounds) for name in ("metapool", "numpy"))
    print(f"\nimport metapool {ours * 1e3:.0f} ms, numpy {numpy * 1e3:.0f} ms: {ours / numpy:.2f}x")


if __name__ == "__main__":
    main()
