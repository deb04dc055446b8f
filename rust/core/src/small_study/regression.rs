//! The straight line through the points of a radial plot.

use crate::special::student_t;
use crate::status::Status;
use crate::table::struct_of_arrays;

/// A spread smaller than this share of the size of the numbers cannot be told from rounding.
const RELATIVE_SPREAD: f64 = 1e-13;

struct_of_arrays! {
    /// A regression test. Undefined fields are NaN; `status` says why.
    pub struct Line / Lines / LinesView {
        /// The intercept: bias.
        pub bias: f64 = f64::NAN,
        /// Its standard error.
        pub se: f64 = f64::NAN,
        /// t = bias/se.
        pub statistic: f64 = f64::NAN,
        /// Its two-sided P.
        pub p_value: f64 = f64::NAN,
        /// The slope.
        pub slope: f64 = f64::NAN,
        /// Degrees of freedom, k - 2.
        pub df: i64 = 0,
        /// Points.
        pub k: i64 = 0,
        /// Code of [`Status`].
        pub status: u8 = Status::TooFewStudies as u8,
    }
}

/// Ordinary least squares of y on x, with a t test of the intercept.
///
/// # Formula
/// slope = Sxy/Sxx, bias = ȳ - slope x̄, s² = Σ residual²/(k - 2), se = s √(1/k + x̄²/Sxx), all sums
/// about the means; P from t with k - 2 degrees of freedom.
///
/// # Example
/// ```
/// let line = metapool_core::small_study::regression::line(&[1.0, 2.0, 3.0], &[1.0, 3.0, 4.0]);
/// assert!((line.slope - 1.5).abs() < 1e-15 && (line.bias + 1.0 / 3.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn line(x: &[f64], y: &[f64]) -> Line {
    let k = x.len();
    let count = Line { k: k as i64, ..Line::EMPTY };
    if k < 3 {
        return count;
    }
    let n = k as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
    let size = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>();
    let negligible = RELATIVE_SPREAD * RELATIVE_SPREAD;
    let (mx, my) = (mean(x), mean(y));
    let (mut sxx, mut sxy) = (0.0, 0.0);
    for (&x, &y) in x.iter().zip(y) {
        sxx += (x - mx) * (x - mx);
        sxy += (x - mx) * (y - my);
    }
    if !(size(x).is_finite() && size(y).is_finite()) {
        return Line { status: Status::NotEstimable as u8, ..count };
    }
    if sxx <= negligible * size(x) {
        return Line { status: Status::ZeroSpread as u8, ..count };
    }
    let slope = sxy / sxx;
    let bias = my - slope * mx;
    let residual = |x: f64, y: f64| (y - my) - slope * (x - mx);
    let rss: f64 = x.iter().zip(y).map(|(&x, &y)| residual(x, y) * residual(x, y)).sum();
    let df = n - 2.0;
    let fitted = Line { bias, slope, df: k as i64 - 2, ..count };
    if rss <= negligible * size(y) {
        return Line { se: 0.0, status: Status::PerfectLine as u8, ..fitted };
    }
    let se = (rss / df * (1.0 / n + mx * mx / sxx)).sqrt();
    let statistic = bias / se;
    let p_value = student_t::two_sided(statistic, df);
    Line { se, statistic, p_value, status: Status::Ok as u8, ..fitted }
}
