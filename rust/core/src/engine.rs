//! Batch entry points: all analyses of a batch, block by block.

use rayon::prelude::*;

use crate::analysis::{Fits, FitsView, Scratch, fit_block};
use crate::conventions::Conventions;
use crate::effect::{Reason, study_effects};
use crate::measure::{Data, Measure};
use crate::plan::Plan;
use crate::pool::Estimate;
use crate::pool::interval::{normal_critical, wald_limits};
use crate::small_study::regression::Lines;
use crate::small_study::{RadialPoints, Test, Tester};
use crate::studies::{ShapeError, Studies};

/// Analyses in a block; a block writes to its own slots, so results do not depend on threads.
pub const BLOCK: usize = 256;

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

    /// Runs all jobs; each thread reuses the space that `space` makes.
    fn run<J: Send, S>(
        &self,
        jobs: Vec<J>,
        space: impl Fn() -> S + Sync + Send,
        work: impl Fn(&mut S, J) + Sync + Send,
    ) {
        match &self.0 {
            Some(pool) if jobs.len() > 1 => {
                pool.install(|| jobs.into_par_iter().for_each_init(space, work));
            }
            _ => {
                let mut own = space();
                jobs.into_iter().for_each(|job| work(&mut own, job));
            }
        }
    }
}

/// A batch on its way: [`Pooling::step`] takes the next part of it until nothing is left, so that a
/// caller can look up in between.
#[derive(Debug)]
pub struct Pooling<'a> {
    plan: &'a Plan,
    studies: &'a Studies<'a>,
    next: usize,
    rest: FitsView<'a>,
    weights: Option<&'a mut [f64]>,
}

impl<'a> Pooling<'a> {
    /// Starts a batch whose results go to `fits` and, if asked for, `weights` (percent, one per
    /// study).
    ///
    /// # Errors
    /// [`ShapeError::Kind`] if the measure is not taken from this kind of data.
    pub fn new(
        plan: &'a Plan,
        studies: &'a Studies<'a>,
        fits: &'a mut Fits,
        weights: Option<&'a mut [f64]>,
    ) -> Result<Self, ShapeError> {
        needs(plan.data(), plan.measure.name(), studies)?;
        Ok(Self { plan, studies, next: 0, rest: fits.view(), weights })
    }

    /// Fits the next analyses, blocks of about `studies` studies in all; false at the end.
    pub fn step(&mut self, studies: usize, workers: &Workers) -> bool {
        let mut jobs = Vec::new();
        let mut taken = 0;
        while taken < studies && self.next < self.studies.n_analyses() {
            let (first, n) = (self.next, BLOCK.min(self.studies.n_analyses() - self.next));
            let rows = self.studies.range(first + n - 1).end - self.studies.range(first).start;
            let empty = std::mem::take(&mut self.rest);
            let (block, rest) = empty.split_at(n);
            self.rest = rest;
            let weights = self.weights.take().map(|weights| weights.split_at_mut(rows));
            let (own, others) = weights.unzip();
            self.weights = others;
            jobs.push((first, block, own));
            self.next += n;
            taken += rows.max(n);
        }
        let (plan, studies) = (self.plan, self.studies);
        workers.run(jobs, Scratch::default, |scratch, (first, mut block, weights)| {
            fit_block(plan, studies, first, scratch, &mut block, weights);
        });
        self.next < self.studies.n_analyses()
    }
}

fn needs(data: Data, measure: &'static str, studies: &Studies<'_>) -> Result<(), ShapeError> {
    let found = studies.columns().data();
    if found == data { Ok(()) } else { Err(ShapeError::Kind { measure, data: found }) }
}

/// Pools every meta-analysis.
///
/// # Errors
/// [`ShapeError::Kind`] if the measure is not taken from this kind of data.
///
/// # Example
/// ```
/// use metapool_core::{plan::{Common, Model, Plan, Random}, conventions::REVMAN5, engine,
///     measure::{Data, Measure}, pool::interval::Interval, studies::{Columns, Studies}};
/// let plan = Plan::new(Measure::Gen, Model::Random, Common::InverseVariance,
///     Random::DerSimonianLaird, Interval::Wald, 0.95, REVMAN5)?;
/// let columns = Columns::new(Data::Effects, &[&[0.1, 0.3, 0.5], &[0.04, 0.04, 0.04]])?;
/// let fits = engine::pool(&plan, &Studies::new(columns, &[0, 3])?, None, &engine::Workers::ALONE)?;
/// assert!((fits.estimate[0] - 0.3).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn pool(
    plan: &Plan,
    studies: &Studies<'_>,
    weights: Option<&mut [f64]>,
    workers: &Workers,
) -> Result<Fits, ShapeError> {
    let mut fits = Fits::new(studies.n_analyses());
    let mut pooling = Pooling::new(plan, studies, &mut fits, weights)?;
    while pooling.step(usize::MAX, workers) {}
    Ok(fits)
}

/// Effect of every study: y, v, se, interval limits and why a study is excluded.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct StudyEffects {
    pub y: Vec<f64>,
    pub v: Vec<f64>,
    pub se: Vec<f64>,
    pub ci_low: Vec<f64>,
    pub ci_high: Vec<f64>,
    pub reason: Vec<Reason>,
}

/// Takes the effect of every study, with Wald intervals at `level`.
///
/// # Errors
/// [`ShapeError::Kind`] if the measure is not taken from this kind of data.
///
/// # Example
/// ```
/// use metapool_core::{conventions::REVMAN5, engine, measure::Measure, studies::{Columns, Studies}};
/// let columns = Columns::new(Measure::Rr.data(), &[&[4.0], &[123.0], &[11.0], &[139.0]])?;
/// let studies = Studies::new(columns, &[0, 1])?;
/// let effects = engine::effect_sizes(Measure::Rr, &REVMAN5, 0.95, &studies)?;
/// assert!((effects.y[0] + 0.889_311_333_920_205_4).abs() < 1e-15); // metafor, BCG, study 1
/// # Ok::<(), metapool_core::studies::ShapeError>(())
/// ```
pub fn effect_sizes(
    measure: Measure,
    conventions: &Conventions,
    level: f64,
    studies: &Studies<'_>,
) -> Result<StudyEffects, ShapeError> {
    needs(measure.data(), measure.name(), studies)?;
    let n = studies.columns().len();
    let (mut y, mut v) = (vec![f64::NAN; n], vec![f64::NAN; n]);
    let mut reason = vec![Reason::Missing; n];
    for i in 0..studies.n_analyses() {
        let rows = studies.range(i);
        let columns = studies.columns().slice(rows.clone());
        let (y, v) = (&mut y[rows.clone()], &mut v[rows.clone()]);
        study_effects(measure, conventions, &columns, y, v, &mut reason[rows]);
    }
    let se: Vec<f64> = v.iter().map(|v| v.sqrt()).collect();
    let critical = normal_critical(level);
    let limits =
        y.iter().zip(&se).map(|(&estimate, &se)| wald_limits(Estimate { estimate, se }, critical));
    let (ci_low, ci_high) = limits.unzip();
    Ok(StudyEffects { y, v, se, ci_low, ci_high, reason })
}

/// The points that a test puts a line through, of all studies together.
///
/// # Errors
/// [`ShapeError::Kind`] if the test is not for this kind of data.
pub fn small_study_points(test: &Test, studies: &Studies<'_>) -> Result<RadialPoints, ShapeError> {
    needs(test.data(), test.name(), studies)?;
    Ok(Tester::default().points(test, studies.columns()).clone())
}

/// Tests every meta-analysis for small-study effects.
///
/// # Errors
/// [`ShapeError::Kind`] if the test is not for this kind of data.
///
/// # Example
/// ```
/// use metapool_core::{engine, measure::Data, small_study::{Test, harbord::Score}};
/// use metapool_core::studies::{Columns, Studies};
/// let tables: [&[f64]; 4] =
///     [&[23., 38., 10., 22.], &[31., 63., 21., 26.], &[12., 12., 11., 3.], &[29., 61., 20., 8.]];
/// let studies = Studies::new(Columns::new(Data::TwoByTwo, &tables)?, &[0, 4])?;
/// let test = engine::small_study(&Test::Harbord(Score::OddsRatio), &studies)?;
/// assert!((test.statistic[0] + 0.2747).abs() < 5e-5); // the tacrolimus paper prints -0.27
/// # Ok::<(), metapool_core::studies::ShapeError>(())
/// ```
pub fn small_study(test: &Test, studies: &Studies<'_>) -> Result<Lines, ShapeError> {
    needs(test.data(), test.name(), studies)?;
    let mut lines = Lines::new(studies.n_analyses());
    let mut view = lines.view();
    let mut tester = Tester::default();
    for i in 0..studies.n_analyses() {
        view.set(i, tester.fit(test, &studies.columns().slice(studies.range(i))));
    }
    Ok(lines)
}
