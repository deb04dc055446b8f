//! The two models, tile by tile.

use crate::heterogeneity::q::CochranQ;
use crate::heterogeneity::tau2::{self, Iterated, WeightSums};
use crate::plan::{Plan, Random};
use crate::pool::critical::Criticals;
use crate::pool::interval::{Basis, Interval, basis};
use crate::pool::inverse_variance::{self, WeightedMean};
use crate::pool::{Estimate, ivhet};
use crate::sample::Sample;
use crate::simd::{Kernel, Lanes, Register};
use crate::tile::{Members, Tile, TileKernel};

use super::block::Block;
use super::pooled::{Mean, Pooled, Spread};

/// Inverse-variance pooling of a common effect.
pub(super) struct CommonEffect<'a> {
    pub(super) interval: Interval,
    pub(super) criticals: &'a Criticals,
    pub(super) block: &'a mut Block,
    pub(super) pooled: &'a mut Pooled,
}

impl Kernel for CommonEffect<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Self { interval, criticals, block: Block { effects, tiler, .. }, pooled } = self;
        let mut tiles = CommonTiles { interval, criticals, pooled };
        tiler.run::<V, _>(effects.pairs(), &mut tiles);
    }
}

struct CommonTiles<'a> {
    interval: Interval,
    criticals: &'a Criticals,
    pooled: &'a mut Pooled,
}

impl TileKernel<2> for CommonTiles<'_> {
    #[inline(always)]
    fn tile<V: Lanes>(&mut self, members: Members<'_>, [y, w]: [&[f64]; 2]) {
        let effects = Tile::new(y, w);
        let (mean, spread) = common_effect::<V>(self.interval, self.criticals, effects);
        self.pooled.scatter(members, mean, spread);
    }
}

/// The inverse-variance mean of a common effect.
#[inline(always)]
pub(super) fn common_effect<V: Lanes>(
    interval: Interval,
    criticals: &Criticals,
    effects: impl Sample,
) -> (Mean<V>, Spread<V>) {
    let WeightSums { k, .. } = WeightSums::<V>::of(effects);
    let zero = V::splat(0.0);
    let found = inverse_variance::pool(effects, zero);
    let q = CochranQ::about(found.estimate, k, effects);
    let Basis { se, df } = basis(interval, effects, zero, found, k, criticals);
    (Mean { found: Estimate { se, ..found }, k, df }, of_q(q))
}

/// Q about the means that [`Pooled`] already holds.
pub(super) struct AboutMean<'a> {
    pub(super) block: &'a mut Block,
    pub(super) pooled: &'a mut Pooled,
}

impl Kernel for AboutMean<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Block { effects, tiler, .. } = self.block;
        tiler.run::<V, _>(effects.pairs(), &mut MeanTiles(self.pooled));
    }
}

struct MeanTiles<'a>(&'a mut Pooled);

impl TileKernel<2> for MeanTiles<'_> {
    #[inline(always)]
    fn tile<V: Lanes>(&mut self, members: Members<'_>, [y, w]: [&[f64]; 2]) {
        let effects = Tile::new(y, w);
        let mean = self.0.gather_means::<V>(members);
        self.0.scatter(members, mean, about_mean(mean, effects));
    }
}

/// The spread about a mean that is given.
#[inline(always)]
pub(super) fn about_mean<V: Lanes>(
    Mean { found, k, .. }: Mean<V>,
    effects: impl Sample,
) -> Spread<V> {
    of_q(q_about_mean(found.estimate, k, effects))
}

/// Q about a mean of `k` studies.
#[inline(always)]
pub(super) fn q_about_mean<V: Lanes>(mean: V, k: V, effects: impl Sample) -> CochranQ<V> {
    // the studies in Q may be fewer than those in the mean; one study is its own mean
    let in_q = WeightSums::<V>::of(effects).k;
    let one = V::splat(1.0);
    CochranQ::about(mean, V::select(k.eq(one), one, in_q), effects)
}

#[inline(always)]
fn of_q<V: Lanes>(q: CochranQ<V>) -> Spread<V> {
    Spread { q, tau2: Iterated::closed(V::splat(0.0)), i2: q.i2(), h2: q.h2() }
}

/// Inverse-variance pooling of random effects; Q about the means in the block's `centre` if
/// `about_mh`.
pub(super) struct RandomEffects<'a> {
    pub(super) plan: &'a Plan,
    pub(super) about_mh: bool,
    pub(super) criticals: &'a Criticals,
    pub(super) block: &'a mut Block,
    pub(super) pooled: &'a mut Pooled,
}

impl Kernel for RandomEffects<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Self { plan, about_mh, criticals, block, pooled } = self;
        let Block { effects, tiler, centre, .. } = block;
        let centre = about_mh.then_some(centre.as_slice());
        let mut tiles = RandomTiles { plan, centre, criticals, pooled };
        tiler.run::<V, _>(effects.pairs(), &mut tiles);
    }
}

struct RandomTiles<'a> {
    plan: &'a Plan,
    centre: Option<&'a [f64]>,
    criticals: &'a Criticals,
    pooled: &'a mut Pooled,
}

impl TileKernel<2> for RandomTiles<'_> {
    #[inline(always)]
    fn tile<V: Lanes>(&mut self, members: Members<'_>, [y, w]: [&[f64]; 2]) {
        let effects = Tile::new(y, w);
        let centre = self.centre.map(|means| members.gather(means));
        let (mean, spread) = random_effects::<V>(self.plan, self.criticals, centre, effects);
        self.pooled.scatter(members, mean, spread);
    }
}

/// The mean of random effects; Q about `centre`, where it is given.
#[inline(always)]
pub(super) fn random_effects<V: Lanes>(
    plan: &Plan,
    criticals: &Criticals,
    centre: Option<V>,
    effects: impl Sample,
) -> (Mean<V>, Spread<V>) {
    let fit = RandomFit::of(plan, criticals, centre, effects);
    let found = fit.estimate(plan);
    let RandomFit { sums: WeightSums { k, .. }, q, tau2, .. } = fit;
    let Basis { se, df } = basis(plan.interval, effects, tau2.tau2, found, k, criticals);
    let mean = Mean { found: Estimate { se, ..found }, k, df };
    (mean, Spread { q, tau2, i2: fit.i2(plan), h2: fit.h2(plan) })
}

/// A mean of random effects, and what is said of it on demand.
#[derive(Debug, Clone, Copy)]
pub(super) struct RandomFit<V> {
    /// Of the weights 1/v.
    pub(super) sums: WeightSums<V>,
    pub(super) q: CochranQ<V>,
    pub(super) tau2: Iterated<V>,
    pub(super) mean: WeightedMean<V>,
}

impl<V: Lanes> RandomFit<V> {
    #[inline(always)]
    pub(super) fn of(
        plan: &Plan,
        criticals: &Criticals,
        centre: Option<V>,
        effects: impl Sample,
    ) -> Self {
        let sums = WeightSums::<V>::of(effects);
        let own = sums.mean();
        let centre = match centre {
            Some(mean) => V::select(V::splat(1.0).lt(sums.k), mean, own),
            None => own,
        };
        let q = CochranQ::about(centre, sums.k, effects);
        let tau2 = plan.random.estimate(effects, q, sums, plan.preset, criticals);
        let is_ivhet = plan.random == Random::InverseVarianceHeterogeneity;
        let weighs = if is_ivhet { V::splat(0.0) } else { tau2.tau2 };
        let WeightedMean { mean, weight } = inverse_variance::weighted_mean(effects, weighs);
        let mean = WeightedMean { mean: mean.or_nan(centre.is_finite()), weight };
        Self { sums, q, tau2, mean }
    }

    /// With the standard error of the method itself, whatever the interval takes.
    #[inline(always)]
    pub(super) fn estimate(self, plan: &Plan) -> Estimate<V> {
        let found = self.mean.estimate();
        if plan.random == Random::InverseVarianceHeterogeneity {
            return Estimate { se: ivhet::standard_error(self.tau2.tau2, self.sums), ..found };
        }
        found
    }

    #[inline(always)]
    pub(super) fn i2(self, plan: &Plan) -> V {
        if plan.conventions.i2.is_of_q(plan.random) {
            self.q.i2()
        } else {
            tau2::i2(self.tau2.tau2, self.q.df, self.sums)
        }
    }

    #[inline(always)]
    pub(super) fn h2(self, plan: &Plan) -> V {
        if plan.conventions.i2.is_of_q(plan.random) {
            self.q.h2()
        } else {
            tau2::h2(self.tau2.tau2, self.q.df, self.sums)
        }
    }
}
