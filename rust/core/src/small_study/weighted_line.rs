//! The weighted straight line of effects on a covariate.

use crate::heterogeneity::line::{LineSums, Points, ResidualTau2};
use crate::simd::Lanes;
use crate::status::Status;
use crate::tile::{Members, TileKernel};

use super::regression::{Fitted, Line, RELATIVE_SPREAD};

/// Fits the lines of tiles (effects, covariates and weights), where heterogeneity multiplies the variances.
pub(super) struct LineTiles<'a>(pub(super) &'a mut Fitted);

impl TileKernel<3> for LineTiles<'_> {
    #[inline(always)]
    fn tile<V: Lanes>(&mut self, members: Members<'_>, columns: [&[f64]; 3]) {
        self.0.scatter(members, weighted_line::<V>(Points::new(columns)));
    }
}

/// The same, where it adds to the variances.
pub(super) struct AdditiveTiles<'a>(pub(super) &'a mut Fitted, pub(super) ResidualTau2);

impl TileKernel<3> for AdditiveTiles<'_> {
    #[inline(always)]
    fn tile<V: Lanes>(&mut self, members: Members<'_>, columns: [&[f64]; 3]) {
        self.0.scatter(members, additive_line::<V>(Points::new(columns), self.1));
    }
}

/// The line of least weighted squares with multiplicative dispersion; its bias is the slope.
///
/// # Formula
/// Slope b = Sxy/Sxx, s² = Σ w (y - a - bx)²/(k - 2), SE(b) = s/√Sxx, SE(a) = s √(1/Σw + x̄²/Sxx); sums with
/// weights about the weighted means.
#[inline(always)]
fn weighted_line<V: Lanes>(points: Points<'_>) -> Line<V> {
    let sums = LineSums::of(points, V::splat(0.0));
    let rss = sums.rss(points, V::splat(0.0));
    let perfect = rss.le(sums.size_y * (RELATIVE_SPREAD * RELATIVE_SPREAD));
    let rss = rss.or_zero(!perfect);
    described(sums, rss / (sums.k - 2.0), perfect)
}

/// The line with weights 1/(v + tau²): variances as they are, so that s² = 1.
#[inline(always)]
fn additive_line<V: Lanes>(points: Points<'_>, method: ResidualTau2) -> Line<V> {
    let at_zero = LineSums::of(points, V::splat(0.0));
    let fits = at_zero.status(RELATIVE_SPREAD).eq(Status::Ok.lanes());
    let tau2: V = method.estimate(points, fits);
    let sums = LineSums::of(points, tau2.or_zero(tau2.is_finite()));
    let one = V::splat(1.0);
    let line = described(sums, one, one.lt(V::splat(0.0)));
    Line { dispersion: tau2.or_nan(line.bias.eq(line.bias)), ..line }
}

#[inline(always)]
fn described<V: Lanes>(sums: LineSums<V>, dispersion: V, perfect: V::Mask) -> Line<V> {
    let LineSums { k, weight, mean_x, sxx, .. } = sums;
    let status = sums.status(RELATIVE_SPREAD);
    let fitted = status.eq(Status::Ok.lanes());
    let status = V::select(perfect & fitted, Status::PerfectLine.lanes(), status);
    let slope_se = (dispersion * (V::splat(1.0) / weight + mean_x * mean_x / sxx)).sqrt();
    Line {
        bias: sums.slope.or_nan(fitted),
        se: (dispersion / sxx).sqrt().or_nan(fitted),
        slope: (sums.mean_y - sums.slope * mean_x).or_nan(fitted),
        slope_se: slope_se.or_nan(fitted),
        dispersion: dispersion.or_nan(fitted),
        k,
        status,
    }
}
