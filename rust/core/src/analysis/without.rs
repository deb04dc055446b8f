//! Analyses without each of their studies, from effects that are taken once.

use crate::effect::block::BlockEffects;
use crate::effect::continuity::Correction;
use crate::fours::Fours;
use crate::heterogeneity::q::CochranQ;
use crate::heterogeneity::tau2::WeightSums;
use crate::plan::{Common, Model, Plan};
use crate::pool::critical::Criticals;
use crate::pool::interval::Interval;
use crate::pool::inverse_variance::WeightedMean;
use crate::simd::{self, Elementwise, Kernel, Lanes, MOST_LANES, Register};
use crate::studies::Studies;
use crate::tile::{Members, Tile, TileKernel, Tiler};

use super::fits::{FitsView, describe, exists};
use super::models::{RandomFit, described, described_random};
use super::pooled::{Mean, Pooled, Spread};
use super::{conventions_of_common, is_about_mantel_haenszel};

/// Space for a block, reused.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    effects: BlockEffects,
    tiler: Tiler<2>,
    pooled: Pooled,
    means: Means,
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

/// Fits meta-analyses `first..first + n` without each of their studies: a row of `out` for each study. Of a view that
/// has [`FitsView::means_alone`] the rest is not computed.
pub(crate) fn fit_without_each(
    plan: &Plan,
    studies: &Studies<'_>,
    first: usize,
    n: usize,
    scratch: &mut Scratch,
    out: &mut FitsView<'_>,
) {
    let Scratch { effects, tiler, pooled, means, criticals } = scratch;
    criticals.set_level(plan.level, plan.critical);
    let conventions = match plan.model {
        Model::Common => conventions_of_common(plan),
        _ => plan.conventions,
    };
    let columns = effects.take(studies, first, n);
    effects.fill(plan.measure, &conventions, &columns);
    let rows = out.estimate.len();
    let lone = rows + 1; // where lanes go that have no such study
    if out.means_alone() {
        means.0.resize(lone);
        simd::run(WithoutEach { plan, criticals, effects, tiler, sink: means });
        simd::each(rows, Columns { means, out });
        return;
    }
    pooled.resize(lone);
    simd::run(WithoutEach { plan, criticals, effects, tiler, sink: pooled });
    pooled.resize(rows);
    describe(interval(plan), criticals, pooled, out);
    out.random.fill(plan.model == Model::Random);
}

/// The interval of the model.
fn interval(plan: &Plan) -> Interval {
    if plan.model == Model::Common { plan.common_interval() } else { plan.interval }
}

/// Where fits go, by row.
trait Sink {
    fn rows(&self) -> usize;
    fn take<V: Lanes>(
        &mut self,
        interval: Interval,
        rows: Members<'_>,
        mean: Mean<V>,
        spread: Spread<V>,
    );
}

impl Sink for Pooled {
    fn rows(&self) -> usize {
        self.n_analyses()
    }

    #[inline(always)]
    fn take<V: Lanes>(&mut self, _: Interval, rows: Members<'_>, mean: Mean<V>, spread: Spread<V>) {
        self.scatter(rows, mean, spread);
    }
}

/// Estimate, standard error, Q and tau², NaN where they do not exist.
#[derive(Debug, Default)]
struct Means(Fours);

impl Sink for Means {
    fn rows(&self) -> usize {
        self.0.len()
    }

    #[inline(always)]
    fn take<V: Lanes>(
        &mut self,
        interval: Interval,
        rows: Members<'_>,
        Mean { found, .. }: Mean<V>,
        Spread { q, tau2, .. }: Spread<V>,
    ) {
        let exists = exists(interval, found);
        let spread = exists & q.exists();
        let (estimate, se) = (found.estimate.or_nan(exists), found.se.or_nan(exists));
        self.0.scatter(rows, [estimate, se, q.q.or_nan(spread), tau2.tau2.or_nan(spread)]);
    }
}

struct Columns<'a, 'o> {
    means: &'a Means,
    out: &'a mut FitsView<'o>,
}

impl Elementwise for Columns<'_, '_> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let [estimate, se, q, tau2] = self.means.0.load::<V>(i);
        estimate.store(self.out.estimate, i);
        se.store(self.out.se, i);
        q.store(self.out.q, i);
        tau2.store(self.out.tau2, i);
    }
}

struct WithoutEach<'a, S> {
    plan: &'a Plan,
    criticals: &'a Criticals,
    effects: &'a BlockEffects,
    tiler: &'a mut Tiler<2>,
    sink: &'a mut S,
}

impl<S: Sink> Kernel for WithoutEach<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Self { plan, criticals, effects, tiler, sink } = self;
        let pairs = effects.pairs();
        let (y, w) = (Vec::new(), Vec::new());
        let mut tiles = WithoutTiles { plan, criticals, starts: pairs.starts, y, w, sink };
        tiler.run::<V, _>(pairs, &mut tiles);
    }
}

struct WithoutTiles<'a, S> {
    plan: &'a Plan,
    criticals: &'a Criticals,
    starts: &'a [usize],
    /// The tile without one study after the other.
    y: Vec<f64>,
    w: Vec<f64>,
    sink: &'a mut S,
}

impl<S: Sink> TileKernel<2> for WithoutTiles<'_, S> {
    #[inline(always)]
    fn tile<V: Lanes>(&mut self, members: Members<'_>, [y, w]: [&[f64]; 2]) {
        let Self { plan, criticals, starts, y: others_y, w: others_w, sink } = self;
        for (others, column) in [(&mut *others_y, y), (&mut *others_w, w)] {
            others.clear();
            others.extend_from_slice(column.get(V::LANES..).unwrap_or_default());
        }
        let nowhere = sink.rows() - 1;
        let mut after = vec![Moments::none(); y.len() / V::LANES];
        for j in (1..after.len()).rev() {
            let row = j * V::LANES;
            after[j - 1] = after[j].with(V::load(y, row), V::load(w, row));
        }
        let mut before = Moments::none();
        for (j, row) in (0..y.len()).step_by(V::LANES).enumerate() {
            let mut places = [nowhere; MOST_LANES];
            for (place, &i) in places.iter_mut().zip(members.analyses()) {
                if starts[i] + j < starts[i + 1] {
                    *place = starts[i] + j;
                }
            }
            let places = Members::of(&places[..members.analyses().len()]);
            let others = Tile::new(others_y, others_w);
            let moments = before.and(after[j]);
            let (centre, sums, q) = (moments.mean(), moments.sums(), moments.q());
            let (mean, spread) = if plan.model == Model::Common {
                let found = WeightedMean { mean: centre, weight: sums.w }.estimate();
                described(plan.common_interval(), criticals, found, sums.k, q, others)
            } else {
                let fit = RandomFit::about(plan, criticals, centre, sums, q, others);
                described_random(plan, criticals, fit, others)
            };
            sink.take(interval(plan), places, mean, spread);
            let (y, w) = (V::load(y, row), V::load(w, row));
            if row < others_y.len() {
                y.store(others_y, row);
                w.store(others_w, row);
            }
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
