//! Bootstraps: every analysis of a batch, each resampled many times.

use std::collections::VecDeque;
use std::ops::Range;

use crate::resample::Request;
use crate::resample::interval::SummariesView;
use crate::studies::{ShapeError, Studies};

use super::batch::Steps;
use super::needs;
use super::resampling::{Resamples, Scratch};
use super::workers::Workers;

/// Resamples in a block; a block writes to its own slots, so results do not depend on threads.
const BLOCK: usize = 1024;
/// Numbers that are kept at a time, unless one analysis has more: analyses are done in waves.
const WAVE: usize = 1 << 20;

/// Bootstraps on their way.
#[derive(Debug)]
pub struct Bootstraps<'a> {
    request: Request<'a>,
    resamples: Resamples,
    studies: &'a Studies<'a>,
    /// One row per analysis and number that is requested of it.
    summaries: SummariesView<'a>,
    /// Where distributions are kept, if they are wanted.
    kept: Option<&'a mut [f64]>,
    /// Whether they are there already.
    drawn: bool,
    /// Analyses that are not begun.
    rest: Range<usize>,
    wave: Wave<'a>,
}

/// The analyses that are resampled at present, and the blocks of them that are not.
#[derive(Debug, Default)]
struct Wave<'a> {
    analyses: Range<usize>,
    blocks: Range<usize>,
    values: Values<'a>,
}

#[derive(Debug)]
enum Values<'a> {
    Kept(&'a mut [f64]),
    Own(Vec<f64>),
}

impl Default for Values<'_> {
    fn default() -> Self {
        Self::Own(Vec::new())
    }
}

impl Values<'_> {
    fn all(&mut self) -> &mut [f64] {
        match self {
            Self::Kept(values) => values,
            Self::Own(values) => values,
        }
    }
}

/// A block of replicates: the analysis, its first replicate, a row for each number.
type Block<'v> = (usize, usize, Vec<&'v mut [f64]>);

/// Bootstraps of a batch; summaries go to `summaries`, one row per analysis and number requested of it,
/// distributions, in the same order, to `kept`.
///
/// # Errors
/// [`ShapeError::Kind`] if the measure, or a test, is not for this kind of data, [`ShapeError::Memory`] if there
/// is not enough.
///
/// # Example
/// ```
/// use metapool_core::engine::{self, Resamples, Steps, Workers};
/// use metapool_core::resample::interval::{BootstrapInterval, Degenerate, Summaries, Summary};
/// use metapool_core::resample::{Request, Scheme, Statistic};
/// use metapool_core::rng::philox::{Purpose, Streams};
/// use metapool_core::studies::{Columns, Studies};
/// use metapool_core::{conventions::REVMAN5, measure::{Data, Measure}};
/// use metapool_core::{plan::{Common, Model, Plan, Random}, pool::{interval::Interval, prediction::Prediction}};
/// let plan = Plan::new(Measure::Gen, Model::Random, Common::InverseVariance,
///     Random::DerSimonianLaird, Interval::Wald, Prediction::None, 0.95, REVMAN5)?;
/// let columns = Columns::new(Data::Effects, &[&[0.1, 0.3, 0.5], &[0.04, 0.04, 0.04]])?;
/// let studies = Studies::new(columns, &[0, 3])?;
/// let request = Request { plan: &plan, statistics: &[Statistic::Estimate], tests: &[] };
/// let summary = Summary {
///     ci: BootstrapInterval::Percentile, level: 0.95, degenerate: Degenerate::Drop,
/// };
/// let resamples = Resamples {
///     streams: Streams::new(1, Purpose::Bootstrap), first: 0, n: 1000, scheme: Scheme::Studies,
///     h: 0.5, difference: false, summary,
/// };
/// let mut found = Summaries::new(1);
/// engine::bootstrap(request, resamples, &studies, found.view(), None)?.finish(&Workers::ALONE);
/// // means of three draws lie between the effects
/// assert!(0.1 <= found.ci_low[0] && found.ci_high[0] <= 0.5 && found.n_degenerate[0] == 0);
/// assert!((found.se[0] - 0.163 / 3_f64.sqrt()).abs() < 0.01); // SD of the effects over the root of 3
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn bootstrap<'a>(
    request: Request<'a>,
    resamples: Resamples,
    studies: &'a Studies<'a>,
    summaries: SummariesView<'a>,
    kept: Option<&'a mut [f64]>,
) -> Result<Bootstraps<'a>, ShapeError> {
    needs(request.plan.data(), request.plan.measure.name(), studies)?;
    for test in request.tests {
        needs(test.data(), test.name(), studies)?;
    }
    let rest = 0..studies.n_analyses() / resamples.group();
    let wave = Wave::default();
    let mut work =
        Bootstraps { request, resamples, studies, summaries, kept, drawn: false, rest, wave };
    if work.kept.is_none() && !work.rest.is_empty() {
        let mut values = Vec::new();
        let numbers = work.analyses_of_wave().saturating_mul(work.numbers());
        values.try_reserve_exact(numbers).map_err(|_| ShapeError::Memory { numbers })?;
        work.wave.values = Values::Own(values);
    }
    Ok(work)
}

/// As [`bootstrap`], of distributions that are drawn already.
///
/// # Errors
/// As [`bootstrap`].
pub fn summarise_bootstrap<'a>(
    request: Request<'a>,
    resamples: Resamples,
    studies: &'a Studies<'a>,
    summaries: SummariesView<'a>,
    drawn: &'a mut [f64],
) -> Result<Bootstraps<'a>, ShapeError> {
    let work = bootstrap(request, resamples, studies, summaries, Some(drawn))?;
    Ok(Bootstraps { drawn: true, ..work })
}

impl Bootstraps<'_> {
    /// The share of all resamples that is done.
    #[must_use]
    pub fn share_done(&self) -> f64 {
        let of_one = self.blocks_of_one();
        let left = self.rest.len() * of_one + self.wave.blocks.len();
        let all = self.studies.n_analyses() / self.resamples.group() * of_one;
        1.0 - left as f64 / all as f64
    }

    /// Numbers of one analysis.
    fn numbers(&self) -> usize {
        self.request.len().saturating_mul(self.resamples.n)
    }

    /// Analyses that are resampled at a time.
    fn analyses_of_wave(&self) -> usize {
        (WAVE / self.numbers().max(1)).clamp(1, self.rest.len())
    }

    fn blocks_of_one(&self) -> usize {
        self.resamples.n.div_ceil(BLOCK)
    }

    /// Begins with the next analyses.
    fn next_wave(&mut self) {
        let numbers = self.numbers();
        let n = self.analyses_of_wave();
        let analyses = self.rest.start..self.rest.start + n;
        self.rest.start = analyses.end;
        let values = match self.kept.take() {
            Some(kept) => {
                let (own, others) = kept.split_at_mut(n * numbers);
                self.kept = Some(others);
                Values::Kept(own)
            }
            None => match std::mem::take(&mut self.wave.values) {
                Values::Own(mut values) => {
                    values.resize(n * numbers, 0.0);
                    Values::Own(values)
                }
                kept @ Values::Kept(_) => kept,
            },
        };
        let blocks = 0..if self.drawn { 0 } else { n * self.blocks_of_one() };
        self.wave = Wave { analyses, blocks, values };
    }

    /// Resamples the next `n` blocks.
    fn resample(&mut self, n: usize, workers: &Workers) {
        let (of_one, numbers) = (self.blocks_of_one(), self.numbers());
        let Self { request, resamples, studies, wave, .. } = self;
        let Wave { analyses, blocks, values } = wave;
        let end = (blocks.start + n).min(blocks.end);
        let mut jobs: VecDeque<Block<'_>> = VecDeque::new();
        for (i, values) in values.all().chunks_mut(numbers).enumerate() {
            let own = |block: usize| block.clamp(i * of_one, (i + 1) * of_one) - i * of_one;
            let (first, last) = (own(blocks.start), own(end));
            if first == last {
                continue;
            }
            let replicates = first * BLOCK..(last * BLOCK).min(resamples.n);
            let rows = values.chunks_mut(resamples.n).map(|row| &mut row[replicates.clone()]);
            let mut rows: Vec<_> = rows.map(|row| row.chunks_mut(BLOCK)).collect();
            for block in first..last {
                let slots = rows.iter_mut().filter_map(Iterator::next).collect();
                jobs.push_back((analyses.start + i, block * BLOCK, slots));
            }
        }
        blocks.start = end;
        let (request, resamples, studies) = (*request, *resamples, *studies);
        workers.run(workers.share(jobs), |scratch: &mut Scratch, (i, first, mut rows)| {
            scratch.resample(&request, &resamples, studies, i, first, &mut rows);
        });
    }

    /// Describes the distributions of the wave.
    fn summarise(&mut self, workers: &Workers) {
        let (numbers, len) = (self.numbers(), self.request.len());
        let Self { request, resamples, studies, summaries, wave, .. } = self;
        let mut jobs = VecDeque::new();
        for (i, values) in wave.analyses.clone().zip(wave.values.all().chunks(numbers)) {
            let (own, others) = std::mem::take(summaries).split_at(len);
            *summaries = others;
            jobs.push_back((i, values, own));
        }
        let (request, resamples, studies) = (*request, *resamples, *studies);
        workers.run(workers.share(jobs), |scratch: &mut Scratch, (i, values, mut out)| {
            scratch.describe(&request, &resamples, studies, i, values, &mut out);
        });
    }
}

impl Steps for Bootstraps<'_> {
    /// Does about so many studies of resamples; false at the end.
    fn step(&mut self, studies: usize, workers: &Workers) -> bool {
        if self.wave.blocks.is_empty() {
            if self.rest.is_empty() {
                return false;
            }
            self.next_wave();
        }
        let analyses = self.wave.analyses.clone();
        let group = self.resamples.group();
        let rows = self.studies.rows(group * analyses.start, group * analyses.len()).len();
        let of_a_block = (rows / analyses.len()).max(1) * BLOCK;
        self.resample((studies / of_a_block).max(workers.threads()), workers);
        if self.wave.blocks.is_empty() {
            self.summarise(workers);
        }
        true
    }

    fn is_short(&self) -> bool {
        self.rest.len() * self.numbers() <= BLOCK
    }
}
