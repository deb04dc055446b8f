"""How often 95 % intervals of a random-effects mean hold it: the bootstrap's beside Wald's and
Hartung-Knapp's, as the Markdown table of docs/bootstrap.md.

Data sets of k effects y ~ N(0, v + tau2), v uniform in 0.02 to 0.2; tau2 by DerSimonian-Laird.
"""

import argparse
import math
import sys
from collections.abc import Iterator
from itertools import product

import numpy as np

import metapool as mp

STUDIES = 3, 5, 10, 20, 50
TAU2 = 0.0, 0.1, 0.5
VARIANCES = 0.02, 0.2
BOOTSTRAPS = "percentile", "basic", "normal", "BCa"
COLUMNS = "k", "tau²", *BOOTSTRAPS, "Wald", "Hartung-Knapp"


def data_sets(n: int, k: int, tau2: float, seed: list[int]) -> mp.Effects:
    rng = np.random.default_rng(seed)
    v = rng.uniform(*VARIANCES, n * k)
    y = rng.normal(0.0, np.sqrt(v + tau2))
    return mp.Effects(y=y, v=v, offsets=np.arange(0, n * k + 1, k), copy=False)


def coverages(studies: mp.Effects, options: argparse.Namespace, seed: int) -> Iterator[float]:
    """Shares of the intervals that hold 0, in the order of the columns; the bootstraps share their
    resamples. An interval that is undefined holds nothing."""
    for ci in BOOTSTRAPS:
        yield share(
            mp.bootstrap(
                studies, method="DL", ci=ci, n_resamples=options.resamples, seed=seed,
                threads=options.threads,
            )
        )  # fmt: skip
    for interval in ("wald", "hk"):
        yield share(mp.pool(studies, method="DL", interval=interval, threads=options.threads))


def share(found: mp.Bootstrap | mp.Pooled) -> float:
    return float(np.mean((found.ci_low <= 0) & (found.ci_high >= 0)))


def cell(p: float, n: int) -> str:
    return f"{100 * p:.1f} ({100 * math.sqrt(p * (1 - p) / n):.1f})"


def row(cells: tuple[str, ...]) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def asked(description: str | None, example: str, sets: int) -> argparse.Namespace:
    """The options of a table of coverage."""
    parser = argparse.ArgumentParser(
        description=description,
        epilog=f"example: python benches/{example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sets", type=int, default=sets, help="data sets in each row")
    parser.add_argument("--resamples", type=int, default=999, help="of each data set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int)
    return parser.parse_args()


def rows(
    columns: tuple[str, ...], cells: list[tuple[int, float]], options: argparse.Namespace
) -> Iterator[tuple[int, float, mp.Effects, int]]:
    """Number of studies, tau2, data sets and a seed for each row, below the head of the table."""
    row(columns)
    row(("---",) * len(columns))
    for i, (k, tau2) in enumerate(cells):
        print(f"row {i + 1} of {len(cells)}: k {k}, tau2 {tau2}", file=sys.stderr)
        studies = data_sets(options.sets, k, tau2, [options.seed, i])
        yield k, tau2, studies, 1000 * options.seed + i


def main() -> None:
    options = asked(__doc__, "interval_coverage.py --sets 2000", 20_000)
    for k, tau2, studies, seed in rows(COLUMNS, list(product(STUDIES, TAU2)), options):
        shares = coverages(studies, options, seed)
        row((str(k), f"{tau2:g}", *(cell(p, options.sets) for p in shares)))


if __name__ == "__main__":
    main()
