"""All dichotomous and continuous analyses of a corpus of Cochrane rows, one call per measure.

The Parquet file has columns kind (dich, cont), cd, grp, num and the rows' counts or moments, as
tests/golden reads it; how many of RevMan's own figures agree is what
``pytest tests/golden/test_cochrane_corpus.py`` counts.
"""

import argparse
import statistics
import time
from pathlib import Path

import pandas as pd

import metapool as mp

KEYS = ["cd", "grp", "num"]
COUNTS = {"events_e": "ai", "n_e": "n1i", "events_c": "ci", "n_c": "n2i"}
MOMENTS = {
    "mean_e": "m1i", "sd_e": "sd1i", "n_e": "n1i", "mean_c": "m2i", "sd_c": "sd2i", "n_c": "n2i",
}  # fmt: skip


def usable(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The rows that can be read as counts or as moments."""
    rows = rows[(rows.kind == kind) & (rows.n1i > 0) & (rows.n2i > 0)]
    if kind == "dich":
        return rows[rows.ai.between(0, rows.n1i) & rows.ci.between(0, rows.n2i)]
    return rows[rows.m1i.notna() & rows.m2i.notna() & (rows.sd1i >= 0) & (rows.sd2i >= 0)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: python benches/corpus.py cochrane_datarows.parquet",
    )
    parser.add_argument("parquet", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    rows = pd.read_parquet(options.parquet)
    counts = mp.TwoByTwo.from_frame(usable(rows, "dich"), **COUNTS, by=KEYS)
    moments = mp.TwoMeans.from_frame(usable(rows, "cont"), **MOMENTS, by=KEYS)
    print(f"{'measure':8} {'method':7} {'analyses':>9} {'studies':>8} {'ms':>7} {'per second':>12}")
    for studies, measure in [
        *((counts, name) for name in ("RR", "OR", "RD", "PETO")),
        *((moments, name) for name in ("MD", "SMD")),
    ]:
        for method in ("auto", "DL"):
            times = []
            for _ in range(options.rounds):
                start = time.perf_counter()
                mp.pool(studies, measure, method)
                times.append(time.perf_counter() - start)
            took = statistics.median(times)
            n = studies.n_analyses
            size = f"{n:9,} {len(studies):8,}"
            print(f"{measure:8} {method:7} {size} {took * 1e3:7.2f} {n / took:12,.0f}")


if __name__ == "__main__":
    main()
