"""The data of the tasks: made once, the same for every rival."""

import numpy as np


def tables(analyses: int, k: int, seed: int = 20250101) -> list[np.ndarray]:
    """Cells a, b, c, d of two-by-two tables, (analyses, k); about 7 % have a zero cell."""
    rng = np.random.default_rng(seed)
    n1, n2 = rng.integers(20, 201, (2, analyses, k))
    risk = rng.beta(2.0, 14.0, (analyses, k))
    ratio = np.exp(rng.normal(-0.3, 0.3, (analyses, k)))
    a = rng.binomial(n1, np.minimum(risk * ratio, 0.95)).astype(float)
    c = rng.binomial(n2, risk).astype(float)
    return [a, n1 - a, c, n2 - c]


def effects(analyses: int, k: int, seed: int = 7) -> list[np.ndarray]:
    """Effects y and variances v, (analyses, k), with tau2 = 0.08."""
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.02, 0.3, (analyses, k))
    return [rng.normal(-0.4, np.sqrt(v + 0.08)), v]


def ragged_offsets(analyses: int, low: int = 2, high: int = 40, seed: int = 3) -> np.ndarray:
    """Offsets of analyses of `low` to `high` studies, both included."""
    sizes = np.random.default_rng(seed).integers(low, high + 1, analyses)
    return np.concatenate([[0], np.cumsum(sizes)])
