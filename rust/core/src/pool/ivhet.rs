//! Inverse-variance heterogeneity (Doi et al. 2015): the common-effect mean with a standard error of its own.

use crate::heterogeneity::tau2::WeightSums;
use crate::simd::Lanes;

/// The standard error of Σwy/Σw where the effects have variances v + tau².
///
/// # Formula
/// SE² = Σ w²(v + tau²)/(Σw)² = (1 + tau² Σw²/Σw)/Σw, with Σw²/Σw = Σw - C.
///
/// # Example
/// ```
/// use metapool_core::{heterogeneity::tau2::WeightSums, pool::ivhet, tile::Tile};
/// let sums = WeightSums::of(Tile::new(&[0.0, 1.0], &[10.0, 30.0]));
/// assert!((ivhet::standard_error(0.1, sums) - 0.0875_f64.sqrt()).abs() < 1e-15);
/// ```
#[inline(always)]
#[must_use]
pub fn standard_error<V: Lanes>(tau2: V, sums: WeightSums<V>) -> V {
    ((tau2 * (sums.w - sums.trace()) + 1.0) / sums.w).sqrt()
}
