"""Numba: one loop over the studies of each analysis, closed forms of the tails, no temporaries."""

import math

import numpy as np
from numba import njit, prange
from scipy.special import stdtr

Z975 = 1.959963984540054
CHUNK = 512
FAST = {"error_model": "numpy", "nogil": True}


@njit(**FAST)
def chi2_sf(x, df):
    """P(X > x) of whole degrees of freedom."""
    if x <= 0.0:
        return 1.0
    h = 0.5 * x
    if df % 2 == 0:
        term = math.exp(-h)
        total = term
        for i in range(1, df // 2):
            term *= h / i
            total += term
        return min(1.0, total)
    total = math.erfc(math.sqrt(h))
    if df > 1:
        term = math.exp(-h) * math.sqrt(h) / 0.886226925452758
        total += term
        for i in range(1, (df - 1) // 2):
            term *= h / (i + 0.5)
            total += term
    return min(1.0, total)


@njit(**FAST)
def _rr_dl(a, b, c, d, y, v, out):
    m = 0
    sw = swy = sww = 0.0
    for j in range(a.shape[0]):
        aj, bj, cj, dj = a[j], b[j], c[j], d[j]
        if (aj == 0 and cj == 0) or (bj == 0 and dj == 0):
            continue
        cc = 0.5 if aj == 0 or bj == 0 or cj == 0 or dj == 0 else 0.0
        aj += cc
        cj += cc
        n1 = aj + bj + cc
        n2 = cj + dj + cc
        y[m] = math.log(aj * n2 / (cj * n1))
        v[m] = 1 / aj - 1 / n1 + 1 / cj - 1 / n2
        w = 1 / v[m]
        sw += w
        swy += w * y[m]
        sww += w * w
        m += 1
    mean = swy / sw
    q = 0.0
    for j in range(m):
        q += (y[j] - mean) ** 2 / v[j]
    df = m - 1
    tau2 = max(0.0, (q - df) / (sw - sww / sw))
    sw = swy = 0.0
    for j in range(m):
        w = 1 / (v[j] + tau2)
        sw += w
        swy += w * y[j]
    estimate = swy / sw
    se = 1 / math.sqrt(sw)
    z = estimate / se
    out[0] = estimate
    out[1] = se
    out[2] = estimate - Z975 * se
    out[3] = estimate + Z975 * se
    out[4] = z
    out[5] = math.erfc(abs(z) * 0.7071067811865476)
    out[6] = q
    out[7] = chi2_sf(q, df)
    out[8] = max(0.0, 100 * (q - df) / q) if q > 0 else 0.0
    out[9] = tau2


@njit(**FAST)
def rr_dl(a, b, c, d):
    """Task c on one thread: (analyses, 10)."""
    analyses, k = a.shape
    out = np.empty((analyses, 10))
    y, v = np.empty(k), np.empty(k)
    for i in range(analyses):
        _rr_dl(a[i], b[i], c[i], d[i], y, v, out[i])
    return out


@njit(parallel=True, **FAST)
def rr_dl_parallel(a, b, c, d):
    """Task c on all of numba's threads."""
    analyses, k = a.shape
    out = np.empty((analyses, 10))
    for chunk in prange((analyses + CHUNK - 1) // CHUNK):
        y, v = np.empty(k), np.empty(k)
        for i in range(chunk * CHUNK, min(analyses, (chunk + 1) * CHUNK)):
            _rr_dl(a[i], b[i], c[i], d[i], y, v, out[i])
    return out


@njit(**FAST)
def _harbord(a, b, c, d):
    analyses, k = a.shape
    out = np.empty((5, analyses))
    x, y = np.empty(k), np.empty(k)
    for i in range(analyses):
        m = 0
        sx = sy = 0.0
        for j in range(k):
            n1 = a[i, j] + b[i, j]
            n2 = c[i, j] + d[i, j]
            n = n1 + n2
            events = a[i, j] + c[i, j]
            variance = n1 * n2 * events * (n - events) / (n * n * (n - 1))
            if variance > 0:
                x[m] = math.sqrt(variance)
                y[m] = (a[i, j] - n1 * events / n) / x[m]
                sx += x[m]
                sy += y[m]
                m += 1
        mx, my = sx / m, sy / m
        sxx = sxy = syy = 0.0
        for j in range(m):
            dx, dy = x[j] - mx, y[j] - my
            sxx += dx * dx
            sxy += dx * dy
            syy += dy * dy
        slope = sxy / sxx
        bias = my - slope * mx
        residual = max(0.0, syy - slope * sxy) / (m - 2)
        se = math.sqrt(residual * (1 / m + mx * mx / sxx))
        out[0, i], out[1, i], out[2, i] = bias, se, bias / se
        out[3, i], out[4, i] = m - 2, slope
    return out


def harbord(a, b, c, d):
    """Task e on one thread: (5, analyses), P by SciPy."""
    out = _harbord(a, b, c, d)
    out[3] = 2 * stdtr(out[3], -np.abs(out[2]))
    return out
