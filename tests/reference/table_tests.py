"""Tests of two-by-two tables: no effect in any, the same odds ratio in all."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import mpmath

from .two_by_two import (
    Counts,
    Table,
    any_zero_cell,
    corrected,
    drops_out,
    odds_ratio_without_zeros,
    score,
    table,
)


def contributing(studies: Sequence[Counts], rules: Mapping[str, Any]) -> list[Table]:
    """The tables that enter Mantel and Haenszel's odds ratio and have a variance."""
    tables = [table(counts) for counts in studies]
    how = rules["mh_cc"], rules["mh_cc_when"], rules["mh_cc_kind"]
    context = any_zero_cell(tables), odds_ratio_without_zeros(tables)
    found = [
        corrected(raw, *how, *context)
        for raw in tables
        if raw is not None and drops_out(raw, "OR", rules) is None
    ]
    return [
        t
        for t in found
        if t.total > 1 and min(t.n1, t.n2, t.events, t.non_events) > 0 and score(t)[1] > 0
    ]


def cochran_mantel_haenszel(tables: Sequence[Table], correct: bool) -> Fraction:
    """(|sum (O - E)| - 1/2)^2 / sum V (Mantel & Haenszel 1959); Cochran (1954) without the 1/2."""
    distance = abs(sum(score(t)[0] for t in tables))
    if correct:
        distance -= Fraction(1, 2)
    return distance**2 / sum(score(t)[1] for t in tables)


def odds_ratio(tables: Sequence[Table]) -> Fraction | None:
    """sum ad/N / sum bc/N (Mantel & Haenszel 1959); None if it is 0 or infinite."""
    r = sum(t.a * t.d / t.total for t in tables)
    s = sum(t.b * t.c / t.total for t in tables)
    return r / s if r > 0 and s > 0 else None


def expected(t: Table, odds: Fraction) -> mpmath.mpf:
    """The count with the table's margins and this odds ratio, by bisection."""
    n1, m1, rest, ratio = (
        mpmath.mpf(x.numerator) / x.denominator for x in (t.n1, t.events, t.n2 - t.events, odds)
    )
    low, high = max(-rest, mpmath.mpf(0)), min(n1, m1)

    def excess(a: mpmath.mpf) -> mpmath.mpf:
        return a * (rest + a) - ratio * (n1 - a) * (m1 - a)

    for _ in range(150):
        middle = (low + high) / 2
        low, high = (low, middle) if excess(middle) > 0 else (middle, high)
    return (low + high) / 2


def cells_of(t: Table, a: mpmath.mpf) -> tuple[mpmath.mpf, ...]:
    """The cells of a table with the margins of t."""
    n1, m1, rest = (
        mpmath.mpf(x.numerator) / x.denominator for x in (t.n1, t.events, t.n2 - t.events)
    )
    return a, n1 - a, m1 - a, rest + a


def breslow_day(tables: Sequence[Table], odds: Fraction) -> tuple[float, float]:
    """sum (a - A)^2 / V (Breslow & Day 1980), and less (sum (a - A))^2 / sum V (Tarone 1985)."""
    with mpmath.workdps(50):
        distances, variances = [], []
        for t in tables:
            a = expected(t, odds)
            cells = cells_of(t, a)
            distances.append(mpmath.mpf(t.a.numerator) / t.a.denominator - a)
            variances.append(1 / mpmath.fsum(1 / cell for cell in cells))
        pairs = zip(distances, variances, strict=True)
        statistic = mpmath.fsum(d**2 / v for d, v in pairs)
        corrected = statistic - mpmath.fsum(distances) ** 2 / mpmath.fsum(variances)
        return float(statistic), float(corrected)
