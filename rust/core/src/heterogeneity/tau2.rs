//! Between-study variance.

use crate::choice::choice;

use super::q::CochranQ;

choice! {
    /// Method of a random-effects model: its estimator of tau².
    pub enum Random: "method" {
        /// [`dersimonian_laird`].
        DerSimonianLaird = "DL",
    }
}

impl Random {
    /// tau² by this estimator.
    #[must_use]
    pub fn estimate(self, q: CochranQ, sums: WeightSums) -> f64 {
        match self {
            Self::DerSimonianLaird => dersimonian_laird(q, sums),
        }
    }
}

/// Sums of the weights w = 1/v of the included studies.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WeightSums {
    /// Σ w.
    pub w: f64,
    /// Σ of w_i w_j over the pairs i < j.
    pub pairs: f64,
}

impl WeightSums {
    /// Sums over the variances of the included studies.
    #[must_use]
    pub fn of(variances: impl Iterator<Item = f64>) -> Self {
        let mut sums = Self::default();
        for v in variances {
            let w = 1.0 / v;
            sums.pairs += w * sums.w;
            sums.w += w;
        }
        sums
    }

    /// C = Σw - Σw²/Σw, the trace of P, as 2 Σ_{i<j} w_i w_j / Σw: sums of positive terms, where
    /// the textbook form loses every digit once one study dominates.
    #[must_use]
    pub fn trace(self) -> f64 {
        2.0 * self.pairs / self.w
    }

    /// The typical within-study variance s² = df/C (Higgins & Thompson 2002, eq. 9).
    #[must_use]
    pub fn typical_variance(self, df: f64) -> f64 {
        df / self.trace()
    }
}

/// DerSimonian & Laird's (1986) estimator: max(0, (Q - df)/C); 0 for df = 0.
///
/// NaN where the weights are beyond floating point.
///
/// Q may be taken about the inverse-variance or the Mantel-Haenszel mean.
///
/// # Example
/// ```
/// use metapool_core::heterogeneity::{q::CochranQ, tau2::{WeightSums, dersimonian_laird}};
/// let effects = [(0.0, 0.1), (1.0, 0.1)]; // Q = 5 about 0.5, C = 10
/// let q = CochranQ::about(0.5, effects.into_iter());
/// let sums = WeightSums::of(effects.into_iter().map(|(_, v)| v));
/// assert!((dersimonian_laird(q, sums) - 0.4).abs() < 1e-15);
/// ```
#[must_use]
pub fn dersimonian_laird(q: CochranQ, sums: WeightSums) -> f64 {
    let trace = sums.trace();
    if q.df > 0.0 && !(trace > 0.0 && trace.is_finite()) {
        return f64::NAN;
    }
    if q.df > 0.0 && q.q > q.df { (q.q - q.df) / trace } else { 0.0 }
}

/// I² from tau²: 100 tau²/(tau² + s²) percent.
#[must_use]
pub fn i2(tau2: f64, df: f64, sums: WeightSums) -> f64 {
    if df > 0.0 { 100.0 * (tau2 / (tau2 + sums.typical_variance(df))) } else { 0.0 }
}

/// H² from tau²: 1 + tau²/s².
#[must_use]
pub fn h2(tau2: f64, df: f64, sums: WeightSums) -> f64 {
    if df > 0.0 { 1.0 + tau2 / sums.typical_variance(df) } else { 1.0 }
}
