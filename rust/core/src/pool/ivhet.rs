//! Inverse-variance heterogeneity (Doi et al. 2015).

use super::{Estimate, inverse_variance};
use crate::simd::Lanes;
use crate::tile::Tile;

/// The common-effect mean Σwy/Σw, with SE² = Σ w²(v + tau²)/(Σw)² = (1 + tau² Σw²/Σw)/Σw.
///
/// # Example
/// ```
/// use metapool_core::{pool::ivhet, tile::Tile};
/// let pooled = ivhet::pool(Tile::new(&[0.0, 1.0], &[10.0, 30.0]), 0.1);
/// assert!((pooled.estimate - 0.75).abs() < 1e-15 && (pooled.se - 0.0875_f64.sqrt()).abs() < 1e-15);
/// ```
#[inline(always)]
#[must_use]
pub fn pool<V: Lanes>(effects: Tile<'_>, tau2: V) -> Estimate<V> {
    let [mut w1, mut w2] = [V::splat(0.0); 2];
    for (_, w) in effects.studies::<V>() {
        w1 = w1 + w;
        w2 = w2 + w * w;
    }
    let Estimate { estimate, .. } = inverse_variance::pool(effects, V::splat(0.0));
    Estimate { estimate, se: ((tau2 * (w2 / w1) + 1.0) / w1).sqrt() }
}
