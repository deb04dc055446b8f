//! Study columns to pooled effects: the one place where effects, tau² and pooling are composed.

mod block;
mod details;
mod fits;
pub mod heterogeneity;
mod models;
pub mod notes;
mod pooled;
pub(crate) mod resampled;
pub mod tables;
mod weights;
pub(crate) mod without;

use crate::conventions::{Conventions, QCentre};
use crate::effect::block::BlockEffects;
use crate::effect::continuity::Correction;
use crate::model_rule;
use crate::plan::{Common, Model, Plan};
use crate::pool::critical::Criticals;
use crate::pool::interval::Interval;
use crate::pool::mantel_haenszel::MantelHaenszel;
use crate::pool::{peto, profile_likelihood};
use crate::simd;
use crate::special::normal;
use crate::status::Status;
use crate::studies::{Columns, Studies};
use block::Block;
pub use details::{AnalysesView, Details, DetailsView};
use fits::describe;
pub use fits::{Fits, FitsView};
use models::{AboutMean, CommonEffect, RandomEffects};
use pooled::Pooled;

/// Space for a block of analyses, reused.
#[derive(Debug, Default)]
pub struct Scratch {
    block: Block,
    pooled: Pooled,
    random: Pooled,
    criticals: Criticals,
}

/// Fits meta-analyses `first..first + n` and writes them to `out`, the view of these `n` rows.
pub fn fit_block(
    plan: &Plan,
    studies: &Studies<'_>,
    first: usize,
    scratch: &mut Scratch,
    out: &mut FitsView<'_>,
    details: Option<DetailsView<'_>>,
) {
    scratch.block.effects.take(studies, first, out.estimate.len());
    fit_again(plan, studies, first, scratch, out, details);
}

/// As [`fit_block`], of what was fitted last: effects of the same measure and conventions are not taken again.
pub(crate) fn fit_again(
    plan: &Plan,
    studies: &Studies<'_>,
    first: usize,
    scratch: &mut Scratch,
    out: &mut FitsView<'_>,
    mut details: Option<DetailsView<'_>>,
) {
    let n = out.estimate.len();
    let Scratch { block, pooled, random, criticals } = scratch;
    criticals.set_level(plan.level, plan.critical);
    let columns = studies.columns().slice(studies.rows(first, n));
    pooled.resize(n);
    if plan.model != Model::Random {
        common_effect(plan, &columns, criticals, block, pooled);
        if let Some(details) = &mut details {
            weights::of_common_effect(plan, block, pooled, details.weights);
        }
    }
    match plan.model {
        Model::Common => out.random.fill(false),
        Model::Random => {
            random_effects(plan, &columns, criticals, block, pooled);
            out.random.fill(true);
        }
        Model::Auto => {
            random.resize(n);
            random_effects(plan, &columns, criticals, block, random);
            for (i, is_random) in out.random.iter_mut().enumerate() {
                let exists = pooled.mean::<f64>(i).found.exists();
                *is_random = exists && model_rule::decide(pooled.spread::<f64>(i).q).is_random();
                if *is_random {
                    pooled.take(i, random);
                }
            }
        }
    }
    if let Some(details) = &mut details {
        weights::of_random_effects(plan, block, pooled, out.random, details.weights);
    }
    describe(plan.interval, criticals, pooled, out);
    if plan.interval == Interval::ProfileLikelihood {
        likelihood_limits(plan, block, out);
    }
    if let Some(details) = &mut details {
        details::fill(plan, criticals, &columns, block, pooled, out, &mut details.analyses);
    }
}

/// Whether an analysis takes each study by itself, then tiles: nothing else of the rows of an analysis.
pub(crate) fn takes_tiles_alone(plan: &Plan) -> bool {
    plan.model == Model::Random
        && plan.interval != Interval::ProfileLikelihood
        && !is_about_mantel_haenszel(plan)
        && Correction::of_the_study_alone(&plan.conventions)
}

impl Scratch {
    /// The effects that were taken last.
    pub(crate) fn effects(&self) -> &BlockEffects {
        &self.block.effects
    }
}

/// Limits and statistic by profile likelihood, for the analyses that took random effects.
fn likelihood_limits(plan: &Plan, block: &Block, out: &mut FitsView<'_>) {
    let Some(likelihood) = plan.random.likelihood() else { return };
    for i in 0..out.estimate.len() {
        if out.random[i] && out.status[i] == Status::Ok as i64 {
            let effects = block.effects.tile(i);
            let found = profile_likelihood::interval(likelihood, effects, out.tau2[i], plan.level);
            if !(found.low.is_finite() && found.high.is_finite()) {
                out.forget(i); // beyond floating point
                continue;
            }
            (out.ci_low[i], out.ci_high[i]) = (found.low, found.high);
            out.statistic[i] = found.statistic;
            if let Some(p_value) = out.p_value.get_mut(i) {
                *p_value = normal::two_sided(found.statistic);
            }
        }
    }
}

fn common_effect(
    plan: &Plan,
    columns: &Columns<'_>,
    criticals: &Criticals,
    block: &mut Block,
    pooled: &mut Pooled,
) {
    block.effects.fill(plan.measure, &conventions_of_common(plan), columns);
    match (plan.common, columns) {
        (Common::MantelHaenszel, Columns::TwoByTwo(tables)) => {
            let method = mantel_haenszel(plan);
            block.mantel_haenszel(method, tables, pooled);
            simd::run(AboutMean { block, pooled });
        }
        _ => {
            let interval = plan.common_interval();
            simd::run(CommonEffect { interval, criticals, block, pooled });
        }
    }
}

fn random_effects(
    plan: &Plan,
    columns: &Columns<'_>,
    criticals: &Criticals,
    block: &mut Block,
    pooled: &mut Pooled,
) {
    block.effects.fill(plan.measure, &plan.conventions, columns);
    let about_mh = is_about_mantel_haenszel(plan);
    if let (true, Columns::TwoByTwo(tables)) = (about_mh, columns) {
        block.mantel_haenszel_means(mantel_haenszel(plan), tables);
    }
    simd::run(RandomEffects { plan, about_mh, criticals, block, pooled });
}

/// The rules for the effects of a common-effect model.
fn conventions_of_common(plan: &Plan) -> Conventions {
    match plan.common {
        Common::Peto => peto::raw_counts(plan.conventions),
        _ => plan.conventions,
    }
}

fn mantel_haenszel(plan: &Plan) -> MantelHaenszel {
    MantelHaenszel { measure: plan.measure, conventions: plan.conventions }
}

/// Whether a random-effects model takes Q about Mantel and Haenszel's mean.
fn is_about_mantel_haenszel(plan: &Plan) -> bool {
    plan.conventions.dl_q_centre == QCentre::Mh
        && plan.random.takes_q_about_any_mean()
        && plan.measure.has_mantel_haenszel()
}
