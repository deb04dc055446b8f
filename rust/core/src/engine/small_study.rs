//! Tests for small-study effects.

use crate::small_study::line_tests::{self, LinePlan, test_lines};
use crate::small_study::rank_correlation::{self, RankPlan, test_ranks};
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

/// Tests for small-study effects by lines on a covariate.
#[derive(Debug)]
pub struct LineTests<'p>(&'p LinePlan);

impl Task for LineTests<'_> {
    type Scratch = line_tests::Scratch;
    type Out<'o> = LinesView<'o>;

    fn block(
        &self,
        studies: &Studies<'_>,
        first: usize,
        _: usize,
        scratch: &mut line_tests::Scratch,
        mut out: LinesView<'_>,
    ) {
        test_lines(self.0, studies, first, scratch, &mut out);
    }
}

/// A batch to be tested by lines of the effects on a covariate; its results go to `lines`.
///
/// # Errors
/// [`ShapeError::Kind`] if the test is not for this kind of data.
///
/// # Example
/// ```
/// use metapool_core::conventions::REVMAN5;
/// use metapool_core::engine::{self, Steps};
/// use metapool_core::heterogeneity::line::ResidualTau2;
/// use metapool_core::measure::{Data, Measure};
/// use metapool_core::small_study::line_tests::{LinePlan, LineTest};
/// use metapool_core::small_study::regression::Lines;
/// use metapool_core::studies::{Columns, Studies};
/// let columns = Columns::new(Data::Effects, &[&[0.0, 1.0, 3.0], &[1.0, 2.0, 3.0]])?;
/// let studies = Studies::new(columns, &[0, 3])?;
/// let plan = LinePlan {
///     test: LineTest::Peese, measure: Measure::Gen, conventions: REVMAN5,
///     tau2: ResidualTau2::Common, normal: false,
/// };
/// let mut lines = Lines::new(1);
/// engine::line_tests(&plan, &studies, lines.view())?.finish(&engine::Workers::ALONE);
/// assert!((lines.bias[0] - 17.0 / 12.0).abs() < 1e-14);
/// # Ok::<(), metapool_core::studies::ShapeError>(())
/// ```
pub fn line_tests<'a>(
    plan: &'a LinePlan,
    studies: &'a Studies<'a>,
    lines: LinesView<'a>,
) -> Result<Batch<'a, LineTests<'a>>, ShapeError> {
    needs(plan.measure.data(), plan.measure.name(), studies)?;
    let data = studies.columns().data();
    if plan.refuses(data) {
        return Err(ShapeError::Kind { measure: plan.test.name(), data });
    }
    Ok(Batch::new(LineTests(plan), studies, lines))
}

/// Rank correlation tests.
#[derive(Debug)]
pub struct RankTests<'p>(&'p RankPlan);

impl Task for RankTests<'_> {
    type Scratch = rank_correlation::Scratch;
    type Out<'o> = LinesView<'o>;

    fn block(
        &self,
        studies: &Studies<'_>,
        first: usize,
        _: usize,
        scratch: &mut rank_correlation::Scratch,
        mut out: LinesView<'_>,
    ) {
        test_ranks(self.0, studies, first, scratch, &mut out);
    }
}

/// A batch whose effects are tested for rank correlation with their variances; its results go to `lines`.
///
/// # Errors
/// [`ShapeError::Kind`] if the measure is not taken from this kind of data.
///
/// # Example
/// ```
/// use metapool_core::conventions::REVMAN5;
/// use metapool_core::engine::{self, Steps};
/// use metapool_core::measure::{Data, Measure};
/// use metapool_core::small_study::rank_correlation::{RankP, RankPlan};
/// use metapool_core::small_study::regression::Lines;
/// use metapool_core::studies::{Columns, Studies};
/// let columns = Columns::new(Data::Effects, &[&[0.0, 1.0, 3.0], &[1.0, 2.0, 3.0]])?;
/// let studies = Studies::new(columns, &[0, 3])?;
/// let plan = RankPlan { measure: Measure::Gen, conventions: REVMAN5, p: RankP::Exact };
/// let mut ranks = Lines::new(1);
/// engine::rank_tests(&plan, &studies, ranks.view())?.finish(&engine::Workers::ALONE);
/// assert!((ranks.slope[0] - 1.0).abs() < 1e-15 && (ranks.p_value[0] - 1.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), metapool_core::studies::ShapeError>(())
/// ```
pub fn rank_tests<'a>(
    plan: &'a RankPlan,
    studies: &'a Studies<'a>,
    lines: LinesView<'a>,
) -> Result<Batch<'a, RankTests<'a>>, ShapeError> {
    needs(plan.measure.data(), plan.measure.name(), studies)?;
    Ok(Batch::new(RankTests(plan), studies, lines))
}
