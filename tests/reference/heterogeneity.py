"""Cochran's Q, I2, H2 and the estimators of the between-study variance."""

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


def mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values) / len(values)


def squares(effects: Sequence[Effect]) -> Fraction:
    """Sum of (y - mean y)^2, unweighted."""
    middle = mean([e.y for e in effects])
    return sum((e.y - middle) ** 2 for e in effects)


def tau2_he(effects: Sequence[Effect]) -> Fraction:
    """Variance of the effects less their mean variance (Hedges 1983; Hedges & Olkin 1985)."""
    variance = squares(effects) / (len(effects) - 1)
    return max(Fraction(0), variance - mean([e.v for e in effects]))


def tau2_general(effects: Sequence[Effect], weights: Sequence[Fraction]) -> Fraction:
    """The moment estimator with any fixed weights a (DerSimonian & Kacker 2007)."""
    total = sum(weights)
    pairs = list(zip(weights, effects, strict=True))
    centre = sum(a * e.y for a, e in pairs) / total
    q = sum(a * (e.y - centre) ** 2 for a, e in pairs)
    within = sum(a * e.v for a, e in pairs) - sum(a**2 * e.v for a, e in pairs) / total
    return max(Fraction(0), (q - within) / (total - sum(a**2 for a in weights) / total))


def tau2_two_steps(effects: Sequence[Effect], first: Fraction) -> Fraction:
    """The general moment estimator with weights 1/(v + first) (DerSimonian & Kacker 2007)."""
    return tau2_general(effects, [1 / (e.v + first) for e in effects])


def tau2_hs(effects: Sequence[Effect], corrected: bool) -> Fraction:
    """(Q - k) / sum w (Hunter & Schmidt 1990); corrected, Q k/(k - 1) (Brannick et al. 2019)."""
    k = len(effects)
    q = cochran_q(effects, iv_mean(effects))
    if corrected:
        q = q * k / (k - 1)
    return max(Fraction(0), (q - k) / sum(1 / e.v for e in effects))


def tau2_sj(effects: Sequence[Effect]) -> Fraction:
    """tau0^2 sum w0 (y - mean0)^2 / (k - 1), w0 = 1/(v + tau0^2) (Sidik & Jonkman 2005)."""
    k = len(effects)
    crude = squares(effects) / k
    if crude == 0:
        return Fraction(0)
    weights = [1 / (e.v + crude) for e in effects]
    centre = sum(w * e.y for w, e in zip(weights, effects, strict=True)) / sum(weights)
    q = sum(w * (e.y - centre) ** 2 for w, e in zip(weights, effects, strict=True))
    return crude * q / (k - 1)


def tau2_pm(effects: Sequence[Effect]) -> Fraction:
    """The tau2 at which Q is k - 1 (Paule & Mandel 1982)."""
    return tau2_of_q(effects, len(effects) - 1)


def tau2_pmm(effects: Sequence[Effect]) -> Fraction:
    """The tau2 at which Q is the median of chi-square (Viechtbauer 2021)."""
    df = len(effects) - 1
    return tau2_of_q(effects, float(stats.chi2.median(df)) if df > 0 else 0.0)


def tau2_of_q(effects: Sequence[Effect], target: float) -> Fraction:
    """The tau2 at which sum w (y - mean)^2, w = 1/(v + tau2), is a target; at least 0. By
    bisection, in 50 digits."""
    df = len(effects) - 1
    if df < 1 or cochran_q(effects, iv_mean(effects)) <= target:
        return Fraction(0)
    with mpmath.workdps(50):
        y, v = digits(effects)

        def excess(tau2: mpmath.mpf) -> mpmath.mpf:
            w = [1 / (variance + tau2) for variance in v]
            mean = mpmath.fdot(w, y) / mpmath.fsum(w)
            return mpmath.fsum(a * (b - mean) ** 2 for a, b in zip(w, y, strict=True)) - target

        low, high = mpmath.mpf(0), max(v)
        while excess(high) > 0:
            low, high = high, 2 * high
        while high - low > high * mpmath.mpf(10) ** -25:
            middle = (low + high) / 2
            low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        return Fraction(float(high))


def digits(effects: Sequence[Effect]) -> tuple[list[mpmath.mpf], list[mpmath.mpf]]:
    """y and v in mpmath's precision."""
    y = [mpmath.mpf(e.y.numerator) / e.y.denominator for e in effects]
    v = [mpmath.mpf(e.v.numerator) / e.v.denominator for e in effects]
    return y, v


def log_likelihood(effects: Sequence[Effect], tau2: float, restricted: bool) -> mpmath.mpf:
    """Of tau2 with the mean profiled out, up to a constant (Hardy & Thompson 1996); restricted, of
    the contrasts (Viechtbauer 2005)."""
    y, v = digits(effects)
    w = [1 / (variance + tau2) for variance in v]
    mean = mpmath.fdot(w, y) / mpmath.fsum(w)
    found = mpmath.fsum(mpmath.log(a) - a * (b - mean) ** 2 for a, b in zip(w, y, strict=True))
    return (found - mpmath.log(mpmath.fsum(w)) if restricted else found) / 2


def score(effects: Sequence[Effect], tau2: float, restricted: bool) -> tuple[mpmath.mpf, ...]:
    """The two parts whose difference is the slope of the log-likelihood at tau2 (Viechtbauer 2005):
    y'PPy/2, and half of sum w, restricted of tr P."""
    y, v = digits(effects)
    w = [1 / (variance + tau2) for variance in v]
    total = mpmath.fsum(w)
    mean = mpmath.fdot(w, y) / total
    up = mpmath.fsum((a * (b - mean)) ** 2 for a, b in zip(w, y, strict=True)) / 2
    down = total / 2
    if restricted:
        down -= mpmath.fsum(a**2 for a in w) / total / 2
    return up, down


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
