//! Fail-safe N of a batch.

use crate::small_study::fail_safe_n::{self, FailSafePlan, FailSafeView, fail_safe_block};
use crate::studies::{ShapeError, Studies};

use super::batch::{Batch, Out, Task};
use super::needs;

/// Computes fail-safe N.
#[derive(Debug)]
pub struct FailSafeNs<'p>(&'p FailSafePlan);

impl Out for FailSafeView<'_> {
    fn cut(self, analyses: usize, _: usize) -> (Self, Self) {
        self.split_at(analyses)
    }
}

impl Task for FailSafeNs<'_> {
    type Scratch = fail_safe_n::Scratch;
    type Out<'o> = FailSafeView<'o>;

    fn block(
        &self,
        studies: &Studies<'_>,
        first: usize,
        _: usize,
        scratch: &mut fail_safe_n::Scratch,
        mut out: FailSafeView<'_>,
    ) {
        fail_safe_block(self.0, studies, first, scratch, &mut out);
    }
}

/// A batch whose fail-safe N go to `out`.
///
/// # Errors
/// [`ShapeError::Kind`] if the measure is not taken from this kind of data.
///
/// # Example
/// ```
/// use metapool_core::conventions::REVMAN5;
/// use metapool_core::engine::{self, Steps};
/// use metapool_core::measure::{Data, Measure};
/// use metapool_core::small_study::fail_safe_n::{FailSafe, FailSafePlan};
/// use metapool_core::studies::{Columns, Studies};
/// let columns = Columns::new(Data::Effects, &[&[1.0, 1.0, 1.0], &[0.25, 0.25, 0.25]])?;
/// let studies = Studies::new(columns, &[0, 3])?;
/// let (measure, conventions) = (Measure::Gen, REVMAN5);
/// let plan = FailSafePlan { measure, conventions, alpha: 0.05, target: f64::NAN };
/// let mut out = FailSafe::new(1);
/// engine::fail_safe_n(&plan, &studies, out.view())?.finish(&engine::Workers::ALONE);
/// assert_eq!((out.rosenthal[0], out.orwin[0]), (11.0, 3.0)); // (6/1.645)² - 3 = 10.3
/// # Ok::<(), metapool_core::studies::ShapeError>(())
/// ```
pub fn fail_safe_n<'a>(
    plan: &'a FailSafePlan,
    studies: &'a Studies<'a>,
    out: FailSafeView<'a>,
) -> Result<Batch<'a, FailSafeNs<'a>>, ShapeError> {
    needs(plan.measure.data(), plan.measure.name(), studies)?;
    Ok(Batch::new(FailSafeNs(plan), studies, out))
}
