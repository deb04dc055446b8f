//! Interval of the mean by profile likelihood ("pl"; Hardy & Thompson 1996).

use crate::heterogeneity::likelihood::{Likelihood, gain, may_have_maxima};
use crate::heterogeneity::tau2::WeightSums;
use crate::heterogeneity::tau2_interval;
use crate::sample::Sample;
use crate::special::normal;
use crate::tile::Tile;

/// Limits of the mean, and the signed root of the likelihood ratio against a mean of 0, a standard normal
/// statistic.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct ProfileInterval {
    pub low: f64,
    pub high: f64,
    pub statistic: f64,
}

/// The means mu with 2 (ln L(max) - max over tau² of ln L(mu, tau²)) <= the quantile of chi-square with one
/// degree of freedom.
///
/// # Formula
/// At a given tau², twice the fall of ln L at mu is D(tau²) + s (mu - m)², with s = Σw*, m = Σw*y/s and D the fall
/// where mu = m. So the limits are the least and the greatest m ± √((z² - D)/s) over the tau² with D <= z², its
/// profile likelihood set; and the statistic is the root of the least D + s m². Restricted, ln L has -½
/// ln Σw* more, and is greatest at REML's tau².
///
/// # Example
/// ```
/// use metapool_core::heterogeneity::likelihood::Likelihood;
/// use metapool_core::{pool::profile_likelihood::interval, tile::Tile};
/// // equal variances v, ML: 2 ln L = -k ln(s²/s0²), s² = s0² + (mu - m)²
/// let found = interval(Likelihood::Full, Tile::new(&[0.0, 1.0], &[1e9, 1e9]), 0.25, 0.95);
/// let half = (0.25 * (3.841_458_820_694_f64 / 2.0).exp_m1()).sqrt();
/// assert!((found.high - (0.5 + half)).abs() < 1e-9);
/// ```
#[must_use]
pub fn interval(
    likelihood: Likelihood,
    effects: Tile<'_>,
    tau2: f64,
    level: f64,
) -> ProfileInterval {
    let z = normal::upper_quantile(0.5 * (1.0 - level));
    let at = |other: f64| {
        let sums = WeightSums::at(effects, other);
        ((-gain(likelihood, effects, tau2, other)).max(0.0), sums.mean(), sums.w)
    };
    let near = tau2_interval::profile_likelihood(likelihood, effects, tau2, level);
    // no mean has its best tau² beyond this one
    let included = effects.studies::<f64>().filter(|(_, w, _)| *w > 0.0);
    let end = included.fold(near.1, |end, (y, w, _)| end.max(8.0 * y * y + 2.0 / w));
    let uneven = may_have_maxima(effects);
    let greatest = |f: &dyn Fn(f64) -> f64| {
        let found = greatest_between(f, near.0, near.1, effects);
        // a second maximum may lie apart from the first
        if uneven { found.max(greatest_between(f, 0.0, end, effects)) } else { found }
    };
    let limit = |sign: f64| {
        sign * greatest(&|tau2| {
            let (fall, mean, weight) = at(tau2);
            let room = (z * z - fall) / weight;
            if room >= 0.0 { sign * mean + room.sqrt() } else { f64::NEG_INFINITY }
        })
    };
    let against_0 = |tau2: f64| {
        let (fall, mean, weight) = at(tau2);
        -fall - weight * mean * mean
    };
    let ratio = -greatest_between(against_0, 0.0, end, effects);
    let mean = at(tau2).1;
    ProfileInterval {
        low: limit(-1.0),
        high: limit(1.0),
        statistic: ratio.max(0.0).sqrt().copysign(mean),
    }
}

/// The greatest value of f between two tau²: the best of a grid, even in ln(1 + tau²/scale), then golden
/// sections between its neighbours. They end where tau² is known to 1e-7, as f is flat there: its value is
/// then known to 1e-14.
fn greatest_between(f: impl Fn(f64) -> f64, low: f64, high: f64, effects: Tile<'_>) -> f64 {
    const STEPS: i32 = 24;
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let scale = 1.0 / WeightSums::<f64>::of(effects).w;
    let whole = libm::log1p((high - low) / scale);
    let point = |i: i32| {
        let share = f64::from(i.clamp(0, STEPS)) / f64::from(STEPS);
        (low + scale * libm::expm1(whole * share)).min(high)
    };
    let (mut best, mut most) = (0, f64::NEG_INFINITY);
    for i in 0..=STEPS {
        let here = f(point(i));
        if here > most {
            (best, most) = (i, here);
        }
    }
    let (mut a, mut b) = (point(best - 1), point(best + 1));
    let (mut c, mut d) = (b - golden * (b - a), a + golden * (b - a));
    let (mut at_c, mut at_d) = (f(c), f(d));
    while b - a > 1e-7 * (b + scale) {
        if at_c > at_d {
            (b, d, at_d) = (d, c, at_c);
            c = b - golden * (b - a);
            at_c = f(c);
        } else {
            (a, c, at_c) = (c, d, at_d);
            d = a + golden * (b - a);
            at_d = f(d);
        }
    }
    most.max(at_c).max(at_d)
}
