//! Tests for small-study effects by a weighted line of the effects on some covariate.

use crate::choice::choice;
use crate::conventions::Conventions;
use crate::effect::binary::Table;
use crate::effect::block::BlockEffects;
use crate::heterogeneity::line::ResidualTau2;
use crate::measure::{Data, Measure};
use crate::simd::{self, Elementwise, Kernel, Lanes, Register};
use crate::studies::{Columns, Studies};
use crate::tile::{Numbers, Tiler};

use super::regression::{Fitted, LinesView};
use super::weighted_line::{AdditiveTiles, LineTiles};

choice! {
    /// What a line has for its covariate and its weights; the slope is tested.
    pub enum LineTest: "method" {
        /// 1/N with weights 1/(1/m1 + 1/m0), of m1 events and m0 non-events (Peters et al. 2006).
        Peters = "peters",
        /// N with the same weights (Macaskill, Walter & Irwig 2001).
        Macaskill = "macaskill",
        /// N with weights 1/v.
        MacaskillInverseVariance = "macaskill-iv",
        /// 1/√ESS with weights ESS = 4 n1 n2/N (Deeks, Macaskill & Irwig 2005).
        Deeks = "deeks",
        /// √(1/n1 + 1/n2) with weights 1/v (Pustejovsky & Rodgers 2019).
        PustejovskyRodgers = "pustejovsky-rodgers",
        /// The standard error with weights 1/(v + tau²) (Thompson & Sharp 1999).
        ThompsonSharp = "thompson-sharp",
        /// The variance with weights 1/v: PEESE (Stanley & Doucouliagos 2014).
        Peese = "peese",
    }
}

impl LineTest {
    /// Whether the test needs sizes of arms.
    fn needs_arms(self) -> bool {
        !matches!(self, Self::ThompsonSharp | Self::Peese)
    }
}

/// A line test and what it needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinePlan {
    /// Which.
    pub test: LineTest,
    /// Whose effects.
    pub measure: Measure,
    /// How they are taken.
    pub conventions: Conventions,
    /// Of [`LineTest::ThompsonSharp`].
    pub tau2: ResidualTau2,
    /// Whether its slope is tested by the normal distribution.
    pub normal: bool,
}

impl LinePlan {
    /// The data that the test is not for, if these are.
    #[must_use]
    pub fn refuses(&self, data: Data) -> bool {
        let arms = data == Data::TwoByTwo
            || data == Data::TwoMeans && self.test == LineTest::PustejovskyRodgers;
        self.test.needs_arms() && !arms
    }
}

/// Space for a block of tests, reused.
#[derive(Debug, Default)]
pub struct Scratch {
    effects: BlockEffects,
    covariate: Vec<f64>,
    weight: Vec<f64>,
    tiler: Tiler<3>,
    fitted: Fitted,
}

/// Tests meta-analyses `first..first + n` and writes to `out`, the view of these `n` rows.
pub fn test_lines(
    plan: &LinePlan,
    studies: &Studies<'_>,
    first: usize,
    scratch: &mut Scratch,
    out: &mut LinesView<'_>,
) {
    let n = out.bias.len();
    let columns = scratch.effects.take(studies, first, n);
    scratch.effects.fill(plan.measure, &plan.conventions, &columns);
    let rows = scratch.effects.n_studies();
    scratch.covariate.resize(scratch.effects.y.len(), 0.0);
    scratch.weight.resize(scratch.effects.y.len(), 0.0);
    let Scratch { effects, covariate, weight, .. } = scratch;
    simd::each(rows, Covariates { test: plan.test, effects, columns, covariate, weight });
    scratch.fitted.resize(n);
    let additive = plan.test == LineTest::ThompsonSharp;
    if additive {
        simd::run(FitAdditive { scratch, tau2: plan.tau2 });
    } else {
        simd::run(FitLines { scratch });
    }
    scratch.fitted.describe(additive && plan.normal, out);
}

struct Covariates<'a> {
    test: LineTest,
    effects: &'a BlockEffects,
    columns: Columns<'a>,
    covariate: &'a mut [f64],
    weight: &'a mut [f64],
}

impl Elementwise for Covariates<'_> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let w = V::load(&self.effects.w, i);
        let one = V::splat(1.0);
        let (x, weight) = match (&self.columns, self.test) {
            (_, LineTest::ThompsonSharp) => (one / w.sqrt(), w),
            (_, LineTest::Peese) => (one / w, w),
            (Columns::TwoMeans(arms), _) => {
                (root_of_sizes(V::load(arms.n_e, i), V::load(arms.n_c, i)), w)
            }
            (Columns::TwoByTwo(tables), test) => {
                let t = Table::<V>::of(tables, i);
                match test {
                    LineTest::PustejovskyRodgers => (root_of_sizes(t.n1(), t.n2()), w),
                    LineTest::MacaskillInverseVariance => (t.n(), w),
                    LineTest::Macaskill => (t.n(), events_weight(t)),
                    LineTest::Deeks => {
                        let effective = t.n1() * t.n2() * 4.0 / t.n();
                        (one / effective.sqrt(), effective)
                    }
                    _ => (one / t.n(), events_weight(t)),
                }
            }
            (Columns::Effects(_), _) => (V::splat(0.0), V::splat(0.0)),
        };
        let used = V::splat(0.0).lt(w) & V::splat(0.0).lt(weight) & weight.is_finite();
        let used = used & x.is_finite();
        x.or_zero(used).store(self.covariate, i);
        weight.or_zero(used).store(self.weight, i);
    }
}

/// √(1/n1 + 1/n2).
#[inline(always)]
fn root_of_sizes<V: Lanes>(n1: V, n2: V) -> V {
    ((n1 + n2) / (n1 * n2)).sqrt()
}

/// m1 m0/N = 1/(1/m1 + 1/m0).
#[inline(always)]
fn events_weight<V: Lanes>(t: Table<V>) -> V {
    (t.a + t.c) * ((t.b + t.d) / t.n())
}

struct FitLines<'a> {
    scratch: &'a mut Scratch,
}

impl Kernel for FitLines<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let (numbers, tiler, fitted) = self.scratch.parts();
        tiler.run::<V, _>(numbers, &mut LineTiles(fitted));
    }
}

/// A kernel of its own: what it is compiled to is long, and would slow the other down.
struct FitAdditive<'a> {
    scratch: &'a mut Scratch,
    tau2: ResidualTau2,
}

impl Kernel for FitAdditive<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let (numbers, tiler, fitted) = self.scratch.parts();
        tiler.run::<V, _>(numbers, &mut AdditiveTiles(fitted, self.tau2));
    }
}

impl Scratch {
    #[inline(always)]
    fn parts(&mut self) -> (Numbers<'_, 3>, &mut Tiler<3>, &mut Fitted) {
        let Self { effects, covariate, weight, tiler, fitted } = self;
        let Numbers { starts, columns: [y, _], in_tiles } = effects.pairs();
        (Numbers { starts, columns: [y, covariate, weight], in_tiles }, tiler, fitted)
    }
}
