//! Heterogeneity about a weighted straight line: residual tau².

use crate::choice::choice;
use crate::pool::inverse_variance;
use crate::simd::Lanes;
use crate::special::ln;
use crate::status::Status;

use super::likelihood::{Ascends, Slope, ascend};

choice! {
    /// How tau² about a line is estimated.
    pub enum ResidualTau2: "tau2" {
        /// Not: it is 0.
        Common = "common",
        /// By moments (DerSimonian & Laird 1986; Thompson & Sharp 1999).
        DerSimonianLaird = "DL",
        /// By restricted maximum likelihood (Viechtbauer 2005).
        RestrictedMaximumLikelihood = "REML",
    }
}

/// Effects y, covariates x and precisions w of studies side by side; w = 0 is a study that is out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Points<'a> {
    columns: [&'a [f64]; 3],
}

impl<'a> Points<'a> {
    pub(crate) fn new(columns: [&'a [f64]; 3]) -> Self {
        Self { columns }
    }

    #[inline(always)]
    fn starts<V: Lanes>(self) -> impl Iterator<Item = usize> {
        (0..self.columns[0].len()).step_by(V::LANES)
    }

    #[inline(always)]
    fn at<V: Lanes>(self, i: usize) -> [V; 3] {
        let [y, x, w] = self.columns;
        [V::load(y, i), V::load(x, i), V::load(w, i)]
    }
}

/// The line of effects on a covariate, with weights a = 1/(v + tau²).
#[derive(Debug, Clone, Copy)]
pub(crate) struct LineSums<V> {
    /// Studies.
    pub(crate) k: V,
    /// Σa.
    pub(crate) weight: V,
    pub(crate) mean_x: V,
    pub(crate) mean_y: V,
    /// Σ a (x - x̄)².
    pub(crate) sxx: V,
    pub(crate) slope: V,
    /// Σ a x² and Σ a y².
    size_x: V,
    pub(crate) size_y: V,
}

/// Sums of squares of the residuals r of a line, and traces of P = A - A X (X'AX)⁻¹ X'A.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Residuals<V> {
    /// y'Py = Σ a r².
    pub(crate) rss: V,
    /// y'PPy = Σ a² r².
    squares: V,
    trace: V,
    trace_of_square: V,
}

impl<V: Lanes> LineSums<V> {
    #[inline(always)]
    pub(crate) fn of(points: Points<'_>, tau2: V) -> Self {
        let zero = V::splat(0.0);
        let [mut k, mut weight, mut ax, mut ay] = [zero; 4];
        for i in points.starts::<V>() {
            let [y, x, w] = points.at::<V>(i);
            let a = inverse_variance::weight(w, tau2);
            k = k + V::splat(1.0).or_zero(zero.lt(w));
            weight = weight + a;
            ax = ax + a * x;
            ay = ay + a * y;
        }
        let (mean_x, mean_y) = (ax / weight, ay / weight);
        let [mut sxx, mut sxy, mut size_x, mut size_y] = [zero; 4];
        for i in points.starts::<V>() {
            let [y, x, w] = points.at::<V>(i);
            let a = inverse_variance::weight(w, tau2);
            let dx = x - mean_x;
            sxx = sxx + (a * dx * dx).or_zero(zero.lt(w));
            sxy = sxy + (a * dx * (y - mean_y)).or_zero(zero.lt(w));
            size_x = size_x + a * x * x;
            size_y = size_y + a * y * y;
        }
        Self { k, weight, mean_x, mean_y, sxx, slope: sxy / sxx, size_x, size_y }
    }

    /// Whether there is a line, or why not, if a smaller `spread` relative to the size of x is none.
    #[inline(always)]
    pub(crate) fn status(self, spread: f64) -> V {
        let none = self.sxx.le(self.size_x * (spread * spread));
        let finite = self.size_x.is_finite() & self.size_y.is_finite();
        let status = V::select(none, Status::ZeroSpread.lanes(), Status::Ok.lanes());
        let status = V::select(finite, status, Status::NotEstimable.lanes());
        V::select(self.k.lt(V::splat(3.0)), Status::TooFewStudies.lanes(), status)
    }

    /// # Formula
    /// With h = 1/Σa + (x - x̄)²/Sxx: tr P = Σa - Σa²h, tr PP = Σa² - 2 Σa³h + (Σa²/Σa)² + (Σa²(x - x̄)²/Sxx)²
    /// + 2 (Σa²(x - x̄))²/(Σa Sxx).
    #[inline(always)]
    pub(crate) fn residuals(self, points: Points<'_>, tau2: V) -> Residuals<V> {
        let zero = V::splat(0.0);
        let [mut rss, mut squares, mut s2, mut s2h, mut s3h, mut s2x, mut s2xx] = [zero; 7];
        for i in points.starts::<V>() {
            let [y, x, w] = points.at::<V>(i);
            let used = zero.lt(w);
            let a = inverse_variance::weight(w, tau2);
            let dx = (x - self.mean_x).or_zero(used);
            let r = ((y - self.mean_y) - self.slope * dx).or_zero(used);
            let h = V::splat(1.0) / self.weight + dx * dx / self.sxx;
            let aa = a * a;
            rss = rss + a * r * r;
            squares = squares + aa * r * r;
            s2 = s2 + aa;
            s2h = s2h + aa * h;
            s3h = s3h + aa * a * h;
            s2x = s2x + aa * dx;
            s2xx = s2xx + aa * dx * dx;
        }
        let (first, last) = (s2 / self.weight, s2xx / self.sxx);
        let mixed = s2x * s2x / (self.weight * self.sxx);
        let trace_of_square = s2 - s3h * 2.0 + first * first + last * last + mixed * 2.0;
        Residuals { rss, squares, trace: self.weight - s2h, trace_of_square }
    }
}

impl ResidualTau2 {
    /// tau² in the lanes where a line fits.
    #[inline(always)]
    pub(crate) fn estimate<V: Lanes>(self, points: Points<'_>, fits: V::Mask) -> V {
        let zero = V::splat(0.0);
        if self == Self::Common {
            return zero;
        }
        let sums = LineSums::of(points, zero);
        let residuals = sums.residuals(points, zero);
        let moments = zero.max((residuals.rss - (sums.k - 2.0)) / residuals.trace).or_zero(fits);
        if self == Self::DerSimonianLaird { moments } else { maximise(points, moments, fits) }
    }
}

/// The tau² >= 0 that maximises the restricted likelihood, climbing from an estimate by moments.
///
/// # Formula
/// -2 ln L = -Σ ln a + ln Σa + ln Sxx + Σ a r² (Viechtbauer 2005), whose slope is tr P - y'PPy.
#[inline(always)]
fn maximise<V: Lanes>(points: Points<'_>, moments: V, fits: V::Mask) -> V {
    let zero = V::splat(0.0);
    let ascent = Line(points);
    let at_zero = ascent.slope(zero);
    let rises = zero.lt(at_zero.slope);
    let start = V::select(zero.lt(moments) | !rises, moments, at_zero.step()).or_zero(fits);
    let mut least = V::splat(f64::INFINITY);
    for i in points.starts::<V>() {
        let [_, _, w] = points.at::<V>(i);
        least = V::select(zero.lt(w), least.min(V::splat(1.0) / w), least);
    }
    let bracket = (zero, V::splat(f64::INFINITY));
    let found = ascend(ascent, at_zero, start, bracket, least).tau2;
    // where the likelihood falls from 0, a maximum must prove itself
    let better = rises | zero.lt(gain(points, found));
    found.or_zero(better & fits)
}

/// 2 (ln L(tau²) - ln L(0)).
#[inline(always)]
fn gain<V: Lanes>(points: Points<'_>, tau2: V) -> V {
    let zero = V::splat(0.0);
    let (before, after) = (LineSums::of(points, zero), LineSums::of(points, tau2));
    let (mut logs, mut fall) = (zero, zero);
    for i in points.starts::<V>() {
        let [y, x, w] = points.at::<V>(i);
        let a = inverse_variance::weight(w, tau2);
        let r = (y - before.mean_y) - before.slope * (x - before.mean_x);
        let s = (y - after.mean_y) - after.slope * (x - after.mean_x);
        logs = logs + ln(tau2 * w + 1.0);
        fall = fall + (w * r * r - a * s * s).or_zero(zero.lt(w));
    }
    fall - logs + ln(before.weight / after.weight) + ln(before.sxx / after.sxx)
}

struct Line<'a>(Points<'a>);

impl<V: Lanes> Ascends<V> for Line<'_> {
    #[inline(always)]
    fn slope(&self, tau2: V) -> Slope<V> {
        let sums = LineSums::of(self.0, tau2);
        let residuals = sums.residuals(self.0, tau2);
        Slope {
            weight: sums.weight,
            slope: residuals.squares - residuals.trace,
            information: V::splat(0.0),
            expected: residuals.trace_of_square,
        }
    }
}
