//! Trim and fill of a batch.

use crate::small_study::trim_and_fill::{self, TrimPlan, TrimsView, trim_block};
use crate::studies::{ShapeError, Studies};

use super::batch::{Batch, Out, Task};
use super::needs;

/// Trims and fills.
#[derive(Debug)]
pub struct Trimming<'p>(&'p TrimPlan);

/// Where the effects that fill in go, an element for each study, and the rest, a row for each meta-analysis.
#[derive(Debug, Default)]
pub struct TrimOut<'o>(&'o mut [f64], TrimsView<'o>);

impl Out for TrimOut<'_> {
    fn cut(self, analyses: usize, rows: usize) -> (Self, Self) {
        let (mirrored, others) = self.0.split_at_mut(rows);
        let (own, rest) = self.1.split_at(analyses);
        (Self(mirrored, own), Self(others, rest))
    }
}

impl Task for Trimming<'_> {
    type Scratch = trim_and_fill::Scratch;
    type Out<'o> = TrimOut<'o>;

    fn block(
        &self,
        studies: &Studies<'_>,
        first: usize,
        _: usize,
        scratch: &mut trim_and_fill::Scratch,
        TrimOut(mirrored, mut trims): TrimOut<'_>,
    ) {
        trim_block(self.0, studies, first, scratch, mirrored, &mut trims);
    }
}

/// A batch whose numbers of missing studies go to `trims`, and the effects that fill in, NaN for most studies, to
/// `mirrored`.
///
/// # Errors
/// [`ShapeError::Kind`] if the measure is not taken from this kind of data.
pub fn trim<'a>(
    plan: &'a TrimPlan,
    studies: &'a Studies<'a>,
    mirrored: &'a mut [f64],
    trims: TrimsView<'a>,
) -> Result<Batch<'a, Trimming<'a>>, ShapeError> {
    needs(plan.measure.data(), plan.measure.name(), studies)?;
    Ok(Batch::new(Trimming(plan), studies, TrimOut(mirrored, trims)))
}
