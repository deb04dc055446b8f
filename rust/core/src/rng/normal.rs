//! The standard normal distribution, by inversion.

use super::source::Source;
use crate::simd::{Lanes, Mask};
use crate::special::ln;

/// Draws from the standard normal distribution; takes one word.
///
/// # Formula
/// z = Φ⁻¹(u) of one uniform u by rational approximations (Wichura 1988, AS 241, PPND16), |z| < 8.21. Taken
/// from the nearer tail: 1 - u is exact, so that it gives -z to the last bit.
///
/// # Example
/// ```
/// use metapool_core::rng::{draw::Draws, normal, philox::{Purpose, Streams}};
/// use metapool_core::special::normal::sf;
/// let stream = Streams::new(7, Purpose::Bootstrap).stream(1, 0, 0);
/// let z: f64 = normal::standard(&mut Draws::new(stream));
/// let u = Draws::new(stream).uniform();
/// assert!((sf(-z) - u).abs() < 1e-15);
/// ```
#[inline(always)]
pub fn standard<V: Lanes>(source: &mut impl Source<V>) -> V {
    quantile(source.uniform())
}

/// Φ⁻¹(u), 0 < u < 1, to a few units in the last place.
#[inline(always)]
fn quantile<V: Lanes>(u: V) -> V {
    let q = u - 0.5;
    let centre = q * ratio(&CENTRE, V::splat(0.180_625) - q * q);
    let is_tail = V::splat(0.425).lt(q.abs());
    if !is_tail.any() {
        return centre;
    }
    let r = (-ln(u.min(V::splat(1.0) - u))).sqrt();
    let mut z = ratio(&TAIL, r - 1.6);
    let is_far = is_tail & V::splat(5.0).lt(r);
    if is_far.any() {
        z = V::select(is_far, ratio(&FAR_TAIL, r - 5.0), z);
    }
    let z = V::select(q.lt(V::splat(0.0)), -z, z);
    V::select(is_tail, z, centre)
}

/// Coefficients of the polynomials above and below, the constants first.
type Ratio = ([f64; 8], [f64; 8]);

#[inline(always)]
fn ratio<V: Lanes>((above, below): &Ratio, x: V) -> V {
    polynomial(above, x) / polynomial(below, x)
}

#[inline(always)]
fn polynomial<V: Lanes>(coefficients: &[f64; 8], x: V) -> V {
    let [rest @ .., highest] = coefficients;
    let mut sum = V::splat(*highest);
    for c in rest.iter().rev() {
        sum = sum * x + *c;
    }
    sum
}

/// |u - ½| <= 0.425.
const CENTRE: Ratio = (
    [
        3.3871328727963665,
        133.14166789178438,
        1971.5909503065513,
        13731.69376550946,
        45921.95393154987,
        67265.7709270087,
        33430.57558358813,
        2509.0809287301227,
    ],
    [
        1.0,
        42.31333070160091,
        687.1870074920579,
        5394.196021424751,
        21213.794301586597,
        39307.89580009271,
        28729.085735721943,
        5226.495278852854,
    ],
);
/// ln of the tail >= -25.
const TAIL: Ratio = (
    [
        1.4234371107496835,
        4.630337846156546,
        5.769497221460691,
        3.6478483247632045,
        1.2704582524523684,
        0.2417807251774506,
        0.022723844989269184,
        0.0007745450142783414,
    ],
    [
        1.0,
        2.053191626637759,
        1.6763848301838038,
        0.6897673349851,
        0.14810397642748008,
        0.015198666563616457,
        0.0005475938084995345,
        1.0507500716444169e-09,
    ],
);
/// Beyond.
const FAR_TAIL: Ratio = (
    [
        6.657904643501103,
        5.463784911164114,
        1.7848265399172913,
        0.29656057182850487,
        0.026532189526576124,
        0.0012426609473880784,
        2.7115555687434876e-05,
        2.0103343992922881e-07,
    ],
    [
        1.0,
        0.599832206555888,
        0.1369298809227358,
        0.014875361290850615,
        0.0007868691311456133,
        1.8463183175100548e-05,
        1.421511758316446e-07,
        2.0442631033899397e-15,
    ],
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::normal::upper_quantile;

    #[test]
    fn both_tails_to_the_last_bit() {
        for bits in 2..=53 {
            let u = 0.5_f64.powi(bits);
            assert_eq!(quantile(1.0 - u), -quantile(u));
        }
        // mpmath
        for (u, z) in [
            (f64::EPSILON / 2.0, -8.209_536_151_601_386),
            (1e-10, -6.361_340_902_404_056),
            (0.025, -1.959_963_984_540_054_2),
            (0.4, -0.253_347_103_135_799_8),
        ] {
            assert!((quantile(u) - z).abs() < 2e-15, "u = {u}");
        }
    }

    #[test]
    fn agrees_with_halley_on_the_survival_function() {
        // 0.075 and e^-25 = 1.39e-11 are where the approximations meet
        for step in 1..=3600 {
            let u = 0.5 * libm::exp(-0.01 * f64::from(step));
            let z = quantile(u);
            assert!((z + upper_quantile(u)).abs() < 1e-15 * (1.0 + z.abs()), "u = {u}");
        }
    }

    #[test]
    fn keeps_its_digits_at_the_centre() {
        let root = (2.0 * std::f64::consts::PI).sqrt();
        for bits in 28..=52 {
            let q = 0.5_f64.powi(bits);
            assert!((quantile(0.5 + q) / (root * q) - 1.0).abs() < 1e-15);
        }
    }
}
