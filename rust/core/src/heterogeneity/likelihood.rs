//! Estimators of tau² by maximum likelihood ("ML") and restricted maximum likelihood ("REML").

use crate::pool::inverse_variance;
use crate::sample::{Multiplicity, Sample};
use crate::simd::{Lanes, Mask};
use crate::special::ln;

use super::moments::hedges;
use super::tau2::{Iterated, WeightSums};

/// Which likelihood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likelihood {
    /// Of the effects.
    Full,
    /// Of their contrasts.
    Restricted,
}

/// A tau² of this share of the least variance changes no weight much.
const SHARE: f64 = 0.125;
/// Variances further apart than this can give the likelihood several maxima.
const UNEVEN: f64 = 64.0;

/// The tau² >= 0 that maximises the likelihood.
///
/// # Formula
/// Up to a constant, with a = 1/(v + tau²) and r = y - Σay/Σa: -2 ln L = -Σ ln a + Σ a r², and with +
/// ln Σa restricted (Hardy & Thompson 1996; Viechtbauer 2005). `ascend` starts at Hedges's estimator;
/// where the variances are very uneven, also at the best of a geometric grid, as there may be other
/// maxima. The greatest of what they reach and of tau² = 0 is taken.
///
/// # Example
/// ```
/// use metapool_core::heterogeneity::likelihood::{Likelihood, maximise};
/// use metapool_core::tile::Tile;
/// let effects = Tile::new(&[0.0, 1.0], &[10.0, 10.0]);
/// assert!((maximise(Likelihood::Restricted, effects, 2.0).tau2 - 0.4).abs() < 1e-14);
/// assert!((maximise(Likelihood::Full, effects, 2.0).tau2 - 0.15).abs() < 1e-14);
/// ```
#[inline(always)]
#[must_use]
pub fn maximise<V: Lanes>(likelihood: Likelihood, effects: impl Sample, k: V) -> Iterated<V> {
    climb(OfMeans(likelihood, effects), hedges(effects, k), V::splat(1.0).lt(k))
}

/// The maximum of a likelihood in the lanes that have `several` studies, from a start by moments.
#[inline(always)]
pub(super) fn climb<V: Lanes>(
    likelihood: impl Ascends<V>,
    moments: V,
    several: V::Mask,
) -> Iterated<V> {
    let (zero, one) = (V::splat(0.0), V::splat(1.0));
    let at_zero = likelihood.slope(zero);
    let rises = zero.lt(at_zero.slope);
    let start = V::select(zero.lt(moments) | !rises, moments, at_zero.step());
    let (least, most) = likelihood.variances();
    let uneven = several & is_uneven(least, most) & at_zero.slope.is_finite();
    let (mut start, mut bracket) = (start.or_zero(several), (zero, V::splat(f64::INFINITY)));
    let (mut tau2, mut best, mut steps) = (zero, zero, one.or_zero(several));
    for from_grid in [false, true] {
        let found = ascend(likelihood, at_zero, start, bracket, least);
        // where the likelihood rises from 0, what was reached first needs no proof
        let compare = (zero.lt(found.tau2) & !rises) | uneven;
        let reached = if compare.any() { likelihood.gain(found.tau2) } else { best };
        let better =
            if from_grid { uneven & best.lt(reached) } else { !compare | best.lt(reached) };
        tau2 = V::select(better, found.tau2, tau2);
        best = V::select(better, reached, best);
        steps = steps + found.steps;
        if !uneven.any() {
            break;
        }
        let first = least * 0.25;
        start = best_of_grid(likelihood, first, uneven).or_zero(uneven);
        // a maximum lies between its neighbours in the grid; below the first if all are worse than 0,
        // from where the likelihood rises
        let below = uneven & rises & start.eq(zero);
        bracket = ((start * 0.5).or_zero(first.lt(start)), V::select(below, first, start * 2.0));
        start = V::select(below, first * 0.5, start);
    }
    let defined = !several | (at_zero.slope.is_finite() & zero.lt(at_zero.weight));
    Iterated { tau2: tau2.or_nan(defined), steps }
}

/// The maximum that is reached from a start inside a bracket; 0 from 0.
///
/// # Formula
/// Twice the slope of ln L is g = Σ a²r² - Σa, or Σ a²r² - tr P restricted, with tr P = Σa - Σa²/Σa.
/// Steps are Newton's, -g/g', with -g' = 2 y'P³y - s2 or - tr PP, y'P³y = Σ a³r² - (Σ a²r)²/Σa; where
/// that is less than a quarter of its expectation (s2 = Σa², tr PP) the step is Fisher's, g over the
/// expectation. A step that leaves the bracket of the maximum, or is not at most half of the one before,
/// is replaced by one to the middle of the bracket: so strides or bracket halve, and the ascent ends.
#[inline(always)]
fn ascend<V: Lanes>(
    likelihood: impl Ascends<V>,
    at_zero: Slope<V>,
    start: V,
    (mut low, mut high): (V, V),
    least: V,
) -> Iterated<V> {
    let (zero, one) = (V::splat(0.0), V::splat(1.0));
    let rises = zero.lt(at_zero.slope);
    let scale = one / at_zero.weight;
    let floor = least * SHARE;
    let (mut tau2, mut steps) = (start, zero);
    let mut stride = V::splat(f64::INFINITY);
    let mut moving = zero.lt(tau2) & tau2.is_finite();
    while moving.any() {
        let here = likelihood.slope(tau2);
        let up = zero.lt(here.slope);
        low = V::select(moving & up, tau2, low);
        high = V::select(moving & !up, tau2, high);
        let step = here.step();
        let newton = tau2 + step;
        let middle = V::select(high.is_finite(), (low + high) * 0.5, tau2 * 2.0 + scale);
        let shrinks = step.abs().le(stride * 0.5);
        let next = V::select(low.lt(newton) & newton.lt(high) & shrinks, newton, middle);
        // falling here and from 0, and no study weighs otherwise there: the maximum is at 0
        let to_zero = low.eq(zero) & newton.le(zero) & !rises & tau2.le(floor);
        let next = V::select(to_zero, zero, next);
        let rounding = tau2 * 1e-13 + scale * 1e-14;
        let next = V::select(step.abs().le(rounding), tau2 + step, next);
        let near = (next - tau2).abs().le(rounding);
        stride = (next - tau2).abs();
        tau2 = V::select(moving, next, tau2);
        steps = steps + one.or_zero(moving);
        moving = moving & !near & !to_zero & next.is_finite();
    }
    Iterated { tau2, steps }
}

/// The best of `first` times powers of 2, up to where the likelihood only falls: at the square of the range
/// of the effects; 0 if all are worse.
#[inline(always)]
fn best_of_grid<V: Lanes>(likelihood: impl Ascends<V>, first: V, lanes: V::Mask) -> V {
    let zero = V::splat(0.0);
    let range = likelihood.range();
    let end = range * range;
    let (mut best, mut most) = (zero, zero);
    let mut tau2 = first;
    let mut more = lanes & tau2.lt(end);
    while more.any() {
        let here = likelihood.gain(tau2);
        let better = more & most.lt(here);
        best = V::select(better, tau2, best);
        most = V::select(better, here, most);
        tau2 = tau2 * 2.0;
        more = more & tau2.lt(end) & tau2.is_finite();
    }
    best
}

#[inline(always)]
fn is_uneven<V: Lanes>(least: V, most: V) -> V::Mask {
    (least * UNEVEN).lt(most)
}

/// Whether the likelihood can have several maxima.
pub(crate) fn may_have_maxima(effects: impl Sample) -> bool {
    let (least, most) = range_of_variances::<f64>(effects);
    is_uneven(least, most)
}

/// The least and the greatest v.
#[inline(always)]
fn range_of_variances<V: Lanes>(effects: impl Sample) -> (V, V) {
    let (mut least, mut most) = (V::splat(f64::INFINITY), V::splat(0.0));
    for (_, w, n) in effects.studies::<V>() {
        let included = V::splat(0.0).lt(n.times(w));
        least = V::select(included & w.lt(least), w, least);
        most = most.max(w.or_zero(included));
    }
    (V::splat(1.0) / most, V::splat(1.0) / least)
}

/// A likelihood of tau².
pub(super) trait Ascends<V>: Copy {
    /// Its slope.
    fn slope(self, tau2: V) -> Slope<V>;
    /// Twice what its logarithm gains from tau² = 0 on.
    fn gain(self, tau2: V) -> V;
    /// The least and the greatest v.
    fn variances(self) -> (V, V);
    /// The greatest less the least effect.
    fn range(self) -> V;
}

/// That of effects about their mean.
#[derive(Clone, Copy)]
struct OfMeans<S>(Likelihood, S);

impl<V: Lanes, S: Sample> Ascends<V> for OfMeans<S> {
    #[inline(always)]
    fn slope(self, tau2: V) -> Slope<V> {
        Slope::of(self.0, self.1, tau2)
    }

    #[inline(always)]
    fn gain(self, tau2: V) -> V {
        gain(self.0, self.1, V::splat(0.0), tau2)
    }

    #[inline(always)]
    fn variances(self) -> (V, V) {
        range_of_variances(self.1)
    }

    #[inline(always)]
    fn range(self) -> V {
        let (mut low, mut high) = (V::splat(f64::INFINITY), V::splat(f64::NEG_INFINITY));
        for (y, w, n) in self.1.studies::<V>() {
            let included = V::splat(0.0).lt(n.times(w));
            low = V::select(included & y.lt(low), y, low);
            high = V::select(included & high.lt(y), y, high);
        }
        high - low
    }
}

/// Twice the slope of ln L at some tau², and what a step is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slope<V> {
    /// Σa.
    pub(super) weight: V,
    pub(super) slope: V,
    /// -g' and its expectation.
    pub(super) information: V,
    pub(super) expected: V,
}

impl<V: Lanes> Slope<V> {
    #[inline(always)]
    fn of(likelihood: Likelihood, effects: impl Sample, tau2: V) -> Self {
        let zero = V::splat(0.0);
        let sums = WeightSums::at(effects, tau2);
        let (s1, mean) = (sums.w, sums.mean());
        let [mut s2, mut s3, mut ar, mut arr, mut aarr] = [zero; 5];
        for (y, w, n) in effects.studies::<V>() {
            let a = inverse_variance::weight(w, tau2);
            let distance = a * (y - mean);
            s2 = s2 + n.times(a * a);
            s3 = s3 + n.times(a * a * a);
            ar = ar + n.times(a * distance);
            arr = arr + n.times(distance * distance);
            aarr = aarr + n.times(a * (distance * distance));
        }
        let cubic = aarr - ar * ar / s1;
        let (trace, expected) = match likelihood {
            Likelihood::Full => (s1, s2),
            Likelihood::Restricted => (sums.trace(), s2 - s3 * 2.0 / s1 + (s2 / s1) * (s2 / s1)),
        };
        let information = cubic * 2.0 - expected;
        Self { weight: s1, slope: arr - trace, information, expected }
    }

    #[inline(always)]
    fn step(self) -> V {
        let trusted = (self.expected * 0.25).le(self.information);
        self.slope / V::select(trusted, self.information, self.expected)
    }
}

/// Twice what ln L gains between two tau², and its slope at the second.
pub(super) fn gain_and_slope(
    likelihood: Likelihood,
    effects: impl Sample,
    from: f64,
    to: f64,
) -> (f64, f64) {
    (gain(likelihood, effects, from, to), Slope::of(likelihood, effects, to).slope)
}

/// 2 (ln L(to) - ln L(from)), study by study, as the two may be large and near each other.
#[inline(always)]
pub(crate) fn gain<V: Lanes>(likelihood: Likelihood, effects: impl Sample, from: V, to: V) -> V {
    let zero = V::splat(0.0);
    let (before, after) = (WeightSums::<V>::at(effects, from), WeightSums::at(effects, to));
    let (mean_before, mean_after) = (before.mean(), after.mean());
    let (mut fall, mut logs) = (zero, zero);
    for (y, w, n) in effects.studies::<V>() {
        let (a, b) = (inverse_variance::weight(w, from), inverse_variance::weight(w, to));
        logs = logs + n.times(ln((to * w + 1.0) / (from * w + 1.0)));
        let (r, s) = (y - mean_before, y - mean_after);
        fall = fall + n.times(a * r * r - b * s * s);
    }
    match likelihood {
        Likelihood::Full => fall - logs,
        Likelihood::Restricted => fall - logs + ln(before.w / after.w),
    }
}
