//! Analyses without each of their studies, from effects that are taken once.

use crate::effect::block::BlockEffects;
use crate::effect::continuity::Correction;
use crate::plan::{Common, Model, Plan};
use crate::pool::critical::Criticals;
use crate::pool::interval::Interval;
use crate::simd::{self, Kernel, Lanes, MOST_LANES, Register};
use crate::studies::Studies;
use crate::tile::{Members, Tile, TileKernel, Tiler};

use super::fits::{FitsView, describe};
use super::models;
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
            let (mean, spread) = if plan.model == Model::Common {
                models::common_effect::<V>(plan.common_interval(), criticals, others)
            } else {
                models::random_effects::<V>(plan, criticals, None, others)
            };
            pooled.scatter(places, mean, spread);
            V::load(y, row).store(others_y, row);
            V::load(w, row).store(others_w, row);
        }
    }
}
