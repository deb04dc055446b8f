//! Tests of two-by-two tables.

use crate::analysis::tables::{TableTestsView, test_tables};
use crate::conventions::Conventions;
use crate::measure::{Data, Measure};
use crate::studies::{Columns, ShapeError, Studies};

use super::batch::{Batch, Out, Task};
use super::needs;

/// Tests of two-by-two tables.
#[derive(Debug)]
pub struct TestTables<'p> {
    conventions: &'p Conventions,
    correct: bool,
}

impl Out for TableTestsView<'_> {
    fn cut(self, analyses: usize, _: usize) -> (Self, Self) {
        self.split_at(analyses)
    }
}

impl Task for TestTables<'_> {
    type Scratch = ();
    type Out<'o> = TableTestsView<'o>;

    fn block(
        &self,
        studies: &Studies<'_>,
        first: usize,
        n: usize,
        (): &mut (),
        mut out: TableTestsView<'_>,
    ) {
        for i in 0..n {
            let rows = studies.rows(first + i, 1);
            if let Columns::TwoByTwo(tables) = studies.columns().slice(rows) {
                test_tables(self.conventions, self.correct, &tables, i, &mut out);
            }
        }
    }
}

/// A batch whose tables are tested for an effect, with or without the continuity correction of ½, and for
/// differences between their odds ratios; results go to `tests`.
///
/// # Errors
/// [`ShapeError::Kind`] unless the studies are two-by-two tables.
///
/// # Example
/// ```
/// use metapool_core::engine::Steps;
/// use metapool_core::{analysis::tables::TableTests, conventions::REVMAN5, engine, measure::Data};
/// use metapool_core::studies::{Columns, Studies};
/// let columns: [&[f64]; 4] = [&[6.0, 4.0], &[10.0, 10.0], &[4.0, 6.0], &[10.0, 10.0]];
/// let studies = Studies::new(Columns::new(Data::TwoByTwo, &columns)?, &[0, 2])?;
/// let mut out = TableTests::new(1);
/// engine::table_tests(&REVMAN5, false, &studies, out.view())?.finish(&engine::Workers::ALONE);
/// assert!(out.cmh[0] == 0.0 && (out.breslow_day[0] - 1.6).abs() < 1e-15);
/// # Ok::<(), metapool_core::studies::ShapeError>(())
/// ```
pub fn table_tests<'a>(
    conventions: &'a Conventions,
    correct: bool,
    studies: &'a Studies<'a>,
    tests: TableTestsView<'a>,
) -> Result<Batch<'a, TestTables<'a>>, ShapeError> {
    needs(Data::TwoByTwo, Measure::Or.name(), studies)?;
    Ok(Batch::new(TestTables { conventions, correct }, studies, tests))
}
