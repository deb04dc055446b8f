//! Egger's test (Egger, Davey Smith, Schneider & Minder 1997).

use super::RadialPoints;

/// The standardised effect y/se against precision 1/se; studies without effect (NaN) have no point.
///
/// The test is of the intercept of the least-squares line; the same as weighted regression of y on
/// se with weights 1/se² and multiplicative dispersion.
pub fn points(y: &[f64], v: &[f64], points: &mut RadialPoints) {
    for (&y, &v) in y.iter().zip(v) {
        points.push((!y.is_nan()).then(|| (1.0 / v.sqrt(), y / v.sqrt())));
    }
}
