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

/// What the studies of an analysis that can be drawn add to its sums.
#[derive(Debug, Default)]
pub struct Resampled {
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
    /// The size of a resample, if all studies count.
    size: Option<f64>,
}

impl Contributions {
    fn take(&mut self, rows: &[usize], block: &Block, with_terms: bool) {
        let Self { y, w, terms, size } = self;
        y.clear();
        w.clear();
        terms.clear();
        y.extend(rows.iter().map(|&row| block.effects.y[row]));
        w.extend(rows.iter().map(|&row| block.effects.w[row]));
        *size = w.iter().all(|&w| w > 0.0).then_some(w.len() as f64);
        if with_terms {
            terms.extend(rows.iter().map(|&row| block.terms_of(row)));
        }
    }

    #[inline(always)]
    fn effects<'a>(&'a self, times: &'a [f64]) -> Resample<'a> {
        Resample::new(&self.y, &self.w, times).of_size(self.size)
    }

    /// Mantel and Haenszel's sums.
    #[inline(always)]
    fn sums<V: Lanes>(&self, times: &[f64]) -> Terms<V> {
        let mut sums = Terms::none();
        for (terms, times) in self.terms.iter().zip(times.chunks_exact(V::LANES)) {
            sums = sums.and(V::load(times, 0), terms);
        }
        sums
    }
}

impl Resampled {
    /// Takes `rows` of meta-analysis `i`.
    pub fn take(&mut self, plan: &Plan, studies: &Studies<'_>, i: usize, rows: &[usize]) {
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
    #[must_use]
    pub fn n_studies(&self) -> usize {
        self.n_studies
    }

    /// The statistics of a resample in every lane, NaN where one is undefined.
    ///
    /// Each goes to its row of `out`, from element `first` on; element `j * LANES + l` of `times` is how often study
    /// j counts in lane l.
    #[inline(always)]
    pub(crate) fn statistics<V: Lanes>(
        &self,
        plan: &Plan,
        times: &[f64],
        statistics: &[Statistic],
        first: usize,
        out: &mut [&mut [f64]],
    ) {
        // each model in one place only: all estimators are compiled there
        let mut common = CommonFit::none();
        if plan.model != Model::Random {
            common = self.common_effect::<V>(plan, times);
        }
        if plan.model == Model::Common {
            for (&statistic, out) in statistics.iter().zip(out) {
                let values = common.statistic(statistic, self.common.effects(times));
                values.store_within(out, first);
            }
            return;
        }
        let fit = self.random_effects::<V>(plan, times);
        let mut takes_common = common.exists;
        if plan.model == Model::Auto {
            let q = common.q(self.common.effects(times));
            takes_common = takes_common & !model_rule::takes_random(q);
        }
        for (&statistic, out) in statistics.iter().zip(out) {
            let random = self.of_random(plan, times, fit, statistic);
            let common = if plan.model == Model::Auto {
                common.statistic(statistic, self.common.effects(times))
            } else {
                random
            };
            V::select(takes_common, common, random).store_within(out, first);
        }
    }

    #[inline(always)]
    fn common_effect<V: Lanes>(&self, plan: &Plan, times: &[f64]) -> CommonFit<V> {
        if plan.common == Common::MantelHaenszel {
            let sums = self.common.sums::<V>(times);
            let found = super::mantel_haenszel(plan).estimate(sums);
            return CommonFit { mean: found.estimate, k: sums.k, exists: found.exists() };
        }
        let sums = WeightSums::<V>::of(self.common.effects(times));
        let found = WeightedMean { mean: sums.mean(), weight: sums.w };
        CommonFit { mean: found.mean, k: sums.k, exists: found.exists() }
    }

    #[inline(always)]
    fn random_effects<V: Lanes>(&self, plan: &Plan, times: &[f64]) -> RandomFit<V> {
        let about_mh = super::is_about_mantel_haenszel(plan);
        let centre = if about_mh {
            Some(super::mantel_haenszel(plan).mean_of(self.random.sums::<V>(times)))
        } else {
            None
        };
        RandomFit::of(plan, &self.criticals, centre, self.random.effects(times))
    }

    #[inline(always)]
    fn of_random<V: Lanes>(
        &self,
        plan: &Plan,
        times: &[f64],
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
                    self.random.effects(times),
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
        Self { mean: nothing, k: nothing, exists: nothing.eq(nothing) }
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
