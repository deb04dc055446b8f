//! Study effects to a pooled effect.

pub mod cochran_mantel_haenszel;
pub mod critical;
pub mod interval;
pub mod inverse_variance;
pub mod ivhet;
pub mod mantel_haenszel;
pub mod peto;
pub mod prediction;
pub mod profile_likelihood;
pub mod subgroup;

use crate::simd::Lanes;

/// A pooled effect on the analysis scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate<V> {
    /// The effect.
    pub estimate: V,
    /// Its standard error.
    pub se: V,
}

impl<V: Lanes> Estimate<V> {
    /// Whether both exist.
    #[inline(always)]
    pub(crate) fn exists(self) -> V::Mask {
        self.estimate.is_finite() & self.se.is_finite() & V::splat(0.0).lt(self.se)
    }
}
