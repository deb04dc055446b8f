//! Pooling, and intervals of the heterogeneity that it finds.

use crate::analysis::heterogeneity::{HeterogeneityLimitsView, limits};
use crate::analysis::{self, DetailsView, Fits, FitsView, fit_block};
use crate::heterogeneity::tau2_interval::HeterogeneityInterval;
use crate::plan::Plan;
use crate::studies::{ShapeError, Studies};

use super::batch::{Batch, Out, Task};
use super::needs;

/// Pools by a plan.
#[derive(Debug)]
pub struct Pool<'p>(&'p Plan);

/// Where pooled analyses go, and details if they are wanted.
#[derive(Debug, Default)]
pub struct PoolOut<'o>(FitsView<'o>, Option<DetailsView<'o>>);

impl Out for PoolOut<'_> {
    fn cut(self, analyses: usize, rows: usize) -> (Self, Self) {
        let (own, rest) = self.0.split_at(analyses);
        let details = self.1.map(|details| details.split_at(analyses, rows));
        let (own_details, rest_details) = details.unzip();
        (Self(own, own_details), Self(rest, rest_details))
    }
}

impl Task for Pool<'_> {
    type Scratch = analysis::Scratch;
    type Out<'o> = PoolOut<'o>;

    fn block(
        &self,
        studies: &Studies<'_>,
        first: usize,
        _: usize,
        scratch: &mut analysis::Scratch,
        PoolOut(mut fits, details): PoolOut<'_>,
    ) {
        fit_block(self.0, studies, first, scratch, &mut fits, details);
    }
}

/// A batch to be pooled; its results go to `fits` and, if asked for, `details`.
///
/// # Errors
/// [`ShapeError::Kind`] if the measure is not taken from this kind of data.
///
/// # Example
/// ```
/// use metapool_core::engine::Steps;
/// use metapool_core::{analysis::Fits, conventions::REVMAN5, engine, measure::{Data, Measure},
///     plan::{Common, Model, Plan, Random}, pool::{interval::Interval, prediction::Prediction}, studies::{Columns, Studies}};
/// let plan = Plan::new(Measure::Gen, Model::Random, Common::InverseVariance,
///     Random::DerSimonianLaird, Interval::Wald, Prediction::None, 0.95, REVMAN5)?;
/// let columns = Columns::new(Data::Effects, &[&[0.1, 0.3, 0.5], &[0.04, 0.04, 0.04]])?;
/// let studies = Studies::new(columns, &[0, 3])?;
/// let mut fits = Fits::new(1);
/// engine::pool(&plan, &studies, fits.view(), None)?.finish(&engine::Workers::ALONE);
/// assert!((fits.estimate[0] - 0.3).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn pool<'a>(
    plan: &'a Plan,
    studies: &'a Studies<'a>,
    fits: FitsView<'a>,
    details: Option<DetailsView<'a>>,
) -> Result<Batch<'a, Pool<'a>>, ShapeError> {
    needs(plan.data(), plan.measure.name(), studies)?;
    Ok(Batch::new(Pool(plan), studies, PoolOut(fits, details)))
}

/// Intervals of the heterogeneity that a plan finds.
#[derive(Debug)]
pub struct Heterogeneity<'p> {
    plan: &'p Plan,
    interval: HeterogeneityInterval,
    level: f64,
}

impl Out for HeterogeneityLimitsView<'_> {
    fn cut(self, analyses: usize, _: usize) -> (Self, Self) {
        self.split_at(analyses)
    }
}

impl Task for Heterogeneity<'_> {
    type Scratch = analysis::Scratch;
    type Out<'o> = HeterogeneityLimitsView<'o>;

    fn block(
        &self,
        studies: &Studies<'_>,
        first: usize,
        n: usize,
        scratch: &mut analysis::Scratch,
        mut out: HeterogeneityLimitsView<'_>,
    ) {
        let mut fits = Fits::new(n);
        fit_block(self.plan, studies, first, scratch, &mut fits.view(), None);
        limits(self.plan, self.interval, self.level, scratch, &fits.view(), &mut out);
    }
}

/// A batch whose intervals of tau², tau, I² and H² go to `limits`.
///
/// # Errors
/// [`ShapeError::Kind`] if the measure is not taken from this kind of data.
///
/// # Example
/// ```
/// use metapool_core::engine::Steps;
/// use metapool_core::{analysis::heterogeneity::HeterogeneityLimits, conventions::REVMAN5, engine};
/// use metapool_core::{heterogeneity::tau2_interval::HeterogeneityInterval, measure::{Data, Measure}};
/// use metapool_core::{plan::{Common, Model, Plan, Random}, pool::{interval::Interval, prediction::Prediction}};
/// use metapool_core::studies::{Columns, Studies};
/// let plan = Plan::new(Measure::Gen, Model::Random, Common::InverseVariance,
///     Random::PauleMandel, Interval::Wald, Prediction::None, 0.95, REVMAN5)?;
/// let columns = Columns::new(Data::Effects, &[&[0.1, 0.9, 2.5], &[0.04, 0.04, 0.04]])?;
/// let studies = Studies::new(columns, &[0, 3])?;
/// let mut out = HeterogeneityLimits::new(1);
/// engine::heterogeneity(&plan, HeterogeneityInterval::QProfile, 0.95, &studies, out.view())?
///     .finish(&engine::Workers::ALONE);
/// assert!((out.tau_high[0] * out.tau_high[0] / out.tau2_high[0] - 1.0).abs() < 1e-15);
/// assert!((0.1..0.5).contains(&out.tau2_low[0]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn heterogeneity<'a>(
    plan: &'a Plan,
    interval: HeterogeneityInterval,
    level: f64,
    studies: &'a Studies<'a>,
    limits: HeterogeneityLimitsView<'a>,
) -> Result<Batch<'a, Heterogeneity<'a>>, ShapeError> {
    needs(plan.data(), plan.measure.name(), studies)?;
    Ok(Batch::new(Heterogeneity { plan, interval, level }, studies, limits))
}
