//! Study data to effect and variance.

pub mod binary;
pub(crate) mod block;
pub mod continuity;
pub mod continuous;
pub mod given;
pub mod hedges;
pub mod risk;
mod sizes;

use crate::conventions::Conventions;
use crate::measure::Measure;
use crate::simd::{self, Elementwise, Lanes, MOST_LANES};
use crate::special::{have_ln_ratio, ln_ratio};
use crate::studies::Columns;
use binary::Table;
use continuity::Correction;
use continuous::Arms;
pub use sizes::{EffectsView, StudyEffects, effect_block};

/// The effect of a study on the analysis scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect<V> {
    /// Effect (log scale for ratios).
    pub y: V,
    /// Its variance, as a fraction: pooling wants the inverse, and one division gives either.
    pub v: Fraction<V>,
}

/// over/under.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct Fraction<V> {
    pub over: V,
    pub under: V,
}

impl<V: Lanes> Fraction<V> {
    /// over/1.
    #[inline(always)]
    pub(crate) fn whole(over: V) -> Self {
        Self { over, under: V::splat(1.0) }
    }
}

crate::choice::choice! {
    /// Why a study has no effect; `Included` if it has.
    pub enum Reason: "reason" {
        /// The study contributes.
        Included = "",
        /// A value is missing.
        Missing = "missing",
        /// OR, RR, PETO: nobody had an event.
        NoEvents = "no events in either arm",
        /// OR, RR, PETO: everybody had an event.
        AllEvents = "all events in both arms",
        /// A zero cell and no continuity correction.
        ZeroCell = "zero cell without continuity correction",
        /// A standard deviation is zero.
        ZeroSd = "standard deviation of zero",
        /// The variance is zero.
        ZeroVariance = "zero variance",
        /// SMD: fewer than three people.
        TooSmall = "fewer than three people",
        /// ROM: a ratio of means that is not positive.
        NotPositive = "ratio of means not positive",
        /// Beyond the range of floating point.
        NotFinite = "effect or variance not finite",
    }
}

/// Whether studies contribute, and, where somebody wants to know, why not.
pub(crate) trait Verdict<V: Lanes> {
    /// All contribute.
    fn new() -> Self;
    /// Excludes the studies of the mask; the first reason counts.
    fn exclude(&mut self, mask: V::Mask, reason: Reason);
    /// Says why studies will be excluded that a later condition excludes anyway.
    fn explain(&mut self, mask: V::Mask, reason: Reason);
}

/// Whether a study contributes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Included<V: Lanes>(pub(crate) V::Mask);

impl<V: Lanes> Verdict<V> for Included<V> {
    #[inline(always)]
    fn new() -> Self {
        Self(V::splat(0.0).le(V::splat(0.0)))
    }

    #[inline(always)]
    fn exclude(&mut self, mask: V::Mask, _: Reason) {
        self.0 = self.0 & !mask;
    }

    #[inline(always)]
    fn explain(&mut self, _: V::Mask, _: Reason) {}
}

/// The code of the [`Reason`].
#[derive(Debug, Clone, Copy)]
struct Explained<V>(V);

impl<V: Lanes> Verdict<V> for Explained<V> {
    #[inline(always)]
    fn new() -> Self {
        Self(V::splat(0.0))
    }

    #[inline(always)]
    fn exclude(&mut self, mask: V::Mask, reason: Reason) {
        let first = mask & self.0.eq(V::splat(0.0));
        self.0 = V::select(first, V::splat(f64::from(reason as u8)), self.0);
    }

    #[inline(always)]
    fn explain(&mut self, mask: V::Mask, reason: Reason) {
        self.exclude(mask, reason);
    }
}

/// ln(r/s), given also r - s; excluded where it is beyond floating point.
#[inline(always)]
fn log_ratio<V: Lanes, D: Verdict<V>>(r: V, s: V, difference: V, verdict: &mut D) -> V {
    verdict.exclude(!have_ln_ratio(r, s), Reason::NotFinite);
    ln_ratio(r, s, difference)
}

/// Where the effects of studies go.
trait Sink {
    type Verdict<V: Lanes>: Verdict<V>;
    fn put<V: Lanes>(&mut self, i: usize, effect: Effect<V>, verdict: Self::Verdict<V>);
}

/// Effects and precisions 1/v, both 0 for an excluded study.
pub(crate) struct Precisions<'a> {
    pub(crate) y: &'a mut [f64],
    pub(crate) w: &'a mut [f64],
}

impl Sink for Precisions<'_> {
    type Verdict<V: Lanes> = Included<V>;

    #[inline(always)]
    fn put<V: Lanes>(&mut self, i: usize, effect: Effect<V>, Included(mask): Included<V>) {
        let w = effect.v.under / effect.v.over;
        effect.y.or_zero(mask).store(self.y, i);
        w.or_zero(mask).store(self.w, i);
    }
}

/// Effects and variances, both NaN for an excluded study, and codes of [`Reason`].
pub(crate) struct Explanations<'a> {
    pub(crate) y: &'a mut [f64],
    pub(crate) v: &'a mut [f64],
    pub(crate) reason: &'a mut [u8],
}

impl Sink for Explanations<'_> {
    type Verdict<V: Lanes> = Explained<V>;

    #[inline(always)]
    fn put<V: Lanes>(&mut self, i: usize, effect: Effect<V>, Explained(code): Explained<V>) {
        let included = code.eq(V::splat(0.0));
        effect.y.or_nan(included).store(self.y, i);
        (effect.v.over / effect.v.under).or_nan(included).store(self.v, i);
        let mut codes = [0.0; MOST_LANES];
        code.store(&mut codes, 0);
        for (reason, &code) in self.reason[i..].iter_mut().zip(&codes[..V::LANES]) {
            *reason = code as u8;
        }
    }
}

/// The effects of studies that share one continuity correction: of one meta-analysis, or of many
/// where [`Correction::of_the_study_alone`].
#[inline(always)]
fn take<V: Lanes, S: Sink>(
    measure: Measure,
    conventions: &Conventions,
    columns: &Columns<'_>,
    sink: S,
) {
    let correction = match columns {
        Columns::TwoByTwo(tables) => Correction::of_studies(conventions, tables),
        _ => Correction::NONE,
    };
    let mut pass = Take { measure, conventions, correction, columns, sink };
    // one loop a measure: the compiler sees that it is constant there
    macro_rules! loop_of {
        ($($measure:ident),+) => {
            match measure {
                $(Measure::$measure => {
                    pass.measure = Measure::$measure;
                    simd::elementwise::<V>(columns.len(), &mut pass);
                })+
            }
        };
    }
    loop_of!(Rr, Or, Rd, As, Peto, Md, Smd, Rom, Gen);
}

struct Take<'a, S> {
    measure: Measure,
    conventions: &'a Conventions,
    correction: Correction,
    columns: &'a Columns<'a>,
    sink: S,
}

impl<S: Sink> Elementwise for Take<'_, S> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let Self { measure, conventions, correction, columns, sink } = self;
        let mut verdict = S::Verdict::<V>::new();
        let effect = match columns {
            Columns::TwoByTwo(t) => {
                binary::effect(*measure, conventions, Table::of(t, i), *correction, &mut verdict)
            }
            Columns::TwoMeans(t) => {
                continuous::effect(*measure, conventions, Arms::of(t, i), &mut verdict)
            }
            Columns::Effects(t) => {
                let (y, v) = (V::load(t.y, i), V::load(t.v, i));
                verdict.exclude(!(y.eq(y) & v.eq(v)), Reason::Missing);
                Effect { y, v: Fraction::whole(v) }
            }
        };
        let Fraction { over, under } = effect.v;
        verdict.explain(over.le(V::splat(0.0)), Reason::ZeroVariance);
        let (least, most) = (V::splat(f64::MIN_POSITIVE), V::splat(f64::MAX));
        let w = under / over;
        verdict.exclude(!(least.le(w) & w.le(most)), Reason::NotFinite);
        if !measure.is_log_ratio() {
            verdict.exclude(!effect.y.is_finite(), Reason::NotFinite); // log ratios know by themselves
        }
        sink.put(i, effect, verdict);
    }
}
