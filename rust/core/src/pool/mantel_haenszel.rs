//! Mantel & Haenszel's (1959) pooled OR, RR and RD.
//!
//! Notation as in [`crate::effect::binary`].

use crate::conventions::{AllEvents, Conventions, MhRdVariance, RdCorrection};
use crate::effect::binary::{Table, exclude_from_ratio};
use crate::effect::continuity::Correction;
use crate::effect::{Included, Verdict};
use crate::measure::Measure;
use crate::simd::Lanes;
use crate::special::{have_ln_ratio, ln_ratio};

use super::Estimate;

/// What tables add to the sums, or the sums.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Terms<V> {
    /// Numerator: OR ad/N, RR a n2/N, RD (ad - bc)/N.
    r: V,
    /// Denominator, which is also the weight: OR bc/N, RR c n1/N, RD n1 n2/N.
    s: V,
    /// r - s for OR and RR, (ad - bc)/N.
    difference: V,
    /// 1 for a table that enters: the number of tables.
    pub(crate) k: V,
    /// Terms of the variance; their meaning depends on the measure.
    v1: V,
    v2: V,
    v3: V,
}

impl<V: Lanes> Terms<V> {
    /// How many fours there are.
    pub(crate) const FOURS: usize = 2;

    /// Of no table.
    #[inline(always)]
    pub(crate) fn none() -> Self {
        let zero = V::splat(0.0);
        Self::from_fours([[zero; 4]; 2])
    }

    /// These and those of a table that counts so many times.
    #[inline(always)]
    pub(crate) fn and(self, times: V, terms: &Terms<f64>) -> Self {
        let plus = |sum: V, term: f64| sum + times * term;
        Self {
            r: plus(self.r, terms.r),
            s: plus(self.s, terms.s),
            difference: plus(self.difference, terms.difference),
            k: plus(self.k, terms.k),
            v1: plus(self.v1, terms.v1),
            v2: plus(self.v2, terms.v2),
            v3: plus(self.v3, terms.v3),
        }
    }

    /// The four of the mean, then those of its variance.
    #[inline(always)]
    pub(crate) fn into_fours(self) -> [[V; 4]; 2] {
        let Self { r, s, difference, k, v1, v2, v3 } = self;
        [[r, s, difference, k], [v1, v2, v3, V::splat(0.0)]]
    }

    #[inline(always)]
    pub(crate) fn from_fours([[r, s, difference, k], [v1, v2, v3, _]]: [[V; 4]; 2]) -> Self {
        Self { r, s, difference, k, v1, v2, v3 }
    }
}

/// Mantel and Haenszel's method for a measure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MantelHaenszel {
    pub(crate) measure: Measure,
    pub(crate) conventions: Conventions,
}

impl MantelHaenszel {
    /// The pooled effect, log scale for OR and RR.
    ///
    /// # Formula
    /// OR, RR: ln(R/S); RD: R/S.
    #[inline(always)]
    pub(crate) fn mean<V: Lanes>(&self, r: V, s: V, difference: V) -> V {
        if self.measure == Measure::Rd {
            return r / s;
        }
        ln_ratio(r, s, difference).or_nan(have_ln_ratio(r, s))
    }

    /// [`MantelHaenszel::mean`] of sums.
    #[inline(always)]
    pub(crate) fn mean_of<V: Lanes>(&self, sums: Terms<V>) -> V {
        self.mean(sums.r, sums.s, sums.difference)
    }

    /// The pooled effect with its standard error.
    ///
    /// # Formula
    /// OR: variance Σ P r/(2R²) + Σ(P s + Q r)/(2RS) + Σ Q s/(2S²) with P = (a + d)/N,
    /// Q = (b + c)/N (Robins, Breslow & Greenland 1986). RR: Σ(n1 n2 m1 - acN)/N² / (RS) (Greenland
    /// & Robins 1985). RD: Σ(ab n2³ + cd n1³)/(n1 n2 N²) / S² (Greenland & Robins 1985) or Sato,
    /// Greenland & Robins (1989).
    #[inline(always)]
    pub(crate) fn estimate<V: Lanes>(&self, sums: Terms<V>) -> Estimate<V> {
        let Terms { r, s, difference, v1, v2, v3, .. } = sums;
        let se = match self.measure {
            Measure::Or => ((v1 / (r * r) + v2 / (r * s) + v3 / (s * s)) * 0.5).sqrt(),
            Measure::Rr => (v1 / r / s).sqrt(),
            _ => match self.conventions.mh_rd_variance {
                MhRdVariance::GreenlandRobins => v1.sqrt() / s,
                MhRdVariance::Sato => {
                    // everyone against no one: 0, whatever rounding makes of the difference
                    let variance = r / s * v2 + v3;
                    variance.or_zero((v3 * 1e-13).lt(variance)).sqrt() / s
                }
            },
        };
        Estimate { estimate: self.mean(r, s, difference), se }
    }

    /// The terms of tables; 0 for those that do not enter: RR and OR of tables in which nobody, or
    /// everybody, had an event, by the conventions.
    #[inline(always)]
    pub(crate) fn terms<V: Lanes>(&self, raw: Table<V>, correction: Correction) -> Terms<V> {
        let mut verdict = Included::<V>::new();
        let terms = if self.measure == Measure::Rd {
            match self.conventions.rd_cc {
                RdCorrection::Both => risk_difference_terms(correction.apply(raw)),
                RdCorrection::Variance | RdCorrection::None => risk_difference_terms(raw),
                RdCorrection::Weights => {
                    let terms = risk_difference_terms(correction.apply(raw));
                    let difference = raw.determinant() / (raw.n1() * raw.n2());
                    Terms { r: difference * terms.s, ..terms }
                }
            }
        } else {
            exclude_from_ratio(self.measure, &self.conventions, raw, &mut verdict);
            let table = correction.apply(raw);
            if self.measure == Measure::Or {
                odds_ratio_terms(table)
            } else {
                self.risk_ratio_terms(raw, table)
            }
        };
        let enters = verdict.0 & raw.present();
        Terms {
            r: terms.r.or_zero(enters),
            s: terms.s.or_zero(enters),
            difference: terms.difference.or_zero(enters),
            k: terms.k.or_zero(enters),
            v1: terms.v1.or_zero(enters),
            v2: terms.v2.or_zero(enters),
            v3: terms.v3.or_zero(enters),
        }
    }

    #[inline(always)]
    fn risk_ratio_terms<V: Lanes>(&self, raw: Table<V>, t: Table<V>) -> Terms<V> {
        let share = V::splat(1.0) / t.n();
        let (f1, f2) = (t.n1() * share, t.n2() * share);
        let (r, s) = (t.a * f2, t.c * f1);
        let difference = t.determinant() * share;
        // (n1 n2 m1 - acN)/N², as a sum of positive terms
        let v1 = (t.a * t.d * share) * f1 + (t.b * t.c * share) * f2;
        let (zero, one) = (V::splat(0.0), V::splat(1.0));
        let terms = Terms { r, s, difference, k: one, v1, v2: zero, v3: zero };
        if self.conventions.all_events == AllEvents::Unit {
            let unit = raw.all_events();
            let (r, difference) = (V::select(unit, s, r), difference.or_zero(!unit));
            return Terms { r, difference, ..terms };
        }
        terms
    }

    /// Whether the effects of tables enter the Q about this mean.
    ///
    /// A study without events, or with events only, that the conventions merely keep tells the mean
    /// nothing; metafor leaves it out of this Q. RevMan's RD and its risk ratio of exactly 1 stay.
    #[inline(always)]
    pub(crate) fn in_q<V: Lanes>(&self, raw: Table<V>) -> V::Mask {
        let Conventions { rd_cc, all_events, .. } = self.conventions;
        let everything = V::splat(0.0).eq(V::splat(0.0));
        match self.measure {
            Measure::Rd if rd_cc != RdCorrection::Both => everything,
            Measure::Rr if matches!(all_events, AllEvents::Unit | AllEvents::KeepRr) => {
                !raw.no_events()
            }
            _ => !(raw.no_events() | raw.all_events()),
        }
    }
}

/// Σ ad/N / Σ bc/N; NaN of no tables.
pub(crate) fn odds_ratio(tables: &[Table<f64>]) -> f64 {
    let terms = tables.iter().map(|&table| odds_ratio_terms(table));
    let (r, s) = terms.fold((0.0, 0.0), |(r, s), terms| (r + terms.r, s + terms.s));
    r / s
}

#[inline(always)]
fn odds_ratio_terms<V: Lanes>(t: Table<V>) -> Terms<V> {
    let share = V::splat(1.0) / t.n();
    let (r, s) = (t.a * t.d * share, t.b * t.c * share);
    let (p, q) = ((t.a + t.d) * share, (t.b + t.c) * share);
    let difference = t.determinant() * share;
    Terms { r, s, difference, k: V::splat(1.0), v1: p * r, v2: p * s + q * r, v3: q * s }
}

#[inline(always)]
fn risk_difference_terms<V: Lanes>(t: Table<V>) -> Terms<V> {
    let (n, n1, n2) = (t.n(), t.n1(), t.n2());
    let (f1, f2) = (n1 / n, n2 / n);
    Terms {
        r: t.observed_minus_expected(),
        s: n1 * f2,
        difference: V::splat(0.0),
        k: V::splat(1.0),
        v1: t.a * (t.b / n1) * f2 * f2 + t.c * (t.d / n2) * f1 * f1,
        v2: t.c * f1 * f1 - t.a * f2 * f2 + f1 * f2 * (n2 - n1) * 0.5,
        v3: (t.a * t.d + t.b * t.c) / n * 0.5,
    }
}
