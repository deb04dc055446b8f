//! Mantel & Haenszel's (1959) pooled OR, RR and RD.
//!
//! Notation as in [`crate::effect::binary`].

use crate::conventions::{AllEvents, Conventions, MhRdVariance, RdCorrection};
use crate::effect::binary::{Table, log_ratio, ratio_estimable};
use crate::effect::continuity::Correction;
use crate::measure::Measure;
use crate::studies::TwoByTwo;

use super::Estimate;

/// What one table adds to the sums.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Terms {
    /// Numerator: OR ad/N, RR a n2/N, RD (ad - bc)/N.
    r: f64,
    /// Denominator, which is also the weight: OR bc/N, RR c n1/N, RD n1 n2/N.
    s: f64,
    /// r - s for OR and RR, (ad - bc)/N.
    difference: f64,
    /// Terms of the variance; their meaning depends on the measure.
    v1: f64,
    v2: f64,
    v3: f64,
}

/// The tables of one meta-analysis as Mantel and Haenszel's method takes them.
#[derive(Debug, Clone, Copy)]
pub struct MantelHaenszel<'a> {
    measure: Measure,
    conventions: Conventions,
    correction: Correction,
    studies: TwoByTwo<'a>,
}

impl<'a> MantelHaenszel<'a> {
    pub(crate) fn new(measure: Measure, conventions: Conventions, studies: TwoByTwo<'a>) -> Self {
        let correction = Correction::of_mantel_haenszel(&conventions, &studies);
        Self { measure, conventions, correction, studies }
    }

    /// The pooled effect, log scale for OR and RR, and the number of tables that entered.
    ///
    /// `None` if no table has information: nobody, or everybody, with an event in an arm.
    ///
    /// # Formula
    /// OR: ln(R/S), variance Σ P r/(2R²) + Σ(P s + Q r)/(2RS) + Σ Q s/(2S²) with
    /// P = (a + d)/N, Q = (b + c)/N (Robins, Breslow & Greenland 1986). RR: ln(R/S), variance
    /// Σ(n1 n2 m1 - acN)/N² / (RS) (Greenland & Robins 1985). RD: R/S, variance
    /// Σ(ab n2³ + cd n1³)/(n1 n2 N²) / S² (Greenland & Robins 1985) or Sato, Greenland & Robins
    /// (1989).
    pub(crate) fn pool(&self) -> (Option<Estimate>, usize) {
        let (sum, k) = self.sum();
        let estimate = Estimate { estimate: self.effect(sum), se: self.standard_error(sum) };
        let estimable = estimate.estimate.is_finite() && estimate.se.is_finite();
        ((estimable && estimate.se > 0.0).then_some(estimate), k)
    }

    /// The pooled effect alone, which may exist where its variance does not.
    pub(crate) fn mean(&self) -> Option<f64> {
        Some(self.effect(self.sum().0)).filter(|mean| mean.is_finite())
    }

    fn sum(&self) -> (Terms, usize) {
        let (mut sum, mut k) = (Terms::default(), 0);
        for terms in (0..self.studies.events_e.len()).filter_map(|i| self.terms(i)) {
            sum.r += terms.r;
            sum.s += terms.s;
            sum.difference += terms.difference;
            sum.v1 += terms.v1;
            sum.v2 += terms.v2;
            sum.v3 += terms.v3;
            k += 1;
        }
        (sum, k)
    }

    /// The weight that RevMan prints: the table's share of the denominator S; 0 if it is out.
    pub(crate) fn weight(&self, i: usize) -> f64 {
        self.terms(i).map_or(0.0, |terms| terms.s)
    }

    /// Whether the effect of table `i` enters the Q about this mean.
    ///
    /// A study without events, or with events only, that the conventions merely keep tells the mean
    /// nothing; metafor leaves it out of this Q. RevMan's RD and its risk ratio of exactly 1 stay.
    pub(crate) fn in_q(&self, i: usize) -> bool {
        let raw = Table::of(&self.studies, i);
        let Conventions { rd_cc, all_events, .. } = self.conventions;
        match self.measure {
            Measure::Rd => rd_cc != RdCorrection::Both || !(raw.no_events() || raw.all_events()),
            _ => !raw.no_events() && (!raw.all_events() || all_events == AllEvents::Unit),
        }
    }

    fn effect(&self, Terms { r, s, difference, .. }: Terms) -> f64 {
        if self.measure == Measure::Rd { r / s } else { log_ratio(r, s, difference) }
    }

    fn standard_error(&self, Terms { r, s, v1, v2, v3, .. }: Terms) -> f64 {
        match self.measure {
            Measure::Or => (v1 / (2.0 * r * r) + v2 / (2.0 * r * s) + v3 / (2.0 * s * s)).sqrt(),
            Measure::Rr => (v1 / r / s).sqrt(),
            _ => match self.conventions.mh_rd_variance {
                MhRdVariance::GreenlandRobins => v1.sqrt() / s,
                MhRdVariance::Sato => (r / s * v2 + v3).sqrt() / s,
            },
        }
    }

    /// The terms of table `i`; `None` if it does not enter.
    fn terms(&self, i: usize) -> Option<Terms> {
        let raw = Table::of(&self.studies, i);
        raw.present().ok()?;
        if self.measure == Measure::Rd {
            return Some(risk_difference_terms(match self.conventions.rd_cc {
                RdCorrection::Both => self.correction.apply(raw),
                RdCorrection::Variance | RdCorrection::None => raw,
            }));
        }
        ratio_estimable(self.measure, &self.conventions, raw).ok()?;
        let table = self.correction.apply(raw);
        if self.measure == Measure::Or {
            return Some(odds_ratio_terms(table));
        }
        let terms = risk_ratio_terms(table);
        if raw.all_events() && self.conventions.all_events == AllEvents::Unit {
            return Some(Terms { r: terms.s, difference: 0.0, ..terms });
        }
        Some(terms)
    }
}

fn odds_ratio_terms(t: Table) -> Terms {
    let n = t.n();
    let (r, s) = (t.a * t.d / n, t.b * t.c / n);
    let (p, q) = ((t.a + t.d) / n, (t.b + t.c) / n);
    let difference = t.observed_minus_expected();
    Terms { r, s, difference, v1: p * r, v2: p * s + q * r, v3: q * s }
}

fn risk_ratio_terms(t: Table) -> Terms {
    let (n, n1, n2) = (t.n(), t.n1(), t.n2());
    Terms {
        r: t.a * n2 / n,
        s: t.c * n1 / n,
        difference: t.observed_minus_expected(),
        // (n1 n2 m1 - acN)/N², as a sum of positive terms
        v1: (t.a * t.d / n) * (n1 / n) + (t.b * t.c / n) * (n2 / n),
        ..Terms::default()
    }
}

fn risk_difference_terms(t: Table) -> Terms {
    let (n, n1, n2) = (t.n(), t.n1(), t.n2());
    let (f1, f2) = (n1 / n, n2 / n);
    Terms {
        r: t.observed_minus_expected(),
        s: n1 * f2,
        difference: 0.0,
        v1: t.a * (t.b / n1) * f2 * f2 + t.c * (t.d / n2) * f1 * f1,
        v2: t.c * f1 * f1 - t.a * f2 * f2 + f1 * f2 * (n2 - n1) / 2.0,
        v3: 0.5 * (t.a * t.d + t.b * t.c) / n,
    }
}
