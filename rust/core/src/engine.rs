//! Batch entry points: all analyses of a batch, block by block.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::analysis::{self, DetailsView, FitsView, fit_block};
use crate::conventions::Conventions;
use crate::effect::{EffectsView, effect_block};
use crate::measure::{Data, Measure};
use crate::plan::Plan;
use crate::small_study::regression::LinesView;
use crate::small_study::{self, RadialPoints, Test, radial_points, test_block};
use crate::studies::{ShapeError, Studies};

/// Analyses in a block at the most; a block writes to its own slots, so results do not depend on
/// threads.
const BLOCK: usize = 256;
/// A block that has this many studies takes no more analyses: its scratch stays in the cache.
const BLOCK_STUDIES: usize = 2560;

/// A batch of so many blocks is over before threads have woken: about 0.2 ms.
const SHORT: usize = 8;

/// Threads that share the blocks of a batch.
#[derive(Debug)]
pub struct Workers(Option<rayon::ThreadPool>);

impl Workers {
    /// The calling thread alone.
    pub const ALONE: Self = Self(None);

    /// `threads` of their own; the calling thread alone for 1, or if none can be started.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let pool = || rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok();
        Self((threads > 1).then(pool).flatten())
    }

    /// How many there are.
    fn threads(&self) -> usize {
        self.0.as_ref().map_or(1, rayon::ThreadPool::current_num_threads)
    }

    /// Runs all jobs; each thread reuses its space, does its own share and then helps the others.
    fn run<J: Send, S: Default>(
        &self,
        shares: Vec<VecDeque<J>>,
        work: impl Fn(&mut S, J) + Sync + Send,
    ) {
        let Some(pool) = &self.0 else {
            let mut space = S::default();
            shares.into_iter().flatten().for_each(|job| work(&mut space, job));
            return;
        };
        let shares: Vec<_> = shares.into_iter().map(Mutex::new).collect();
        pool.broadcast(|thread| {
            let mut space = S::default();
            let (before, own) = shares.split_at(thread.index().min(shares.len()));
            while let Some(job) = own.first().and_then(|own| pop(own, VecDeque::pop_front)) {
                work(&mut space, job);
            }
            for other in own.iter().skip(1).chain(before) {
                while let Some(job) = pop(other, VecDeque::pop_back) {
                    work(&mut space, job);
                }
            }
        });
    }
}

/// A job off a share.
fn pop<J>(share: &Mutex<VecDeque<J>>, end: impl Fn(&mut VecDeque<J>) -> Option<J>) -> Option<J> {
    end(&mut share.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Room for the results of a batch.
pub trait Out: Send + Default {
    /// The room of the next `analyses`, which have `rows` studies, and the rest.
    fn cut(self, analyses: usize, rows: usize) -> (Self, Self);
}

/// What is done with every block of a batch.
pub trait Task: Sync {
    /// What a thread reuses between blocks.
    type Scratch: Default;
    /// Where the results of a block go.
    type Out<'o>: Out;

    /// Does meta-analyses `first..first + n`.
    fn block(
        &self,
        studies: &Studies<'_>,
        first: usize,
        n: usize,
        scratch: &mut Self::Scratch,
        out: Self::Out<'_>,
    );
}

/// A batch on its way: [`Batch::step`] takes the next part of it until nothing is left, so that a
/// caller can look up in between.
#[derive(Debug)]
pub struct Batch<'a, T: Task> {
    task: T,
    studies: &'a Studies<'a>,
    shares: Vec<Share<T::Out<'a>>>,
}

/// What one thread does of a batch: its neighbouring analyses and the room for their results. Threads
/// that write far from each other do not fetch the same pages, and find in their caches what they wrote
/// in a call before.
#[derive(Debug)]
struct Share<O> {
    analyses: Range<usize>,
    rest: O,
}

/// A block: its first analysis, how many, where their results go.
type Block<O> = (usize, usize, O);

impl<O: Out> Share<O> {
    /// Cuts off the analyses before `end`.
    fn cut(&mut self, studies: &Studies<'_>, end: usize) -> Self {
        let analyses = self.analyses.start..end;
        let rows = studies.rows(analyses.start, analyses.len()).len();
        let (own, rest) = std::mem::take(&mut self.rest).cut(analyses.len(), rows);
        (self.analyses.start, self.rest) = (end, rest);
        Self { analyses, rest: own }
    }

    /// The next blocks, of about `most` studies in all.
    fn blocks(&mut self, studies: &Studies<'_>, most: usize) -> VecDeque<Block<O>> {
        let mut blocks = VecDeque::new();
        let mut taken = 0;
        while taken < most && !self.analyses.is_empty() {
            let first = self.analyses.start;
            let n = studies.analyses_within(first, BLOCK.min(self.analyses.len()), BLOCK_STUDIES);
            taken += studies.rows(first, n).len().max(n);
            blocks.push_back((first, n, self.cut(studies, first + n).rest));
        }
        blocks
    }
}

impl<'a, T: Task> Batch<'a, T> {
    fn new(task: T, studies: &'a Studies<'a>, rest: T::Out<'a>) -> Self {
        Self { task, studies, shares: vec![Share { analyses: 0..studies.n_analyses(), rest }] }
    }

    /// Does the next analyses, blocks of about `studies` studies in all; false at the end.
    pub fn step(&mut self, studies: usize, workers: &Workers) -> bool {
        self.divide(workers.threads());
        let most = studies.div_ceil(self.shares.len());
        let blocks = self.shares.iter_mut().map(|share| share.blocks(self.studies, most));
        let blocks: Vec<_> = blocks.collect();
        let (task, studies) = (&self.task, self.studies);
        workers.run(blocks, |space, (first, n, out)| task.block(studies, first, n, space, out));
        self.shares.iter().any(|share| !share.analyses.is_empty())
    }

    /// Makes as many shares as there are threads, once, of about the same number of studies.
    fn divide(&mut self, threads: usize) {
        if self.shares.len() > 1 {
            return;
        }
        for left in (2..=threads).rev() {
            let Some(mut rest) = self.shares.pop() else { return };
            let Range { start, end } = rest.analyses;
            let rows = self.studies.rows(start, end - start).len() / left;
            let n = self.studies.analyses_within(start, end - start, rows);
            self.shares.push(rest.cut(self.studies, start + n));
            self.shares.push(rest);
        }
    }

    /// Whether so little is left that waking threads would take longer than it saves.
    #[must_use]
    pub fn is_short(&self) -> bool {
        let left = self.shares.iter().map(|share| share.analyses.clone());
        let (analyses, studies) = left.fold((0, 0), |(analyses, studies), left| {
            let rows = self.studies.rows(left.start, left.len());
            (analyses + left.len(), studies + rows.len())
        });
        analyses <= SHORT * BLOCK && studies <= SHORT * BLOCK_STUDIES
    }

    /// Does everything.
    pub fn finish(mut self, workers: &Workers) {
        while self.step(usize::MAX, workers) {}
    }
}

fn needs(data: Data, measure: &'static str, studies: &Studies<'_>) -> Result<(), ShapeError> {
    let found = studies.columns().data();
    if found == data { Ok(()) } else { Err(ShapeError::Kind { measure, data: found }) }
}

/// Pools by a plan.
#[derive(Debug)]
pub struct Pool<'p>(&'p Plan);

/// Where pooled analyses go, and details if they are wanted.
#[derive(Debug, Default)]
pub struct PoolOut<'o>(FitsView<'o>, Option<DetailsView<'o>>);

impl Out for PoolOut<'_> {
    fn cut(self, analyses: usize, rows: usize) -> (Self, Self) {
        let (own, rest) = self.0.split_at(analyses);
        let details = self.1.map(|details| details.split_at(analyses, rows));
        let (own_details, rest_details) = details.unzip();
        (Self(own, own_details), Self(rest, rest_details))
    }
}

impl Task for Pool<'_> {
    type Scratch = analysis::Scratch;
    type Out<'o> = PoolOut<'o>;

    fn block(
        &self,
        studies: &Studies<'_>,
        first: usize,
        _: usize,
        scratch: &mut analysis::Scratch,
        PoolOut(mut fits, details): PoolOut<'_>,
    ) {
        fit_block(self.0, studies, first, scratch, &mut fits, details);
    }
}

/// A batch to be pooled; its results go to `fits` and, if asked for, `details`.
///
/// # Errors
/// [`ShapeError::Kind`] if the measure is not taken from this kind of data.
///
/// # Example
/// ```
/// use metapool_core::{analysis::Fits, conventions::REVMAN5, engine, measure::{Data, Measure},
///     plan::{Common, Model, Plan, Random}, pool::{interval::Interval, prediction::Prediction}, studies::{Columns, Studies}};
/// let plan = Plan::new(Measure::Gen, Model::Random, Common::InverseVariance,
///     Random::DerSimonianLaird, Interval::Wald, Prediction::None, 0.95, REVMAN5)?;
/// let columns = Columns::new(Data::Effects, &[&[0.1, 0.3, 0.5], &[0.04, 0.04, 0.04]])?;
/// let studies = Studies::new(columns, &[0, 3])?;
/// let mut fits = Fits::new(1);
/// engine::pool(&plan, &studies, fits.view(), None)?.finish(&engine::Workers::ALONE);
/// assert!((fits.estimate[0] - 0.3).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn pool<'a>(
    plan: &'a Plan,
    studies: &'a Studies<'a>,
    fits: FitsView<'a>,
    details: Option<DetailsView<'a>>,
) -> Result<Batch<'a, Pool<'a>>, ShapeError> {
    needs(plan.data(), plan.measure.name(), studies)?;
    Ok(Batch::new(Pool(plan), studies, PoolOut(fits, details)))
}

/// Takes the effects of studies.
#[derive(Debug)]
pub struct TakeEffects<'p> {
    measure: Measure,
    conventions: &'p Conventions,
    level: f64,
}

impl Out for EffectsView<'_> {
    fn cut(self, _: usize, rows: usize) -> (Self, Self) {
        self.split_at(rows)
    }
}

impl Task for TakeEffects<'_> {
    type Scratch = ();
    type Out<'o> = EffectsView<'o>;

    fn block(
        &self,
        studies: &Studies<'_>,
        first: usize,
        n: usize,
        (): &mut (),
        mut out: EffectsView<'_>,
    ) {
        let Self { measure, conventions, level } = self;
        effect_block(*measure, conventions, *level, studies, first, n, &mut out);
    }
}

/// A batch whose studies' effects, with Wald intervals at `level`, go to `effects`.
///
/// # Errors
/// [`ShapeError::Kind`] if the measure is not taken from this kind of data.
///
/// # Example
/// ```
/// use metapool_core::{conventions::REVMAN5, effect::StudyEffects, engine, measure::Measure};
/// use metapool_core::studies::{Columns, Studies};
/// let columns = Columns::new(Measure::Rr.data(), &[&[4.0], &[123.0], &[11.0], &[139.0]])?;
/// let studies = Studies::new(columns, &[0, 1])?;
/// let mut effects = StudyEffects::new(1);
/// engine::effect_sizes(Measure::Rr, &REVMAN5, 0.95, &studies, effects.view())?
///     .finish(&engine::Workers::ALONE);
/// assert!((effects.y[0] + 0.889_311_333_920_205_4).abs() < 1e-15); // metafor, BCG, study 1
/// # Ok::<(), metapool_core::studies::ShapeError>(())
/// ```
pub fn effect_sizes<'a>(
    measure: Measure,
    conventions: &'a Conventions,
    level: f64,
    studies: &'a Studies<'a>,
    effects: EffectsView<'a>,
) -> Result<Batch<'a, TakeEffects<'a>>, ShapeError> {
    needs(measure.data(), measure.name(), studies)?;
    let task = TakeEffects { measure, conventions, level };
    Ok(Batch::new(task, studies, effects))
}

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
