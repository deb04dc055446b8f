//! Confidence intervals of tau², and with it of tau, I² and H².

use crate::choice::choice;
use crate::special::chi_square_upper_quantile;
use crate::special::normal;
use crate::tile::Tile;

use super::likelihood::{Likelihood, gain_and_slope};
use super::q::CochranQ;
use super::q_equation::solve;
use super::tau2::WeightSums;

choice! {
    /// How an interval of tau² is formed.
    pub enum HeterogeneityInterval: "heterogeneity interval" {
        /// [`q_profile`].
        QProfile = "qp",
        /// [`profile_likelihood`].
        ProfileLikelihood = "pl",
        /// [`test_based`].
        TestBased = "ht",
    }
}

/// The tau² at which Q(tau²) is as little and as much as chance allows; none if even Q(0) is less.
///
/// # Formula
/// Viechtbauer (2007): with α = 1 - level, Q(low) is the upper α/2 quantile of chi-square with k - 1 degrees
/// of freedom and Q(high) the lower one; a limit is 0 if Q(0) is below its quantile.
///
/// # Example
/// ```
/// use metapool_core::{heterogeneity::tau2_interval::q_profile, tile::Tile};
/// // Q(tau²) = 0.5/(0.1 + tau²)
/// let (low, high) = q_profile(Tile::new(&[0.0, 1.0], &[10.0, 10.0]), 2.0, 0.95).unwrap();
/// assert!(low == 0.0 && (0.5 / (0.1 + high) - 0.000_982_069_117).abs() < 1e-12);
/// ```
#[must_use]
pub fn q_profile(effects: Tile<'_>, k: f64, level: f64) -> Option<(f64, f64)> {
    let (df, tail) = (k - 1.0, 0.5 * (1.0 - level));
    let least = chi_square_upper_quantile(1.0 - tail, df);
    let q = CochranQ::about(WeightSums::<f64>::of(effects).mean(), k, effects).q;
    if q < least {
        return None;
    }
    let at = |target: f64| solve(effects, df, target).tau2;
    Some((at(chi_square_upper_quantile(tail, df)), at(least)))
}

/// The tau² whose likelihood is not much less than that of `tau2`, its maximum.
///
/// # Formula
/// Hardy & Thompson (1996): 2 (ln L(tau2) - ln L(limit)) is the quantile of chi-square with one degree of
/// freedom; the lower limit is 0 if 0 is not below it, the upper infinite beyond floating point.
///
/// # Example
/// ```
/// use metapool_core::heterogeneity::{likelihood::Likelihood, tau2_interval::profile_likelihood};
/// use metapool_core::tile::Tile;
/// let effects = Tile::new(&[0.0, 1.0], &[100.0, 100.0]);
/// let (low, high) = profile_likelihood(Likelihood::Restricted, effects, 0.49, 0.95);
/// // REML of two studies of one variance: ln v + 0.5/v, v = 0.01 + tau²
/// let fall = |tau2: f64| (0.01 + tau2).ln() + 0.5 / (0.01 + tau2) - 0.5_f64.ln() - 1.0;
/// assert!((fall(low) - 3.841_458_820_694).abs() < 1e-10);
/// assert!((fall(high) - 3.841_458_820_694).abs() < 1e-10);
/// ```
#[must_use]
pub fn profile_likelihood(
    likelihood: Likelihood,
    effects: Tile<'_>,
    tau2: f64,
    level: f64,
) -> (f64, f64) {
    let z = normal::upper_quantile(0.5 * (1.0 - level));
    let excess = |limit: f64| {
        let (gain, slope) = gain_and_slope(likelihood, effects, tau2, limit);
        (gain + z * z, slope)
    };
    let scale = 1.0 / WeightSums::<f64>::of(effects).w;
    let low = if excess(0.0).0 < 0.0 { crossing(excess, 0.0, tau2, scale) } else { 0.0 };
    let mut beyond = 2.0 * tau2 + scale;
    while excess(beyond).0 > 0.0 {
        beyond *= 2.0;
    }
    let falls = excess(beyond).0 < 0.0;
    (low, if falls { crossing(excess, beyond, tau2, scale) } else { f64::INFINITY })
}

/// Where a function, given with its slope, crosses 0 between `below`, where it is negative, and `above`.
///
/// Newton's steps; one that leaves the bracket, or is more than half of the one before, goes to the middle
/// of the bracket instead. So strides or bracket halve, and it ends.
fn crossing(f: impl Fn(f64) -> (f64, f64), mut below: f64, mut above: f64, scale: f64) -> f64 {
    let (mut x, mut stride) = (0.5 * below + 0.5 * above, f64::INFINITY);
    loop {
        let (value, slope) = f(x);
        if value < 0.0 {
            below = x;
        } else {
            above = x;
        }
        let newton = x - value / slope;
        let inside = (below - newton) * (above - newton) < 0.0;
        let near = |y: f64| (y - x).abs() <= 1e-14 * (x + scale);
        if near(newton) || value == 0.0 {
            return if inside { newton } else { x };
        }
        let halves = (newton - x).abs() <= 0.5 * stride;
        let next = if inside && halves { newton } else { 0.5 * below + 0.5 * above };
        if near(next) {
            return next;
        }
        stride = (next - x).abs();
        x = next;
    }
}

/// Limits of H² from Q alone; NaN for two studies whose Q is not above 2.
///
/// # Formula
/// Higgins & Thompson (2002): H = √(Q/df), ln H ± z SE, no less than 0, with SE = ½ (ln Q - ln df)/(√(2Q) -
/// √(2k - 3)) if Q > k, else √((1 - 1/(3(k - 2)²))/(2(k - 2))), which needs k > 2.
///
/// # Example
/// ```
/// use metapool_core::heterogeneity::{q::CochranQ, tau2_interval::test_based};
/// // BCG, risk ratio: R gives H 2.925575 to 4.336270
/// let (low, high) = test_based(CochranQ { q: 152.2330081, df: 12.0 }, 0.95);
/// assert!((low.sqrt() - 2.925575).abs() < 1e-6 && (high.sqrt() - 4.336270).abs() < 1e-6);
/// ```
#[must_use]
pub fn test_based(q: CochranQ<f64>, level: f64) -> (f64, f64) {
    let CochranQ { q, df } = q;
    let k = df + 1.0;
    let se = if q > k {
        0.5 * (libm::log(q) - libm::log(df)) / ((2.0 * q).sqrt() - (2.0 * k - 3.0).sqrt())
    } else if k > 2.0 {
        let n = k - 2.0;
        ((1.0 - 1.0 / (3.0 * n * n)) / (2.0 * n)).sqrt()
    } else {
        return (f64::NAN, f64::NAN);
    };
    let half = normal::upper_quantile(0.5 * (1.0 - level)) * se;
    let ln_h = 0.5 * libm::log(q / df);
    let h2 = |ln_h: f64| libm::exp(2.0 * ln_h.max(0.0));
    (h2(ln_h - half), h2(ln_h + half))
}
