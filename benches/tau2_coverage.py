"""How often 95 % percentile intervals of tau2 hold it and how far resamples are off on average, by
scheme, beside the Q-profile interval, as the Markdown table of docs/bootstrap.md.

Data sets as those of interval_coverage.py; tau2 by DerSimonian-Laird.
"""

import math
from itertools import product

import numpy as np
from interval_coverage import asked, cell, row, rows

import metapool as mp

STUDIES = 5, 10, 20, 50
TAU2 = 0.02, 0.1, 0.5
SCHEMES = "studies", "parametric"
COLUMNS = "k", "tau²", *SCHEMES, "Q-profile", *(f"bias, {scheme}" for scheme in SCHEMES)


def main() -> None:
    options = asked(__doc__, "tau2_coverage.py --sets 500", 4_000)
    for k, tau2, studies, seed in rows(COLUMNS, list(product(STUDIES, TAU2)), options):
        found = [
            mp.bootstrap(
                studies, "tau2", method="DL", scheme=scheme, n_resamples=options.resamples,
                seed=seed, threads=options.threads,
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
