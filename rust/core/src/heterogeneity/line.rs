//! Heterogeneity about a weighted straight line: residual tau².

use crate::choice::choice;
use crate::pool::inverse_variance;
use crate::simd::Lanes;
use crate::special::ln;
use crate::status::Status;

use super::likelihood::{Ascends, Slope, climb};

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

    /// Σa Sxx of the studies but those at `i`.
    #[inline(always)]
    fn determinant_without<V: Lanes>(self, i: usize, tau2: V) -> V {
        let [mut weight, mut mean, mut sxx] = [V::splat(0.0); 3];
        for j in self.starts::<V>() {
            if j != i {
                let [_, x, w] = self.at::<V>(j);
                let a = inverse_variance::weight(w, tau2);
                let (dx, before) = (x - mean, weight);
                weight = weight + a;
                let per_weight = (a / weight).or_zero(V::splat(0.0).lt(a));
                sxx = sxx + per_weight * before * dx * dx;
                mean = mean + per_weight * dx;
            }
        }
        weight * sxx
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

/// Of the residuals r of a line and P = A - A X (X'AX)⁻¹ X'A.
#[derive(Debug, Clone, Copy)]
struct Residuals<V> {
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

    /// Σ a r² = y'Py of the residuals r.
    #[inline(always)]
    pub(crate) fn rss(self, points: Points<'_>, tau2: V) -> V {
        let mut rss = V::splat(0.0);
        for i in points.starts::<V>() {
            let [y, x, w] = points.at::<V>(i);
            let r = (y - self.mean_y) - self.slope * (x - self.mean_x);
            rss = rss + (inverse_variance::weight(w, tau2) * r * r).or_zero(V::splat(0.0).lt(w));
        }
        rss
    }

    /// # Formula
    /// P_ii = a_i det(-i)/det with det = Σa Sxx, that of the others without i: no digits are lost where a study
    /// dominates. P_ij = -a_i a_j (1/Σa + (x_i - x̄)(x_j - x̄)/Sxx). tr P = Σ P_ii, tr PP = Σ P_ij².
    #[inline(always)]
    fn residuals(self, points: Points<'_>, tau2: V) -> Residuals<V> {
        let zero = V::splat(0.0);
        let [mut squares, mut trace, mut trace_of_square] = [zero; 3];
        let share = V::splat(1.0) / self.weight;
        let determinant = self.weight * self.sxx;
        for i in points.starts::<V>() {
            let [y, x, w] = points.at::<V>(i);
            let used = zero.lt(w);
            let a = inverse_variance::weight(w, tau2);
            let dx = (x - self.mean_x).or_zero(used);
            let r = ((y - self.mean_y) - self.slope * dx).or_zero(used);
            squares = squares + a * a * r * r;
            let own = a * (points.determinant_without(i, tau2) / determinant);
            trace = trace + own;
            trace_of_square = trace_of_square + own * own;
            for j in points.starts::<V>().take_while(|&j| j < i) {
                let [_, other_x, other_w] = points.at::<V>(j);
                let other = inverse_variance::weight(other_w, tau2);
                let p = a * other * (share + dx * (other_x - self.mean_x) / self.sxx);
                trace_of_square = trace_of_square + (p * p * 2.0).or_zero(used & zero.lt(other_w));
            }
        }
        Residuals { squares, trace, trace_of_square }
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
        let q = sums.rss(points, zero);
        let trace = sums.residuals(points, zero).trace;
        let moments = zero.max((q - (sums.k - 2.0)) / trace).or_zero(fits);
        if self == Self::DerSimonianLaird {
            moments
        } else {
            climb(OfLine(points), moments, fits).tau2.or_zero(fits)
        }
    }
}

/// The restricted likelihood of effects about a line.
///
/// # Formula
/// -2 ln L = -Σ ln a + ln Σa + ln Sxx + Σ a r² (Viechtbauer 2005), whose slope is tr P - y'PPy.
#[derive(Clone, Copy)]
struct OfLine<'a>(Points<'a>);

impl<V: Lanes> Ascends<V> for OfLine<'_> {
    #[inline(always)]
    fn slope(self, tau2: V) -> Slope<V> {
        let sums = LineSums::of(self.0, tau2);
        let residuals = sums.residuals(self.0, tau2);
        Slope {
            weight: sums.weight,
            slope: residuals.squares - residuals.trace,
            information: V::splat(0.0),
            expected: residuals.trace_of_square,
        }
    }

    #[inline(always)]
    fn gain(self, tau2: V) -> V {
        let zero = V::splat(0.0);
        let (before, after) = (LineSums::of(self.0, zero), LineSums::of(self.0, tau2));
        let (mut logs, mut fall) = (zero, zero);
        for i in self.0.starts::<V>() {
            let [y, x, w] = self.0.at::<V>(i);
            let a = inverse_variance::weight(w, tau2);
            let r = (y - before.mean_y) - before.slope * (x - before.mean_x);
            let s = (y - after.mean_y) - after.slope * (x - after.mean_x);
            logs = logs + ln(tau2 * w + 1.0);
            fall = fall + (w * r * r - a * s * s).or_zero(zero.lt(w));
        }
        fall - logs + ln(before.weight / after.weight) + ln(before.sxx / after.sxx)
    }

    #[inline(always)]
    fn variances(self) -> (V, V) {
        let (mut least, mut most) = (V::splat(f64::INFINITY), V::splat(0.0));
        for i in self.0.starts::<V>() {
            let [_, _, w] = self.0.at::<V>(i);
            least = V::select(V::splat(0.0).lt(w) & w.lt(least), w, least);
            most = most.max(w);
        }
        (V::splat(1.0) / most, V::splat(1.0) / least)
    }

    #[inline(always)]
    fn range(self) -> V {
        let (mut low, mut high) = (V::splat(f64::INFINITY), V::splat(f64::NEG_INFINITY));
        for i in self.0.starts::<V>() {
            let [y, _, w] = self.0.at::<V>(i);
            let used = V::splat(0.0).lt(w);
            low = V::select(used & y.lt(low), y, low);
            high = V::select(used & high.lt(y), y, high);
        }
        high - low
    }
}
