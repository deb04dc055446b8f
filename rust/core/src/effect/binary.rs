//! Effects of a two-by-two table: RR, OR, RD, arcsine difference, Peto's odds ratio.
//!
//! Notation: a, b events and non-events of the experimental arm, c, d of the control arm;
//! n1 = a + b, n2 = c + d, m1 = a + c, m0 = b + d, N = n1 + n2.

use crate::conventions::{
    AllEvents, Conventions, DoubleZero, PetoCorrection, RdCorrection, RrCorrection,
};
use crate::measure::Measure;
use crate::simd::Lanes;
use crate::special::atan_of_quotient;
use crate::studies::TwoByTwo;

use super::continuity::Correction;
use super::{Effect, Fraction, Reason, Verdict, log_ratio};

/// The four cells of a study.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct Table<V> {
    pub a: V,
    pub b: V,
    pub c: V,
    pub d: V,
}

impl<V: Lanes> Table<V> {
    /// The tables from row `i` on.
    #[inline(always)]
    pub(crate) fn of(t: &TwoByTwo<'_>, i: usize) -> Self {
        let a = V::load(t.events_e, i);
        let c = V::load(t.events_c, i);
        let b = V::load(t.n_e, i) - a;
        Self { a, b, c, d: V::load(t.n_c, i) - c }
    }

    #[inline(always)]
    pub(crate) fn n1(self) -> V {
        self.a + self.b
    }

    #[inline(always)]
    pub(crate) fn n2(self) -> V {
        self.c + self.d
    }

    #[inline(always)]
    pub(crate) fn n(self) -> V {
        self.n1() + self.n2()
    }

    #[inline(always)]
    pub(crate) fn has_zero(self) -> V::Mask {
        self.a.min(self.b).min(self.c.min(self.d)).eq(V::splat(0.0))
    }

    #[inline(always)]
    pub(crate) fn no_events(self) -> V::Mask {
        (self.a + self.c).eq(V::splat(0.0))
    }

    #[inline(always)]
    pub(crate) fn all_events(self) -> V::Mask {
        (self.b + self.d).eq(V::splat(0.0))
    }

    /// Whether no cell is NaN.
    #[inline(always)]
    pub(crate) fn present(self) -> V::Mask {
        let sum = self.b + self.d;
        sum.eq(sum)
    }

    /// Score of the odds ratio: observed less expected events, a - n1 m1/N = (ad - bc)/N.
    #[inline(always)]
    pub(crate) fn observed_minus_expected(self) -> V {
        self.determinant() / self.n()
    }

    /// ad - bc.
    #[inline(always)]
    pub(crate) fn determinant(self) -> V {
        self.a * self.d - self.b * self.c
    }

    /// Hypergeometric variance of a: n1 n2 m1 m0 / (N² (N - 1)).
    #[inline(always)]
    pub(crate) fn hypergeometric_variance(self) -> V {
        let n = self.n();
        (self.n1() / n) * (self.n2() / n) * (self.a + self.c) * ((self.b + self.d) / (n - 1.0))
    }
}

/// Effect and variance of tables; the verdict says which have none under these conventions.
#[inline(always)]
pub(super) fn effect<V: Lanes, D: Verdict<V>>(
    measure: Measure,
    conventions: &Conventions,
    raw: Table<V>,
    correction: Correction,
    verdict: &mut D,
) -> Effect<V> {
    verdict.exclude(!raw.present(), Reason::Missing);
    match measure {
        Measure::Rr | Measure::Or => ratio(measure, conventions, raw, correction, verdict),
        Measure::Rd => risk_difference(conventions.rd_cc, raw, correction),
        Measure::As => arcsine_difference(raw),
        _ => {
            let table = match conventions.peto_cc {
                PetoCorrection::None => raw,
                PetoCorrection::Both => correction.apply(raw),
            };
            peto(table, verdict)
        }
    }
}

/// Excludes the tables that do not enter an analysis of OR or RR at all.
#[inline(always)]
pub(crate) fn exclude_from_ratio<V: Lanes, D: Verdict<V>>(
    measure: Measure,
    conventions: &Conventions,
    raw: Table<V>,
    verdict: &mut D,
) {
    if conventions.double_zero == DoubleZero::Drop {
        verdict.exclude(raw.no_events(), Reason::NoEvents);
    }
    let drops = match conventions.all_events {
        AllEvents::Keep => false,
        AllEvents::Drop => true,
        AllEvents::Unit | AllEvents::KeepRr => measure == Measure::Or,
    };
    if drops {
        verdict.exclude(raw.all_events(), Reason::AllEvents);
    }
}

#[inline(always)]
fn ratio<V: Lanes, D: Verdict<V>>(
    measure: Measure,
    conventions: &Conventions,
    raw: Table<V>,
    correction: Correction,
    verdict: &mut D,
) -> Effect<V> {
    exclude_from_ratio(measure, conventions, raw, verdict);
    let table = correction.apply(raw);
    if measure == Measure::Or {
        verdict.explain(table.has_zero(), Reason::ZeroCell);
        return log_odds_ratio(table, verdict);
    }
    let table = match conventions.rr_cc {
        RrCorrection::AllCells => table,
        RrCorrection::Events => Table { b: raw.b, d: raw.d, ..table },
    };
    verdict.explain(table.a.min(table.c).eq(V::splat(0.0)), Reason::ZeroCell);
    let effect = log_risk_ratio(table, verdict);
    if conventions.all_events == AllEvents::Unit {
        return Effect { y: effect.y.or_zero(!raw.all_events()), ..effect };
    }
    effect
}

/// ln RR = ln(a n2 / (c n1)), v = 1/a - 1/n1 + 1/c - 1/n2 = b/(a n1) + d/(c n2), both written without
/// cancellation where nearly everyone has an event.
#[inline(always)]
fn log_risk_ratio<V: Lanes, D: Verdict<V>>(t: Table<V>, verdict: &mut D) -> Effect<V> {
    let (n1, n2) = (t.n1(), t.n2());
    let y = log_ratio(t.a * n2, t.c * n1, t.determinant(), verdict);
    let (an1, cn2) = (t.a * n1, t.c * n2);
    Effect { y, v: Fraction { over: t.b * cn2 + t.d * an1, under: an1 * cn2 } }
}

/// ln OR = ln(ad / bc), v = 1/a + 1/b + 1/c + 1/d (Woolf 1955) = (ab n2 + cd n1)/(abcd).
#[inline(always)]
fn log_odds_ratio<V: Lanes, D: Verdict<V>>(t: Table<V>, verdict: &mut D) -> Effect<V> {
    let y = log_ratio(t.a * t.d, t.b * t.c, t.determinant(), verdict);
    let (ab, cd) = (t.a * t.b, t.c * t.d);
    Effect { y, v: Fraction { over: ab * t.n2() + cd * t.n1(), under: ab * cd } }
}

/// RD = a/n1 - c/n2 = (ad - bc)/(n1 n2), v = ab/n1³ + cd/n2³.
#[inline(always)]
fn risk_difference<V: Lanes>(
    rd_cc: RdCorrection,
    raw: Table<V>,
    correction: Correction,
) -> Effect<V> {
    let corrected = correction.apply(raw);
    let (for_y, for_v) = match rd_cc {
        RdCorrection::Variance | RdCorrection::Weights => (raw, corrected),
        RdCorrection::Both => (corrected, corrected),
        RdCorrection::None => (raw, raw),
    };
    let y = for_y.determinant() / (for_y.n1() * for_y.n2());
    let e = risk_variance(for_v.a, for_v.b);
    Effect { y, v: Fraction::whole(e + risk_variance(for_v.c, for_v.d)) }
}

/// xy/n³ of x events and y non-events.
#[inline(always)]
fn risk_variance<V: Lanes>(x: V, y: V) -> V {
    let n = x + y;
    (x / n) * (y / n) / n
}

/// AS = asin √(a/n1) - asin √(c/n2), v = 1/(4 n1) + 1/(4 n2) (Rücker et al. 2009). Raw counts.
#[inline(always)]
fn arcsine_difference<V: Lanes>(t: Table<V>) -> Effect<V> {
    // tan of the difference of atan √(a/b) and atan √(c/d), with √ad - √bc = (ad - bc)/(√ad + √bc)
    let (ad, bc) = (t.a * t.d, t.b * t.c);
    let sum = ad.sqrt() + bc.sqrt();
    let opposite = ((ad - bc) / sum).or_zero(V::splat(0.0).lt(sum));
    let adjacent = (t.a * t.c).sqrt() + (t.b * t.d).sqrt();
    let angle = atan_of_quotient(opposite.abs(), adjacent);
    let y = V::select(opposite.lt(V::splat(0.0)), -angle, angle);
    let quarter = V::splat(0.25);
    Effect { y, v: Fraction::whole(quarter / t.n1() + quarter / t.n2()) }
}

/// Peto's ln OR = (a - n1 m1/N) / V, v = 1/V, V hypergeometric (Yusuf et al. 1985).
#[inline(always)]
fn peto<V: Lanes, D: Verdict<V>>(t: Table<V>, verdict: &mut D) -> Effect<V> {
    verdict.exclude(t.no_events(), Reason::NoEvents);
    verdict.exclude(t.all_events(), Reason::AllEvents);
    let v = t.hypergeometric_variance();
    Effect { y: t.observed_minus_expected() / v, v: Fraction { over: V::splat(1.0), under: v } }
}
