"""REML and Paule-Mandel on a million random meta-analyses: none fails, each solves its equation."""

import numpy as np
import pytest

import metapool as mp

FITS, K = 1_000_000, 6


def random_effects() -> tuple[np.ndarray, np.ndarray]:
    """Effects with variances over four orders of magnitude, tau2 from none to enormous."""
    rng = np.random.default_rng(20_261_126)
    v = 10 ** rng.uniform(-2, 2, (FITS, K))
    tau2 = 10 ** rng.uniform(-3, 4, (FITS, 1)) * (rng.random((FITS, 1)) < 0.7)
    return rng.normal(0, np.sqrt(v + tau2)), v


@pytest.mark.parametrize("method", ["REML", "PM"])
def test_no_fit_fails(method: str) -> None:
    y, v = random_effects()
    offsets = np.arange(0, FITS * K + 1, K)
    fits = mp.pool(mp.Effects(y=y.ravel(), v=v.ravel(), offsets=offsets), method=method)
    assert (fits.status == mp.Status.OK).all()
    w = 1 / (v + fits.tau2[:, np.newaxis])
    total = w.sum(axis=1)
    mean = (w * y).sum(axis=1) / total
    distance = w * (y - mean[:, np.newaxis])
    if method == "REML":  # the slope of the likelihood
        up, down = (distance**2).sum(axis=1), total - (w**2).sum(axis=1) / total
    else:  # Q and its degrees of freedom
        up, down = (distance * (y - mean[:, np.newaxis])).sum(axis=1), K - 1.0
    excess = (up - down) / (up + down)
    # at 0 it may be short; elsewhere it balances but for roundings, which dominated weights magnify
    assert (excess <= 1e-9).all()
    assert (abs(excess[fits.tau2 > 0]) <= 1e-9).all()
    assert 0.2 < (fits.tau2 > 0).mean() < 0.9
