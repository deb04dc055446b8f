//! Tests for small-study effects: straight lines through the points of a radial plot.

pub mod egger;
pub mod harbord;
pub mod regression;

use crate::conventions::Conventions;
use crate::effect::{Reason, study_effects};
use crate::measure::{Data, Measure};
use crate::pool::inverse_variance;
use crate::studies::Columns;
use harbord::Score;
use regression::{Line, line};

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

    /// The data that the test needs.
    #[must_use]
    pub(crate) fn data(&self) -> Data {
        match self {
            Self::Egger(measure, _) => measure.data(),
            Self::Harbord(_) => Data::TwoByTwo,
        }
    }
}

/// The points of a radial plot: precision against standardised effect.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RadialPoints {
    /// 1/se, or √V of a score.
    pub x: Vec<f64>,
    /// effect/se, or score/√V.
    pub y: Vec<f64>,
    /// Which studies have a point, one element per study.
    pub included: Vec<bool>,
}

impl RadialPoints {
    fn clear(&mut self) {
        self.x.clear();
        self.y.clear();
        self.included.clear();
    }

    /// Adds a study; `None` if it has no point.
    fn push(&mut self, point: Option<(f64, f64)>) {
        self.included.push(point.is_some());
        if let Some((x, y)) = point {
            self.x.push(x);
            self.y.push(y);
        }
    }

    /// The inverse-variance mean: slope of the line through the origin, Σxy/Σx².
    #[must_use]
    pub fn slope(&self) -> f64 {
        let effects = self.x.iter().zip(&self.y).map(|(x, y)| (y / x, 1.0 / (x * x)));
        inverse_variance::pool(effects, 0.0).estimate
    }
}

/// Half-width of the band about the line of a radial plot (Galbraith 1988).
pub const RADIAL_BAND: f64 = 2.0;

/// Fits the tests' lines; keeps its buffers between meta-analyses.
#[derive(Debug, Default)]
pub(crate) struct Tester {
    points: RadialPoints,
    y: Vec<f64>,
    v: Vec<f64>,
    reason: Vec<Reason>,
}

impl Tester {
    /// The test of one meta-analysis.
    pub(crate) fn fit(&mut self, test: &Test, columns: &Columns<'_>) -> Line {
        self.points(test, columns);
        line(&self.points.x, &self.points.y)
    }

    /// The points that the test puts a line through.
    pub(crate) fn points(&mut self, test: &Test, columns: &Columns<'_>) -> &RadialPoints {
        self.points.clear();
        match (test, columns) {
            (Test::Harbord(score), Columns::TwoByTwo(tables)) => {
                harbord::points(*score, tables, &mut self.points);
            }
            (Test::Egger(measure, conventions), _) => {
                let k = columns.len();
                self.y.resize(k, f64::NAN);
                self.v.resize(k, f64::NAN);
                self.reason.resize(k, Reason::Missing);
                let Self { y, v, reason, points } = self;
                study_effects(*measure, conventions, columns, y, v, reason);
                egger::points(y, v, points);
            }
            (Test::Harbord(_), _) => {}
        }
        &self.points
    }
}
