"""Task s, a simulation study: metapool beside the loops of NumPy and numba in ../shared/bench.

Two-by-two tables of ten studies (20 to 200 in each arm, control risk 0.05 to 0.3, log OR ~
N(ln 0.7, 0.1)); OR by DerSimonian and Laird with the Wald and the Hartung-Knapp interval, Harbord's
and Egger's tests.
"""

import importlib
import math
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np

import metapool as mp
from metapool import _core

SHARED = Path(__file__).parents[3] / "shared" / "bench"
#: Measures may differ by no more than this many Monte Carlo standard errors.
CHANCE = 3.0
RULES = mp.REVMAN5.replace(dl_q_centre="iv")
#: Measure of the rivals, ours and the analysis that it is of.
MEASURES = {
    "bias": ("bias", "OR DL"),
    "mse": ("mse", "OR DL"),
    "cover_wald": ("coverage", "OR DL"),
    "cover_hk": ("coverage", "OR DL hk"),
    "reject_harbord": ("power", "harbord"),
    "reject_egger": ("power", "egger"),
}


def rivals() -> tuple[ModuleType, ModuleType] | None:
    """numpy_sim and numba_sim, if they are there."""
    if not SHARED.is_dir():
        return None
    sys.path.insert(0, str(SHARED))
    return importlib.import_module("numpy_sim"), importlib.import_module("numba_sim")


def study(replicates: int) -> mp.Simulation:
    """The study as metapool declares it."""
    return mp.Simulation(
        data=mp.simulate.TwoByTwo(
            risk_c=mp.simulate.Uniform(0.05, 0.3), effect=math.log(0.7), tau=math.sqrt(0.1), k=10,
            n_e=mp.simulate.Integers(20, 200),
        ),
        analyses=[
            mp.Analysis("OR", "DL", RULES, name="OR DL"),
            mp.Analysis("OR", "DL", RULES, interval="hk", name="OR DL hk"),
        ],
        tests=[
            mp.Test("harbord", name="harbord"),
            mp.Test("egger", "OR", conventions=RULES, name="egger"),
        ],
        replicates=replicates,
        seed=1,
    )  # fmt: skip


def generator(study: mp.Simulation) -> Callable[[], object]:
    """Data alone, by one thread."""
    (work,) = study.work
    scenario = _core.Scenario(**vars(work.scenario))
    return lambda: _core.simulate_block(scenario, [], [], 1, 0, study.replicates)


def differences(
    found: mp.SimulationResult, numpy_sim: ModuleType, sums: np.ndarray
) -> dict[str, float]:
    """Between our measures and a rival's, in Monte Carlo standard errors."""
    values, errors = numpy_sim.finish(sums)
    off = {}
    for name, (measure, analysis) in MEASURES.items():
        (row,) = (
            row for row in found.rows if (row["measure"], row["analysis"]) == (measure, analysis)
        )
        off[name] = (row["value"] - values[name]) / math.hypot(row["mcse"], errors[name])
    return off
