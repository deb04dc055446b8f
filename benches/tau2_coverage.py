"""How often 95 % percentile intervals of tau2 hold it and how far resamples are off on average, by
scheme, beside the Q-profile interval, as the Markdown table of docs/bootstrap.md.

Data sets as those of interval_coverage.py; tau2 by DerSimonian-Laird.
"""

import argparse
import math
import sys
from itertools import product

import numpy as np
from interval_coverage import cell, data_sets, row

import metapool as mp

STUDIES = 5, 10, 20, 50
TAU2 = 0.02, 0.1, 0.5
SCHEMES = "studies", "parametric"
COLUMNS = "k", "tau²", *SCHEMES, "Q-profile", *(f"bias, {scheme}" for scheme in SCHEMES)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: python benches/tau2_coverage.py --sets 500",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sets", type=int, default=4_000, help="data sets in each row")
    parser.add_argument("--resamples", type=int, default=999, help="of each data set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    row(COLUMNS)
    row(("---",) * len(COLUMNS))
    settings = list(product(STUDIES, TAU2))
    for i, (k, tau2) in enumerate(settings):
        print(f"row {i + 1} of {len(settings)}: k {k}, tau2 {tau2}", file=sys.stderr)
        studies = data_sets(options.sets, k, tau2, [options.seed, i])
        found = [
            mp.bootstrap(
                studies, "tau2", method="DL", scheme=scheme, n_resamples=options.resamples,
                seed=1000 * options.seed + i, threads=options.threads,
            )
            for scheme in SCHEMES
        ]  # fmt: skip
        profile = mp.pool(studies, method="DL").heterogeneity_interval("qp")
        limits = [(each.ci_low, each.ci_high) for each in found]
        limits.append((profile.tau2_low, profile.tau2_high))
        shares = [float(np.mean((low <= tau2) & (high >= tau2))) for low, high in limits]
        biases = [f"{each.bias.mean():.3f} ({se(each.bias):.3f})" for each in found]
        row((str(k), f"{tau2:g}", *(cell(p, options.sets) for p in shares), *biases))


def se(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / math.sqrt(len(values)))


if __name__ == "__main__":
    main()
