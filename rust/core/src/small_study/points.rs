//! The points of radial plots: precision against standardised effect.

use crate::effect::binary::Table;
use crate::effect::block::BlockEffects;
use crate::pool::inverse_variance;
use crate::simd::{self, Elementwise, Lanes};
use crate::studies::{Columns, Studies};
use crate::tile::{Tile, Tiler};

use super::{Test, egger, harbord};

/// The points of the studies of a block, (0, 0) for a study that has none.
#[derive(Debug, Default)]
pub(super) struct PointBlock {
    /// Effect and precision of each study, which become its y and x.
    pub(super) studies: BlockEffects,
    pub(super) tiler: Tiler<2>,
}

impl PointBlock {
    /// Takes the points of `n` analyses from `first` on; `effects` spare the work if they are of the same studies and
    /// what the test needs.
    pub(super) fn take(
        &mut self,
        test: &Test,
        studies: &Studies<'_>,
        first: usize,
        n: usize,
        effects: &BlockEffects,
    ) {
        let columns = self.studies.take(studies, first, n);
        let mut known = None;
        if let Test::Egger(measure, conventions) = test {
            if effects.are_of(*measure, conventions) {
                known = Some(effects);
            } else {
                self.studies.fill(*measure, conventions, &columns);
            }
        }
        let n = self.studies.n_studies();
        simd::each(n, Points { studies: &mut self.studies, known, test, columns });
    }

    /// The points of all studies.
    pub(super) fn into_points(self) -> RadialPoints {
        let n = self.studies.n_studies();
        let (x, y) = (&self.studies.w[..n], &self.studies.y[..n]);
        let included: Vec<bool> = x.iter().map(|&x| x > 0.0).collect();
        let having = |column: &[f64]| {
            column.iter().zip(&included).filter(|(_, has)| **has).map(|(&value, _)| value).collect()
        };
        RadialPoints { x: having(x), y: having(y), included }
    }
}

struct Points<'a> {
    studies: &'a mut BlockEffects,
    /// The effects, if not in `studies`.
    known: Option<&'a BlockEffects>,
    test: &'a Test,
    columns: Columns<'a>,
}

impl Elementwise for Points<'_> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let Self { studies, known, test, columns } = self;
        let (x, y) = match (test, columns) {
            (Test::Harbord(score), Columns::TwoByTwo(t)) => {
                harbord::point::<V>(*score, Table::of(t, i))
            }
            _ => {
                let effects = known.unwrap_or(studies);
                egger::point(V::load(&effects.y, i), V::load(&effects.w, i))
            }
        };
        y.store(&mut studies.y, i);
        x.store(&mut studies.w, i);
    }
}

/// The points of a radial plot.
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
    /// The inverse-variance mean: slope of the line through the origin, Σxy/Σx².
    #[must_use]
    pub fn slope(&self) -> f64 {
        let y: Vec<f64> = self.x.iter().zip(&self.y).map(|(x, y)| y / x).collect();
        let w: Vec<f64> = self.x.iter().map(|x| x * x).collect();
        inverse_variance::pool(Tile::new(&y, &w), 0.0_f64).estimate
    }
}
