//! Study columns to pooled effects: the one place where effects, tau² and pooling are composed.

use crate::conventions::{Conventions, I2Definition, QCentre};
use crate::effect::{Reason, study_effects};
use crate::heterogeneity::q::CochranQ;
use crate::heterogeneity::tau2::{self, WeightSums};
use crate::model_rule;
use crate::plan::{Common, Model, Plan};
use crate::pool::interval::{Interval, wald};
use crate::pool::mantel_haenszel::MantelHaenszel;
use crate::pool::{Estimate, inverse_variance, peto};
use crate::status::Status;
use crate::studies::{Columns, Studies};
use crate::table::struct_of_arrays;

struct_of_arrays! {
    /// One pooled meta-analysis. Undefined fields are NaN; `status` says why.
    pub struct Fit / Fits / FitsView {
        /// Pooled effect, analysis scale.
        pub estimate: f64 = f64::NAN,
        /// Its standard error.
        pub se: f64 = f64::NAN,
        /// Lower limit of its interval.
        pub ci_low: f64 = f64::NAN,
        /// Upper limit of its interval.
        pub ci_high: f64 = f64::NAN,
        /// Test statistic.
        pub statistic: f64 = f64::NAN,
        /// Its two-sided P.
        pub p_value: f64 = f64::NAN,
        /// Cochran's Q.
        pub q: f64 = f64::NAN,
        /// Its P.
        pub q_p: f64 = f64::NAN,
        /// I², percent.
        pub i2: f64 = f64::NAN,
        /// Between-study variance.
        pub tau2: f64 = f64::NAN,
        /// H².
        pub h2: f64 = f64::NAN,
        /// Degrees of freedom of Q.
        pub q_df: i64 = 0,
        /// Studies that contribute.
        pub k: i64 = 0,
        /// Code of [`Status`].
        pub status: u8 = Status::NotEstimable as u8,
        /// Whether the random-effects model was taken.
        pub random: bool = false,
    }
}

/// Space for the study effects of an analysis, reused; a study that is out has NaN in `y`.
#[derive(Debug, Default)]
pub struct Scratch {
    y: Vec<f64>,
    v: Vec<f64>,
    reason: Vec<Reason>,
}

impl Scratch {
    fn resize(&mut self, n: usize) {
        self.y.resize(n, f64::NAN);
        self.v.resize(n, f64::NAN);
        self.reason.resize(n, Reason::Missing);
    }
}

/// Fits meta-analyses `first..first + n` and writes them to `out`, the view of these `n` rows.
///
/// `weights`, if asked for, has an element per study of these analyses: percent, 0 if excluded.
pub fn fit_block(
    plan: &Plan,
    studies: &Studies<'_>,
    first: usize,
    scratch: &mut Scratch,
    out: &mut FitsView<'_>,
    mut weights: Option<&mut [f64]>,
) {
    let mut used = 0;
    for i in 0..out.estimate.len() {
        let range = studies.range(first + i);
        let k = range.len();
        let columns = studies.columns().slice(range);
        let weights = weights.as_deref_mut().map(|w| &mut w[used..used + k]);
        out.set(i, fit(plan, &columns, scratch, weights));
        used += k;
    }
}

/// Fits one meta-analysis.
fn fit(
    plan: &Plan,
    columns: &Columns<'_>,
    scratch: &mut Scratch,
    mut weights: Option<&mut [f64]>,
) -> Fit {
    match plan.model {
        Model::Common => common_fit(plan, columns, scratch, weights).0,
        Model::Random => random_fit(plan, columns, scratch, weights),
        Model::Auto => {
            let (common, q) = common_fit(plan, columns, scratch, weights.as_deref_mut());
            if q.is_some_and(|q| model_rule::decide(q).is_random()) {
                random_fit(plan, columns, scratch, weights)
            } else {
                common
            }
        }
    }
}

fn common_fit(
    plan: &Plan,
    columns: &Columns<'_>,
    scratch: &mut Scratch,
    weights: Option<&mut [f64]>,
) -> (Fit, Option<CochranQ>) {
    let conventions = match plan.common {
        Common::Peto => peto::raw_counts(plan.conventions),
        _ => plan.conventions,
    };
    take_effects(plan, &conventions, columns, scratch);
    let (pooled, k) = match (plan.common, columns) {
        (Common::MantelHaenszel, Columns::TwoByTwo(tables)) => {
            let mh = MantelHaenszel::new(plan.measure, plan.conventions, *tables);
            let (pooled, k) = mh.pool();
            // RevMan prints weights where the mean exists and its variance does not
            let mean_exists = weights.is_some() && mh.mean().is_some();
            fill_weights(weights, mean_exists, |i| mh.weight(i));
            scratch.keep(|i| mh.in_q(i));
            (pooled, k)
        }
        _ => {
            let (pooled, k) = scratch.inverse_variance(0.0);
            fill_weights(weights, pooled.is_some(), |i| scratch.weight(i, 0.0));
            (pooled, k)
        }
    };
    let Some(pooled) = pooled else { return (Fit::EMPTY, None) };
    let q = scratch.q_about(pooled.estimate, k);
    let spread = Spread { q, tau2: 0.0, i2: q.i2(), h2: q.h2() };
    (describe(plan, pooled, k, spread), Some(q))
}

fn random_fit(
    plan: &Plan,
    columns: &Columns<'_>,
    scratch: &mut Scratch,
    weights: Option<&mut [f64]>,
) -> Fit {
    take_effects(plan, &plan.conventions, columns, scratch);
    let Some(centre) = q_centre(plan, columns, scratch) else {
        fill_weights(weights, false, |_| 0.0);
        return Fit { random: true, ..Fit::EMPTY };
    };
    let q = scratch.q_about(centre, scratch.effects().count());
    let sums = WeightSums::of(scratch.effects().map(|(_, v)| v));
    let tau2 = plan.random.estimate(q, sums);
    let (pooled, k) = scratch.inverse_variance(tau2);
    fill_weights(weights, pooled.is_some(), |i| scratch.weight(i, tau2));
    let Some(pooled) = pooled else { return Fit { random: true, ..Fit::EMPTY } };
    let (i2, h2) = match plan.conventions.i2 {
        I2Definition::Q => (q.i2(), q.h2()),
        I2Definition::Tau2 => (tau2::i2(tau2, q.df, sums), tau2::h2(tau2, q.df, sums)),
    };
    Fit { random: true, ..describe(plan, pooled, k, Spread { q, tau2, i2, h2 }) }
}

/// The mean about which the Q of tau² is taken; one study is its own.
fn q_centre(plan: &Plan, columns: &Columns<'_>, scratch: &Scratch) -> Option<f64> {
    let (pooled, k) = scratch.inverse_variance(0.0);
    match columns {
        Columns::TwoByTwo(tables)
            if k > 1
                && plan.conventions.dl_q_centre == QCentre::Mh
                && plan.measure.has_mantel_haenszel() =>
        {
            MantelHaenszel::new(plan.measure, plan.conventions, *tables).mean()
        }
        _ => pooled.map(|pooled| pooled.estimate),
    }
}

/// Effects of the studies into scratch.
fn take_effects(
    plan: &Plan,
    conventions: &Conventions,
    columns: &Columns<'_>,
    scratch: &mut Scratch,
) {
    scratch.resize(columns.len());
    let Scratch { y, v, reason } = scratch;
    study_effects(plan.measure, conventions, columns, y, v, reason);
}

impl Scratch {
    /// (y, v) of the included studies.
    fn effects(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.y.iter().copied().zip(self.v.iter().copied()).filter(|(y, _)| !y.is_nan())
    }

    /// Q about the mean of `k` studies; that of a single study is 0 even if it has no effect.
    fn q_about(&self, mean: f64, k: usize) -> CochranQ {
        if k == 1 { CochranQ { q: 0.0, df: 0.0 } } else { CochranQ::about(mean, self.effects()) }
    }

    /// The inverse-variance mean, if it can be had, and the number of studies.
    fn inverse_variance(&self, tau2: f64) -> (Option<Estimate>, usize) {
        let k = self.effects().count();
        let pooled = inverse_variance::pool(self.effects(), tau2);
        (Some(pooled).filter(|p| p.estimate.is_finite() && p.se.is_finite() && p.se > 0.0), k)
    }

    /// Takes the other studies out.
    fn keep(&mut self, keep: impl Fn(usize) -> bool) {
        for (i, y) in self.y.iter_mut().enumerate() {
            if !keep(i) {
                *y = f64::NAN;
            }
        }
    }

    fn weight(&self, i: usize, tau2: f64) -> f64 {
        if self.y[i].is_nan() { 0.0 } else { 1.0 / (self.v[i] + tau2) }
    }
}

/// Writes weights in percent, all 0 without a mean.
fn fill_weights(weights: Option<&mut [f64]>, mean_exists: bool, weight: impl Fn(usize) -> f64) {
    let Some(weights) = weights else { return };
    for (i, w) in weights.iter_mut().enumerate() {
        *w = if mean_exists { weight(i) } else { 0.0 };
    }
    let total: f64 = weights.iter().sum();
    if total > 0.0 {
        weights.iter_mut().for_each(|w| *w = 100.0 * (*w / total));
    }
}

/// What is said of the spread of the effects.
struct Spread {
    q: CochranQ,
    tau2: f64,
    i2: f64,
    h2: f64,
}

fn describe(plan: &Plan, pooled: Estimate, k: usize, spread: Spread) -> Fit {
    let inference = match plan.interval {
        Interval::Wald => wald(pooled, plan.critical),
    };
    let fit = Fit {
        estimate: pooled.estimate,
        se: pooled.se,
        ci_low: inference.ci_low,
        ci_high: inference.ci_high,
        statistic: inference.statistic,
        p_value: inference.p_value,
        k: k as i64,
        ..Fit::EMPTY
    };
    let Spread { q, tau2, i2, h2 } = spread;
    if q.df < 0.0 || !q.q.is_finite() {
        return Fit { status: Status::QUndefined as u8, ..fit };
    }
    Fit {
        q: q.q,
        q_p: q.p_value(),
        i2,
        tau2,
        h2,
        q_df: q.df as i64,
        status: if k == 1 { Status::OneStudy } else { Status::Ok } as u8,
        ..fit
    }
}
