"""A bootstrap of studies as a numba user writes it: one loop, a fast generator, sums as it goes."""

import numba
import numpy as np
from numba import njit, prange

_CHUNK = 1_000


@njit(inline="always", error_model="numpy")
def _splitmix(state):
    state = state + np.uint64(0x9E3779B97F4A7C15)
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state, z ^ (z >> np.uint64(31))


@njit(error_model="numpy", nogil=True)
def _resample(state, y, v, w, drawn_y, drawn_v):
    """DerSimonian-Laird's mean of one resample, two indices from each random word."""
    k = y.shape[0]
    size = np.uint64(k)
    sw = swy = sww = swyy = 0.0
    for j in range(0, k, 2):
        state, word = _splitmix(state)
        for half in range(2):
            if j + half < k:
                i = np.int64(((word & np.uint64(0xFFFFFFFF)) * size) >> np.uint64(32))
                word = word >> np.uint64(32)
                drawn_y[j + half] = y[i]
                drawn_v[j + half] = v[i]
                sw += w[i]
                swy += w[i] * y[i]
                sww += w[i] * w[i]
                swyy += w[i] * y[i] * y[i]
    q = swyy - swy * swy / sw
    tau2 = max(0.0, (q - (k - 1)) / (sw - sww / sw))
    sw = swy = 0.0
    for j in range(k):
        weight = 1 / (drawn_v[j] + tau2)
        sw += weight
        swy += weight * drawn_y[j]
    return state, swy / sw


@njit(parallel=True, error_model="numpy", nogil=True)
def _distribution(y, v, resamples):
    k = y.shape[0]
    w = 1 / v
    out = np.empty(resamples)
    for chunk in prange((resamples + _CHUNK - 1) // _CHUNK):
        drawn_y, drawn_v = np.empty(k), np.empty(k)
        state = np.uint64(1234567 + 7919 * chunk)
        for r in range(chunk * _CHUNK, min(resamples, (chunk + 1) * _CHUNK)):
            state, out[r] = _resample(state, y, v, w, drawn_y, drawn_v)
    return out


def percentile(y, v, resamples, threads):
    """The 95 % percentile interval of the mean."""
    numba.set_num_threads(threads)
    return np.quantile(_distribution(y, v, resamples), [0.025, 0.975])
