//! Study data to effect and variance.

pub mod binary;
pub mod continuity;
pub mod continuous;
pub mod given;
pub mod hedges;

use crate::conventions::Conventions;
use crate::measure::Measure;
use crate::studies::{Columns, Effects};
use binary::Table;
use continuity::Correction;

/// The effect of one study on the analysis scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Effect (log scale for ratios).
    pub y: f64,
    /// Its variance.
    pub v: f64,
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

/// Effects of the studies of one meta-analysis, written to `y`, `v` and `reason`.
///
/// An excluded study has NaN in `y` and `v`. The slices are as long as the columns.
pub fn study_effects(
    measure: Measure,
    conventions: &Conventions,
    columns: &Columns<'_>,
    y: &mut [f64],
    v: &mut [f64],
    reason: &mut [Reason],
) {
    let mut set = |i: usize, effect: Result<Effect, Reason>| {
        let effect = effect.and_then(finite);
        (y[i], v[i]) = effect.map_or((f64::NAN, f64::NAN), |e| (e.y, e.v));
        reason[i] = effect.err().unwrap_or(Reason::Included);
    };
    match columns {
        Columns::TwoByTwo(t) => {
            let correction = Correction::of_studies(conventions, t);
            for i in 0..columns.len() {
                let table = Table::of(t, i);
                set(i, binary::effect(measure, conventions, table, correction));
            }
        }
        Columns::TwoMeans(t) => {
            for i in 0..columns.len() {
                set(i, continuous::effect(measure, conventions, continuous::Arms::of(t, i)));
            }
        }
        Columns::Effects(Effects { y: given, v: variances }) => {
            for i in 0..columns.len() {
                set(
                    i,
                    present(&[given[i], variances[i]])
                        .map(|()| Effect { y: given[i], v: variances[i] }),
                );
            }
        }
    }
}

/// `Reason::Missing` if any value is NaN.
fn present(values: &[f64]) -> Result<(), Reason> {
    if values.iter().any(|x| x.is_nan()) { Err(Reason::Missing) } else { Ok(()) }
}

fn finite(effect: Effect) -> Result<Effect, Reason> {
    if !(effect.y.is_finite() && effect.v.is_finite()) {
        Err(Reason::NotFinite)
    } else if effect.v <= 0.0 {
        Err(Reason::ZeroVariance)
    } else if !(1.0 / effect.v).is_finite() {
        Err(Reason::NotFinite)
    } else {
        Ok(effect)
    }
}
