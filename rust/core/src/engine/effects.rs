//! Effects of studies.

use crate::conventions::Conventions;
use crate::effect::{EffectsView, effect_block};
use crate::measure::Measure;
use crate::studies::{ShapeError, Studies};

use super::batch::{Batch, Out, Task};
use super::needs;

/// Takes the effects of studies.
#[derive(Debug)]
pub struct TakeEffects<'p> {
    measure: Measure,
    conventions: &'p Conventions,
    level: f64,
}

impl Out for EffectsView<'_> {
    fn cut(self, _: usize, rows: usize) -> (Self, Self) {
        self.split_at(rows)
    }
}

impl Task for TakeEffects<'_> {
    type Scratch = ();
    type Out<'o> = EffectsView<'o>;

    fn block(
        &self,
        studies: &Studies<'_>,
        first: usize,
        n: usize,
        (): &mut (),
        mut out: EffectsView<'_>,
    ) {
        let Self { measure, conventions, level } = self;
        effect_block(*measure, conventions, *level, studies, first, n, &mut out);
    }
}

/// A batch whose studies' effects, with Wald intervals at `level`, go to `effects`.
///
/// # Errors
/// [`ShapeError::Kind`] if the measure is not taken from this kind of data.
///
/// # Example
/// ```
/// use metapool_core::engine::Steps;
/// use metapool_core::{conventions::REVMAN5, effect::StudyEffects, engine, measure::Measure};
/// use metapool_core::studies::{Columns, Studies};
/// let columns = Columns::new(Measure::Rr.data(), &[&[4.0], &[123.0], &[11.0], &[139.0]])?;
/// let studies = Studies::new(columns, &[0, 1])?;
/// let mut effects = StudyEffects::new(1);
/// engine::effect_sizes(Measure::Rr, &REVMAN5, 0.95, &studies, effects.view())?
///     .finish(&engine::Workers::ALONE);
/// assert!((effects.y[0] + 0.889_311_333_920_205_4).abs() < 1e-15); // metafor, BCG, study 1
/// # Ok::<(), metapool_core::studies::ShapeError>(())
/// ```
pub fn effect_sizes<'a>(
    measure: Measure,
    conventions: &'a Conventions,
    level: f64,
    studies: &'a Studies<'a>,
    effects: EffectsView<'a>,
) -> Result<Batch<'a, TakeEffects<'a>>, ShapeError> {
    needs(measure.data(), measure.name(), studies)?;
    let task = TakeEffects { measure, conventions, level };
    Ok(Batch::new(task, studies, effects))
}
