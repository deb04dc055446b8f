//! Exponential and logarithm in lanes: the same bits at every width and on every platform.
//!
//! Both follow fdlibm (Sun Microsystems 1993): reduction by powers of 2, then a rational or
//! polynomial approximation on a short interval.

use std::f64::consts::{LOG2_E, SQRT_2};

use crate::simd::Lanes;

/// ln 2 in two parts; whole multiples of the first up to 2^20 are exact.
const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// e^x, right to 1 unit in the last place.
///
/// # Formula
/// x = n ln 2 + r with |r| <= ½ ln 2; e^r = 1 + r + rc/(2 - c), where c = r - r²P(r²) is a Remez
/// approximation (fdlibm, e_exp.c).
///
/// # Example
/// ```
/// assert!((metapool_core::special::exp(1.0) - std::f64::consts::E).abs() < 5e-16);
/// ```
#[inline(always)]
#[must_use]
pub fn exp<V: Lanes>(x: V) -> V {
    exp_of_sum(x, V::splat(0.0))
}

/// e^(x + low) of an exponent whose digits beyond `x` are in `low`, |low| < 1e-3.
#[inline(always)]
pub(super) fn exp_of_sum<V: Lanes>(x: V, low: V) -> V {
    const P: [f64; 5] = [
        1.666_666_666_666_660_2e-1,
        -2.777_777_777_701_559_3e-3,
        6.613_756_321_437_934e-5,
        -1.653_390_220_546_525_2e-6,
        4.138_136_797_057_238_5e-8,
    ];
    let within = V::splat(-750.0).max(x).min(V::splat(710.0)); // beyond, 0 and infinity
    let n = (within * LOG2_E).round();
    let high = within - n * LN2_HIGH;
    let low = n * LN2_LOW - low;
    let r = high - low;
    let t = r * r;
    let c = r - t * (((((t * P[4] + P[3]) * t + P[2]) * t + P[1]) * t) + P[0]);
    let power = (high - (low - r * c / (V::splat(2.0) - c))) + 1.0;
    // 2^n in two steps, each of them a normal number
    let half = (n * 0.5).round();
    (power * half.exp2_whole() * (n - half).exp2_whole()).or_nan(x.eq(x))
}

/// ln x, right to 1 unit in the last place; -∞ of 0, NaN below.
///
/// # Formula
/// x = 2^e (1 + f) with √½ <= 1 + f < √2, s = f/(2 + f): ln(1 + f) = f - f²/2 + s(f²/2 + R(s²)), R a
/// Remez approximation (fdlibm, e_log.c).
///
/// # Example
/// ```
/// assert_eq!(metapool_core::special::ln(2.0), std::f64::consts::LN_2);
/// ```
#[inline(always)]
#[must_use]
pub fn ln<V: Lanes>(x: V) -> V {
    let tiny = x.lt(V::splat(f64::MIN_POSITIVE));
    let normal = V::select(tiny, x * TWO_54, x);
    let (m, e) = (normal.significand(), normal.exponent() - V::splat(54.0).or_zero(tiny));
    let large = V::splat(SQRT_2).lt(m);
    let f = V::select(large, m * 0.5, m) - 1.0;
    let e = e + V::splat(1.0).or_zero(large);
    let s = f / (f + 2.0);
    let half_square = f * f * 0.5;
    let rest = half_square - (s * (half_square + remez(s * s)) + e * LN2_LOW);
    let found = e * LN2_HIGH - (rest - f);
    let (zero, infinity) = (V::splat(0.0), V::splat(f64::INFINITY));
    let found = V::select(x.lt(infinity), found, infinity);
    let found = V::select(x.eq(zero), -infinity, found);
    found.or_nan(zero.le(x))
}

const TWO_54: f64 = 18_014_398_509_481_984.0;

/// ln(r/s) of positive normal numbers, given also r - s, whose digits count where r/s is near 1.
///
/// Right to 2 units in the last place of the logarithm of the three numbers given, where
/// [`have_ln_ratio`].
///
/// # Formula
/// r/s = 2^e r'/s with |log2(r'/s)| < 0.587, u = (r' - s)/(r' + s), |u| < 0.2005:
/// ln(r/s) = e ln 2 + 2 artanh u, 2 artanh u = 2u + u R(u²), R the polynomial of degree 7 that
/// interpolates it at Chebyshev's nodes, within 1.2e-16.
///
/// # Example
/// ```
/// let ln_ratio = metapool_core::special::ln_ratio;
/// assert_eq!(ln_ratio(3.0, 1.5, 1.5), std::f64::consts::LN_2);
/// assert_eq!(ln_ratio(1e20, 1e20, 7.0), 7e-20);
/// ```
#[inline(always)]
#[must_use]
pub fn ln_ratio<V: Lanes>(r: V, s: V, difference: V) -> V {
    const A: [f64; 7] = [
        6.666_666_666_666_694e-1,
        3.999_999_999_932_533_6e-1,
        2.857_142_883_944_641e-1,
        2.222_218_236_947_741e-1,
        1.818_463_200_542_383_1e-1,
        1.528_317_332_029_772_7e-1,
        1.512_329_520_861_410_1e-1,
    ];
    let (scaled, e) = r.scaled_to(s);
    let near = e.eq(V::splat(0.0));
    let u = V::select(near, difference, scaled - s) / (scaled + s);
    let z = u * u;
    let w = z * z;
    let even = w * (w * (w * A[5] + A[3]) + A[1]);
    let odd = z * (w * (w * (w * A[6] + A[4]) + A[2]) + A[0]);
    e * LN2_HIGH + (u + u + (u * (even + odd) + e * LN2_LOW))
}

/// Whether [`ln_ratio`] is defined: r and s are positive, normal and below 2^1021.
#[inline(always)]
#[must_use]
pub fn have_ln_ratio<V: Lanes>(r: V, s: V) -> V::Mask {
    // in these orders a NaN of either stays
    V::splat(f64::MIN_POSITIVE).le(s.min(r)) & r.max(s).le(V::splat(0.125 * f64::MAX))
}

/// R(s²) with 2 artanh s = 2s + s R(s²), |s| <= 0.1716.
#[inline(always)]
fn remez<V: Lanes>(z: V) -> V {
    const L: [f64; 7] = [
        6.666_666_666_666_735e-1,
        3.999_999_999_940_942e-1,
        2.857_142_874_366_239e-1,
        2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1,
        1.531_383_769_920_937_3e-1,
        1.479_819_860_511_658_6e-1,
    ];
    let w = z * z;
    let even = w * (w * (w * L[5] + L[3]) + L[1]);
    let odd = z * (w * (w * (w * L[6] + L[4]) + L[2]) + L[0]);
    even + odd
}

/// ln(1 + x) of x > -1, right to a few units in the last place.
///
/// # Formula
/// ln(u) x/(u - 1) with u = 1 + x rounded: what rounding took from u - 1 the quotient gives back (Kahan).
///
/// # Example
/// ```
/// assert_eq!(metapool_core::special::ln_1p(1e-20), 1e-20);
/// ```
#[inline(always)]
#[must_use]
pub fn ln_1p<V: Lanes>(x: V) -> V {
    let one = V::splat(1.0);
    let u = x + one;
    V::select(u.eq(one), x, ln(u) * (x / (u - one)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_the_range() {
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
        assert_eq!(exp(f64::INFINITY), f64::INFINITY);
        assert_eq!(exp(-746.0), 0.0);
        assert_eq!(exp(-745.0), 5e-324);
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
        assert_eq!(ln(f64::INFINITY), f64::INFINITY);
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(ln(5e-324), libm::log(5e-324));
        assert!(exp(f64::NAN).is_nan() && ln(f64::NAN).is_nan() && ln(-1.0).is_nan());
        assert!(!have_ln_ratio(0.0, 1.0) && !have_ln_ratio(1.0, 1e308));
        assert!(!have_ln_ratio(f64::NAN, 1.0) && !have_ln_ratio(1.0, f64::NAN));
        assert!((ln_ratio(1e307, 1e-307, 1e307) - 614.0 * std::f64::consts::LN_10).abs() < 3e-13);
    }
}
