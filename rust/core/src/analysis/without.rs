//! Analyses without each of their studies, from sums over the studies before and after it.

use crate::effect::block::BlockEffects;
use crate::effect::continuity::Correction;
use crate::fours::Fours;
use crate::heterogeneity::moments::dersimonian_laird;
use crate::heterogeneity::q::CochranQ;
use crate::heterogeneity::tau2::{Iterated, WeightSums};
use crate::plan::{Common, Model, Plan, Random};
use crate::pool::critical::Criticals;
use crate::pool::interval::Interval;
use crate::pool::inverse_variance::{WeightedMean, weighted_mean};
use crate::simd::{self, Elementwise, Kernel, Lanes, MOST_LANES, Register};
use crate::studies::Studies;
use crate::tile::{Members, Tile, TileKernel, Tiler};

use super::fits::{FitsView, describe};
use super::models::RandomFit;
use super::pooled::{Mean, Pooled, Spread};
use super::{conventions_of_common, is_about_mantel_haenszel};

/// Space for a block, reused.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    effects: BlockEffects,
    tiler: Tiler<2>,
    means: Fours,
    pooled: Pooled,
    criticals: Criticals,
}

/// Whether an analysis without one of its studies follows from sums of effects, which stay the same without it.
pub(crate) fn has_closed_form(plan: &Plan) -> bool {
    let closed = match plan.model {
        Model::Common => {
            plan.common != Common::MantelHaenszel && plan.common_interval() == Interval::Wald
        }
        Model::Random => {
            matches!(plan.random, Random::DerSimonianLaird | Random::Preset)
                && plan.interval == Interval::Wald
                && !is_about_mantel_haenszel(plan)
        }
        Model::Auto => false,
    };
    closed && Correction::of_the_study_alone(&plan.conventions)
}

/// Fits meta-analyses `first..first + n` without each of their studies: a row of `out` for each study. Of a view that
/// has [`FitsView::means_alone`] the rest is not computed. For plans that have a closed form.
pub(crate) fn fit_without_each(
    plan: &Plan,
    studies: &Studies<'_>,
    first: usize,
    n: usize,
    scratch: &mut Scratch,
    out: &mut FitsView<'_>,
) {
    let Scratch { effects, tiler, means, pooled, criticals } = scratch;
    criticals.set_level(plan.level, plan.critical);
    let conventions = match plan.model {
        Model::Common => conventions_of_common(plan),
        _ => plan.conventions,
    };
    let columns = effects.take(studies, first, n);
    effects.fill(plan.measure, &conventions, &columns);
    let rows = out.estimate.len();
    let lone = rows + 1; // where lanes go that have no such study
    let alone = out.means_alone();
    if alone {
        means.resize(lone)
    } else {
        pooled.resize(lone)
    }
    simd::run(WithoutEach { plan, effects, tiler, alone, means, pooled });
    if alone {
        simd::each(rows, Columns { means, out });
        return;
    }
    pooled.resize(rows);
    describe(Interval::Wald, criticals, pooled, out);
    out.random.fill(plan.model == Model::Random);
}

struct Columns<'a, 'o> {
    /// Estimate, standard error and tau², NaN where they do not exist.
    means: &'a Fours,
    out: &'a mut FitsView<'o>,
}

impl Elementwise for Columns<'_, '_> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let [estimate, se, tau2, _] = self.means.load::<V>(i);
        estimate.store(self.out.estimate, i);
        se.store(self.out.se, i);
        tau2.store(self.out.tau2, i);
    }
}

struct WithoutEach<'a> {
    plan: &'a Plan,
    effects: &'a BlockEffects,
    tiler: &'a mut Tiler<2>,
    alone: bool,
    means: &'a mut Fours,
    pooled: &'a mut Pooled,
}

impl Kernel for WithoutEach<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Self { plan, effects, tiler, alone, means, pooled } = self;
        let pairs = effects.pairs();
        let others = Default::default();
        let rows = effects.n_studies();
        let starts = pairs.starts;
        let mut tiles = WithoutTiles { plan, starts, rows, others, alone, means, pooled };
        tiler.run::<V, _>(pairs, &mut tiles);
    }
}

struct WithoutTiles<'a> {
    plan: &'a Plan,
    starts: &'a [usize],
    rows: usize,
    /// Effects and precisions of the tile without one study after the other.
    others: [Vec<f64>; 2],
    alone: bool,
    means: &'a mut Fours,
    pooled: &'a mut Pooled,
}

impl TileKernel<2> for WithoutTiles<'_> {
    #[inline(always)]
    fn tile<V: Lanes>(&mut self, members: Members<'_>, [y, w]: [&[f64]; 2]) {
        let Self { plan, starts, rows, others: [others_y, others_w], alone, means, pooled } = self;
        for (others, column) in [(&mut *others_y, y), (&mut *others_w, w)] {
            others.clear();
            if plan.model == Model::Random {
                others.extend_from_slice(column.get(V::LANES..).unwrap_or_default());
            }
        }
        let (mut first, mut sizes) = ([0; MOST_LANES], [0; MOST_LANES]);
        for ((first, size), &i) in first.iter_mut().zip(&mut sizes).zip(members.analyses()) {
            (*first, *size) = (starts[i], starts[i + 1] - starts[i]);
        }
        let mut after = vec![Moments::none(); y.len() / V::LANES];
        for j in (1..after.len()).rev() {
            let row = j * V::LANES;
            after[j - 1] = after[j].with(V::load(y, row), V::load(w, row));
        }
        let mut before = Moments::none();
        for (j, row) in (0..y.len()).step_by(V::LANES).enumerate() {
            let mut places = first;
            for (place, size) in places.iter_mut().zip(&sizes) {
                *place = if j < *size { *place + j } else { *rows };
            }
            let places = Members::of(&places[..members.analyses().len()]);
            let fit = fit::<V>(plan, before.and(after[j]), Tile::new(others_y, others_w));
            let found = fit.mean.estimate();
            if *alone {
                let exists = found.exists();
                let spread = exists & fit.q.exists();
                let (estimate, se) = (found.estimate.or_nan(exists), found.se.or_nan(exists));
                let tau2 = fit.tau2.tau2.or_nan(spread);
                means.scatter(places, [estimate, se, tau2, tau2]);
            } else {
                let mean = Mean { found, k: fit.sums.k, df: V::splat(f64::INFINITY) };
                let common = plan.model == Model::Common;
                let i2 = if common { fit.q.i2() } else { fit.i2(plan) };
                let h2 = if common { fit.q.h2() } else { fit.h2(plan) };
                pooled.scatter(places, mean, Spread { q: fit.q, tau2: fit.tau2, i2, h2 });
            }
            let (y, w) = (V::load(y, row), V::load(w, row));
            if row < others_y.len() {
                y.store(others_y, row);
                w.store(others_w, row);
            }
            before = before.with(y, w);
        }
    }
}

#[inline(always)]
fn fit<V: Lanes>(plan: &Plan, moments: Moments<V>, effects: Tile<'_>) -> RandomFit<V> {
    let (mean, sums, q) = (moments.mean(), moments.sums(), moments.q());
    let tau2 = match (plan.model, plan.random) {
        (Model::Common, _) => V::splat(0.0),
        (_, Random::Preset) => V::splat(plan.preset),
        _ => dersimonian_laird(q, sums),
    };
    let found = if plan.model == Model::Common {
        WeightedMean { mean, weight: sums.w }
    } else {
        let WeightedMean { mean: of_random, weight } = weighted_mean(effects, tau2);
        WeightedMean { mean: of_random.or_nan(mean.is_finite()), weight }
    };
    RandomFit { sums, q, tau2: Iterated::closed(tau2), mean: found }
}

/// Sums over studies about their own mean, which can be joined without cancellation.
#[derive(Debug, Clone, Copy)]
struct Moments<V> {
    k: V,
    weight: V,
    mean: V,
    /// Σ w (y - mean)².
    q: V,
    /// Σ of w_i w_j over the pairs i < j.
    pairs: V,
}

impl<V: Lanes> Moments<V> {
    #[inline(always)]
    fn none() -> Self {
        let zero = V::splat(0.0);
        Self { k: zero, weight: zero, mean: zero, q: zero, pairs: zero }
    }

    /// With one more study, which is out if w is 0.
    #[inline(always)]
    fn with(self, y: V, w: V) -> Self {
        let zero = V::splat(0.0);
        let k = V::splat(1.0).or_zero(zero.lt(w));
        self.and(Self { k, weight: w, mean: y, q: zero, pairs: zero })
    }

    /// # Formula
    /// With r = W2/(W1 + W2) and d = m2 - m1: m = m1 + r d, Q = Q1 + Q2 + W1 r d² (Chan, Golub & LeVeque 1983).
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        let weight = self.weight + other.weight;
        let ratio = (other.weight / weight).or_zero(V::splat(0.0).lt(weight));
        let distance = other.mean - self.mean;
        let shift = ratio * distance;
        Self {
            k: self.k + other.k,
            weight,
            mean: self.mean + shift,
            q: self.q + other.q + self.weight * shift * distance,
            pairs: self.pairs + other.pairs + self.weight * other.weight,
        }
    }

    /// NaN of nothing.
    #[inline(always)]
    fn mean(self) -> V {
        self.mean.or_nan(V::splat(0.0).lt(self.weight))
    }

    #[inline(always)]
    fn sums(self) -> WeightSums<V> {
        let Self { k, weight, mean, pairs, .. } = self;
        WeightSums { w: weight, wy: weight * mean, pairs, k }
    }

    #[inline(always)]
    fn q(self) -> CochranQ<V> {
        CochranQ { q: self.q, df: self.k - 1.0 }
    }
}
