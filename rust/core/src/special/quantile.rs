//! Quantiles of distributions on the positive numbers, by inverting their tails.

use super::{chi_square, ln, student_t};

/// x > 0 at which a falling tail is p, 0 < p < tail(0), from a guess.
///
/// # Formula
/// A bracket by doubling and halving, then the Illinois method (Dowell & Jarratt 1971) on ln(tail/p),
/// which is nearly straight; it ends where the bracket holds no other number, or the tail is p.
fn invert(tail: impl Fn(f64) -> f64, p: f64, guess: f64) -> f64 {
    let excess = |x: f64| ln(tail(x) / p);
    let (mut low, mut high) = (guess, guess);
    let (mut at_low, mut at_high) = (excess(low), excess(high));
    while at_low < 0.0 && low > f64::MIN_POSITIVE {
        (high, at_high) = (low, at_low);
        low *= 0.5;
        at_low = excess(low);
    }
    while at_high > 0.0 && high < f64::MAX / 2.0 {
        (low, at_low) = (high, at_high);
        high *= 2.0;
        at_high = excess(high);
    }
    let mut last = 0.0;
    while at_low > 0.0 && at_high < 0.0 && high - low > 2.0 * f64::EPSILON * low {
        let secant = low + (high - low) * (at_low / (at_low - at_high));
        let x = if low < secant && secant < high { secant } else { low + (high - low) * 0.5 };
        let here = excess(x);
        if here > 0.0 {
            (low, at_low) = (x, here);
            at_high *= if last > 0.0 { 0.5 } else { 1.0 };
        } else {
            (high, at_high) = (x, here);
            at_low *= if last < 0.0 { 0.5 } else { 1.0 };
        }
        last = here;
        if here.abs() <= 2.0 * f64::EPSILON {
            return x;
        }
    }
    if at_low == 0.0 { low } else { high }
}

/// x at which P(X > x) = p for chi-square with `df` > 0 degrees of freedom, 0 < p < 1.
///
/// # Example
/// ```
/// let x = metapool_core::special::chi_square_upper_quantile(0.05, 1.0);
/// assert!((x - 3.841_458_820_694_124).abs() < 1e-14);
/// ```
#[must_use]
pub fn chi_square_upper_quantile(p: f64, df: f64) -> f64 {
    invert(|x| chi_square::sf(x, df), p, df)
}

/// t > 0 at which P(|T| > t) = p with `df` > 0 degrees of freedom, 0 < p < 1.
///
/// # Example
/// ```
/// let t = metapool_core::special::t_critical(0.05, 1.0);
/// assert!((t - 12.706_204_736_174_694).abs() < 1e-13);
/// ```
#[must_use]
pub fn t_critical(p: f64, df: f64) -> f64 {
    invert(|t| student_t::two_sided(t, df), p, 2.0)
}
