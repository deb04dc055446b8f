//! Inverse-variance pooling.

use super::Estimate;

/// mu = Σ w y / Σ w, SE = 1/√Σw, w = 1/(v + tau²); common effect with tau² = 0.
///
/// # Example
/// ```
/// let pooled = metapool_core::pool::inverse_variance::pool([(0.0, 0.1), (1.0, 0.3)].into_iter(), 0.0);
/// assert!((pooled.estimate - 0.25).abs() < 1e-15 && (pooled.se - 0.075_f64.sqrt()).abs() < 1e-15);
/// ```
#[must_use]
pub fn pool(effects: impl Iterator<Item = (f64, f64)>, tau2: f64) -> Estimate {
    let (mut sum_w, mut sum_wy) = (0.0, 0.0);
    for (y, v) in effects {
        let w = 1.0 / (v + tau2);
        sum_w += w;
        sum_wy += w * y;
    }
    Estimate { estimate: sum_wy / sum_w, se: 1.0 / sum_w.sqrt() }
}
