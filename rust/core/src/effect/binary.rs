//! Effects of a two-by-two table: RR, OR, RD, arcsine difference, Peto's odds ratio.
//!
//! Notation: a, b events and non-events of the experimental arm, c, d of the control arm;
//! n1 = a + b, n2 = c + d, m1 = a + c, m0 = b + d, N = n1 + n2.

use crate::conventions::{AllEvents, Conventions, DoubleZero, PetoCorrection, RdCorrection};
use crate::measure::Measure;
use crate::studies::TwoByTwo;

use super::continuity::Correction;
use super::{Effect, Reason, present};

/// The four cells of a study.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct Table {
    pub a: f64,
    pub b: f64,
    pub c: f64,
    pub d: f64,
}

impl Table {
    pub(crate) fn of(t: &TwoByTwo<'_>, i: usize) -> Self {
        let (a, c) = (t.events_e[i], t.events_c[i]);
        Self { a, b: t.n_e[i] - a, c, d: t.n_c[i] - c }
    }

    pub(crate) fn n1(self) -> f64 {
        self.a + self.b
    }

    pub(crate) fn n2(self) -> f64 {
        self.c + self.d
    }

    pub(crate) fn n(self) -> f64 {
        self.n1() + self.n2()
    }

    pub(crate) fn has_zero(self) -> bool {
        self.a == 0.0 || self.b == 0.0 || self.c == 0.0 || self.d == 0.0
    }

    pub(crate) fn no_events(self) -> bool {
        self.a == 0.0 && self.c == 0.0
    }

    pub(crate) fn all_events(self) -> bool {
        self.b == 0.0 && self.d == 0.0
    }

    /// `Reason::Missing` if a cell is NaN.
    pub(crate) fn present(self) -> Result<(), Reason> {
        present(&[self.a, self.b, self.c, self.d])
    }

    /// Score of the odds ratio: observed less expected events, a - n1 m1/N = (ad - bc)/N.
    pub(crate) fn observed_minus_expected(self) -> f64 {
        (self.a * self.d - self.b * self.c) / self.n()
    }

    /// Hypergeometric variance of a: n1 n2 m1 m0 / (N² (N - 1)).
    pub(crate) fn hypergeometric_variance(self) -> f64 {
        let n = self.n();
        (self.n1() / n) * (self.n2() / n) * (self.a + self.c) * ((self.b + self.d) / (n - 1.0))
    }
}

/// Effect and variance of one table.
///
/// # Errors
/// The [`Reason`] for which the study has no effect under these conventions.
pub(crate) fn effect(
    measure: Measure,
    conventions: &Conventions,
    raw: Table,
    correction: Correction,
) -> Result<Effect, Reason> {
    raw.present()?;
    match measure {
        Measure::Rr | Measure::Or => ratio(measure, conventions, raw, correction),
        Measure::Rd => Ok(risk_difference(conventions.rd_cc, raw, correction)),
        Measure::As => Ok(arcsine_difference(raw)),
        _ => peto(match conventions.peto_cc {
            PetoCorrection::None => raw,
            PetoCorrection::Both => correction.apply(raw),
        }),
    }
}

/// Whether a table enters an analysis of OR or RR at all.
pub(crate) fn ratio_estimable(
    measure: Measure,
    conventions: &Conventions,
    raw: Table,
) -> Result<(), Reason> {
    if raw.no_events() && conventions.double_zero == DoubleZero::Drop {
        return Err(Reason::NoEvents);
    }
    let drops = match conventions.all_events {
        AllEvents::Keep => false,
        AllEvents::Drop => true,
        AllEvents::Unit => measure == Measure::Or,
    };
    if raw.all_events() && drops { Err(Reason::AllEvents) } else { Ok(()) }
}

fn ratio(
    measure: Measure,
    conventions: &Conventions,
    raw: Table,
    correction: Correction,
) -> Result<Effect, Reason> {
    ratio_estimable(measure, conventions, raw)?;
    let table = correction.apply(raw);
    if measure == Measure::Or {
        return log_odds_ratio(table);
    }
    let effect = log_risk_ratio(table)?;
    if raw.all_events() && conventions.all_events == AllEvents::Unit {
        return Ok(Effect { y: 0.0, ..effect });
    }
    Ok(effect)
}

/// ln RR = ln(a n2 / (c n1)), v = 1/a - 1/n1 + 1/c - 1/n2, both written without cancellation where
/// nearly everyone has an event.
fn log_risk_ratio(t: Table) -> Result<Effect, Reason> {
    if t.a == 0.0 || t.c == 0.0 {
        return Err(Reason::ZeroCell);
    }
    let (n1, n2) = (t.n1(), t.n2());
    let y = log_ratio(t.a * n2, t.c * n1, t.a * t.d - t.b * t.c);
    Ok(Effect { y, v: t.b / (t.a * n1) + t.d / (t.c * n2) })
}

/// ln(r/s), given also r - s from terms that do not cancel, which matters where r/s is near 1.
pub(crate) fn log_ratio(r: f64, s: f64, difference: f64) -> f64 {
    if difference.abs() < 0.5 * s { libm::log1p(difference / s) } else { libm::log(r / s) }
}

/// ln OR = ln(ad / bc), v = 1/a + 1/b + 1/c + 1/d (Woolf 1955).
fn log_odds_ratio(t: Table) -> Result<Effect, Reason> {
    if t.has_zero() {
        return Err(Reason::ZeroCell);
    }
    let y = libm::log(t.a * t.d / (t.b * t.c));
    Ok(Effect { y, v: 1.0 / t.a + 1.0 / t.b + 1.0 / t.c + 1.0 / t.d })
}

/// RD = a/n1 - c/n2 = (ad - bc)/(n1 n2), v = ab/n1³ + cd/n2³.
fn risk_difference(rd_cc: RdCorrection, raw: Table, correction: Correction) -> Effect {
    let corrected = correction.apply(raw);
    let (for_y, for_v) = match rd_cc {
        RdCorrection::Variance => (raw, corrected),
        RdCorrection::Both => (corrected, corrected),
        RdCorrection::None => (raw, raw),
    };
    let risk_variance = |x: f64, y: f64, n: f64| (x / n) * (y / n) / n;
    Effect {
        y: (for_y.a * for_y.d - for_y.b * for_y.c) / (for_y.n1() * for_y.n2()),
        v: risk_variance(for_v.a, for_v.b, for_v.n1())
            + risk_variance(for_v.c, for_v.d, for_v.n2()),
    }
}

/// AS = asin √(a/n1) - asin √(c/n2), v = 1/(4 n1) + 1/(4 n2) (Rücker et al. 2009). Raw counts.
fn arcsine_difference(t: Table) -> Effect {
    // tan of the difference of atan √(a/b) and atan √(c/d), with √ad - √bc = (ad - bc)/(√ad + √bc)
    let (ad, bc) = (t.a * t.d, t.b * t.c);
    let sum = ad.sqrt() + bc.sqrt();
    let opposite = if sum > 0.0 { (ad - bc) / sum } else { 0.0 };
    let adjacent = (t.a * t.c).sqrt() + (t.b * t.d).sqrt();
    Effect { y: libm::atan2(opposite, adjacent), v: 0.25 / t.n1() + 0.25 / t.n2() }
}

/// Peto's ln OR = (a - n1 m1/N) / V, v = 1/V, V hypergeometric (Yusuf et al. 1985).
fn peto(t: Table) -> Result<Effect, Reason> {
    let v = t.hypergeometric_variance();
    if t.no_events() {
        return Err(Reason::NoEvents);
    }
    if t.all_events() {
        return Err(Reason::AllEvents);
    }
    Ok(Effect { y: t.observed_minus_expected() / v, v: 1.0 / v })
}
