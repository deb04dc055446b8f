//! Tests for small-study effects: straight lines through the points of a radial plot.

mod egger;
pub mod fail_safe_n;
pub mod harbord;
pub mod line_tests;
mod points;
pub mod rank_correlation;
pub mod regression;
pub(crate) mod resampled;
pub mod trim_and_fill;
mod weighted_line;

use crate::conventions::Conventions;
use crate::effect::block::BlockEffects;
use crate::effect::continuity::Correction;
use crate::measure::{Data, Measure};
use crate::studies::Studies;
use harbord::Score;
use points::PointBlock;
pub use points::RadialPoints;
use regression::{Fitted, LinesView, fit_lines};

/// A regression test and what it needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Test {
    /// Egger et al. (1997), on the effects of a measure.
    Egger(Measure, Conventions),
    /// Harbord, Egger & Sterne (2006), on the score of a measure.
    Harbord(Score),
}

impl Test {
    /// What the test is of.
    #[must_use]
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Egger(measure, _) => measure.name(),
            Self::Harbord(_) => "of Harbord's test",
        }
    }

    /// Whether the test takes each study by itself, then tiles.
    #[must_use]
    pub(crate) fn takes_tiles_alone(&self) -> bool {
        match self {
            Self::Egger(_, conventions) => Correction::of_the_study_alone(conventions),
            Self::Harbord(_) => true,
        }
    }

    /// The data that the test needs.
    #[must_use]
    pub(crate) fn data(&self) -> Data {
        match self {
            Self::Egger(measure, _) => measure.data(),
            Self::Harbord(_) => Data::TwoByTwo,
        }
    }
}

/// Half-width of the band about the line of a radial plot (Galbraith 1988).
pub const RADIAL_BAND: f64 = 2.0;

/// Space for a block of tests, reused.
#[derive(Debug, Default)]
pub struct Scratch {
    points: PointBlock,
    fitted: Fitted,
}

impl Scratch {
    /// Whether a study of the block that was tested last has a point.
    pub(crate) fn has_point(&self, study: usize) -> bool {
        self.points.studies.w[study] > 0.0
    }
}

/// Tests meta-analyses `first..first + n` and writes to `out`, the view of these `n` rows.
pub fn test_block(
    test: &Test,
    studies: &Studies<'_>,
    first: usize,
    scratch: &mut Scratch,
    out: &mut LinesView<'_>,
) {
    test_with_effects(test, studies, first, scratch, &BlockEffects::default(), out);
}

/// As [`test_block`], with `effects` of the same studies if they are those of the test.
pub(crate) fn test_with_effects(
    test: &Test,
    studies: &Studies<'_>,
    first: usize,
    scratch: &mut Scratch,
    effects: &BlockEffects,
    out: &mut LinesView<'_>,
) {
    let Scratch { points, fitted } = scratch;
    points.take(test, studies, first, out.bias.len(), effects);
    fit_lines(points, fitted, out);
}

/// The points that a test puts a line through, of all studies together.
#[must_use]
pub fn radial_points(test: &Test, studies: &Studies<'_>) -> RadialPoints {
    let mut points = PointBlock::default();
    points.take(test, studies, 0, studies.n_analyses(), &BlockEffects::default());
    points.into_points()
}
