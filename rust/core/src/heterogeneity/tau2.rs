//! Between-study variance.

use crate::choice::choice;
use crate::pool::inverse_variance;
use crate::simd::{Lanes, Mask};
use crate::tile::Tile;

use super::q::CochranQ;

choice! {
    /// Method of a random-effects model: its estimator of tau².
    pub enum Random: "method" {
        /// [`dersimonian_laird`].
        DerSimonianLaird = "DL",
        /// [`paule_mandel`].
        PauleMandel = "PM",
    }
}

impl Random {
    /// tau² by this estimator, from the effects, their Q and the sums of their weights.
    #[inline(always)]
    #[must_use]
    pub fn estimate<V: Lanes>(self, effects: Tile<'_>, q: CochranQ<V>, sums: WeightSums<V>) -> V {
        match self {
            Self::DerSimonianLaird => dersimonian_laird(q, sums),
            Self::PauleMandel => paule_mandel(effects, q.df),
        }
    }

    /// Whether its Q may be taken about another mean than the inverse-variance one.
    #[must_use]
    pub(crate) fn takes_q_about_any_mean(self) -> bool {
        self == Self::DerSimonianLaird
    }
}

/// Sums of the weights w = 1/v of the included studies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightSums<V> {
    /// Σ w.
    pub w: V,
    /// Σ w y.
    pub wy: V,
    /// Σ of w_i w_j over the pairs i < j.
    pub pairs: V,
    /// Studies.
    pub k: V,
}

impl<V: Lanes> WeightSums<V> {
    /// Sums over the included studies.
    #[inline(always)]
    #[must_use]
    pub fn of(effects: Tile<'_>) -> Self {
        let (zero, one) = (V::splat(0.0), V::splat(1.0));
        let mut sums = Self { w: zero, wy: zero, pairs: zero, k: zero };
        for (y, w) in effects.studies::<V>() {
            sums.pairs = sums.pairs + w * sums.w;
            sums.w = sums.w + w;
            sums.wy = sums.wy + w * y;
            sums.k = sums.k + one.or_zero(zero.lt(w));
        }
        sums
    }

    /// C = Σw - Σw²/Σw, the trace of P, as 2 Σ_{i<j} w_i w_j / Σw: sums of positive terms, where
    /// the textbook form loses every digit once one study dominates.
    #[inline(always)]
    #[must_use]
    pub fn trace(self) -> V {
        self.pairs * 2.0 / self.w
    }

    /// The typical within-study variance s² = df/C (Higgins & Thompson 2002, eq. 9).
    #[inline(always)]
    #[must_use]
    pub fn typical_variance(self, df: V) -> V {
        df / self.trace()
    }
}

/// DerSimonian & Laird's (1986) estimator: max(0, (Q - df)/C); 0 for df = 0.
///
/// NaN where the weights are beyond floating point.
///
/// Q may be taken about the inverse-variance or the Mantel-Haenszel mean.
///
/// # Example
/// ```
/// use metapool_core::{heterogeneity::{q::CochranQ, tau2::{WeightSums, dersimonian_laird}}, tile::Tile};
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

/// Paule & Mandel's (1982) estimator: the tau² at which Q(tau²) = Σ w*(y - mu*)², w* = 1/(v + tau²), is
/// its degrees of freedom; 0 if Q(0) is not above them.
///
/// # Formula
/// With P the matrix of Q = y'Py, dQ/dtau² = -y'PPy = -Σ w*²(y - mu*)². 1/Q rises and is concave in
/// tau² (Cauchy-Schwarz on P), so Newton's method on 1/Q - 1/df rises to the root from tau² = 0
/// without passing it; with equal variances the first step is exact. It ends where Q exceeds df by
/// rounding only, or with one step back where rounding carried it past.
///
/// # Example
/// ```
/// use metapool_core::{heterogeneity::tau2::paule_mandel, tile::Tile};
/// let tau2 = paule_mandel(Tile::new(&[0.0, 1.0], &[10.0, 10.0]), 1.0);
/// assert!((tau2 - 0.4).abs() < 1e-15);
/// ```
#[inline(always)]
#[must_use]
pub fn paule_mandel<V: Lanes>(effects: Tile<'_>, df: V) -> V {
    const ROUNDING: f64 = 8.0 * f64::EPSILON;
    let zero = V::splat(0.0);
    let mut tau2 = zero;
    let mut moving = zero.lt(df);
    let mut before = V::splat(f64::INFINITY);
    while moving.any() {
        let mean = inverse_variance::pool(effects, tau2).estimate;
        let (mut q, mut slope) = (zero, zero);
        for (y, w) in effects.studies::<V>() {
            let w = w / (tau2 * w + 1.0);
            let distance = w * (y - mean);
            q = q + distance * (y - mean);
            slope = slope + distance * distance;
        }
        let excess = q / df - 1.0;
        let step = excess * q / slope;
        tau2 = (tau2 + step.or_zero(moving & step.is_finite())).max(zero);
        // a Q that no longer falls is rounding of effects beyond its reach
        moving = moving & V::splat(ROUNDING).lt(excess) & excess.lt(before) & step.is_finite();
        before = excess;
    }
    tau2
}

/// I² from tau²: 100 tau²/(tau² + s²) percent.
#[inline(always)]
#[must_use]
pub fn i2<V: Lanes>(tau2: V, df: V, sums: WeightSums<V>) -> V {
    let share = (tau2 / (tau2 + sums.typical_variance(df))) * 100.0;
    share.or_zero(V::splat(0.0).lt(df))
}

/// H² from tau²: 1 + tau²/s².
#[inline(always)]
#[must_use]
pub fn h2<V: Lanes>(tau2: V, df: V, sums: WeightSums<V>) -> V {
    let one = V::splat(1.0);
    V::select(V::splat(0.0).lt(df), one + tau2 / sums.typical_variance(df), one)
}
