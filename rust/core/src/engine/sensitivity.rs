//! Sensitivity analyses of a batch: a row of results for each study.

use crate::analysis::FitsView;
use crate::plan::Plan;
use crate::sensitivity::influence::{self, InfluencesView, influence_block};
use crate::sensitivity::parts::{self, Part};
use crate::studies::{ShapeError, Studies};

use super::batch::{Batch, Out, Task};
use super::needs;

/// Fits parts of the studies.
#[derive(Debug)]
pub struct FitParts<'p> {
    part: Part,
    plan: &'p Plan,
}

/// Where the fits go, a row for each study.
#[derive(Debug, Default)]
pub struct PartsOut<'o>(FitsView<'o>);

impl Out for PartsOut<'_> {
    fn cut(self, _: usize, rows: usize) -> (Self, Self) {
        let (own, rest) = self.0.split_at(rows);
        (Self(own), Self(rest))
    }
}

impl Task for FitParts<'_> {
    type Scratch = parts::Scratch;
    type Out<'o> = PartsOut<'o>;

    fn block(
        &self,
        studies: &Studies<'_>,
        first: usize,
        n: usize,
        scratch: &mut parts::Scratch,
        PartsOut(out): PartsOut<'_>,
    ) {
        parts::fit_parts(self.part, self.plan, studies, first, n, scratch, out);
    }
}

/// A batch of which parts of the studies of each meta-analysis are fitted, a row of `fits` for each study; with
/// estimate, se and tau² alone if the other columns are empty.
///
/// # Errors
/// [`ShapeError::Kind`] if the measure is not taken from this kind of data.
///
/// # Example
/// ```
/// use metapool_core::engine::{self, Steps};
/// use metapool_core::sensitivity::parts::Part;
/// use metapool_core::{analysis::Fits, conventions::REVMAN5, measure::{Data, Measure},
///     plan::{Common, Model, Plan, Random}, pool::{interval::Interval, prediction::Prediction}, studies::{Columns, Studies}};
/// let plan = Plan::new(Measure::Gen, Model::Common, Common::InverseVariance,
///     Random::DerSimonianLaird, Interval::Wald, Prediction::None, 0.95, REVMAN5)?;
/// let columns = Columns::new(Data::Effects, &[&[0.1, 0.3, 0.5], &[0.04, 0.04, 0.04]])?;
/// let studies = Studies::new(columns, &[0, 3])?;
/// let mut fits = Fits::new(3);
/// engine::fit_parts(Part::LeaveOneOut, &plan, &studies, fits.view())?
///     .finish(&engine::Workers::ALONE);
/// assert!((fits.estimate[0] - 0.4).abs() < 1e-15 && (fits.estimate[2] - 0.2).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn fit_parts<'a>(
    part: Part,
    plan: &'a Plan,
    studies: &'a Studies<'a>,
    fits: FitsView<'a>,
) -> Result<Batch<'a, FitParts<'a>>, ShapeError> {
    needs(plan.data(), plan.measure.name(), studies)?;
    Ok(Batch::new(FitParts { part, plan }, studies, PartsOut(fits)))
}

/// Measures the influence of studies.
#[derive(Debug)]
pub struct MeasureInfluence<'p>(&'p Plan);

impl Out for InfluencesView<'_> {
    fn cut(self, _: usize, rows: usize) -> (Self, Self) {
        self.split_at(rows)
    }
}

impl Task for MeasureInfluence<'_> {
    type Scratch = influence::Scratch;
    type Out<'o> = InfluencesView<'o>;

    fn block(
        &self,
        studies: &Studies<'_>,
        first: usize,
        n: usize,
        scratch: &mut influence::Scratch,
        mut out: InfluencesView<'_>,
    ) {
        influence_block(self.0, studies, first, n, scratch, &mut out);
    }
}

/// A batch of which the influence of every study goes to `influences`.
///
/// # Errors
/// [`ShapeError::Kind`] if the measure is not taken from this kind of data.
pub fn influence<'a>(
    plan: &'a Plan,
    studies: &'a Studies<'a>,
    influences: InfluencesView<'a>,
) -> Result<Batch<'a, MeasureInfluence<'a>>, ShapeError> {
    needs(plan.data(), plan.measure.name(), studies)?;
    Ok(Batch::new(MeasureInfluence(plan), studies, influences))
}
