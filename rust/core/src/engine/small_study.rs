//! Tests for small-study effects.

use crate::small_study::regression::LinesView;
use crate::small_study::{self, RadialPoints, Test, radial_points, test_block};
use crate::studies::{ShapeError, Studies};

use super::batch::{Batch, Out, Task};
use super::needs;

/// The points that a test puts a line through, of all studies together.
///
/// # Errors
/// [`ShapeError::Kind`] if the test is not for this kind of data.
pub fn small_study_points(test: &Test, studies: &Studies<'_>) -> Result<RadialPoints, ShapeError> {
    needs(test.data(), test.name(), studies)?;
    Ok(radial_points(test, studies))
}

/// Tests for small-study effects.
#[derive(Debug)]
pub struct SmallStudy<'p>(&'p Test);

impl Out for LinesView<'_> {
    fn cut(self, analyses: usize, _: usize) -> (Self, Self) {
        self.split_at(analyses)
    }
}

impl Task for SmallStudy<'_> {
    type Scratch = small_study::Scratch;
    type Out<'o> = LinesView<'o>;

    fn block(
        &self,
        studies: &Studies<'_>,
        first: usize,
        _: usize,
        scratch: &mut small_study::Scratch,
        mut out: LinesView<'_>,
    ) {
        test_block(self.0, studies, first, scratch, &mut out);
    }
}

/// A batch to be tested for small-study effects; its results go to `lines`.
///
/// # Errors
/// [`ShapeError::Kind`] if the test is not for this kind of data.
///
/// # Example
/// ```
/// use metapool_core::engine::Steps;
/// use metapool_core::engine::{self, Workers};
/// use metapool_core::measure::Data;
/// use metapool_core::small_study::{Test, harbord::Score, regression::Lines};
/// use metapool_core::studies::{Columns, Studies};
/// let tables: [&[f64]; 4] =
///     [&[23., 38., 10., 22.], &[31., 63., 21., 26.], &[12., 12., 11., 3.], &[29., 61., 20., 8.]];
/// let studies = Studies::new(Columns::new(Data::TwoByTwo, &tables)?, &[0, 4])?;
/// let mut lines = Lines::new(1);
/// engine::small_study(&Test::Harbord(Score::OddsRatio), &studies, lines.view())?
///     .finish(&Workers::ALONE);
/// assert!((lines.statistic[0] + 0.2747).abs() < 5e-5); // the tacrolimus paper prints -0.27
/// # Ok::<(), metapool_core::studies::ShapeError>(())
/// ```
pub fn small_study<'a>(
    test: &'a Test,
    studies: &'a Studies<'a>,
    lines: LinesView<'a>,
) -> Result<Batch<'a, SmallStudy<'a>>, ShapeError> {
    needs(test.data(), test.name(), studies)?;
    Ok(Batch::new(SmallStudy(test), studies, lines))
}
