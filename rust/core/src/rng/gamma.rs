//! The gamma and the chi-square distribution.

use super::draw::Draws;
use super::normal;
use crate::special::{exp, ln};

/// Draws from the gamma distribution of scale 1; NaN unless 0 <= `shape` < ∞.
///
/// # Formula
/// Marsaglia & Tsang (2000) for a = shape >= 1: d = a - 1/3, t = x/(3√d), x standard normal; d(1 + t)³ if
///   t > -1 and ln u < x²/2 + d - d(1 + t)³ + 3d ln(1 + t) = 3d [ln(1 + t) - t + t²/2 - t³/3].
/// Below 1, u^(1/a) times a draw of shape a + 1; shape 0 is the limit, all mass at 0.
///
/// # Words
/// If shape < 1, first one word for u^(1/a). Then two for each attempt until one is accepted: x, u.
///
/// # Example
/// ```
/// use metapool_core::rng::{draw::Draws, gamma, philox::{Purpose, Streams}};
/// let mut draws = Draws::new(Streams::new(7, Purpose::Bootstrap).stream(1, 0, 0));
/// let mean = (0..1000).map(|_| gamma::standard(2.5, &mut draws)).sum::<f64>() / 1000.0;
/// assert!((mean - 2.5).abs() < 0.25);
/// ```
pub fn standard(shape: f64, draws: &mut Draws) -> f64 {
    if !(0.0..f64::INFINITY).contains(&shape) {
        f64::NAN
    } else if shape < 1.0 {
        let boost = exp(ln(draws.uniform()) / shape);
        boost * at_least_one(shape + 1.0, draws)
    } else {
        at_least_one(shape, draws)
    }
}

/// Draws from the chi-square distribution; NaN unless 0 <= `df` < ∞.
///
/// # Formula
/// Twice a gamma variable of shape df/2 (Johnson, Kotz & Balakrishnan 1994, ch. 18).
///
/// # Words
/// Those of [`standard`].
///
/// # Example
/// ```
/// use metapool_core::rng::{draw::Draws, gamma, philox::{Purpose, Streams}};
/// let stream = Streams::new(7, Purpose::Bootstrap).stream(1, 0, 0);
/// let x = gamma::chi_square(5.0, &mut Draws::new(stream));
/// assert_eq!(x, 2.0 * gamma::standard(2.5, &mut Draws::new(stream)));
/// ```
pub fn chi_square(df: f64, draws: &mut Draws) -> f64 {
    2.0 * standard(0.5 * df, draws)
}

/// Shape >= 1.
fn at_least_one(shape: f64, draws: &mut Draws) -> f64 {
    let d = shape - 1.0 / 3.0;
    let scale = 1.0 / (3.0 * d.sqrt());
    loop {
        let x = normal::standard(draws);
        let u = draws.uniform();
        let t = scale * x;
        // the first bound is within the second, and spares its logarithms
        if t > -1.0 && (u < 1.0 - 0.0331 * (x * x) * (x * x) || ln(u) < 3.0 * d * beyond_cubic(t)) {
            let v = 1.0 + t;
            return d * (v * v * v);
        }
    }
}

/// ln(1 + t) - t + t²/2 - t³/3, which for large shapes is all that remains of terms of size d.
fn beyond_cubic(t: f64) -> f64 {
    if t.abs() < 1e-3 {
        let square = t * t;
        -square * square * (1.0 / 4.0 - t * (1.0 / 5.0 - t * (1.0 / 6.0 - t * (1.0 / 7.0))))
    } else {
        libm::log1p(t) - t * (1.0 - t * (1.0 / 2.0 - t * (1.0 / 3.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::philox::{Purpose, Streams};

    fn draws() -> Draws {
        Draws::new(Streams::new(2, Purpose::Bootstrap).stream(0, 0, 0))
    }

    #[test]
    fn the_remainder_is_the_same_on_both_sides_of_its_switch() {
        for t in [1e-3_f64, -1e-3] {
            let (series, closed) = (beyond_cubic(t * (1.0 - 1e-9)), beyond_cubic(t));
            assert!((series / closed - 1.0).abs() < 1e-6);
        }
        assert!((beyond_cubic(1.0) - (std::f64::consts::LN_2 - 5.0 / 6.0)).abs() < 1e-15);
    }

    #[test]
    fn any_shape_ends() {
        for shape in [f64::NAN, -1.0, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(standard(shape, &mut draws()).is_nan());
        }
        assert_eq!(standard(0.0, &mut draws()), 0.0);
        assert_eq!(chi_square(5e-324, &mut draws()), 0.0);
        let mut draws = draws();
        for shape in [1e-300, 1e-3, 0.999_999, 1.0, 1e16, 1e100, f64::MAX] {
            for _ in 0..1000 {
                let x = standard(shape, &mut draws);
                assert!((0.0..=f64::MAX).contains(&x));
                assert!(shape < 1e16 || (x - shape).abs() <= 9.0 * shape.sqrt());
            }
        }
    }

    #[test]
    fn takes_the_words_it_says() {
        let (mut used, mut counted) = (draws(), draws());
        let x = standard(0.5, &mut used);
        let boost = counted.uniform();
        let d: f64 = 1.5 - 1.0 / 3.0;
        loop {
            let z = normal::standard(&mut counted);
            let u = counted.uniform();
            let v = (1.0 + z / (9.0 * d).sqrt()).powi(3);
            if v > 0.0 && u.ln() < 0.5 * z * z + d - d * v + d * v.ln() {
                assert!((x / (d * v * boost * boost) - 1.0).abs() < 1e-14);
                break;
            }
        }
        assert_eq!(used.word(), counted.word());
    }
}
