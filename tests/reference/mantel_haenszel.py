"""Mantel-Haenszel estimates of odds ratio, risk ratio and risk difference, with variances."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .exact import ln
from .two_by_two import (
    Counts,
    Rules,
    Table,
    any_zero_cell,
    corrected,
    drops_out,
    is_unit,
    odds_ratio_without_zeros,
    study_effects,
    table,
)


@dataclass(frozen=True)
class Entry:
    """A study in the pool: its cells and what it adds to numerator and denominator."""

    position: int
    cells: Table
    r: Fraction
    s: Fraction


@dataclass(frozen=True)
class Estimate:
    """``estimate`` and ``variance`` are None if the sums give none.

    ``size`` and ``variance_size``: the magnitudes that floating point rounds on the way to them.
    """

    entries: list[Entry]
    estimate: Fraction | None = None
    variance: Fraction | None = None
    size: float = math.nan
    variance_size: float = math.nan


def entries(studies: Sequence[Counts], measure: str, rules: Rules) -> list[Entry]:
    """The studies that enter the sums (Mantel & Haenszel 1959; Greenland & Robins 1985).

    RevMan's risk ratio of exactly 1: an all-event study adds the same to both sums.
    """
    tables = [table(counts) for counts in studies]
    context = any_zero_cell(tables), odds_ratio_without_zeros(tables)
    raw_sums = measure == "RD" and rules["rd_cc"] in ("variance", "none")
    when = "none" if raw_sums else rules["mh_cc_when"]
    found = []
    for position, raw in enumerate(tables):
        if raw is None or drops_out(raw, measure, rules):
            continue
        t = corrected(raw, rules["mh_cc"], when, rules["mh_cc_kind"], *context)
        match measure:
            case "OR":
                r, s = t.a * t.d / t.total, t.b * t.c / t.total
            case "RR":
                r, s = t.a * t.n2 / t.total, t.c * t.n1 / t.total
                if is_unit(raw, measure, rules):
                    r = s
            case "RD":
                r, s = (t.a * t.n2 - t.c * t.n1) / t.total, t.n1 * t.n2 / t.total
                if rules["rd_cc"] == "weights":  # raw difference, weight of the corrected cells
                    r = s * (raw.a / raw.n1 - raw.c / raw.n2)
        found.append(Entry(position, t, r, s))
    return found


def variance_log_or(pool: Sequence[Entry]) -> Fraction:
    """Robins, Breslow & Greenland 1986."""
    big_r, big_s = sum(e.r for e in pool), sum(e.s for e in pool)
    p = [(e.cells.a + e.cells.d) / e.cells.total for e in pool]
    q = [(e.cells.b + e.cells.c) / e.cells.total for e in pool]
    pr = sum(x * e.r for x, e in zip(p, pool, strict=True))
    ps_qr = sum(x * e.s + z * e.r for x, z, e in zip(p, q, pool, strict=True))
    qs = sum(z * e.s for z, e in zip(q, pool, strict=True))
    return pr / (2 * big_r**2) + ps_qr / (2 * big_r * big_s) + qs / (2 * big_s**2)


def variance_log_rr(pool: Sequence[Entry]) -> Fraction:
    """Greenland & Robins 1985."""
    tables = [e.cells for e in pool]
    top = sum((t.n1 * t.n2 * t.events - t.a * t.c * t.total) / t.total**2 for t in tables)
    return top / (sum(e.r for e in pool) * sum(e.s for e in pool))


def variance_rd(pool: Sequence[Entry], estimate: Fraction, rule: str) -> tuple[Fraction, Fraction]:
    """Greenland & Robins 1985, or Sato, Greenland & Robins 1989; and the size of its terms."""
    tables = [e.cells for e in pool]
    weight = sum(e.s for e in pool)
    if rule == "greenland-robins":
        top = sum(
            (t.a * t.b * t.n2**3 + t.c * t.d * t.n1**3) / (t.n1 * t.n2 * t.total**2) for t in tables
        )
        return top / weight**2, top / weight**2
    share1 = [t.n1 / t.total for t in tables]
    share2 = [t.n2 / t.total for t in tables]
    p = [
        (t.c * f1**2, -t.a * f2**2, f1 * f2 * (t.n2 - t.n1) / 2)
        for t, f1, f2 in zip(tables, share1, share2, strict=True)
    ]
    q = sum((t.a * (t.n2 - t.c) + t.c * (t.n1 - t.a)) / t.total for t in tables) / 2
    value = estimate * sum(map(sum, p)) + q
    size = abs(estimate) * sum(abs(term) for terms in p for term in terms) + q
    return value / weight**2, size / weight**2


def mantel_haenszel(studies: Sequence[Counts], measure: str, rules: Rules) -> Estimate:
    """Log odds ratio, log risk ratio or risk difference (Mantel & Haenszel 1959)."""
    pool = entries(studies, measure, rules)
    big_r, big_s = sum(e.r for e in pool), sum(e.s for e in pool)
    if big_s == 0 or (measure != "RD" and big_r == 0):
        return Estimate(pool)
    if measure == "RD":
        estimate = big_r / big_s
        variance, variance_size = variance_rd(pool, estimate, rules["mh_rd_variance"])
        risks = sum((e.cells.a * e.cells.n2 + e.cells.c * e.cells.n1) / e.cells.total for e in pool)
        return Estimate(pool, estimate, variance, float(risks / big_s), float(variance_size))
    estimate = ln(big_r / big_s)
    variance = variance_log_or(pool) if measure == "OR" else variance_log_rr(pool)
    return Estimate(pool, estimate, variance, 1 + abs(float(estimate)), float(variance))


def in_q(studies: Sequence[Counts], measure: str, rules: Rules) -> list[int]:
    """Positions of the studies that Q about the Mantel-Haenszel mean hears.

    Not those with no events, or only events, in both arms that a relative effect, or a risk
    difference from corrected cells, merely keeps.
    """
    leaves_out = measure != "RD" or rules["rd_cc"] == "both"
    effects = study_effects(studies, measure, rules)
    heard = []
    for position, (counts, effect) in enumerate(zip(studies, effects, strict=True)):
        raw = table(counts)
        merely_kept = (
            leaves_out
            and raw is not None
            and (raw.events == 0 or (raw.non_events == 0 and not hears_unit(raw, measure, rules)))
        )
        if effect.included and not merely_kept:
            heard.append(position)
    return heard


def hears_unit(raw: Table, measure: str, rules: Rules) -> bool:
    """Whether a study in which everybody had an event is heard: by RevMan's rule, and by meta's."""
    by_meta = measure == "RR" and rules["all_events"] == "keep-rr"
    return is_unit(raw, measure, rules) or by_meta
