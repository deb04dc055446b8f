//! The standard normal distribution, by inversion.

use super::draw::Draws;
use crate::special::normal::upper_quantile;

/// Draws from the standard normal distribution; takes one word.
///
/// # Formula
/// z = Φ⁻¹(u) of one uniform u (inversion; Devroye 1986, II.2), |z| < 8.21. Taken from the nearer tail: 1 - u
/// is exact, so that it gives -z to the last bit.
///
/// # Example
/// ```
/// use metapool_core::rng::{draw::Draws, normal, philox::{Purpose, Streams}};
/// use metapool_core::special::normal::sf;
/// let stream = Streams::new(7, Purpose::Bootstrap).stream(1, 0, 0);
/// let z = normal::standard(&mut Draws::new(stream));
/// let u = Draws::new(stream).uniform();
/// assert!((sf(-z) - u).abs() < 1e-15);
/// ```
#[inline]
pub fn standard(draws: &mut Draws) -> f64 {
    quantile(draws.uniform())
}

#[inline]
fn quantile(u: f64) -> f64 {
    -upper_quantile(u)
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
