"""Cochran's Q, I2, H2 and between-study variances: DerSimonian-Laird, Paule-Mandel."""

from collections.abc import Sequence
from fractions import Fraction

import mpmath
from scipy import stats

from .effects import Effect


def iv_mean(effects: Sequence[Effect], tau2: Fraction = Fraction(0)) -> Fraction:
    """Mean weighted by 1/(v + tau2) (Cochran 1954)."""
    weights = [1 / (e.v + tau2) for e in effects]
    return sum(w * e.y for w, e in zip(weights, effects, strict=True)) / sum(weights)


def cochran_q(effects: Sequence[Effect], centre: Fraction) -> Fraction:
    """Sum of (y - centre)^2 / v (Cochran 1954); RevMan's centre may be the Mantel-Haenszel mean."""
    return sum(((e.y - centre) ** 2 / e.v for e in effects), Fraction(0))


def q_p(q: Fraction, df: int) -> float:
    """Upper tail of chi-square; 1 where there is nothing to differ."""
    return float(stats.chi2.sf(float(q), df)) if df > 0 else 1.0


def c(effects: Sequence[Effect]) -> Fraction:
    """Sum w - sum w^2 / sum w (DerSimonian & Laird 1986)."""
    weights = [1 / e.v for e in effects]
    return sum(weights) - sum(w**2 for w in weights) / sum(weights)


def tau2_dl(effects: Sequence[Effect], q: Fraction) -> Fraction:
    """max(0, (Q - (k - 1)) / C) (DerSimonian & Laird 1986)."""
    if len(effects) < 2:
        return Fraction(0)
    return max(Fraction(0), (q - (len(effects) - 1)) / c(effects))


def tau2_pm(effects: Sequence[Effect]) -> Fraction:
    """The tau2 at which sum w (y - mean)^2, w = 1/(v + tau2), is k - 1; at least 0 (Paule & Mandel
    1982). By bisection, in 50 digits."""
    df = len(effects) - 1
    if df < 1 or cochran_q(effects, iv_mean(effects)) <= df:
        return Fraction(0)
    with mpmath.workdps(50):
        y = [mpmath.mpf(e.y.numerator) / e.y.denominator for e in effects]
        v = [mpmath.mpf(e.v.numerator) / e.v.denominator for e in effects]

        def excess(tau2: mpmath.mpf) -> mpmath.mpf:
            w = [1 / (variance + tau2) for variance in v]
            mean = mpmath.fdot(w, y) / mpmath.fsum(w)
            return mpmath.fsum(a * (b - mean) ** 2 for a, b in zip(w, y, strict=True)) - df

        low, high = mpmath.mpf(0), max(v)
        while excess(high) > 0:
            low, high = high, 2 * high
        while high - low > high * mpmath.mpf(10) ** -25:
            middle = (low + high) / 2
            low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        return Fraction(float(high))


def i2_from_q(q: Fraction, df: int) -> float:
    """100 (Q - df) / Q, at least 0 (Higgins & Thompson 2002); 0 without degrees of freedom."""
    return float(100 * max(Fraction(0), (q - df) / q)) if q > 0 and df > 0 else 0.0


def i2_from_tau2(effects: Sequence[Effect], tau2: Fraction) -> float:
    """100 tau2 / (tau2 + s2), s2 the typical within-study variance (Higgins & Thompson 2002)."""
    return float(100 * tau2 / (tau2 + typical_variance(effects))) if tau2 > 0 else 0.0


def typical_variance(effects: Sequence[Effect]) -> Fraction:
    """(k - 1) / C (Higgins & Thompson 2002, equation 9)."""
    return (len(effects) - 1) / c(effects)


def h2_from_q(q: Fraction, df: int) -> float:
    """Q / df (Higgins & Thompson 2002); 1 where there is nothing to differ."""
    return float(q / df) if df > 0 else 1.0


def h2_from_tau2(effects: Sequence[Effect], tau2: Fraction) -> float:
    """1 + tau2 / s2 (Higgins & Thompson 2002)."""
    return float(1 + tau2 / typical_variance(effects))
