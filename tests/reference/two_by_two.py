"""Effects of two-by-two tables: experimental arm a events, b none; control arm c, d."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .effects import (
    MISSING,
    NO_EVENTS,
    ONLY_EVENTS,
    ZERO_CELL,
    Effect,
    checked,
    excluded,
)
from .exact import ln

Rules = Mapping[str, Any]
Counts = tuple[float, float, float, float]


@dataclass(frozen=True)
class Table:
    a: Fraction
    b: Fraction
    c: Fraction
    d: Fraction

    @property
    def n1(self) -> Fraction:
        return self.a + self.b

    @property
    def n2(self) -> Fraction:
        return self.c + self.d

    @property
    def events(self) -> Fraction:
        return self.a + self.c

    @property
    def non_events(self) -> Fraction:
        return self.b + self.d

    @property
    def total(self) -> Fraction:
        return self.n1 + self.n2

    @property
    def has_zero_cell(self) -> bool:
        return 0 in (self.a, self.b, self.c, self.d)


def table(counts: Counts) -> Table | None:
    """The cells of (events_e, n_e, events_c, n_c); None if a number is missing."""
    if any(map(math.isnan, counts)):
        return None
    a, n1, c, n2 = map(Fraction, counts)
    return Table(a, n1 - a, c, n2 - c)


def corrected(
    raw: Table, cc: float, when: str, kind: str, any_zero: bool, odds: Fraction | None = None
) -> Table:
    """Continuity correction: a constant, or a share by arm size, or one with the odds ratio of the
    studies without a zero cell (Sweeting, Sutton & Lambert 2004).

    ``any_zero``: some study of the meta-analysis has a zero cell. ``odds``: that odds ratio.
    """
    wanted = {"only0": raw.has_zero_cell, "if0all": any_zero, "all": True, "none": False}[when]
    if not wanted:
        return raw
    add1 = add2 = Fraction(cc)
    if kind == "treatment-arm":
        add1, add2 = 2 * add1 * raw.n1 / raw.total, 2 * add2 * raw.n2 / raw.total
    if kind == "empirical":
        if odds is None:
            return raw
        ratio = raw.n2 / raw.n1
        add1, add2 = 2 * add1 * odds / (ratio + odds), 2 * add2 * ratio / (ratio + odds)
    return Table(raw.a + add1, raw.b + add1, raw.c + add2, raw.d + add2)


def any_zero_cell(tables: Sequence[Table | None]) -> bool:
    return any(t is not None and t.has_zero_cell for t in tables)


def odds_ratio_without_zeros(tables: Sequence[Table | None]) -> Fraction | None:
    """Mantel & Haenszel's (1959), of the tables without a zero cell; None of no tables."""
    whole = [t for t in tables if t is not None and not t.has_zero_cell]
    if not whole:
        return None
    return sum(t.a * t.d / t.total for t in whole) / sum(t.b * t.c / t.total for t in whole)


def drops_out(raw: Table, measure: str, rules: Rules) -> str | None:
    """Why a relative effect does not hear a study in which nobody, or everybody, had an event."""
    if measure not in ("OR", "RR"):
        return None
    if raw.events == 0 and rules["double_zero"] == "drop":
        return NO_EVENTS
    deaf = ("drop", "unit", "keep-rr") if measure == "OR" else ("drop",)
    if raw.non_events == 0 and rules["all_events"] in deaf:
        return ONLY_EVENTS
    return None


def is_unit(raw: Table, measure: str, rules: Rules) -> bool:
    """RevMan 5: everybody had an event, so the risk ratio is exactly 1."""
    return measure == "RR" and raw.non_events == 0 and rules["all_events"] == "unit"


def log_odds_ratio(t: Table) -> Effect:
    """ln(ad/bc), 1/a + 1/b + 1/c + 1/d (Woolf 1955)."""
    if t.has_zero_cell:
        return excluded(ZERO_CELL)
    y = ln(t.a * t.d / (t.b * t.c))
    return checked(y, 1 / t.a + 1 / t.b + 1 / t.c + 1 / t.d, 1 + abs(float(y)))


def log_risk_ratio(t: Table) -> Effect:
    """ln((a/n1)/(c/n2)), 1/a - 1/n1 + 1/c - 1/n2 (Katz et al. 1978)."""
    if t.a == 0 or t.c == 0:
        return excluded(ZERO_CELL)
    y = ln((t.a / t.n1) / (t.c / t.n2))
    return checked(y, 1 / t.a - 1 / t.n1 + 1 / t.c - 1 / t.n2, 1 + abs(float(y)))


def risk_difference(for_y: Table, for_v: Table) -> Effect:
    """a/n1 - c/n2, ab/n1^3 + cd/n2^3 (Cochrane Statistical Methods Group; Deeks & Higgins 2010)."""
    p1, p2 = for_y.a / for_y.n1, for_y.c / for_y.n2
    v = for_v.a * for_v.b / for_v.n1**3 + for_v.c * for_v.d / for_v.n2**3
    return checked(p1 - p2, v, float(p1 + p2))


def arcsine_difference(t: Table) -> Effect:
    """asin sqrt(a/n1) - asin sqrt(c/n2), 1/(4 n1) + 1/(4 n2) (Ruecker et al. 2009)."""
    angle1 = math.atan2(math.sqrt(t.a), math.sqrt(t.b))
    angle2 = math.atan2(math.sqrt(t.c), math.sqrt(t.d))
    y = Fraction(angle1) - Fraction(angle2)
    return checked(y, 1 / (4 * t.n1) + 1 / (4 * t.n2), angle1 + angle2)


def score(t: Table) -> tuple[Fraction, Fraction]:
    """Observed minus expected and its hypergeometric variance (Yusuf et al. 1985)."""
    expected = t.n1 * t.events / t.total
    v = t.n1 * t.n2 * t.events * t.non_events / (t.total**2 * (t.total - 1))
    return t.a - expected, v


def peto(t: Table) -> Effect:
    """(O - E)/V, 1/V (Yusuf et al. 1985)."""
    if t.events == 0:
        return excluded(NO_EVENTS)
    if t.non_events == 0:
        return excluded(ONLY_EVENTS)
    z, v = score(t)
    return checked(z / v, 1 / v, float((t.a * t.d + t.b * t.c) / t.total / v))


def effect(raw: Table, measure: str, rules: Rules, any_zero: bool, odds: Fraction | None) -> Effect:
    reason = drops_out(raw, measure, rules)
    if reason:
        return excluded(reason)
    how = (rules["study_cc"], rules["study_cc_when"], rules["study_cc_kind"])
    t = corrected(raw, *how, any_zero, odds)
    match measure:
        case "OR":
            return log_odds_ratio(t)
        case "RR" if is_unit(raw, measure, rules):
            events_only = rules["rr_cc"] == "events"
            v = log_risk_ratio(Table(t.a, raw.b, t.c, raw.d) if events_only else t).v
            return checked(Fraction(0), v or Fraction(0), 0.0)
        case "RR" if rules["rr_cc"] == "events":
            return log_risk_ratio(Table(t.a, raw.b, t.c, raw.d))
        case "RR":
            return log_risk_ratio(t)
        case "RD":
            for_y = t if rules["rd_cc"] == "both" else raw
            for_v = raw if rules["rd_cc"] == "none" else t
            return risk_difference(for_y, for_v)
        case "AS":
            return arcsine_difference(raw)
        case "PETO":
            return peto(t if rules["peto_cc"] == "both" else raw)
    raise ValueError(measure)


def study_effects(studies: Sequence[Counts], measure: str, rules: Rules) -> list[Effect]:
    """The effect of each study of one meta-analysis."""
    tables = [table(counts) for counts in studies]
    context = any_zero_cell(tables), odds_ratio_without_zeros(tables)
    return [excluded(MISSING) if t is None else effect(t, measure, rules, *context) for t in tables]
