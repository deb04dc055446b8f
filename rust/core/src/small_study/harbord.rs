//! Harbord's modified test (Harbord, Egger & Sterne 2006; risk ratio: Harbord, Harris & Sterne
//! 2009).

use crate::choice::choice;
use crate::effect::binary::Table;
use crate::studies::TwoByTwo;

use super::RadialPoints;

choice! {
    /// The efficient score that the test uses.
    pub enum Score: "score" {
        /// Of the log odds ratio.
        OddsRatio = "or",
        /// Of the log risk ratio.
        RiskRatio = "rr",
    }
}

/// Z/√V against √V from raw counts; a study with V = 0 (a zero margin) has no point.
///
/// # Formula
/// OR: Z = a - n1 m1/N, V = n1 n2 m1 m0/(N²(N - 1)). RR: Z = (aN - m1 n1)/m0,
/// V = n1 n2 m1/(N m0).
pub(crate) fn points(score: Score, tables: &TwoByTwo<'_>, points: &mut RadialPoints) {
    for i in 0..tables.events_e.len() {
        let (z, v) = score_and_variance(score, Table::of(tables, i));
        let usable = z.is_finite() && v.is_finite() && v > 0.0;
        points.push(usable.then(|| (v.sqrt(), z / v.sqrt())));
    }
}

fn score_and_variance(score: Score, t: Table) -> (f64, f64) {
    match score {
        Score::OddsRatio => (t.observed_minus_expected(), t.hypergeometric_variance()),
        Score::RiskRatio => {
            let m0 = t.b + t.d;
            let v = (t.n1() / t.n()) * t.n2() * ((t.a + t.c) / m0);
            ((t.a * t.d - t.b * t.c) / m0, v)
        }
    }
}
