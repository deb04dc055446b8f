//! Inverse-variance pooling.

use super::Estimate;
use crate::sample::{Multiplicity, Sample};
use crate::simd::Lanes;

/// w* = 1/(v + tau²) = w/(1 + tau² w), of w = 1/v; 0 for a study that is out.
#[inline(always)]
#[must_use]
pub fn weight<V: Lanes>(w: V, tau2: V) -> V {
    w / (tau2 * w + 1.0)
}

/// mu = Σ w* y / Σ w*, SE = 1/√Σw*; common effect with tau² = 0.
///
/// # Example
/// ```
/// use metapool_core::{pool::inverse_variance, tile::Tile};
/// let pooled = inverse_variance::pool(Tile::new(&[0.0, 1.0], &[10.0, 30.0]), 0.0);
/// assert!((pooled.estimate - 0.75).abs() < 1e-15 && (pooled.se - 0.025_f64.sqrt()).abs() < 1e-15);
/// ```
#[inline(always)]
#[must_use]
pub fn pool<V: Lanes>(effects: impl Sample, tau2: V) -> Estimate<V> {
    let (mut sum_w, mut sum_wy) = (V::splat(0.0), V::splat(0.0));
    for (y, w, n) in effects.studies::<V>() {
        let w = weight(w, tau2);
        sum_w = sum_w + n.times(w);
        sum_wy = sum_wy + n.times(w * y);
    }
    Estimate { estimate: sum_wy / sum_w, se: V::splat(1.0) / sum_w.sqrt() }
}
