//! Harbord's modified test (Harbord, Egger & Sterne 2006; risk ratio: Harbord, Harris & Sterne
//! 2009).

use crate::choice::choice;
use crate::effect::binary::Table;
use crate::simd::Lanes;

choice! {
    /// The efficient score that the test uses.
    pub enum Score: "score" {
        /// Of the log odds ratio.
        OddsRatio = "or",
        /// Of the log risk ratio.
        RiskRatio = "rr",
        /// The same with the variance that R's package meta takes: right for arms of equal size.
        RiskRatioMeta = "rr-meta",
        /// Of the log odds ratio with Cochran's variance, N³ for N²(N - 1).
        OddsRatioCochran = "or-cochran",
    }
}

/// √V and Z/√V from raw counts, both 0 for a study with V = 0 (a zero margin).
///
/// # Formula
/// OR: Z = a - n1 m1/N = (ad - bc)/N, V = n1 n2 m1 m0/(N²(N - 1)). RR: Z = (aN - m1 n1)/m0 =
/// (ad - bc)/m0, V = n1 n2 m1/(N m0); as in meta V = N m1/(4 m0).
#[inline(always)]
pub(super) fn point<V: Lanes>(score: Score, t: Table<V>) -> (V, V) {
    let (n, m1, m0) = (t.n(), t.a + t.c, t.b + t.d);
    let arms = t.n1() * t.n2();
    let (divisor, variance) = match score {
        Score::OddsRatio => (n, arms * (m1 * m0) / (n * n * (n - 1.0))),
        Score::OddsRatioCochran => (n, arms * (m1 * m0) / (n * n * n)),
        Score::RiskRatio => (m0, arms * m1 / (n * m0)),
        Score::RiskRatioMeta => (m0, n * m1 / (m0 * 4.0)),
    };
    let x = variance.sqrt();
    let y = t.determinant() / (divisor * x);
    let usable = V::splat(0.0).lt(variance) & variance.is_finite() & y.is_finite();
    (x.or_zero(usable), y.or_zero(usable))
}
