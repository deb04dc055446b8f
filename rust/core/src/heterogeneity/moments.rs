//! Estimators of tau² by the method of moments: closed forms, cut off at 0.

use crate::pool::inverse_variance;
use crate::sample::{Multiplicity, Sample};
use crate::simd::Lanes;

use super::q::CochranQ;
use super::tau2::WeightSums;

/// DerSimonian & Laird's (1986) estimator: max(0, (Q - df)/C); 0 for df = 0.
///
/// NaN where the weights are beyond floating point.
///
/// Q may be taken about the inverse-variance or the Mantel-Haenszel mean.
///
/// # Example
/// ```
/// use metapool_core::heterogeneity::{moments::dersimonian_laird, q::CochranQ, tau2::WeightSums};
/// use metapool_core::tile::Tile;
/// let effects = Tile::new(&[0.0, 1.0], &[10.0, 10.0]);
/// let q = CochranQ::about(0.5, 2.0, effects); // Q = 5, C = 10
/// assert!((dersimonian_laird(q, WeightSums::of(effects)) - 0.4).abs() < 1e-15);
/// ```
#[inline(always)]
#[must_use]
pub fn dersimonian_laird<V: Lanes>(q: CochranQ<V>, sums: WeightSums<V>) -> V {
    let (zero, trace) = (V::splat(0.0), sums.trace());
    let several = zero.lt(q.df);
    let tau2 = ((q.q - q.df) / trace).or_zero(several & q.df.lt(q.q));
    tau2.or_nan(!several | (zero.lt(trace) & trace.is_finite()))
}

/// Hedges's (1983) estimator, also called the variance component estimator, of Cochran (1954): the
/// variance of the effects less the mean of their variances, Σ(y - ȳ)²/(k - 1) - Σv/k.
///
/// # Example
/// ```
/// use metapool_core::{heterogeneity::moments::hedges, tile::Tile};
/// assert!((hedges(Tile::new(&[0.0, 1.0], &[10.0, 10.0]), 2.0) - 0.4).abs() < 1e-15);
/// ```
#[inline(always)]
#[must_use]
pub fn hedges<V: Lanes>(effects: impl Sample, k: V) -> V {
    let (zero, one) = (V::splat(0.0), V::splat(1.0));
    let spread = squares(effects, k);
    let mut variances = zero;
    for (_, w, n) in effects.studies::<V>() {
        variances = variances + n.times((one / w).or_zero(zero.lt(w)));
    }
    cut_off(spread / (k - 1.0) - variances / k, k)
}

/// The general moment estimator (DerSimonian & Kacker 2007) with the weights a = 1/(v + tau²) of
/// a first estimate: (Q_a - Σ a v (1 - a/Σa)) / (Σa - Σa²/Σa). After DerSimonian & Laird's or Hedges's
/// first step it is their two-step estimator ("DL2", "HE2").
#[inline(always)]
#[must_use]
pub fn second_step<V: Lanes>(effects: impl Sample, first: V, k: V) -> V {
    let (zero, one) = (V::splat(0.0), V::splat(1.0));
    let sums = WeightSums::at(effects, first);
    let mean = sums.mean();
    let (mut q, mut within) = (zero, zero);
    for (y, w, n) in effects.studies::<V>() {
        let inverse = one / (first * w + 1.0); // a v, which is 1 for a study that is out
        let a = w * inverse;
        q = q + n.times(a * (y - mean) * (y - mean));
        let share = inverse * ((sums.w - a) / sums.w);
        within = within + n.times(share.or_zero(zero.lt(w)));
    }
    cut_off((q - within) / sums.trace(), k)
}

/// Hunter & Schmidt's (1990) estimator: (Q - k)/Σw. With `corrected`, Q is multiplied by k/(k - 1)
/// ("HSk"; Brannick et al. 2019).
#[inline(always)]
#[must_use]
pub fn hunter_schmidt<V: Lanes>(q: CochranQ<V>, sums: WeightSums<V>, corrected: bool) -> V {
    let q_sum = if corrected { q.q * (sums.k / q.df) } else { q.q };
    cut_off((q_sum - sums.k) / sums.w, sums.k)
}

/// Sidik & Jonkman's (2005) estimator: Σ r (y - m)²/(k - 1) with r = 1/(v/tau0² + 1), m the mean weighted
/// by r, and tau0² = Σ(y - ȳ)²/k. It is positive unless all effects are equal.
#[inline(always)]
#[must_use]
pub fn sidik_jonkman<V: Lanes>(effects: impl Sample, k: V) -> V {
    let crude = squares(effects, k) / k;
    let mean = inverse_variance::pool(effects, crude).estimate;
    let mut found = V::splat(0.0);
    for (y, w, n) in effects.studies::<V>() {
        let weight = inverse_variance::weight(w, crude);
        found = found + n.times(weight * (y - mean) * (y - mean));
    }
    cut_off(crude * (found / (k - 1.0)), k)
}

/// Σ(y - ȳ)² of the included studies.
#[inline(always)]
pub(super) fn squares<V: Lanes>(effects: impl Sample, k: V) -> V {
    let zero = V::splat(0.0);
    let (mut sum, mut squares) = (zero, zero);
    for (y, _, n) in effects.studies::<V>() {
        sum = sum + n.times(y);
    }
    let mean = sum / k;
    for (y, w, n) in effects.studies::<V>() {
        let distance = (y - mean).or_zero(zero.lt(w));
        squares = squares + n.times(distance * distance);
    }
    squares
}

/// At least 0, and 0 of one study; NaN stays.
#[inline(always)]
fn cut_off<V: Lanes>(tau2: V, k: V) -> V {
    let zero = V::splat(0.0);
    V::select(tau2.lt(zero), zero, tau2).or_zero(V::splat(1.0).lt(k))
}
