"""Type I error of Wald, Hartung-Knapp and its conservative variant, over PyMARE's validation grid.

``python examples/simulations/knapp_hartung.py DIR`` runs knapp_hartung.toml, five studies, and the
rest of the grid, prints the table of knapp_hartung.md and writes cells and figures to DIR.

PyMARE's grid (neurostuff/PyMARE, validation/knapp_hartung, MIT) has 144 cells: 5 to 40
observations, 1 to 3 predictors, variances spread evenly on the log scale with max/min from 1 to
10,000 and mean 1, tau² of 0, 0.5 and 2. This is its part without moderators, 48 cells.
"""

import csv
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pages

import metapool as mp

Interval = Literal["wald", "hk", "hk-adhoc"]
SIZES = (5, 10, 20, 40)
RATIOS = (1.0, 10.0, 100.0, 10_000.0)
TAU2 = (0.0, 0.5, 2.0)
INTERVALS: dict[Interval, str] = {"wald": "Wald", "hk": "Hartung-Knapp", "hk-adhoc": "conservative"}
REPLICATES, SEED = 40_000, 20260819
#: Published medians of DerSimonian and Laird's method, over all 144 cells, moderators or not.
BY_SIZE = {5: (0.098, 0.051, 0.005), 10: (0.083, 0.053, 0.043), 20: (0.065, 0.051, 0.046),
           40: (0.058, 0.051, 0.047)}  # fmt: skip
BY_RATIO = {1.0: (0.058, 0.050, 0.036), 10.0: (0.064, 0.052, 0.039), 100.0: (0.071, 0.054, 0.044),
            10_000.0: (0.089, 0.057, 0.048)}  # fmt: skip
#: The published cell without moderators: five studies, ratio 10,000, tau² 0.5.
CELL, IN_CELL = {"K": 5, "ratio": 10_000.0, "tau2": 0.5}, (0.238, 0.122, 0.105)
#: Published where tau² is 0, and the coverage over all cells of both estimators of tau².
HOMOGENEOUS, COVERAGE = (0.038, 0.049, math.nan), (0.936, 0.949, 0.957)


def study(k: int) -> mp.Simulation:
    """The twelve cells of a number of studies."""
    spread = [np.exp(np.linspace(0.0, math.log(ratio), k)) for ratio in RATIOS]
    return mp.Simulation(
        data=mp.simulate.Normal(
            mu=0.0,
            tau=[math.sqrt(tau2) for tau2 in TAU2],
            v=[mp.simulate.PerStudy(v / v.mean()) for v in spread],
            k=k,
        ),
        analyses=[
            mp.Analysis(method=method, interval=interval, name=f"{method} {name}")
            for method in ("DL", "REML")
            for interval, name in INTERVALS.items()
        ],
        replicates=REPLICATES,
        seed=SEED + k,
    )


def cells(out: Path) -> list[pages.Row]:
    """The type I error in every cell."""
    found = []
    for k in SIZES:
        if k == 5:  # the same as study(5)
            rows = pages.simulate(Path(__file__).with_suffix(".toml"), out / "five")
        else:
            rows = pages.numbered(study(k).run().rows)
        for row in pages.select(rows, measure="power"):
            ratio, tau2 = divmod(row["scenario"], len(TAU2))
            estimator, interval = row["analysis"].split(maxsplit=1)
            found.append(
                {"K": k, "ratio": RATIOS[ratio], "tau2": TAU2[tau2], "estimator": estimator}
                | {"interval": interval, "value": row["value"], "mcse": row["mcse"]}
            )
    return found


def medians(rows: Sequence[pages.Row]) -> list[pages.Row]:
    """The median of each interval; its standard error from cells that are drawn anew."""
    found = []
    for interval in INTERVALS.values():
        rates = np.array([row["value"] for row in pages.select(rows, interval=interval)])
        rng = np.random.default_rng(SEED)
        again = np.median(rng.binomial(REPLICATES, rates, (1000, len(rates))) / REPLICATES, axis=1)
        found.append({"value": float(np.median(rates)), "mcse": float(again.std())})
    return found


def table(rows: Sequence[pages.Row]) -> str:
    """Published numbers and ours."""
    dl = pages.select(rows, estimator="DL")
    body: list[list[str]] = []

    def add(label: str, published: Sequence[float], ours: Sequence[float]) -> None:
        for name, numbers in (("published", published), ("metapool", ours)):
            numbers_shown = ("" if math.isnan(x) else f"{x:.3f}" for x in numbers)
            body.append([label if name == "published" else "", name, *numbers_shown])

    for name, numbers in (("K", BY_SIZE), ("ratio", BY_RATIO)):
        for value, published in numbers.items():
            ours = medians(pages.select(dl, **{name: value}))
            add(f"{name} = {value:,g}", published, [row["value"] for row in ours])
    homogeneous = medians(pages.select(dl, tau2=0.0))
    add("tau² = 0", HOMOGENEOUS, [row["value"] for row in homogeneous])
    add("one cell", IN_CELL, [row["value"] for row in pages.select(dl, **CELL)])
    add("coverage", COVERAGE, [1 - row["value"] for row in medians(rows)])
    return pages.markdown(["", "", *INTERVALS.values()], body)


def draw_medians(path: Path, rows: Sequence[pages.Row]) -> None:
    dl = pages.select(rows, estimator="DL")
    panels, published = {}, {}
    for title, name, numbers in (
        ("by number of studies", "K", BY_SIZE),
        ("by max/min of variances", "ratio", BY_RATIO),
    ):
        ours = [medians(pages.select(dl, **{name: value})) for value in numbers]
        panels[title] = dict(zip(INTERVALS.values(), zip(*ours, strict=True), strict=True))
        theirs = zip(*numbers.values(), strict=True)
        published[title] = dict(zip(INTERVALS.values(), theirs, strict=True))
    pages.draw(
        path,
        "Type I error at 5 %, DerSimonian-Laird: medians over cells,"
        " metapool without and published with moderators",
        panels,
        columns=2,
        x=("studies", "max/min of variances"),
        y="median type I error",
        ticks=([str(k) for k in SIZES], [f"{ratio:,g}" for ratio in RATIOS]),
        nominal=0.05,
        published=published,
        bottom=0.0,
        height=2.8,
    )


def draw_cells(path: Path, rows: Sequence[pages.Row]) -> None:
    panels = {}
    for k in SIZES:
        for tau2 in TAU2:
            here = pages.select(rows, estimator="DL", K=k, tau2=tau2)
            panels[f"{k} studies, tau² = {tau2:g}"] = {
                interval: pages.select(here, interval=interval) for interval in INTERVALS.values()
            }
    one = {name: [math.nan] * 3 + [x] for name, x in zip(INTERVALS.values(), IN_CELL, strict=True)}
    pages.draw(
        path,
        "Type I error at 5 %, DerSimonian-Laird: the 48 cells without moderators",
        panels,
        columns=len(TAU2),
        x="max/min of variances",
        y="type I error",
        ticks=[[f"{ratio:,g}" for ratio in RATIOS]],
        nominal=0.05,
        published={"5 studies, tau² = 0.5": one},
        bottom=0.0,
        height=1.9,
    )


def main(out: Path) -> None:
    rows = cells(out)
    with open(out / "cells.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    print(table(rows))
    nearer = sum(
        abs(hk["value"] - 0.05) < abs(wald["value"] - 0.05)
        for wald, hk in zip(
            pages.select(rows, interval="Wald"),
            pages.select(rows, interval="Hartung-Knapp"),
            strict=True,
        )
    )
    print(f"Hartung-Knapp is nearer to 0.05 than Wald in {nearer} of {len(rows) // 3}")
    for interval in INTERVALS.values():
        rates = [row["value"] for row in pages.select(rows, estimator="DL", interval=interval)]
        print(f"{interval}, DL: {min(rates):.3f} to {max(rates):.3f}")
    draw_medians(out / "knapp_hartung_medians.png", rows)
    draw_cells(out / "knapp_hartung_cells.png", rows)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "knapp_hartung"))
