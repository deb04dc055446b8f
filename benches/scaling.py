"""Cost per study from a thousand studies on: DerSimonian-Laird of given effects, k = 10."""

import argparse
import statistics
import time

import numpy as np

import metapool as mp


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="example: python benches/scaling.py --most 1e8"
    )
    parser.add_argument("--most", type=float, default=1e8, help="studies of the largest batch")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    print(f"{'studies':>12} {'ns per study':>13}")
    n = 1_000
    while n <= options.most:
        y, v = rng.normal(size=n), rng.uniform(0.1, 1, n)
        studies = mp.Effects(y=y, v=v, offsets=np.arange(0, n + 1, 10), copy=False)
        times = []
        for _ in range(max(3, min(200, int(1e7 / n)))):
            start = time.perf_counter()
            mp.pool(studies, method="DL", threads=options.threads)
            times.append(time.perf_counter() - start)
        print(f"{n:12,} {statistics.median(times) / n * 1e9:13.2f}", flush=True)
        n *= 10


if __name__ == "__main__":
    main()
