"""NumPy in blocks that stay in the cache, transposed so that sums run along contiguous rows.

Cells and effects are (analyses, k); a result has one row per quantity.
"""

import numpy as np
from scipy.special import chdtrc, ndtr, stdtr

Z975 = 1.959963984540054
BLOCK = 1024


def blocked(task, columns, rows):
    """`task` on blocks of the analyses, each transposed to (k, block)."""
    analyses = columns[0].shape[0]
    out = np.empty((rows, analyses))
    for start in range(0, analyses, BLOCK):
        part = slice(start, min(analyses, start + BLOCK))
        out[:, part] = task(*(np.ascontiguousarray(column[part].T) for column in columns))
    return out


def rr_dl(*cells):
    """Task c: risk ratios, DerSimonian-Laird."""
    return blocked(_rr_dl, cells, 10)


def mh_rr(*cells):
    """Task m: Mantel-Haenszel risk ratio."""
    return blocked(_mh_rr, cells, 9)


def mh_or(*cells):
    """Task m: Mantel-Haenszel odds ratio."""
    return blocked(_mh_or, cells, 9)


def dl(y, v):
    """Task g: DerSimonian-Laird of given effects."""
    return blocked(lambda y, v: _random_effects(y, 1 / v), (y, v), 10)


def pm(y, v):
    """Task p: Paule-Mandel of given effects."""
    return blocked(_pm, (y, v), 10)


def harbord(*cells):
    """Task e: Harbord's test."""
    return blocked(_harbord, cells, 5)


def _corrected(a, b, c, d):
    cc = 0.5 * ((a == 0) | (b == 0) | (c == 0) | (d == 0))
    keep = ~(((a == 0) & (c == 0)) | ((b == 0) & (d == 0)))
    return a + cc, b + cc, c + cc, d + cc, keep


def _rr(a, b, c, d):
    n1, n2 = a + b, c + d
    return np.log(a * n2 / (c * n1)), 1 / a - 1 / n1 + 1 / c - 1 / n2


def _rr_dl(*cells):
    *table, keep = _corrected(*cells)
    y, v = _rr(*table)
    return _random_effects(y, keep / v)


def _wald(estimate, se):
    z = estimate / se
    return estimate, se, estimate - Z975 * se, estimate + Z975 * se, z, 2 * ndtr(-np.abs(z))


def _spread(q, df):
    return q, chdtrc(df, q), np.maximum(0.0, 1 - df / np.maximum(q, 1e-300)) * 100


def _random_effects(y, w, tau2=None):
    """w is 0 for a study that is out."""
    df = (w > 0).sum(0) - 1
    total = w.sum(0)
    mean = (w * y).sum(0) / total
    q = (w * (y - mean) ** 2).sum(0)
    if tau2 is None:
        tau2 = np.maximum(0.0, (q - df) / (total - (w * w).sum(0) / total))
    w = w / (1 + tau2 * w)
    total = w.sum(0)
    return *_wald((w * y).sum(0) / total, 1 / np.sqrt(total)), *_spread(q, df), tau2


def _pm(y, v):
    df = y.shape[0] - 1
    tau2 = np.zeros(y.shape[1])
    for _ in range(100):
        w = 1 / (v + tau2)
        residual = y - (w * y).sum(0) / w.sum(0)
        weighted = w * residual
        q = (weighted * residual).sum(0)
        excess = q / df - 1
        rising = excess > 1e-12
        if not rising.any():
            break
        # Newton's method on 1/Q, the quickest that is safe
        tau2 = tau2 + np.where(rising, excess * q / (weighted * weighted).sum(0), 0.0)
    return _random_effects(y, 1 / v, tau2)


def _mh(keep, r, s, variance, y, v):
    estimate = np.log(r.sum(0) / s.sum(0))
    w = keep / v
    q = (w * (y - estimate) ** 2).sum(0)
    return *_wald(estimate, np.sqrt(variance)), *_spread(q, keep.sum(0) - 1)


def _mh_rr(*cells):
    *table, keep = _corrected(*cells)
    a, b, c, d = table
    n1, n2 = a + b, c + d
    share = keep / (n1 + n2)
    r, s = a * n2 * share, c * n1 * share
    p = ((n1 * n2 * (a + c) * share - a * c * keep) * share).sum(0)
    return _mh(keep, r, s, p / (r.sum(0) * s.sum(0)), *_rr(*table))


def _mh_or(*cells):
    *table, keep = _corrected(*cells)
    a, b, c, d = table
    share = keep / (a + b + c + d)
    r, s = a * d * share, b * c * share
    p, q = (a + d) * share, (b + c) * share
    sum_r, sum_s = r.sum(0), s.sum(0)
    variance = (
        (p * r).sum(0) / (2 * sum_r**2)
        + (p * s + q * r).sum(0) / (2 * sum_r * sum_s)
        + (q * s).sum(0) / (2 * sum_s**2)
    )
    y, v = np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d
    return _mh(keep, r, s, variance, y, v)


def _harbord(a, b, c, d):
    n1, n2, m = a + b, c + d, a + c
    n = n1 + n2
    variance = n1 * n2 * m * (n - m) / (n * n * (n - 1))
    keep = variance > 0
    x = np.sqrt(variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(keep, (a - n1 * m / n) / x, 0.0)
    k = keep.sum(0)
    mean_x, mean_y = x.sum(0) / k, y.sum(0) / k
    dx, dy = (x - mean_x) * keep, (y - mean_y) * keep
    sxx, sxy, syy = (dx * dx).sum(0), (dx * dy).sum(0), (dy * dy).sum(0)
    slope = sxy / sxx
    bias = mean_y - slope * mean_x
    residual = np.maximum(0.0, syy - slope * sxy) / (k - 2)
    se = np.sqrt(residual * (1 / k + mean_x * mean_x / sxx))
    return bias, se, bias / se, 2 * stdtr(k - 2, -np.abs(bias / se)), slope
