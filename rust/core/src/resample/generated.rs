//! Replicates whose data are generated or copied: fitted as any other meta-analyses.

use crate::analysis::{self, Details, DetailsView, Fits, fit_block};
use crate::effect::continuity::Correction;
use crate::measure::Data;
use crate::plan::Plan;
use crate::small_study::regression::Lines;
use crate::small_study::{self, test_block};
use crate::studies::{Columns, Studies};

use super::{Request, Statistic};

/// Studies of the replicates that are fitted at a time: few enough for the nearest cache.
const FITTED: usize = 2560;

/// Whether a resample cannot be summed from what each study adds alone, as the continuity correction of a study
/// depends on the others.
pub(crate) fn must_be_copied(plan: &Plan) -> bool {
    let conventions = &plan.conventions;
    plan.data() == Data::TwoByTwo
        && !(Correction::of_the_study_alone(conventions)
            && Correction::of_mantel_haenszel_alone(conventions))
}

/// Room for replicates and their fits.
#[derive(Debug, Default)]
pub(crate) struct Generated {
    columns: Vec<Vec<f64>>,
    /// Of copies, which study each is of.
    originals: Vec<usize>,
    offsets: Vec<i64>,
    pooling: analysis::Scratch,
    testing: small_study::Scratch,
}

impl Generated {
    /// What is requested of replicates of about `k` studies each, to the rows of `out`. `generate` adds the studies of
    /// a replicate to the columns and, if they are copies, which study each is of; those of one study follow each
    /// other.
    pub(crate) fn fit(
        &mut self,
        request: &Request<'_>,
        k: usize,
        out: &mut [&mut [f64]],
        mut generate: impl FnMut(usize, &mut [Vec<f64>], &mut Vec<usize>),
    ) {
        let n = out.first().map_or(0, |row| row.len());
        let step = (FITTED / k.max(1)).max(1);
        for first in (0..n).step_by(step) {
            let end = (first + step).min(n);
            self.columns.resize_with(request.plan.data().columns().len(), Vec::new);
            self.columns.iter_mut().for_each(Vec::clear);
            self.originals.clear();
            self.offsets.clear();
            self.offsets.push(0);
            for replicate in first..end {
                generate(replicate, &mut self.columns, &mut self.originals);
                self.offsets.push(self.columns[0].len() as i64);
            }
            let mut part: Vec<_> = out.iter_mut().map(|row| &mut row[first..end]).collect();
            self.fit_columns(request, &mut part);
        }
    }

    fn fit_columns(&mut self, request: &Request<'_>, out: &mut [&mut [f64]]) {
        let columns: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let studies = Columns::new(request.plan.data(), &columns)
            .and_then(|columns| Studies::new(columns, &self.offsets));
        let Ok(studies) = studies else { return }; // made to fit
        let n = studies.n_analyses();
        let (pooled, tested) = out.split_at_mut(request.statistics.len());
        if !pooled.is_empty() {
            let (mut fits, mut details) = (Fits::new(n), Details::new(n));
            let mut weights = vec![0.0; columns[0].len()];
            let view = DetailsView { weights: &mut weights, analyses: details.view() };
            let wanted = request.statistics.iter().any(|statistic| statistic.is_detail());
            let view = wanted.then_some(view);
            fit_block(request.plan, &studies, 0, &mut self.pooling, &mut fits.view(), view);
            for (statistic, out) in request.statistics.iter().zip(pooled) {
                out.copy_from_slice(match statistic {
                    Statistic::Estimate => &fits.estimate,
                    Statistic::Tau2 => &fits.tau2,
                    Statistic::I2 => &fits.i2,
                    Statistic::Q => &fits.q,
                    Statistic::H2 => &details.h2,
                    Statistic::PiLow => &details.pi_low,
                    Statistic::PiHigh => &details.pi_high,
                });
            }
        }
        for (test, out) in request.tests.iter().zip(tested) {
            let mut lines = Lines::new(n);
            test_block(test, &studies, 0, &mut self.testing, &mut lines.view());
            out.copy_from_slice(&lines.bias);
            if self.originals.is_empty() {
                continue;
            }
            for (bias, ends) in out.iter_mut().zip(self.offsets.windows(2)) {
                let with_point =
                    (ends[0] as usize..ends[1] as usize).filter(|&i| self.testing.has_point(i));
                if different(with_point.map(|i| self.originals[i])) < 3 {
                    *bias = f64::NAN; // a line through copies of two studies says nothing
                }
            }
        }
    }
}

/// How many numbers differ, equal ones following each other.
fn different(numbers: impl Iterator<Item = usize>) -> usize {
    let mut last = None;
    numbers.filter(|&number| last.replace(number) != Some(number)).count()
}

impl Statistic {
    /// Whether it is one of [`Details`].
    fn is_detail(self) -> bool {
        matches!(self, Self::H2 | Self::PiLow | Self::PiHigh)
    }
}
