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
    weighted_mean(effects, tau2).estimate()
}

/// A mean and the sum of its weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedMean<V> {
    /// Σ w* y / Σ w*.
    pub mean: V,
    /// Σ w*.
    pub weight: V,
}

impl<V: Lanes> WeightedMean<V> {
    /// With SE 1/√Σw*.
    #[inline(always)]
    #[must_use]
    pub fn estimate(self) -> Estimate<V> {
        Estimate { estimate: self.mean, se: V::splat(1.0) / self.weight.sqrt() }
    }

    /// Whether mean and standard error exist.
    #[inline(always)]
    pub(crate) fn exists(self) -> V::Mask {
        self.mean.is_finite() & self.weight.is_finite() & V::splat(0.0).lt(self.weight)
    }
}

/// The mean of [`pool`].
#[inline(always)]
#[must_use]
pub(crate) fn weighted_mean<V: Lanes>(effects: impl Sample, tau2: V) -> WeightedMean<V> {
    let (mut sum_w, mut sum_wy) = (V::splat(0.0), V::splat(0.0));
    for (y, w, n) in effects.studies::<V>() {
        let w = n.times(weight(w, tau2));
        sum_w = sum_w + w;
        sum_wy = sum_wy + w * y;
    }
    WeightedMean { mean: sum_wy / sum_w, weight: sum_w }
}
