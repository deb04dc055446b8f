//! Estimators of tau² that solve Q(tau²) = target, Q(tau²) = Σ w*(y - mu*)², w* = 1/(v + tau²).

use crate::pool::inverse_variance;
use crate::sample::{Multiplicity, Sample};
use crate::simd::{Lanes, Mask};

use super::tau2::Iterated;

/// The tau² >= 0 at which Q is `target`; 0 if Q(0) is not above it.
///
/// For the degrees of freedom it is Paule & Mandel's (1982) estimator, for the median of chi-square the
/// median-unbiased one ("PMM"; Viechtbauer 2021); the empirical Bayes estimator ("EB";
/// Morris 1983) and the iterated estimators of DerSimonian & Laird and of Sidik & Jonkman have the same
/// root.
///
/// # Formula
/// With P the matrix of Q = y'Py, dQ/dtau² = -y'PPy = -Σ w*²(y - mu*)². 1/Q rises and is concave in
/// tau² (Cauchy-Schwarz on P), so Newton's method on 1/Q - 1/target rises to the root from tau² = 0
/// without passing it, but for rounding, from where a step leads back before it; with equal variances the
/// first step is exact. It ends where Q is the target to rounding, or comes no nearer.
///
/// # Example
/// ```
/// use metapool_core::{heterogeneity::q_equation::solve, tile::Tile};
/// let found = solve(Tile::new(&[0.0, 1.0], &[10.0, 10.0]), 1.0, 1.0);
/// assert!((found.tau2 - 0.4).abs() < 1e-15);
/// ```
#[inline(always)]
#[must_use]
pub fn solve<V: Lanes>(effects: impl Sample, df: V, target: V) -> Iterated<V> {
    const ROUNDING: f64 = 8.0 * f64::EPSILON;
    let (zero, one) = (V::splat(0.0), V::splat(1.0));
    let (mut tau2, mut steps) = (zero, zero);
    let mut moving = zero.lt(df);
    let mut before = V::splat(f64::INFINITY);
    while moving.any() {
        let mean = inverse_variance::pool(effects, tau2).estimate;
        let (mut q, mut slope) = (zero, zero);
        for (y, w, n) in effects.studies::<V>() {
            let w = inverse_variance::weight(w, tau2);
            let distance = w * (y - mean);
            q = q + n.times(distance * (y - mean));
            slope = slope + n.times(distance * distance);
        }
        let excess = q / target - 1.0;
        let step = excess * q / slope;
        tau2 = (tau2 + step.or_zero(moving & step.is_finite())).max(zero);
        steps = steps + one.or_zero(moving);
        // a Q that comes no nearer is rounding of effects beyond its reach
        let size = excess.abs();
        moving = moving & V::splat(ROUNDING).lt(size) & size.lt(before) & step.is_finite();
        moving = moving & zero.lt(tau2);
        before = size;
    }
    Iterated { tau2, steps }
}
