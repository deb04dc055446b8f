//! Confidence interval and test of a pooled effect.

use crate::choice::choice;
use crate::simd::Lanes;
use crate::special::normal;

use super::Estimate;

choice! {
    /// How the interval of the mean is formed.
    pub enum Interval: "interval" {
        /// estimate ± z SE, P from the standard normal distribution.
        Wald = "wald",
    }
}

/// Interval and two-sided test.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct Inference<V> {
    pub ci_low: V,
    pub ci_high: V,
    pub statistic: V,
    pub p_value: V,
}

/// estimate ± `critical` SE and z = estimate/SE.
///
/// # Example
/// ```
/// use metapool_core::pool::{Estimate, interval::{normal_critical, wald}};
/// let found = wald(Estimate { estimate: 1.0, se: 0.5 }, normal_critical(0.95));
/// assert_eq!(found.statistic, 2.0);
/// assert!((found.ci_low - 0.020_018).abs() < 1e-6 && (found.p_value - 0.045_500).abs() < 1e-6);
/// ```
#[inline(always)]
#[must_use]
pub fn wald<V: Lanes>(pooled: Estimate<V>, critical: f64) -> Inference<V> {
    let (ci_low, ci_high) = wald_limits(pooled, critical);
    let statistic = pooled.estimate / pooled.se;
    Inference { ci_low, ci_high, statistic, p_value: normal::two_sided(statistic) }
}

/// estimate ± `critical` SE.
#[inline(always)]
#[must_use]
pub fn wald_limits<V: Lanes>(pooled: Estimate<V>, critical: f64) -> (V, V) {
    let half = pooled.se * critical;
    (pooled.estimate - half, pooled.estimate + half)
}

/// The normal quantile of a two-sided confidence level, 0 < level < 1.
#[must_use]
pub fn normal_critical(level: f64) -> f64 {
    normal::upper_quantile(0.5 * (1.0 - level))
}
