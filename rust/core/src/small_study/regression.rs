//! The straight line through the points of a radial plot.

use crate::fours::Fours;
use crate::sample::{Multiplicity, Sample};
use crate::simd::{self, Elementwise, Kernel, Lanes, Register};
use crate::special::student_t;
use crate::status::Status;
use crate::table::struct_of_arrays;
use crate::tile::{Members, TileKernel};

use super::points::PointBlock;

/// A spread smaller than this share of the size of the numbers cannot be told from rounding.
const RELATIVE_SPREAD: f64 = 1e-13;

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
        /// Degrees of freedom, k - 2.
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
    let variance = rss / (k - 2.0) * (one / k + mean_x * mean_x / sxx);
    let negligible = RELATIVE_SPREAD * RELATIVE_SPREAD;
    let mut status: V = Status::Ok.lanes();
    let perfect = rss.le(size_y * negligible);
    status = V::select(perfect, Status::PerfectLine.lanes(), status);
    status = V::select(sxx.le(size_x * negligible), Status::ZeroSpread.lanes(), status);
    let finite = size_x.is_finite() & size_y.is_finite();
    status = V::select(finite, status, Status::NotEstimable.lanes());
    status = V::select(k.lt(V::splat(3.0)), Status::TooFewStudies.lanes(), status);
    let se = V::select(perfect, zero, variance.sqrt());
    let fitted = status.eq(Status::Ok.lanes()) | status.eq(Status::PerfectLine.lanes());
    Line {
        bias: (mean_y - slope * mean_x).or_nan(fitted),
        se: se.or_nan(fitted),
        slope: slope.or_nan(fitted),
        k,
        status,
    }
}

/// The lines of a block: bias, standard error, slope and number of points; status.
#[derive(Debug, Default)]
pub(super) struct Fitted(Fours, Fours);

/// Fits the lines of a block and tests their intercepts.
pub(super) fn fit_lines(points: &mut PointBlock, fitted: &mut Fitted, out: &mut LinesView<'_>) {
    let n = points.studies.n_analyses();
    fitted.0.resize(n);
    fitted.1.resize(n);
    simd::run(FitLines { points, fitted });
    simd::each(n, Describe { fitted, out });
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

impl TileKernel for Fitted {
    #[inline(always)]
    fn tile<V: Lanes>(&mut self, members: Members<'_>, points: impl Sample) {
        let Line { bias, se, slope, k, status } = line::<V>(points);
        self.0.scatter(members, [bias, se, slope, k]);
        self.1.scatter(members, [status; 4]);
    }
}

struct Describe<'a, 'b> {
    fitted: &'a Fitted,
    out: &'a mut LinesView<'b>,
}

impl Elementwise for Describe<'_, '_> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let Self { fitted, out } = self;
        let [bias, se, slope, k] = fitted.0.load::<V>(i);
        let [status, ..] = fitted.1.load::<V>(i);
        let df = k - 2.0;
        let tested = status.eq(Status::Ok.lanes());
        let statistic = (bias / se).or_nan(tested);
        bias.store(out.bias, i);
        se.store(out.se, i);
        slope.store(out.slope, i);
        statistic.store(out.statistic, i);
        if !out.p_value.is_empty() {
            student_t::two_sided(statistic, df).or_nan(tested).store(out.p_value, i);
        }
        df.or_zero(bias.eq(bias)).store_whole(out.df, i);
        k.store_whole(out.k, i);
        status.store_whole(out.status, i);
    }
}
