//! The standard normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, PI, SQRT_2};

use super::double_double::DoubleDouble;

/// Survival function P(X > x).
///
/// # Formula
/// ½ erfc(x/√2). The rounding of x/√2 would cost x² units in the last place of the far tail, so its
/// remainder is put back by the first derivative.
///
/// # Example
/// ```
/// let p = 2.0 * metapool_core::special::normal::sf(1.959963984540054);
/// assert!((p - 0.05).abs() < 1e-15);
/// ```
#[must_use]
pub fn sf(x: f64) -> f64 {
    let t = x * FRAC_1_SQRT_2;
    let tail = libm::erfc(t);
    if x.is_nan() || t.abs() < 1.0 || t.abs() > 40.0 {
        return 0.5 * tail;
    }
    let back = DoubleDouble::product(t, SQRT_2);
    let remainder = ((x - back.high) - back.low - t * SQRT_2_REST) * FRAC_1_SQRT_2;
    0.5 * (tail - remainder * (2.0 / PI.sqrt()) * libm::exp(-t * t))
}

/// The digits of √2 beyond f64.
const SQRT_2_REST: f64 = -9.667_293_313_452_913e-17;

/// Two-sided P of a z statistic.
#[must_use]
pub fn two_sided(z: f64) -> f64 {
    2.0 * sf(z.abs())
}

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
    if p > 0.5 {
        return -upper_quantile(1.0 - p);
    }
    if p.is_nan() || p <= 0.0 {
        return if p == 0.0 { f64::INFINITY } else { f64::NAN };
    }
    let t = (-2.0 * libm::log(p)).sqrt();
    let mut x = t
        - (2.515_517 + t * (0.802_853 + t * 0.010_328))
            / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    // Cubic convergence from 4.5e-4: the third step is already below rounding.
    for _ in 0..3 {
        let density = libm::exp(-0.5 * x * x) / (2.0 * PI).sqrt();
        let step = (sf(x) - p) / density;
        x += step / (1.0 - 0.5 * x * step);
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqrt_2_rest_is_what_f64_lost() {
        // (SQRT_2 + rest)² = 2 to twice the precision
        let square = DoubleDouble::product(SQRT_2, SQRT_2);
        let error = (square.high - 2.0) + square.low;
        assert!((error + 2.0 * SQRT_2 * SQRT_2_REST).abs() < 1e-31);
    }

    #[test]
    fn quantile_inverts_sf() {
        for p in [0.5, 0.4, 0.1, 0.025, 0.005, 1e-6, 1e-20, 1e-300] {
            assert!((sf(upper_quantile(p)) / p - 1.0).abs() < 3e-13, "p = {p}");
        }
        assert!((upper_quantile(0.025) - 1.959_963_984_540_054).abs() < 4e-16 * 2.0);
        assert_eq!(upper_quantile(0.5).abs(), upper_quantile(0.5));
    }
}
