//! The standard normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use super::{erfcx, exp, exp_ln::exp_of_sum, ln};
use crate::simd::Lanes;

/// Survival function P(X > x).
///
/// # Example
/// ```
/// let p = 2.0 * metapool_core::special::normal::sf(1.959963984540054);
/// assert!((p - 0.05).abs() < 1e-15);
/// ```
#[must_use]
pub fn sf(x: f64) -> f64 {
    let tail = 0.5 * two_sided(x);
    if x < 0.0 { 1.0 - tail } else { tail }
}

/// Two-sided P of a z statistic: P(|X| > |z|).
///
/// # Formula
/// erfc(|z|/√2) = e^(-z²/2) erfcx(|z|/√2). The square is taken exactly in two parts (Dekker 1971),
/// since its rounding would cost z² units in the last place of the far tail.
///
/// # Example
/// ```
/// let p = metapool_core::special::normal::two_sided(-1.959963984540054);
/// assert!((p - 0.05).abs() < 1e-15);
/// ```
#[inline(always)]
#[must_use]
pub fn two_sided<V: Lanes>(z: V) -> V {
    let x = z.abs().min(V::splat(BEYOND));
    let shifted = x * 134_217_729.0; // 2^27 + 1
    let upper = shifted - (shifted - x);
    let decay = exp_of_sum(upper * upper * -0.5, (x - upper) * (x + upper) * -0.5);
    (decay * erfcx(x * FRAC_1_SQRT_2)).or_nan(z.eq(z))
}

/// From here on P is 0.
const BEYOND: f64 = 39.0;
/// The z that leaves probability `p` above it, 0 < p < 1.
///
/// # Formula
/// Abramowitz & Stegun 26.2.23 as a start, then Halley's method on [`sf`] until it rests.
///
/// # Example
/// ```
/// let z = metapool_core::special::normal::upper_quantile(0.025);
/// assert!((z - 1.959963984540054).abs() < 1e-15);
/// ```
#[must_use]
pub fn upper_quantile(p: f64) -> f64 {
    if p == 0.5 {
        return 0.0;
    }
    if p > 0.5 {
        return -upper_quantile(1.0 - p);
    }
    if p.is_nan() || p <= 0.0 {
        return if p == 0.0 { f64::INFINITY } else { f64::NAN };
    }
    let t = (-2.0 * ln(p)).sqrt();
    let mut x = t
        - (2.515_517 + t * (0.802_853 + t * 0.010_328))
            / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    // Cubic convergence from 4.5e-4: the third step is already below rounding.
    for _ in 0..3 {
        let density = exp(-0.5 * x * x) / (2.0 * PI).sqrt();
        let step = (sf(x) - p) / density;
        x += step / (1.0 - 0.5 * x * step);
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantile_inverts_sf() {
        for p in [0.5, 0.4, 0.1, 0.025, 0.005, 1e-6, 1e-20, 1e-300] {
            assert!((sf(upper_quantile(p)) / p - 1.0).abs() < 3e-13, "p = {p}");
        }
        assert!((upper_quantile(0.025) - 1.959_963_984_540_054).abs() < 4e-16 * 2.0);
        assert_eq!(upper_quantile(0.5), 0.0);
    }
}
