//! The straight line through the points of a radial plot.

use crate::fours::Fours;
use crate::sample::{Multiplicity, Sample};
use crate::simd::{self, Elementwise, Kernel, Lanes, Register};
use crate::special::{normal, student_t};
use crate::status::Status;
use crate::table::struct_of_arrays;
use crate::tile::{Members, Tile, TileKernel};

use super::points::PointBlock;

/// A spread smaller than this share of the size of the numbers cannot be told from rounding.
pub(super) const RELATIVE_SPREAD: f64 = 1e-13;

struct_of_arrays! {
    /// Regression tests. Undefined fields are NaN; `status` says why.
    pub struct Lines / LinesView {
        /// The intercept: bias.
        pub bias: f64,
        /// Its standard error.
        pub se: f64,
        /// t = bias/se.
        pub statistic: f64,
        /// Its two-sided P.
        pub p_value: f64,
        /// The slope.
        pub slope: f64,
        /// Its standard error.
        pub slope_se: f64,
        /// Variance of the residuals, or tau² about the line.
        pub dispersion: f64,
        /// Degrees of freedom, k - 2; 0 for the normal distribution.
        pub df: i64,
        /// Points.
        pub k: i64,
        /// Code of [`Status`].
        pub status: i64,
    }
}

impl LinesView<'_> {
    /// The same without the column of P, which takes longest and is not computed then.
    #[must_use]
    pub(crate) fn without_p(self) -> Self {
        Self { p_value: &mut [], ..self }
    }
}

/// A line of least squares. What its status leaves undefined is NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line<V> {
    /// The intercept: bias.
    pub bias: V,
    /// Its standard error.
    pub se: V,
    /// The slope.
    pub slope: V,
    /// Its standard error.
    pub slope_se: V,
    /// Variance of the residuals, or tau² about the line.
    pub dispersion: V,
    /// Points.
    pub k: V,
    /// Code of [`Status`].
    pub status: V,
}

/// Ordinary least squares of y on x > 0; the tile's points are (y, x), (0, 0) is none.
///
/// # Formula
/// slope = Sxy/Sxx, bias = ȳ - slope x̄, s² = Σ residual²/(k - 2), se = s √(1/k + x̄²/Sxx), all sums
/// about the means.
///
/// # Example
/// ```
/// use metapool_core::{small_study::regression::line, tile::Tile};
/// let line = line::<f64>(Tile::new(&[1.0, 3.0, 4.0], &[1.0, 2.0, 3.0]));
/// assert!((line.slope - 1.5).abs() < 1e-15 && (line.bias + 1.0 / 3.0).abs() < 1e-15);
/// ```
#[inline(always)]
#[must_use]
pub fn line<V: Lanes>(points: impl Sample) -> Line<V> {
    let (zero, one) = (V::splat(0.0), V::splat(1.0));
    let [mut k, mut sum_x, mut sum_y, mut size_x, mut size_y] = [zero; 5];
    for (y, x, n) in points.studies::<V>() {
        k = k + n.times(one.or_zero(zero.lt(x)));
        sum_x = sum_x + n.times(x);
        sum_y = sum_y + n.times(y);
        size_x = size_x + n.times(x * x);
        size_y = size_y + n.times(y * y);
    }
    let (mean_x, mean_y) = (sum_x / k, sum_y / k);
    let (mut sxx, mut sxy) = (zero, zero);
    for (y, x, n) in points.studies::<V>() {
        let dx = (x - mean_x).or_zero(zero.lt(x));
        sxx = sxx + n.times(dx * dx);
        sxy = sxy + n.times(dx * (y - mean_y));
    }
    let slope = sxy / sxx;
    let mut rss = zero;
    for (y, x, n) in points.studies::<V>() {
        let residual = ((y - mean_y) - slope * (x - mean_x)).or_zero(zero.lt(x));
        rss = rss + n.times(residual * residual);
    }
    let dispersion = rss / (k - 2.0);
    let variance = dispersion * (one / k + mean_x * mean_x / sxx);
    let negligible = RELATIVE_SPREAD * RELATIVE_SPREAD;
    let mut status: V = Status::Ok.lanes();
    let perfect = rss.le(size_y * negligible);
    status = V::select(perfect, Status::PerfectLine.lanes(), status);
    status = V::select(sxx.le(size_x * negligible), Status::ZeroSpread.lanes(), status);
    let finite = size_x.is_finite() & size_y.is_finite();
    status = V::select(finite, status, Status::NotEstimable.lanes());
    status = V::select(k.lt(V::splat(3.0)), Status::TooFewStudies.lanes(), status);
    let dispersion = dispersion.or_zero(!perfect);
    let se = variance.sqrt().or_zero(!perfect);
    let fitted = status.eq(Status::Ok.lanes()) | status.eq(Status::PerfectLine.lanes());
    Line {
        bias: (mean_y - slope * mean_x).or_nan(fitted),
        se: se.or_nan(fitted),
        slope: slope.or_nan(fitted),
        slope_se: (dispersion / sxx).sqrt().or_nan(fitted),
        dispersion: dispersion.or_nan(fitted),
        k,
        status,
    }
}

/// The lines of a block: bias, standard error, slope, number of points; status, standard error of the slope, dispersion.
#[derive(Debug, Default)]
pub(super) struct Fitted(Fours, Fours);

impl Fitted {
    pub(super) fn resize(&mut self, n: usize) {
        self.0.resize(n);
        self.1.resize(n);
    }

    #[inline(always)]
    pub(super) fn scatter<V: Lanes>(&mut self, members: Members<'_>, line: Line<V>) {
        let Line { bias, se, slope, slope_se, dispersion, k, status } = line;
        self.0.scatter(members, [bias, se, slope, k]);
        self.1.scatter(members, [status, slope_se, dispersion, k]);
    }

    /// Tests the biases, by the normal distribution or t.
    pub(super) fn describe(&self, normal: bool, out: &mut LinesView<'_>) {
        simd::each(out.bias.len(), Describe { fitted: self, normal, out });
    }
}

/// Fits the lines of a block and tests their intercepts.
pub(super) fn fit_lines(points: &mut PointBlock, fitted: &mut Fitted, out: &mut LinesView<'_>) {
    fitted.resize(points.studies.n_analyses());
    simd::run(FitLines { points, fitted });
    fitted.describe(false, out);
}

struct FitLines<'a> {
    points: &'a mut PointBlock,
    fitted: &'a mut Fitted,
}

impl Kernel for FitLines<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Self { points: PointBlock { studies, tiler }, fitted } = self;
        tiler.run::<V, _>(studies.pairs(), fitted);
    }
}

impl TileKernel<2> for Fitted {
    #[inline(always)]
    fn tile<V: Lanes>(&mut self, members: Members<'_>, [y, x]: [&[f64]; 2]) {
        self.scatter(members, line::<V>(Tile::new(y, x)));
    }
}

struct Describe<'a, 'b> {
    fitted: &'a Fitted,
    normal: bool,
    out: &'a mut LinesView<'b>,
}

impl Elementwise for Describe<'_, '_> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let Self { fitted, normal, out } = self;
        let [bias, se, slope, k] = fitted.0.load::<V>(i);
        let [status, slope_se, dispersion, _] = fitted.1.load::<V>(i);
        let df = k - 2.0;
        let tested = status.eq(Status::Ok.lanes());
        let statistic = (bias / se).or_nan(tested);
        bias.store(out.bias, i);
        se.store(out.se, i);
        slope.store(out.slope, i);
        slope_se.store(out.slope_se, i);
        dispersion.store(out.dispersion, i);
        statistic.store(out.statistic, i);
        if !out.p_value.is_empty() {
            let p_value = if *normal {
                normal::two_sided(statistic)
            } else {
                student_t::two_sided(statistic, df)
            };
            p_value.or_nan(tested).store(out.p_value, i);
        }
        let has_df = if *normal { bias.lt(bias) } else { bias.eq(bias) };
        df.or_zero(has_df).store_whole(out.df, i);
        k.store_whole(out.k, i);
        status.store_whole(out.status, i);
    }
}
