//! Effect sizes as results: one row per study, with an interval and the reason of an exclusion.

use crate::conventions::Conventions;
use crate::measure::Measure;
use crate::pool::Estimate;
use crate::pool::critical::normal_critical;
use crate::pool::interval::wald_limits;
use crate::simd::{self, Elementwise, Kernel, Lanes, Register};
use crate::studies::Studies;
use crate::table::struct_of_arrays;

use super::block::parts;
use super::continuity::Correction;
use super::{Explanations, take};

struct_of_arrays! {
    /// Effect of every study; NaN for a study that is excluded.
    pub struct StudyEffects / EffectsView {
        /// Effect, analysis scale.
        pub y: f64,
        /// Its variance.
        pub v: f64,
        /// Its standard error.
        pub se: f64,
        /// Lower limit of its Wald interval.
        pub ci_low: f64,
        /// Upper limit of its Wald interval.
        pub ci_high: f64,
        /// Code of [`Reason`](super::Reason).
        pub reason: u8,
    }
}

/// Effects of the studies of meta-analyses `first..first + n`, with Wald intervals at `level`.
pub fn effect_block(
    measure: Measure,
    conventions: &Conventions,
    level: f64,
    studies: &Studies<'_>,
    first: usize,
    n: usize,
    out: &mut EffectsView<'_>,
) {
    let critical = normal_critical(level);
    simd::run(Sizes { measure, conventions, critical, studies, first, n, out });
}

struct Sizes<'a, 'b> {
    measure: Measure,
    conventions: &'a Conventions,
    critical: f64,
    studies: &'a Studies<'a>,
    first: usize,
    n: usize,
    out: &'a mut EffectsView<'b>,
}

impl Kernel for Sizes<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Self { measure, conventions, critical, studies, first, n, out } = self;
        let rows = studies.rows(first, n);
        let columns = studies.columns().slice(rows.clone());
        let starts: Vec<usize> =
            (first..=first + n).map(|i| studies.start(i) - rows.start).collect();
        for part in parts(&starts, Correction::of_the_study_alone(conventions)) {
            let explanations = Explanations {
                y: &mut out.y[part.clone()],
                v: &mut out.v[part.clone()],
                reason: &mut out.reason[part.clone()],
            };
            take::<V, _>(measure, conventions, &columns.slice(part), explanations);
        }
        simd::elementwise::<V>(rows.len(), &mut Intervals { critical, out });
    }
}

/// Standard errors and intervals from y and v.
struct Intervals<'a, 'b> {
    critical: f64,
    out: &'a mut EffectsView<'b>,
}

impl Elementwise for Intervals<'_, '_> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let Self { critical, out } = self;
        let (estimate, se) = (V::load(out.y, i), V::load(out.v, i).sqrt());
        let (low, high) = wald_limits(Estimate { estimate, se }, V::splat(*critical));
        let included = estimate.eq(estimate);
        se.or_nan(included).store(out.se, i);
        low.or_nan(included).store(out.ci_low, i);
        high.or_nan(included).store(out.ci_high, i);
    }
}
