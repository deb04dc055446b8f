//! Analyses without each of their studies, from effects that are taken once.

use crate::effect::block::BlockEffects;
use crate::effect::continuity::Correction;
use crate::heterogeneity::q::CochranQ;
use crate::heterogeneity::tau2::WeightSums;
use crate::plan::{Common, Model, Plan};
use crate::pool::critical::Criticals;
use crate::pool::interval::Interval;
use crate::pool::inverse_variance::WeightedMean;
use crate::simd::{self, Kernel, Lanes, MOST_LANES, Register};
use crate::studies::Studies;
use crate::tile::{Members, Tile, TileKernel, Tiler};

use super::fits::{FitsView, describe};
use super::models::{RandomFit, described, described_random};
use super::pooled::Pooled;
use super::{conventions_of_common, is_about_mantel_haenszel};

/// Space for a block, reused.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    effects: BlockEffects,
    tiler: Tiler<2>,
    pooled: Pooled,
    criticals: Criticals,
}

/// Whether the effects of an analysis stay the same without one of its studies, and are all that it takes.
pub(crate) fn takes_effects_once(plan: &Plan) -> bool {
    let of_effects = match plan.model {
        Model::Common => plan.common != Common::MantelHaenszel,
        Model::Random => {
            plan.interval != Interval::ProfileLikelihood && !is_about_mantel_haenszel(plan)
        }
        Model::Auto => false,
    };
    of_effects && Correction::of_the_study_alone(&plan.conventions)
}

/// Fits meta-analyses `first..first + n` without each of their studies: a row of `out` for each study.
pub(crate) fn fit_without_each(
    plan: &Plan,
    studies: &Studies<'_>,
    first: usize,
    n: usize,
    scratch: &mut Scratch,
    out: &mut FitsView<'_>,
) {
    let Scratch { effects, tiler, pooled, criticals } = scratch;
    criticals.set_level(plan.level, plan.critical);
    let conventions = match plan.model {
        Model::Common => conventions_of_common(plan),
        _ => plan.conventions,
    };
    let columns = effects.take(studies, first, n);
    effects.fill(plan.measure, &conventions, &columns);
    let rows = out.estimate.len();
    pooled.resize(rows + 1); // where lanes go that have no such study
    simd::run(WithoutEach { plan, criticals, effects, tiler, pooled });
    pooled.resize(rows);
    describe(interval(plan), criticals, pooled, out);
    out.random.fill(plan.model == Model::Random);
}

/// The interval of the model.
fn interval(plan: &Plan) -> Interval {
    if plan.model == Model::Common { plan.common_interval() } else { plan.interval }
}

struct WithoutEach<'a> {
    plan: &'a Plan,
    criticals: &'a Criticals,
    effects: &'a BlockEffects,
    tiler: &'a mut Tiler<2>,
    pooled: &'a mut Pooled,
}

impl Kernel for WithoutEach<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Self { plan, criticals, effects, tiler, pooled } = self;
        let pairs = effects.pairs();
        let (y, w) = (Vec::new(), Vec::new());
        let mut tiles = WithoutTiles { plan, criticals, starts: pairs.starts, y, w, pooled };
        tiler.run::<V, _>(pairs, &mut tiles);
    }
}

struct WithoutTiles<'a> {
    plan: &'a Plan,
    criticals: &'a Criticals,
    starts: &'a [usize],
    /// The tile, of which one study after the other is taken out.
    y: Vec<f64>,
    w: Vec<f64>,
    pooled: &'a mut Pooled,
}

impl TileKernel<2> for WithoutTiles<'_> {
    #[inline(always)]
    fn tile<V: Lanes>(&mut self, members: Members<'_>, [y, w]: [&[f64]; 2]) {
        let Self { plan, criticals, starts, y: others_y, w: others_w, pooled } = self;
        for (copy, column) in [(&mut *others_y, y), (&mut *others_w, w)] {
            copy.clear();
            copy.extend_from_slice(column);
        }
        let none = V::splat(0.0);
        let nowhere = pooled.n_analyses() - 1;
        let mut after = vec![Moments::none(); y.len() / V::LANES];
        for j in (1..after.len()).rev() {
            let row = j * V::LANES;
            after[j - 1] = after[j].with(V::load(y, row), V::load(w, row));
        }
        let mut before = Moments::none();
        for (j, row) in (0..y.len()).step_by(V::LANES).enumerate() {
            none.store(others_y, row);
            none.store(others_w, row);
            let mut places = [nowhere; MOST_LANES];
            for (place, &i) in places.iter_mut().zip(members.analyses()) {
                if starts[i] + j < starts[i + 1] {
                    *place = starts[i] + j;
                }
            }
            let places = Members::of(&places[..members.analyses().len()]);
            let others = Tile::new(others_y, others_w);
            let moments = before.and(after[j]);
            let (sums, q) = (moments.sums(), moments.q());
            let (mean, spread) = if plan.model == Model::Common {
                let found = WeightedMean { mean: sums.mean(), weight: sums.w }.estimate();
                described(plan.common_interval(), criticals, found, sums.k, q, others)
            } else {
                let fit = RandomFit::about(plan, criticals, sums.mean(), sums, q, others);
                described_random(plan, criticals, fit, others)
            };
            pooled.scatter(places, mean, spread);
            let (y, w) = (V::load(y, row), V::load(w, row));
            y.store(others_y, row);
            w.store(others_w, row);
            before = before.with(y, w);
        }
    }
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
