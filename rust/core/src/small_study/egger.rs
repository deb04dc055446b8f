//! Egger's test (Egger, Davey Smith, Schneider & Minder 1997).

use crate::simd::Lanes;

/// Precision 1/se and the standardised effect y/se, of an effect and w = 1/se².
///
/// The test is of the intercept of the least-squares line; the same as weighted regression of y on
/// se with weights 1/se² and multiplicative dispersion.
#[inline(always)]
pub(super) fn point<V: Lanes>(y: V, w: V) -> (V, V) {
    let x = w.sqrt();
    (x, y * x)
}
