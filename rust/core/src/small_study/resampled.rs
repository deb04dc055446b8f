//! The bias that a test finds in resamples of an analysis.

use crate::effect::block::BlockEffects;
use crate::sample::{Resample, Sample};
use crate::simd::Lanes;
use crate::studies::Studies;

use super::points::PointBlock;
use super::regression::line;
use super::{RadialPoints, Test};

/// The points of the studies of an analysis that can be drawn.
#[derive(Debug, Default)]
pub(crate) struct Resampled {
    points: PointBlock,
    x: Vec<f64>,
    y: Vec<f64>,
}

impl Resampled {
    /// Takes `rows` of meta-analysis `i`.
    pub(crate) fn take(&mut self, test: &Test, studies: &Studies<'_>, i: usize, rows: &[usize]) {
        let Self { points, x, y } = self;
        points.take(test, studies, i, 1, &BlockEffects::default());
        let of = |column: &[f64]| rows.iter().map(|&row| column[row]).collect();
        (*x, *y) = (of(&points.studies.w), of(&points.studies.y));
    }

    /// The points of the studies that have one.
    pub(crate) fn points(&self) -> RadialPoints {
        let included: Vec<bool> = self.x.iter().map(|&x| x > 0.0).collect();
        let has = |column: &[f64]| {
            column.iter().zip(&self.x).filter(|(_, x)| **x > 0.0).map(|(value, _)| *value).collect()
        };
        RadialPoints { x: has(&self.x), y: has(&self.y), included }
    }

    /// The bias in every lane; NaN without three studies that differ, which no line can tell from two.
    #[inline(always)]
    pub(crate) fn bias<V: Lanes>(&self, times: &[f64]) -> V {
        let points = Resample::new(&self.y, &self.x, times);
        let (zero, one) = (V::splat(0.0), V::splat(1.0));
        let mut different = zero;
        for (_, x, times) in points.studies::<V>() {
            different = different + one.or_zero(zero.lt(x) & zero.lt(times.0));
        }
        line::<V>(points).bias.or_nan(V::splat(3.0).le(different))
    }
}
