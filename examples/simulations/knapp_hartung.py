"""Type I error of Wald, Hartung-Knapp and its conservative variant, over PyMARE's validation grid.

``python examples/simulations/knapp_hartung.py [--replicates 10000] [--figure FILE]``

PyMARE's grid (neurostuff/PyMARE, validation/knapp_hartung, MIT) has 144 cells: 5 to 40
observations, 1 to 3 predictors, variances spread evenly on the log scale with max/min from 1 to
10,000 and mean 1, tau² of 0, 0.5 and 2. This is its part without moderators, 48 cells.
"""

import argparse
import math
import statistics

import numpy as np

import metapool as mp

SIZES = (5, 10, 20, 40)
RATIOS = (1.0, 10.0, 100.0, 10_000.0)
TAU2 = (0.0, 0.5, 2.0)
INTERVALS = {"wald": "Wald", "hk": "Hartung-Knapp", "hk-adhoc": "conservative"}
#: Published medians of DerSimonian and Laird's method, over all 144 cells, moderators or not.
BY_SIZE = {5: (0.098, 0.051, 0.005), 10: (0.083, 0.053, 0.043), 20: (0.065, 0.051, 0.046),
           40: (0.058, 0.051, 0.047)}  # fmt: skip
BY_RATIO = {1.0: (0.058, 0.050, 0.036), 10.0: (0.064, 0.052, 0.039), 100.0: (0.071, 0.054, 0.044),
            10_000.0: (0.089, 0.057, 0.048)}  # fmt: skip
#: Published cells without moderators: (K, ratio, tau²).
CELLS = {(5, 10_000.0, 0.5): (0.238, 0.122, 0.105)}


def study(k: int, ratio: float, replicates: int) -> mp.Simulation:
    """The three cells of a number of studies and a ratio of variances."""
    v = np.exp(np.linspace(0.0, math.log(ratio), k))
    return mp.Simulation(
        data=mp.simulate.Normal(
            mu=0.0, tau=[math.sqrt(t) for t in TAU2], v=mp.simulate.PerStudy(v / v.mean()), k=k
        ),
        analyses=[
            mp.Analysis(method=method, interval=interval, name=f"{method} {interval}")
            for method in ("DL", "REML")
            for interval in INTERVALS
        ],
        replicates=replicates,
        seed=20260819,
    )


def rates(replicates: int) -> dict[tuple[int, float, float, str], float]:
    """Type I error by number of studies, ratio, tau² and analysis."""
    found = {}
    for k in SIZES:
        for ratio in RATIOS:
            for row in study(k, ratio, replicates).run().rows:
                if row["measure"] == "power":
                    tau2 = round(row["tau"] ** 2, 6)
                    found[k, ratio, tau2, row["analysis"]] = row["value"]
    return found


def show(title: str, published: dict, ours: dict) -> None:
    print(f"\n{title:>10}  {'':24}" + "".join(f"{name:>15}" for name in INTERVALS.values()))
    for key, numbers in published.items():
        for what, row in (("published", numbers), ("metapool", ours[key])):
            label = str(key) if what == "published" else ""
            print(f"{label:>10}  {what:24}" + "".join(f"{x:15.3f}" for x in row))


def medians(found: dict, place: int, values: tuple) -> dict:
    """Medians of DerSimonian and Laird's method over the cells with a value at a place."""
    return {
        value: [
            statistics.median(
                rate for key, rate in found.items() if key[place] == value and key[3] == f"DL {i}"
            )
            for i in INTERVALS
        ]
        for value in values
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--replicates", type=int, default=10_000)
    parser.add_argument("--figure", help="also draw the cells of ten studies here")
    options = parser.parse_args()
    found = rates(options.replicates)
    show("K", BY_SIZE, medians(found, 0, SIZES))
    show("max/min v", BY_RATIO, medians(found, 1, RATIOS))
    cells = {cell: [found[(*cell, f"DL {i}")] for i in INTERVALS] for cell in CELLS}
    show("one cell", CELLS, cells)
    if options.figure:
        panels = study(10, 100.0, options.replicates).run().plot("power", x="tau")
        panels[0].figure.savefig(options.figure, dpi=150)


if __name__ == "__main__":
    main()
