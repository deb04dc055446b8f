//! Permutation tests.

use std::collections::VecDeque;
use std::ops::Range;

use crate::choice::choice;
use crate::resample::permutation::{Arrangement, MOST_EXACT, Permutable, Permutation};
use crate::rng::philox::Streams;
use crate::studies::{ShapeError, Studies};
use crate::table::struct_of_arrays;

use super::batch::Steps;
use super::needs;
use super::workers::Workers;

choice! {
    /// Which statistics speak against the hypothesis.
    pub enum Alternative: "alternative" {
        /// Those far from 0.
        TwoSided = "two-sided",
        /// Great ones.
        Greater = "greater",
        /// Small ones.
        Less = "less",
    }
}

struct_of_arrays! {
    /// Permutation tests. Undefined fields are NaN.
    pub struct PermutationTests / PermutationTestsView {
        /// The statistic of the data.
        pub statistic: f64,
        /// Exact: the share of arrangements at least as extreme. Drawn: (1 + b)/(1 + n), b of n as extreme.
        pub p_value: f64,
        /// The least P that there could be.
        pub p_min: f64,
        /// Monte Carlo standard error of P, 0 if it is exact.
        pub mcse: f64,
        /// Arrangements that were looked at.
        pub n_permutations: i64,
        /// Whether they are all there are.
        pub exact: bool,
    }
}

/// Arrangements that are fitted at a time.
const BLOCK: u64 = 256;
/// Statistics nearer than this share of their size to the observed one count as equal to it.
const TIE: f64 = 1e-10;

/// Which arrangements.
#[derive(Debug, Clone, Copy)]
pub struct Arrangements {
    /// Where they are drawn from.
    pub streams: Streams,
    /// Most that are looked at: all, if there are no more, else so many are drawn.
    pub most: u64,
    /// Which statistics are extreme.
    pub alternative: Alternative,
}

/// Permutation tests on their way.
#[derive(Debug)]
pub struct PermutationRuns<'a> {
    what: Permutation<'a>,
    arrangements: Arrangements,
    studies: &'a Studies<'a>,
    out: PermutationTestsView<'a>,
    analysis: usize,
    present: Option<Run>,
}

/// The test of one meta-analysis.
#[derive(Debug)]
struct Run {
    observed: f64,
    all: u64,
    /// Arrangements with one statistic, at least.
    same: u64,
    exact: bool,
    left: Range<u64>,
    extreme: u64,
}

/// Permutation tests of a batch.
///
/// # Errors
/// [`ShapeError::Kind`] if the measure, or the test, is not for this kind of data.
///
/// # Example
/// ```
/// use metapool_core::engine::{self, Alternative, Arrangements, PermutationTests, Steps, Workers};
/// use metapool_core::resample::permutation::Permutation;
/// use metapool_core::rng::philox::{Purpose, Streams};
/// use metapool_core::studies::{Columns, Studies};
/// use metapool_core::{conventions::REVMAN5, measure::{Data, Measure}};
/// use metapool_core::{plan::{Common, Model, Plan, Random}, pool::{interval::Interval, prediction::Prediction}};
/// let plan = Plan::new(Measure::Gen, Model::Random, Common::InverseVariance,
///     Random::DerSimonianLaird, Interval::Wald, Prediction::None, 0.95, REVMAN5)?;
/// let columns = Columns::new(Data::Effects, &[&[0.1, 0.3, 0.5], &[0.04, 0.04, 0.04]])?;
/// let studies = Studies::new(columns, &[0, 3])?;
/// let streams = Streams::new(1, Purpose::Permutation);
/// let arrangements =
///     Arrangements { streams, most: 1 << 20, alternative: Alternative::TwoSided };
/// let mut found = PermutationTests::new(1);
/// engine::permutation(Permutation::Signs(&plan), arrangements, &studies, found.view())?
///     .finish(&Workers::ALONE);
/// assert!(found.exact[0] && found.n_permutations[0] == 8);
/// assert_eq!(found.p_value[0], 0.25); // all three signs, or none, are as extreme
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn permutation<'a>(
    what: Permutation<'a>,
    arrangements: Arrangements,
    studies: &'a Studies<'a>,
    out: PermutationTestsView<'a>,
) -> Result<PermutationRuns<'a>, ShapeError> {
    match what {
        Permutation::Signs(plan) | Permutation::Labels(plan, ..) => {
            needs(plan.data(), plan.measure.name(), studies)?;
        }
        Permutation::Residuals(test) => needs(test.data(), test.name(), studies)?,
    }
    Ok(PermutationRuns { what, arrangements, studies, out, analysis: 0, present: None })
}

/// What a thread reuses, and of which analysis.
#[derive(Debug, Default)]
struct Scratch {
    permutable: Permutable,
    taken: bool,
}

impl PermutationRuns<'_> {
    fn begin(&self) -> Run {
        let mut permutable = Permutable::default();
        permutable.take(&self.what, self.studies, self.analysis);
        let found = permutable.statistics(&self.what, std::iter::once(Arrangement::Observed));
        let observed = found.first().copied().unwrap_or(f64::NAN);
        let all = permutable.arrangements(&self.what);
        let two_sided = self.arrangements.alternative == Alternative::TwoSided;
        let same = permutable.same(&self.what, two_sided);
        let exact = all <= self.arrangements.most.min(MOST_EXACT);
        let n = if exact { all } else { self.arrangements.most };
        let left = if observed.is_finite() { 0..n } else { 0..0 };
        Run { observed, all, same, exact, left, extreme: 0 }
    }

    /// Looks at the next arrangements.
    fn look(&self, run: &mut Run, blocks: u64, workers: &Workers) {
        let end = run.left.end.min(run.left.start + blocks * BLOCK);
        let mut counts = vec![0_u64; (end - run.left.start).div_ceil(BLOCK) as usize];
        let starts = (run.left.start..end).step_by(BLOCK as usize);
        let jobs: VecDeque<_> = starts.zip(counts.iter_mut()).collect();
        let (what, studies, analysis) = (&self.what, self.studies, self.analysis);
        let (observed, exact) = (run.observed, run.exact);
        let Arrangements { streams, alternative, .. } = self.arrangements;
        workers.run(workers.share(jobs), |scratch: &mut Scratch, (first, count)| {
            if !scratch.taken {
                scratch.permutable.take(what, studies, analysis);
                scratch.taken = true;
            }
            let arrangement = |number: u64| {
                if exact {
                    Arrangement::Number(number)
                } else {
                    Arrangement::Drawn(streams.stream(0, number, analysis as u64))
                }
            };
            let numbers = first..(first + BLOCK).min(end);
            let found = scratch.permutable.statistics(what, numbers.map(arrangement));
            let extreme = found.iter().filter(|&&t| is_extreme(t, observed, alternative));
            *count = extreme.count() as u64;
        });
        run.extreme += counts.iter().sum::<u64>();
        run.left.start = end;
    }

    fn finish_run(&mut self, run: &Run) {
        let i = self.analysis;
        let n = if run.exact { run.all } else { self.arrangements.most };
        let p = if !run.observed.is_finite() {
            f64::NAN
        } else if run.exact {
            run.extreme as f64 / n as f64
        } else {
            (run.extreme + 1) as f64 / (n + 1) as f64
        };
        self.out.statistic[i] = run.observed;
        self.out.p_value[i] = p;
        let least = run.same as f64 / run.all as f64;
        self.out.p_min[i] = if run.exact { least.min(1.0) } else { 1.0 / (n + 1) as f64 };
        self.out.mcse[i] = if run.exact { 0.0 } else { (p * (1.0 - p) / n as f64).sqrt() };
        self.out.n_permutations[i] = n as i64;
        self.out.exact[i] = run.exact;
    }
}

impl Steps for PermutationRuns<'_> {
    fn step(&mut self, studies: usize, workers: &Workers) -> bool {
        if self.analysis == self.studies.n_analyses() {
            return false;
        }
        let mut run = self.present.take().unwrap_or_else(|| self.begin());
        let k = self.studies.range(self.analysis).len().max(1);
        let blocks = (studies / (k * BLOCK as usize)).max(workers.threads()) as u64;
        self.look(&mut run, blocks, workers);
        if run.left.is_empty() {
            self.finish_run(&run);
            self.analysis += 1;
        } else {
            self.present = Some(run);
        }
        true
    }

    fn is_short(&self) -> bool {
        self.arrangements.most <= BLOCK && self.studies.n_analyses() == 1
    }
}

/// Whether a statistic is at least as extreme as the observed one; one that is undefined is.
fn is_extreme(t: f64, observed: f64, alternative: Alternative) -> bool {
    let tie = TIE * observed.abs().max(1.0);
    let beyond = match alternative {
        Alternative::TwoSided => t.abs() >= observed.abs() - tie,
        Alternative::Greater => t >= observed - tie,
        Alternative::Less => t <= observed + tie,
    };
    beyond || t.is_nan()
}
