//! The arctangent of a quotient, in lanes.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, SQRT_2};

use crate::simd::Lanes;

/// atan(y/x) in [0, π/2] of numbers that are not negative and not both 0.
///
/// # Formula
/// atan t = π/2 - atan(1/t) above 1, and π/4 + atan((t - 1)/(t + 1)) from tan(π/8) on; below, an odd
/// Remez polynomial (fdlibm, s_atan.c).
#[inline(always)]
pub(crate) fn atan_of_quotient<V: Lanes>(y: V, x: V) -> V {
    const T: [f64; 11] = [
        3.333_333_333_333_293e-1,
        -1.999_999_999_987_648_3e-1,
        1.428_571_427_250_346_6e-1,
        -1.111_111_040_546_235_6e-1,
        9.090_887_133_436_507e-2,
        -7.691_876_205_044_83e-2,
        6.661_073_137_387_531e-2,
        -5.833_570_133_790_573_5e-2,
        4.976_877_994_615_932_4e-2,
        -3.653_157_274_421_691_6e-2,
        1.628_582_011_536_578_2e-2,
    ];
    let steep = x.lt(y);
    let (lesser, greater) = (V::select(steep, x, y), V::select(steep, y, x));
    let upper = (greater * (SQRT_2 - 1.0)).lt(lesser);
    let t =
        V::select(upper, lesser - greater, lesser) / V::select(upper, lesser + greater, greater);
    let z = t * t;
    let w = z * z;
    let odd = z * (w * (w * (w * (w * (w * T[10] + T[8]) + T[6]) + T[4]) + T[2]) + T[0]);
    let even = w * (w * (w * (w * (w * T[9] + T[7]) + T[5]) + T[3]) + T[1]);
    let low = V::splat(FRAC_PI_4).or_zero(upper) + (t - t * (odd + even));
    V::select(steep, V::splat(FRAC_PI_2) - low, low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_arctangent() {
        for i in 0..=4000 {
            let angle = FRAC_PI_2 * f64::from(i) / 4000.0;
            let (y, x) = (libm::sin(angle), libm::cos(angle));
            let found = atan_of_quotient(y, x);
            assert!((found - libm::atan2(y, x)).abs() <= 4.5e-16, "angle {angle}");
        }
        assert_eq!(atan_of_quotient(0.0, 1.0), 0.0);
        assert_eq!(atan_of_quotient(1.0, 0.0), FRAC_PI_2);
    }
}
