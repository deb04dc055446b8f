//! Statistics of resamples of an analysis, from how often each study was drawn.

use crate::heterogeneity::q::CochranQ;
use crate::heterogeneity::tau2::WeightSums;
use crate::model_rule;
use crate::plan::{Common, Model, Plan};
use crate::pool::critical::Criticals;
use crate::pool::inverse_variance::WeightedMean;
use crate::pool::mantel_haenszel::Terms;
use crate::pool::prediction::{Prediction, prediction};
use crate::resample::Statistic;
use crate::sample::Resample;
use crate::simd::Lanes;
use crate::studies::{Columns, Studies};

use super::block::{Block, FOURS};
use super::models::{self, RandomFit};

/// How often each study counts: element `j * LANES + l` is of study j in lane l.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawn<'a> {
    pub(crate) times: &'a [f64],
    /// Their sum in each lane.
    pub(crate) size: usize,
}

/// What the studies of an analysis that can be drawn add to its sums.
#[derive(Debug, Default)]
pub(crate) struct Resampled {
    block: Block,
    criticals: Criticals,
    n_studies: usize,
    common: Contributions,
    random: Contributions,
}

/// Effects and precisions, and Mantel and Haenszel's terms where they are needed.
#[derive(Debug, Default)]
struct Contributions {
    y: Vec<f64>,
    w: Vec<f64>,
    terms: Vec<Terms<f64>>,
    /// Whether all studies are included.
    all: bool,
}

impl Contributions {
    fn take(&mut self, rows: &[usize], block: &Block, with_terms: bool) {
        let Self { y, w, terms, all } = self;
        y.clear();
        w.clear();
        terms.clear();
        y.extend(rows.iter().map(|&row| block.effects.y[row]));
        w.extend(rows.iter().map(|&row| block.effects.w[row]));
        *all = w.iter().all(|&w| w > 0.0);
        if with_terms {
            terms.extend(rows.iter().map(|&row| block.terms_of(row)));
        }
    }

    #[inline(always)]
    fn effects<'a>(&'a self, drawn: Drawn<'a>) -> Resample<'a> {
        Resample::new(&self.y, &self.w, drawn.times).of_size(self.all.then_some(drawn.size as f64))
    }

    /// Mantel and Haenszel's sums.
    #[inline(always)]
    fn sums<V: Lanes>(&self, drawn: Drawn<'_>) -> Terms<V> {
        let mut sums = Terms::none();
        for (terms, times) in self.terms.iter().zip(drawn.times.chunks_exact(V::LANES)) {
            sums = sums.and(V::load(times, 0), terms);
        }
        sums
    }
}

impl Resampled {
    /// Takes `rows` of meta-analysis `i`.
    pub(crate) fn take(&mut self, plan: &Plan, studies: &Studies<'_>, i: usize, rows: &[usize]) {
        let Self { block, criticals, n_studies, common, random } = self;
        *n_studies = rows.len();
        criticals.set_level(plan.level, plan.critical);
        let columns = block.effects.take(studies, i, 1);
        let method = super::mantel_haenszel(plan);
        if plan.model != Model::Random {
            block.effects.fill(plan.measure, &super::conventions_of_common(plan), &columns);
            let is_mh = plan.common == Common::MantelHaenszel;
            if let (true, Columns::TwoByTwo(tables)) = (is_mh, &columns) {
                block.take_terms::<FOURS>(method, tables);
            }
            common.take(rows, block, is_mh);
        }
        if plan.model != Model::Common {
            block.effects.fill(plan.measure, &plan.conventions, &columns);
            let about_mh = super::is_about_mantel_haenszel(plan);
            if let (true, Columns::TwoByTwo(tables)) = (about_mh, &columns) {
                block.take_terms::<1>(method, tables);
            }
            random.take(rows, block, about_mh);
        }
    }

    /// How many studies can be drawn.
    pub(crate) fn n_studies(&self) -> usize {
        self.n_studies
    }

    /// The statistics of a resample in every lane, NaN where one is undefined.
    ///
    /// Each goes to its row of `out`, from element `first` on.
    #[inline(always)]
    pub(crate) fn statistics<V: Lanes>(
        &self,
        plan: &Plan,
        drawn: Drawn<'_>,
        statistics: &[Statistic],
        first: usize,
        out: &mut [&mut [f64]],
    ) {
        // each model in one place only: all estimators are compiled there
        let mut common = CommonFit::none();
        if plan.model != Model::Random {
            common = self.common_effect::<V>(plan, drawn);
        }
        if plan.model == Model::Common {
            for (&statistic, out) in statistics.iter().zip(out) {
                let values = common.statistic(statistic, self.common.effects(drawn));
                values.store_within(out, first);
            }
            return;
        }
        let fit = self.random_effects::<V>(plan, drawn);
        let is_auto = plan.model == Model::Auto;
        let effects = self.common.effects(drawn);
        let takes_common = if is_auto {
            !(common.exists & model_rule::takes_random(common.q(effects)))
        } else {
            common.exists // in no lane
        };
        for (&statistic, out) in statistics.iter().zip(out) {
            let random = self.of_random(plan, drawn, fit, statistic);
            let common = if is_auto { common.statistic(statistic, effects) } else { random };
            V::select(takes_common, common, random).store_within(out, first);
        }
    }

    #[inline(always)]
    fn common_effect<V: Lanes>(&self, plan: &Plan, drawn: Drawn<'_>) -> CommonFit<V> {
        if plan.common == Common::MantelHaenszel {
            let sums = self.common.sums::<V>(drawn);
            let found = super::mantel_haenszel(plan).estimate(sums);
            return CommonFit { mean: found.estimate, k: sums.k, exists: found.exists() };
        }
        let sums = WeightSums::<V>::of(self.common.effects(drawn));
        let found = WeightedMean { mean: sums.mean(), weight: sums.w };
        CommonFit { mean: found.mean, k: sums.k, exists: found.exists() }
    }

    #[inline(always)]
    fn random_effects<V: Lanes>(&self, plan: &Plan, drawn: Drawn<'_>) -> RandomFit<V> {
        let about_mh = super::is_about_mantel_haenszel(plan);
        let centre = if about_mh {
            Some(super::mantel_haenszel(plan).mean_of(self.random.sums::<V>(drawn)))
        } else {
            None
        };
        RandomFit::of(plan, &self.criticals, centre, self.random.effects(drawn))
    }

    #[inline(always)]
    fn of_random<V: Lanes>(
        &self,
        plan: &Plan,
        drawn: Drawn<'_>,
        fit: RandomFit<V>,
        statistic: Statistic,
    ) -> V {
        let exists = fit.mean.exists();
        let of_spread = |value: V| value.or_nan(exists & fit.q.exists());
        match statistic {
            Statistic::Estimate => fit.mean.mean.or_nan(exists),
            Statistic::Tau2 => of_spread(fit.tau2.tau2),
            Statistic::I2 => of_spread(fit.i2(plan)),
            Statistic::H2 => of_spread(fit.h2(plan)),
            Statistic::Q => of_spread(fit.q.q),
            Statistic::PiLow | Statistic::PiHigh if plan.prediction == Prediction::None => {
                V::splat(f64::NAN)
            }
            Statistic::PiLow | Statistic::PiHigh => {
                let (low, high) = prediction(
                    plan.prediction,
                    plan.interval,
                    self.random.effects(drawn),
                    fit.tau2.tau2,
                    fit.estimate(plan),
                    fit.sums.k,
                    &self.criticals,
                );
                if statistic == Statistic::PiLow { low } else { high }.or_nan(exists)
            }
        }
    }
}

/// A mean of a common effect of `k` studies.
#[derive(Debug, Clone, Copy)]
struct CommonFit<V: Lanes> {
    mean: V,
    k: V,
    exists: V::Mask,
}

impl<V: Lanes> CommonFit<V> {
    #[inline(always)]
    fn none() -> Self {
        let nothing = V::splat(f64::NAN);
        Self { mean: nothing, k: nothing, exists: nothing.eq(nothing) } // NaN equals nothing
    }

    #[inline(always)]
    fn q(self, effects: Resample<'_>) -> CochranQ<V> {
        models::q_about_mean(self.mean, self.k, effects)
    }

    #[inline(always)]
    fn statistic(self, statistic: Statistic, effects: Resample<'_>) -> V {
        match statistic {
            Statistic::Estimate => self.mean.or_nan(self.exists),
            Statistic::PiLow | Statistic::PiHigh => V::splat(f64::NAN),
            Statistic::Q | Statistic::I2 | Statistic::H2 | Statistic::Tau2 => {
                let q = self.q(effects);
                let value = match statistic {
                    Statistic::I2 => q.i2(),
                    Statistic::H2 => q.h2(),
                    Statistic::Q => q.q,
                    _ => V::splat(0.0),
                };
                value.or_nan(self.exists & q.exists())
            }
        }
    }
}
