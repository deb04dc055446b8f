//! The two models, tile by tile.

use crate::heterogeneity::q::CochranQ;
use crate::heterogeneity::tau2::{self, Iterated, WeightSums};
use crate::plan::{Plan, Random};
use crate::pool::critical::Criticals;
use crate::pool::interval::{Basis, Interval, basis};
use crate::pool::{Estimate, inverse_variance, ivhet};
use crate::sample::Sample;
use crate::simd::{Kernel, Lanes, Register};
use crate::tile::{Members, TileKernel};

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
        tiler.run::<V, _>(&effects.starts, &effects.y, &effects.w, &mut tiles);
    }
}

struct CommonTiles<'a> {
    interval: Interval,
    criticals: &'a Criticals,
    pooled: &'a mut Pooled,
}

impl TileKernel for CommonTiles<'_> {
    #[inline(always)]
    fn tile<V: Lanes>(&mut self, members: Members<'_>, effects: impl Sample) {
        let WeightSums { k, .. } = WeightSums::<V>::of(effects);
        let zero = V::splat(0.0);
        let found = inverse_variance::pool(effects, zero);
        let q = CochranQ::about(found.estimate, k, effects);
        let Basis { se, df } = basis(self.interval, effects, zero, found, k, self.criticals);
        let found = Estimate { se, ..found };
        self.pooled.scatter(members, Mean { found, k, df }, of_q(q));
    }
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
        tiler.run::<V, _>(&effects.starts, &effects.y, &effects.w, &mut MeanTiles(self.pooled));
    }
}

struct MeanTiles<'a>(&'a mut Pooled);

impl TileKernel for MeanTiles<'_> {
    #[inline(always)]
    fn tile<V: Lanes>(&mut self, members: Members<'_>, effects: impl Sample) {
        let mean @ Mean { found, k, .. } = self.0.gather_means::<V>(members);
        // the studies in Q may be fewer than those in the mean; one study is its own mean
        let in_q = WeightSums::<V>::of(effects).k;
        let one = V::splat(1.0);
        let q = CochranQ::about(found.estimate, V::select(k.eq(one), one, in_q), effects);
        self.0.scatter(members, mean, of_q(q));
    }
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
        tiler.run::<V, _>(
            &effects.starts,
            &effects.y,
            &effects.w,
            &mut RandomTiles { plan, centre, criticals, pooled },
        );
    }
}

struct RandomTiles<'a> {
    plan: &'a Plan,
    centre: Option<&'a [f64]>,
    criticals: &'a Criticals,
    pooled: &'a mut Pooled,
}

impl TileKernel for RandomTiles<'_> {
    #[inline(always)]
    fn tile<V: Lanes>(&mut self, members: Members<'_>, effects: impl Sample) {
        let Plan { random, preset, interval, conventions, .. } = self.plan;
        let sums = WeightSums::<V>::of(effects);
        let mut centre = sums.mean();
        if let Some(means) = self.centre {
            let mean = members.gather(means);
            centre = V::select(V::splat(1.0).lt(sums.k), mean, centre);
        }
        let q = CochranQ::about(centre, sums.k, effects);
        let estimated = random.estimate(effects, q, sums, *preset, self.criticals);
        let tau2 = estimated.tau2;
        let is_ivhet = *random == Random::InverseVarianceHeterogeneity;
        let weighs = if is_ivhet { V::splat(0.0) } else { tau2 };
        let mut found = inverse_variance::pool(effects, weighs);
        if is_ivhet {
            found.se = ivhet::standard_error(tau2, sums);
        }
        let (i2, h2) = if conventions.i2.is_of_q(*random) {
            (q.i2(), q.h2())
        } else {
            (tau2::i2(tau2, q.df, sums), tau2::h2(tau2, q.df, sums))
        };
        let k = sums.k;
        let Basis { se, df } = basis(*interval, effects, tau2, found, k, self.criticals);
        let found = Estimate { estimate: found.estimate.or_nan(centre.is_finite()), se };
        let spread = Spread { q, tau2: estimated, i2, h2 };
        self.pooled.scatter(members, Mean { found, k, df }, spread);
    }
}
