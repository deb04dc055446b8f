"""Confidence intervals of tau2, and of H2."""

import math
from collections.abc import Sequence
from fractions import Fraction

import mpmath
from scipy import stats

from . import heterogeneity as het
from .effects import Effect


def q_profile(effects: Sequence[Effect], level: float) -> tuple[Fraction, Fraction] | None:
    """The tau2 at which Q is the upper and the lower quantile of chi-square (Viechtbauer 2007).

    None if Q is below the lower one at 0.
    """
    df, tail = len(effects) - 1, (1 - level) / 2
    low, high = float(stats.chi2.isf(tail, df)), float(stats.chi2.ppf(tail, df))
    if het.cochran_q(effects, het.iv_mean(effects)) < high:
        return None
    return het.tau2_of_q(effects, low), het.tau2_of_q(effects, high)


def excess(
    effects: Sequence[Effect], at: float, tau2: float, level: float, restricted: bool
) -> mpmath.mpf:
    """2 (ln L(tau2) - ln L(at)) less the quantile of chi-square: 0 at a limit of the profile
    likelihood interval (Hardy & Thompson 1996)."""
    fall = het.log_likelihood(effects, tau2, restricted)
    fall -= het.log_likelihood(effects, at, restricted)
    return 2 * fall - mpmath.mpf(float(stats.chi2.isf(1 - level, 1)))


def test_based(q: Fraction, df: int, level: float) -> tuple[float, float] | None:
    """Limits of H2 by the standard error of ln H (Higgins & Thompson 2002); None where there is
    no such."""
    k = df + 1
    if q > k:
        se = (math.log(q) - math.log(df)) / (math.sqrt(2 * q) - math.sqrt(2 * k - 3)) / 2
    elif k > 2:
        se = math.sqrt((1 - 1 / (3 * (k - 2) ** 2)) / (2 * (k - 2)))
    else:
        return None
    if q == 0:
        return 1.0, 1.0
    half = float(stats.norm.isf((1 - level) / 2)) * se
    ln_h = math.log(q / df) / 2
    return math.exp(2 * max(0.0, ln_h - half)), math.exp(2 * max(0.0, ln_h + half))
