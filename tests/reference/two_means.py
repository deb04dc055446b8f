"""Effects of two means: mean, standard deviation and size of the experimental and control arms."""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from .effects import (
    MISSING,
    NOT_A_RATIO,
    NOT_FINITE,
    TOO_FEW_PEOPLE,
    ZERO_SD,
    ZERO_VARIANCE,
    Effect,
    checked,
    excluded,
)
from .exact import ln, root

Rules = Mapping[str, Any]
Arms = tuple[float, float, float, float, float, float]


def mean_difference(m1: Fraction, s1: Fraction, n1: Fraction, m2: Fraction, s2: Fraction,
                    n2: Fraction) -> Effect:  # fmt: skip
    """m1 - m2, s1^2/n1 + s2^2/n2 (Cochrane Statistical Methods Group; Deeks & Higgins 2010)."""
    return checked(m1 - m2, s1**2 / n1 + s2**2 / n2, float(abs(m1 - m2)))


def ratio_of_means(m1: Fraction, s1: Fraction, n1: Fraction, m2: Fraction, s2: Fraction,
                   n2: Fraction) -> Effect:  # fmt: skip
    """ln(m1/m2), s1^2/(n1 m1^2) + s2^2/(n2 m2^2) (Hedges, Gurevitch & Curtis 1999)."""
    if m2 == 0 or m1 / m2 <= 0:
        return excluded(NOT_A_RATIO)
    y = ln(m1 / m2)
    return checked(y, s1**2 / (n1 * m1**2) + s2**2 / (n2 * m2**2), 1 + abs(float(y)))


def gamma_ratio_squared(x: Fraction) -> Fraction:
    """(Gamma(x + 1/2) / Gamma(x))^2, whose textbook lgamma form loses all digits at large x.

    The recurrence lifts x above 50, where the next term of the series (Tricomi & Erdelyi 1951)
    is below 1e-17.
    """
    factor = Fraction(1)
    while x < 50:
        factor *= (x / (x + Fraction(1, 2))) ** 2
        x += 1
    terms = (1, -1, 1, 5, -21, -399, 869, 39325)
    scales = (1, 8, 128, 1024, 32768, 262144, 4194304, 33554432)
    series = sum(Fraction(t, s) / x**i for i, (t, s) in enumerate(zip(terms, scales, strict=True)))
    return factor * x * series**2


def hedges_factor_squared(m: Fraction, rule: str) -> Fraction | None:
    """Square of Hedges' (1981) factor J for m degrees of freedom; exactly, none for m <= 1."""
    if rule == "approx":
        return (1 - 3 / (4 * m - 1)) ** 2
    if m <= 1:
        return None
    return gamma_ratio_squared((m - 1) / 2) / (m / 2)


def standardised_mean_difference(arms: tuple[Fraction, ...], bias: str, variance: str) -> Effect:
    """Hedges' g and its variance: RevMan's, LS, UB, LS2 (Hedges 1981, 1982; Viechtbauer 2007)."""
    m1, s1, n1, m2, s2, n2 = arms
    total = n1 + n2
    m = total - 2
    if m < 1:
        return excluded(TOO_FEW_PEOPLE)
    pooled = ((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / m
    if pooled <= 0:
        return excluded(ZERO_VARIANCE)
    d2 = (m1 - m2) ** 2 / pooled
    j2 = hedges_factor_squared(m, bias)
    if j2 is None:
        return excluded(NOT_FINITE)
    g2 = j2 * d2
    base = 1 / n1 + 1 / n2
    v_size = None
    match variance:
        case "revman":
            v = base + g2 / (2 * (total - Fraction(394, 100)))
        case "ls":
            v = base + g2 / (2 * total)
        case "ub" if j2 == 0:
            return excluded(NOT_FINITE)
        case "ub":
            v = base + g2 * (1 - (m - 2) / (m * j2))
            v_size = float(base + 2 * g2)
        case "ls2":
            v = j2 * (base + d2 / (2 * total))
        case _:
            raise ValueError(variance)
    y = root(g2) * (1 if m1 > m2 else -1)
    return checked(y, v, float(abs(y)), v_size)


def effect(arms: Arms, measure: str, rules: Rules) -> Effect:
    if any(map(math.isnan, arms)):
        return excluded(MISSING)
    exact = tuple(map(Fraction, arms))
    if rules["zero_sd"] == "drop" and 0 in (exact[1], exact[4]):
        return excluded(ZERO_SD)
    match measure:
        case "MD":
            return mean_difference(*exact)
        case "SMD":
            return standardised_mean_difference(exact, rules["smd_bias"], rules["smd_variance"])
        case "ROM":
            return ratio_of_means(*exact)
    raise ValueError(measure)


def study_effects(studies: Sequence[Arms], measure: str, rules: Rules) -> list[Effect]:
    """The effect of each study of one meta-analysis."""
    return [effect(arms, measure, rules) for arms in studies]
